package routing

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

// unreachable complains of rules that no call can come to: one rule before it takes every call that it is about. A rule
// that asks takes none. What several rules take only together is not found.
func (c *compiler) unreachable() {
	for j := range c.set.rules {
		later := &c.set.rules[j]
		at := fmt.Sprintf("rules[%d]", j)
		if why := later.contradicts(); why != "" {
			c.wrong(at, "%q can never be met: %s", later.name, why)
			continue
		}
		for i := range c.before(int32(j), later) {
			if earlier := &c.set.rules[i]; earlier.includes(later) {
				c.wrong(at, "%q can never be reached: %q (rules[%d]) takes every such call before it", later.name, earlier.name, i)
				break
			}
		}
	}
}

// before returns the rules before one that may take its calls: the index finds them by one of the rule's own values, since
// an earlier rule that takes all has that value too.
func (c *compiler) before(j int32, r *rule) func(yield func(int32) bool) {
	x := &c.set.index
	found := cursors{}
	found.add(x.rest)
	if r.caller != nil {
		for _, prefix := range first(r.caller.anchored) {
			x.caller.find(prefix, &found)
		}
		for _, last := range first(r.caller.last) {
			for n := 1; n <= len(last); n++ {
				found.add(x.buckets[bucket{field: byLast, text: last[len(last)-n:]}])
			}
		}
		for _, region := range first(r.caller.region) {
			found.add(x.buckets[bucket{field: byRegion, text: region}])
		}
	}
	if r.dialled != nil {
		for _, prefix := range first(r.dialled.anchored) {
			x.dialled.find(prefix, &found)
		}
	}
	if r.person != nil {
		c.aboutPerson(r.person, &found)
	}
	return func(yield func(int32) bool) {
		i := found.next(0)
		for i < j && yield(i) {
			i = found.next(i + 1)
		}
	}
}

func first(list List) List { return list[:min(len(list), 1)] }

func (c *compiler) aboutPerson(p *personMatch, found *cursors) {
	var all []bucket
	all = append(all, buckets(byUsername, "", first(p.username))...)
	all = append(all, buckets(byUnit, "", first(p.unit))...)
	all = append(all, buckets(byOrganisation, "", first(p.organisation))...)
	all = append(all, buckets(byGroup, "", first(p.group))...)
	for _, a := range p.attributes {
		all = append(all, buckets(byAttribute, a.name, first(a.values))...)
	}
	for _, b := range all {
		found.add(c.set.index.buckets[b])
	}
}

// contradicts says why no call can meet the rule, or "".
func (r *rule) contradicts() string {
	switch m := r.caller; {
	case r.open != nil && r.open == r.closed:
		return "it wants the calendar " + r.open.name + " to be open and closed"
	case m == nil || m.kind == nil:
		return ""
	case !slices.ContainsFunc(m.kind, func(k numbers.Kind) bool { return k != numbers.Withheld }) &&
		(m.anchored != nil || m.last != nil || m.match != nil || m.region != nil || m.line != nil):
		return "a withheld number has none of that"
	case !slices.Contains(m.kind, numbers.Public) && m.line != nil:
		return "only public numbers have a line"
	}
	return ""
}

// includes tells whether every call that meets another rule meets this one, and is taken by it.
func (r *rule) includes(o *rule) bool {
	return r.ask == "" && r.caller.includes(o.caller) && r.dialled.includes(o.dialled) && r.person.includes(o.person) &&
		(r.open == nil || r.open == o.open) && (r.closed == nil || r.closed == o.closed) &&
		(r.language == nil || o.language != nil && every(o.language, func(text string) bool { return speaks(r.language, text) })) &&
		r.previous.includes(o.previous) && (r.load == nil || o.load != nil && equalLoad(r.load, o.load))
}

// every tells whether a list has values and all are so.
func every[T any](list []T, so func(T) bool) bool {
	return len(list) > 0 && !slices.ContainsFunc(list, func(v T) bool { return !so(v) })
}

// covers tells whether a condition with these values is met by all that meet one with the others.
func covers[T comparable](values, others []T) bool {
	return values == nil || every(others, func(v T) bool { return slices.Contains(values, v) })
}

func equalLoad(a, b *LoadMatch) bool {
	same := func(x, y *int) bool { return x == nil && y == nil || x != nil && y != nil && *x == *y }
	return a.Desk == b.Desk && same(a.WaitingMin, b.WaitingMin) && same(a.WaitingMax, b.WaitingMax) &&
		same(a.AgentsMin, b.AgentsMin) && same(a.AgentsMax, b.AgentsMax)
}

func (m *matcher) includes(o *matcher) bool {
	switch {
	case m == nil:
		return true
	case o == nil:
		return false
	}
	ends := func(text string) bool {
		return slices.ContainsFunc(m.last, func(last string) bool { return strings.HasSuffix(text, last) })
	}
	return m.includesNumbers(o) && (m.last == nil || every(o.last, ends)) && m.includesMatch(o) &&
		covers(m.region, o.region) && covers(m.kind, o.kind) && covers(m.line, o.line)
}

// includesNumbers compares whole numbers, prefixes and ranges.
func (m *matcher) includesNumbers(o *matcher) bool {
	for key := range o.number { // the few or many numbers of the other are all that is to be checked
		if m.number != nil && !m.number[key] || m.prefix.set != nil && !m.prefix.has(key) || m.ranges != nil && !m.inRange(key) {
			return false
		}
	}
	if o.number != nil {
		return true
	}
	if m.number != nil {
		return false
	}
	inPrefix := m.prefix.set == nil || o.prefix.set != nil && m.prefix.hasAll(&o.prefix) || every(o.ranges, m.prefix.hasRange)
	inRange := m.ranges == nil || every(o.ranges, func(r numberRange) bool {
		return slices.ContainsFunc(m.ranges, func(mine numberRange) bool {
			return len(mine.from) == len(r.from) && mine.from <= r.from && r.to <= mine.to
		})
	})
	return inPrefix && inRange
}

func (p *prefixes) hasAll(o *prefixes) bool {
	for text := range o.set {
		if !p.has(text) {
			return false
		}
	}
	return true
}

// hasRange tells whether all numbers of a range begin with one of the prefixes.
func (p *prefixes) hasRange(r numberRange) bool {
	return every(cover(r.from, r.to), p.has)
}

func (m *matcher) includesMatch(o *matcher) bool {
	return m.match == nil || every(o.match, func(re *regexp.Regexp) bool {
		return slices.ContainsFunc(m.match, func(mine *regexp.Regexp) bool { return mine.String() == re.String() })
	})
}

func (p *personMatch) includes(o *personMatch) bool {
	switch {
	case p == nil:
		return true
	case o == nil:
		return false
	}
	for _, a := range p.attributes {
		i := slices.IndexFunc(o.attributes, func(other attributeMatch) bool { return strings.EqualFold(other.name, a.name) })
		if i < 0 || !covers(a.values, o.attributes[i].values) {
			return false
		}
	}
	return p.known == o.known && (o.one || !p.one) && covers(p.username, o.username) && covers(p.unit, o.unit) &&
		covers(p.organisation, o.organisation) && covers(p.group, o.group)
}

func (p *previousMatch) includes(o *previousMatch) bool {
	return p == nil || o != nil && o.within <= p.within && covers(p.desks, o.desks)
}
