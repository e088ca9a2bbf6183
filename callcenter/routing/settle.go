package routing

import (
	"fmt"
	"slices"
	"strconv"
)

// settle finds the desk that takes the call: the wanted one, one of its fallbacks, or the default.
func (d *Decision) settle() {
	wanted := d.desk
	if !d.enter(wanted) {
		d.Cause, d.desk = ByDefault, d.set.fallback
	} else if d.desk != wanted {
		d.Cause = ByFallback
	}
	desk := &d.set.desks[d.desk]
	d.Desk, d.Title, d.Target = desk.name, desk.title, desk.target
	if desk.prompt != "" {
		d.Prompts = append(d.Prompts, desk.prompt)
	}
}

// enter tries a desk and then its fallbacks. Each is tried once.
func (d *Decision) enter(i int32) bool {
	if slices.Contains(d.tried, i) {
		return false
	}
	desk := &d.set.desks[i]
	why := desk.cannotTake(d)
	if why == "" {
		d.desk = i
		return true
	}
	d.tried = append(d.tried, i)
	d.refused(desk, why)
	return slices.ContainsFunc(desk.fallback, d.enter)
}

func (d *Decision) refused(desk *desk, why string) {
	d.Steps = append(d.Steps, Step{What: DeskStep, Name: desk.name, Result: CannotTake, Detail: why})
	if desk.apology != "" {
		d.Prompts = append(d.Prompts, desk.apology)
	}
}

// cannotTake says why the desk does not take the call, or "".
func (k *desk) cannotTake(d *Decision) string {
	if k.hours != nil && !k.hours.IsOpen(d.At) {
		return "it is closed (" + k.hours.name + ": " + k.hours.String() + ")"
	}
	if k.maxWaiting == 0 && k.minAgents == 0 {
		return ""
	}
	load, known := d.load.load(k.name)
	switch {
	case !known:
	case load.Agents < k.minAgents:
		return fmt.Sprintf("%d agents are logged in, and it wants %d", load.Agents, k.minAgents)
	case k.maxWaiting > 0 && load.Waiting >= k.maxWaiting:
		return strconv.Itoa(load.Waiting) + " callers wait already"
	}
	return ""
}

// Next returns the decision about the same call after its desk has not answered: the next of the fallbacks, or the default;
// ok is false if that was it. Why stands in its reason, such as "nobody answered".
func (d *Decision) Next(why string) (next Decision, ok bool) {
	if d.set == nil || d.desk == d.set.fallback {
		return *d, false
	}
	next = *d
	next.Steps, next.tried, next.Prompts = slices.Clone(d.Steps), append(slices.Clone(d.tried), d.desk), nil
	if n := len(next.Steps); n > 0 && next.Steps[n-1].Result == Takes {
		next.Steps = next.Steps[:n-1]
	}
	next.refused(&d.set.desks[d.desk], why)
	next.Cause = ByFallback
	next.desk = next.following()
	next.settleNext()
	return next, true
}

// following is the desk after those that were tried: of the fallbacks of the last one first.
func (d *Decision) following() int32 {
	for i := len(d.tried) - 1; i >= 0; i-- {
		if slices.ContainsFunc(d.set.desks[d.tried[i]].fallback, d.enter) {
			return d.desk
		}
	}
	d.Cause = ByDefault
	return d.set.fallback
}

func (d *Decision) settleNext() {
	desk := &d.set.desks[d.desk]
	d.Desk, d.Title, d.Target = desk.name, desk.title, desk.target
	if desk.prompt != "" {
		d.Prompts = append(d.Prompts, desk.prompt)
	}
	d.Steps = append(d.Steps, Step{What: DeskStep, Name: d.Desk, Result: Takes})
}
