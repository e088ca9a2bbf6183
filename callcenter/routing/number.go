package routing

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

// numberKey is how rules see a number: its E.164 form, else its digits. It is empty if it has neither.
func numberKey(n numbers.Number) string {
	if n.E164 != "" {
		return n.E164
	}
	return n.Digits
}

// matcher is a [Match] made ready.
type matcher struct {
	number   map[string]bool
	prefix   prefixes
	ranges   []numberRange // sorted, without overlaps
	match    []*regexp.Regexp
	last     List
	region   List
	kind     []numbers.Kind
	line     []numbers.Line
	anchored List // the prefixes by which the index finds it: of Number, Prefix or Range, the first given
}

// prefixes is a set of how numbers begin.
type prefixes struct {
	set     map[string]bool
	lengths []int
}

func (p *prefixes) add(text string) {
	if p.set == nil {
		p.set = map[string]bool{}
	}
	p.set[text] = true
	if !slices.Contains(p.lengths, len(text)) {
		p.lengths = append(p.lengths, len(text))
		slices.Sort(p.lengths)
	}
}

func (p *prefixes) has(key string) bool {
	for _, n := range p.lengths {
		if n <= len(key) && p.set[key[:n]] {
			return true
		}
	}
	return false
}

// numberRange is the numbers of one length between two.
type numberRange struct{ from, to string }

func (r numberRange) compare(key string) int {
	return cmp.Or(cmp.Compare(len(r.to), len(key)), cmp.Compare(r.to, key))
}

// matchFields are the names of a match's conditions. They are ready because a decision has no time to put them together.
type matchFields struct{ number, prefix, ranges, last, match, region, kind, line string }

func fieldsOf(side string) *matchFields {
	return &matchFields{
		side + ".number", side + ".prefix", side + ".range", side + ".last", side + ".match", side + ".region", side + ".kind", side + ".line",
	}
}

var callerFields, dialledFields = fieldsOf("caller"), fieldsOf("dialled")

// fails returns the name of the first condition that the number does not meet, or "".
func (m *matcher) fails(n *numbers.Number, names *matchFields) string {
	if m == nil {
		return ""
	}
	key := numberKey(*n)
	switch {
	case m.number != nil && !m.number[key]:
		return names.number
	case m.prefix.set != nil && !m.prefix.has(key):
		return names.prefix
	case m.ranges != nil && !m.inRange(key):
		return names.ranges
	case m.last != nil && !slices.ContainsFunc(m.last, func(last string) bool { return strings.HasSuffix(n.Digits, last) }):
		return names.last
	case m.match != nil && (key == "" || !slices.ContainsFunc(m.match, func(re *regexp.Regexp) bool { return re.MatchString(key) })):
		return names.match
	case m.region != nil && !slices.Contains(m.region, n.Region):
		return names.region
	case m.kind != nil && !slices.Contains(m.kind, n.Kind):
		return names.kind
	case m.line != nil && (n.Kind != numbers.Public || !slices.Contains(m.line, n.Line)):
		return names.line
	}
	return ""
}

// inRange tells whether a number is in one of the ranges. One with * or # is in none, whatever comes before.
func (m *matcher) inRange(key string) bool {
	if strings.ContainsAny(key, "*#") {
		return false
	}
	i := sort.Search(len(m.ranges), func(i int) bool { return m.ranges[i].compare(key) >= 0 })
	return i < len(m.ranges) && len(m.ranges[i].from) == len(key) && m.ranges[i].from <= key
}

// match makes a Match ready.
func (c *compiler) match(at string, in *Match) *matcher {
	if in == nil {
		return nil
	}
	m := &matcher{}
	if len(in.Number)+len(in.Prefix)+len(in.Range)+len(in.Match)+len(in.Last)+len(in.Region)+len(in.Kind)+len(in.Line) == 0 {
		c.wrong(at, "a condition without a field")
	}
	if len(in.Number)+len(in.Prefix)+len(in.Range)+len(in.Last) > MaxValues {
		c.wrong(at, "more than %d values", MaxValues)
		return m
	}
	c.wholeNumbers(at, in, m)
	c.prefixes(at, in, m)
	c.ranges(at, in, m)
	for i, text := range in.Match {
		re, err := regexp.Compile(text)
		if err != nil {
			c.wrong(fmt.Sprintf("%s.match[%d]", at, i), "%v", err)
		}
		m.match = append(m.match, re)
	}
	for i, text := range in.Last {
		if text == "" || strings.Trim(text, "0123456789") != "" {
			c.wrong(fmt.Sprintf("%s.last[%d]", at, i), "%q: want digits", text)
		}
	}
	m.last = in.Last
	for i, region := range in.Region {
		if phonenumbers.GetCountryCodeForRegion(strings.ToUpper(region)) == 0 {
			c.wrong(fmt.Sprintf("%s.region[%d]", at, i), "%q is no country's code in ISO 3166-1", region)
		}
		m.region = append(m.region, strings.ToUpper(region))
	}
	m.kind = enum(c, at+".kind", in.Kind, map[string]numbers.Kind{
		"withheld": numbers.Withheld, "unknown": numbers.Unknown, "extension": numbers.Extension, "short": numbers.Short, "public": numbers.Public,
	})
	m.line = enum(c, at+".line", in.Line, map[string]numbers.Line{
		"fixed": numbers.Fixed, "mobile": numbers.Mobile, "fixed-or-mobile": numbers.FixedOrMobile, "toll-free": numbers.TollFree, "premium": numbers.Premium,
	})
	return m
}

