package calls

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// The parts of a call as texts that can be compared.

func transfersText(c *Call) string {
	var parts []string
	for _, x := range c.Transfers {
		parts = append(parts, strings.Join([]string{string(x.Type), x.By, x.Transferee, x.To, x.Number, string(x.Result)}, " "))
	}
	slices.Sort(parts)
	return strings.Join(parts, "; ")
}

func queuesText(c *Call) string {
	var parts []string
	for _, v := range c.Queues {
		parts = append(parts, v.Queue+" "+string(v.Outcome)+" "+v.Agent)
	}
	return strings.Join(parts, "; ")
}

func parkingText(c *Call) string {
	var parts []string
	for _, p := range c.Parking {
		parts = append(parts, strings.Join([]string{p.Lot, p.Parkee, string(p.Outcome), p.By}, " "))
	}
	return strings.Join(parts, "; ")
}

func pickupsText(c *Call) string {
	var parts []string
	for _, p := range c.Pickups {
		parts = append(parts, p.By+" of "+p.Ringing)
	}
	return strings.Join(parts, "; ")
}

// conferencesText leaves out stays for a moment: whom such a one has met depends on the order of the events.
func conferencesText(c *Call) string {
	var parts []string
	for _, f := range c.Conferences {
		members, own := []string{f.Name}, false
		for _, m := range f.Members {
			if !m.Left.IsZero() && m.Left.Sub(m.Joined) < talkMinimum {
				continue
			}
			members = append(members, m.Channel)
			own = own || legID(c, m.Channel) != ""
		}
		if own {
			parts = append(parts, strings.Join(members, " "))
		}
	}
	return strings.Join(parts, "; ")
}

// pairs are the conversations of a call by who had them.
func pairs(c *Call) map[string][]span {
	by := map[string][]span{}
	for _, v := range c.Conversations {
		pair := pairText(v)
		by[pair] = append(by[pair], span{v.Start, v.End})
	}
	return by
}

func pairText(v Conversation) string {
	if v.B < v.A {
		v.A, v.B = v.B, v.A
	}
	return v.A + " " + v.B
}

// length is how long pieces of time are together; one without an end has none.
func length(spans []span) time.Duration {
	var total time.Duration
	for _, s := range spans {
		if !s.end.IsZero() {
			total += s.end.Sub(s.start)
		}
	}
	return total
}

func sortedKeys(a, b map[string][]span) []string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}
