package routing

import (
	"slices"

	"github.com/asterism-go/asterism/callcenter/directory"
)

// index finds the rules that a call may meet without looking at the others. Every rule is in one place of it: under the
// values of one of its conditions, the likeliest to be rare, or among those without such a condition.
type index struct {
	caller, dialled trie
	buckets         map[bucket][]int32
	last            []int        // how long the endings of numbers in buckets are
	attributes      []string     // the names of attributes in buckets, as the first rule has them
	fields          [fields]bool // those that buckets are about
	rest            []int32
	// firstPerson is the first rule that depends on who the caller is.
	firstPerson int32
}

// bucket is a value of a condition. Text is in small letters, but for regions.
type bucket struct {
	field     field
	attribute string
	text      string
}

type field uint8

const (
	byLast field = iota
	byUsername
	byUnit
	byOrganisation
	byGroup
	byAttribute
	byRegion
	fields
)

// never is after all rules.
const never = int32(MaxRules)

func newIndex() index { return index{buckets: map[bucket][]int32{}, firstPerson: never} }

// add puts a rule where it is found. Rules are added in order.
func (x *index) add(i int32, r *rule) {
	if r.person != nil && x.firstPerson == never {
		x.firstPerson = i
	}
	switch {
	case r.caller != nil && r.caller.anchored != nil:
		for _, prefix := range r.caller.anchored {
			x.caller.add(prefix, i)
		}
	case r.caller != nil && r.caller.last != nil:
		for _, last := range r.caller.last {
			x.put(bucket{field: byLast, text: last}, i)
			if !slices.Contains(x.last, len(last)) {
				x.last = append(x.last, len(last))
			}
		}
	case r.dialled != nil && r.dialled.anchored != nil:
		for _, prefix := range r.dialled.anchored {
			x.dialled.add(prefix, i)
		}
	case r.person.anchor() != nil:
		for _, b := range r.person.anchor() {
			x.put(b, i)
		}
		if name := r.person.anchorName(); name != "" && !slices.ContainsFunc(x.attributes, func(a string) bool { return fold(a) == fold(name) }) {
			x.attributes = append(x.attributes, name)
		}
	case r.caller != nil && r.caller.region != nil:
		for _, region := range r.caller.region {
			x.put(bucket{field: byRegion, text: region}, i)
		}
	default:
		x.rest = append(x.rest, i)
	}
}

func (x *index) put(b bucket, i int32) {
	x.fields[b.field] = true
	if list := x.buckets[b]; len(list) == 0 || list[len(list)-1] != i {
		x.buckets[b] = append(list, i)
	}
}

// byNumbers adds the lists of rules that depend on no person, or on one only beside a number.
func (x *index) byNumbers(f *facts, found *cursors) {
	found.add(x.rest)
	x.caller.find(numberKey(f.caller), found)
	x.dialled.find(numberKey(f.dialled), found)
	for _, n := range x.last {
		if digits := f.caller.Digits; n <= len(digits) {
			found.add(x.buckets[bucket{field: byLast, text: digits[len(digits)-n:]}])
		}
	}
	if x.fields[byRegion] {
		found.add(x.buckets[bucket{field: byRegion, text: f.caller.Region}])
	}
}

// byPerson adds the lists of rules that depend on a person.
func (x *index) byPerson(p *directory.Person, found *cursors) {
	x.find(byUsername, p.Username, found)
	x.find(byUnit, p.Unit, found)
	x.find(byOrganisation, p.Organisation, found)
	for _, group := range p.Groups {
		x.find(byGroup, group, found)
	}
	for _, name := range x.attributes {
		for _, value := range p.Attribute(name) {
			found.add(x.buckets[bucket{byAttribute, fold(name), fold(value)}])
		}
	}
}

// find adds the list of a value, whatever its case.
func (x *index) find(by field, text string, found *cursors) {
	if x.fields[by] {
		found.add(x.buckets[bucket{field: by, text: fold(text)}])
	}
}

// cursors go through lists of rules, each in order, as through one. They have room for as many as most calls have.
type cursors struct {
	lists [24][]int32
	n     int
	more  [][]int32
}

func (c *cursors) add(list []int32) {
	switch {
	case len(list) == 0:
	case c.n < len(c.lists):
		c.lists[c.n] = list
		c.n++
	default:
		c.more = append(c.more, list)
	}
}

// next returns the first rule at or after from, and drops those before it; never if there is none.
func (c *cursors) next(from int32) int32 {
	return min(advance(c.lists[:c.n], from), advance(c.more, from))
}

func advance(lists [][]int32, from int32) int32 {
	first := never
	for i, list := range lists {
		for len(list) > 0 && list[0] < from {
			list = list[1:]
		}
		lists[i] = list
		if len(list) > 0 {
			first = min(first, list[0])
		}
	}
	return first
}