// enum reads words that stand for values.
func enum[V any](c *compiler, at string, words List, values map[string]V) []V {
	var found []V
	for i, text := range words {
		v, ok := values[text]
		if !ok {
			var known []string
			for name := range values {
				known = append(known, name)
			}
			slices.Sort(known)
			c.wrong(fmt.Sprintf("%s[%d]", at, i), "%q: want one of %s", text, strings.Join(known, ", "))
		}
		found = append(found, v)
	}
	return found
}

func (c *compiler) wholeNumbers(at string, in *Match, m *matcher) {
	if len(in.Number) == 0 {
		return
	}
	m.number = make(map[string]bool, len(in.Number))
	for i, text := range in.Number {
		key := numberKey(c.set.plan.Parse("", text))
		if key == "" {
			c.wrong(fmt.Sprintf("%s.number[%d]", at, i), "%q is no telephone number", text)
		}
		m.number[key] = true
		m.anchored = append(m.anchored, key)
	}
}

func (c *compiler) prefixes(at string, in *Match, m *matcher) {
	anchor := m.anchored == nil
	for i, text := range in.Prefix {
		variants := c.variants(text)
		if variants == nil {
			c.wrong(fmt.Sprintf("%s.prefix[%d]", at, i), "%q is no beginning of a telephone number", text)
		}
		for _, prefix := range variants {
			m.prefix.add(prefix)
		}
		if anchor {
			m.anchored = append(m.anchored, variants...)
		}
	}
}

func (c *compiler) ranges(at string, in *Match, m *matcher) {
	anchor := m.anchored == nil
	for i, text := range in.Range {
		first, last, ok := strings.Cut(text, "-")
		ok = ok && !strings.ContainsAny(text, "*#")
		from, to := c.variants(first), c.variants(last)
		if !ok || from == nil || to == nil || len(from) != len(to) || len(from[0]) != len(to[0]) || from[0] > to[0] || from[0][0] == '+' && to[0][0] != '+' {
			c.wrong(fmt.Sprintf("%s.range[%d]", at, i), "%q is no range: want two numbers of one length, the lesser first, with - between", text)
			continue
		}
		for k := range from {
			m.ranges = append(m.ranges, numberRange{from[k], to[k]})
			if anchor {
				m.anchored = append(m.anchored, cover(from[k], to[k])...)
			}
		}
	}
	m.ranges = merge(m.ranges)
}

// merge sorts ranges and joins those that overlap.
func merge(ranges []numberRange) []numberRange {
	slices.SortFunc(ranges, func(a, b numberRange) int {
		return cmp.Or(cmp.Compare(len(a.from), len(b.from)), cmp.Compare(a.from, b.from))
	})
	merged := ranges[:0]
	for _, r := range ranges {
		if n := len(merged); n > 0 && len(merged[n-1].to) == len(r.to) && r.from <= merged[n-1].to {
			merged[n-1].to = max(merged[n-1].to, r.to)
			continue
		}
		merged = append(merged, r)
	}
	return merged
}

// variants are the keys that something written in a rule stands for: itself, and with the region's country code if it has
// none. Nil if it is no number.
func (c *compiler) variants(text string) []string {
	text = strings.Map(func(r rune) rune {
		if strings.ContainsRune(" ()./", r) {
			return -1
		}
		return r
	}, text)
	digits, international := strings.CutPrefix(text, "+")
	if digits == "" && !international || strings.Trim(digits, "0123456789*#") != "" || len(digits) > maxDigits {
		return nil
	}
	if rest, ok := strings.CutPrefix(digits, "00"); ok && !international {
		return []string{"+" + rest}
	}
	if international || c.set.country == "" {
		return []string{text}
	}
	return []string{text, c.set.country + strings.TrimPrefix(digits, c.set.national)}
}

// maxDigits is the longest number in a rule.
const maxDigits = 32
