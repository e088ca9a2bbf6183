package directory

import (
	"slices"
	"strings"

	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

// judge decides which of the people that a source returned are the one that was looked for.
type judge func(p *Person) numbers.Match

// byNumber judges people by their best number. Of those without numbers it takes the source's word.
func (c *Chain) byNumber(trunk string, number numbers.Number) judge {
	return func(p *Person) numbers.Match {
		if len(p.Numbers) == 0 {
			return numbers.Exact
		}
		best := numbers.None
		for _, text := range p.Numbers {
			best = max(best, numbers.Compare(number, c.Plan.Parse(trunk, text), c.LastDigits))
		}
		return best
	}
}

// byUsername judges people by their username. Of those without one it takes the source's word.
func byUsername(username string) judge {
	return func(p *Person) numbers.Match {
		if p.Username == "" || strings.EqualFold(p.Username, username) {
			return numbers.Exact
		}
		return numbers.None
	}
}

// candidates returns those who could be the one, best first, each username once. People of the same match stay in the
// order of the source.
func (j judge) candidates(people []Person) []Candidate {
	var found []Candidate
	seen := map[string]int{}
	for i := range people {
		match := j(&people[i])
		if match == numbers.None {
			continue
		}
		name := strings.ToLower(people[i].Username)
		at, again := seen[name]
		if name == "" || !again {
			seen[name] = len(found)
			found = append(found, Candidate{people[i], match})
			continue
		}
		found[at].Match = max(found[at].Match, match)
	}
	slices.SortStableFunc(found, func(a, b Candidate) int { return int(b.Match - a.Match) })
	return found
}

// sure returns the one of the candidates, sorted, who is it: the only one with the best match, if that is a hit by itself.
func sure(candidates []Candidate) (Candidate, bool) {
	if len(candidates) == 0 || !candidates[0].Match.Sure() {
		return Candidate{}, false
	}
	if len(candidates) > 1 && candidates[1].Match == candidates[0].Match {
		return Candidate{}, false
	}
	return candidates[0], true
}
