package callcenter

import (
	"cmp"
	"context"
	"iter"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/asterism-go/asterism/callcenter/agents"
	"github.com/asterism-go/asterism/callcenter/calls"
)

// live is the picture while it changes, and who watches it.
type live struct {
	mu        sync.Mutex
	now       Picture
	at        index
	watchers  map[*watcher]struct{}
	queueSize int
	begun     chan struct{} // closed when the telephones of the house are known
	over      chan struct{} // closed when nothing changes any more
	ended     bool
}

// index says where to look when something has changed.
type index struct {
	calls  map[string]map[string]bool // by endpoint: the calls that it has a leg in
	queued map[string]map[string]bool // by queue: the calls that wait or have waited there
	seated map[string]string          // by endpoint: the agent who sits there
	member map[string]map[string]bool // by queue: the agents who are logged in
}

type watcher struct {
	changes chan Change
	slow    chan struct{}
}

func (l *live) init(queueSize int) {
	l.queueSize = cmp.Or(queueSize, DefaultQueueSize)
	l.now, l.watchers = newPicture(), map[*watcher]struct{}{}
	l.begun, l.over = make(chan struct{}), make(chan struct{})
	l.at = index{
		calls: map[string]map[string]bool{}, queued: map[string]map[string]bool{}, seated: map[string]string{},
		member: map[string]map[string]bool{},
	}
}

func (l *live) extensions(known map[string]calls.Identity) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for endpoint, is := range known {
		l.publish(Change{Extension: &Extension{Endpoint: endpoint, Number: is.Number, Name: is.Name, Activity: Free}})
	}
	close(l.begun)
}

// call takes a change of a call: it, and the telephones and queues that it is about, are shown anew.
func (l *live) call(change calls.Change) {
	l.mu.Lock()
	defer l.mu.Unlock()
	call := change.Call
	before, known := l.now.Calls[call.ID]
	over := !call.Ended.IsZero() || change.Kind == calls.Absorbed || change.Kind == calls.Finished
	var endpoints, queues []string
	switch {
	case over && !known:
	case over:
		l.publish(Change{Gone: &Gone{Call: call.ID}})
	default:
		endpoints, queues = touches(&call), queuesOf(&call)
		l.publish(Change{Call: &call})
	}
	for _, endpoint := range union(touches(&before), endpoints) {
		mark(l.at.calls, endpoint, call.ID, slices.Contains(endpoints, endpoint))
		l.extension(endpoint)
	}
	for _, queue := range union(queuesOf(&before), queues) {
		mark(l.at.queued, queue, call.ID, slices.Contains(queues, queue))
		l.queue(queue)
	}
}

// union is the names that are in either, each once.
func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

func touches(call *calls.Call) []string {
	var endpoints []string
	for i := range call.Legs {
		endpoints = append(endpoints, call.Legs[i].Endpoint)
	}
	return endpoints
}

func queuesOf(call *calls.Call) []string {
	var queues []string
	for i := range call.Queues {
		queues = append(queues, call.Queues[i].Queue)
	}
	return queues
}

// mark puts a name into a set of an index, or takes it out.
func mark(sets map[string]map[string]bool, key, name string, in bool) {
	if !in {
		if delete(sets[key], name); len(sets[key]) == 0 {
			delete(sets, key)
		}
		return
	}
	if sets[key] == nil {
		sets[key] = map[string]bool{}
	}
	sets[key][name] = true
}

// agent takes a change of an agent.
func (l *live) agent(change agents.Change) {
	l.mu.Lock()
	defer l.mu.Unlock()
	agent := change.Agent
	before := l.now.Agents[agent.ID]
	gone := change.Kind == agents.Gone
	if gone {
		l.publish(Change{Gone: &Gone{Agent: agent.ID}})
	} else {
		l.publish(Change{Agent: &agent})
	}
	for _, m := range before.Queues {
		mark(l.at.member, m.Queue, agent.ID, false)
	}
	if l.at.seated[before.Phone.Endpoint] == agent.ID {
		delete(l.at.seated, before.Phone.Endpoint)
	}
	if !gone {
		l.at.seated[agent.Phone.Endpoint] = agent.ID
		for _, m := range agent.Queues {
			mark(l.at.member, m.Queue, agent.ID, true)
		}
	}
	for _, m := range append(slices.Clone(before.Queues), agent.Queues...) {
		l.queue(m.Queue)
	}
	l.extension(before.Phone.Endpoint)
	l.extension(agent.Phone.Endpoint)
}

// extension shows a telephone anew, if it is one of the house and anything has changed.
func (l *live) extension(endpoint string) {
	before, known := l.now.Extensions[endpoint]
	if !known {
		return
	}
	ext := Extension{Endpoint: endpoint, Number: before.Number, Name: before.Name, Activity: l.idle(endpoint)}
	for id := range l.at.calls[endpoint] {
		call := l.now.Calls[id]
		ext.see(&call)
	}
	if ext != before {
		l.publish(Change{Extension: &ext})
	}
}

// idle is what a telephone does that has no call.
func (l *live) idle(endpoint string) Activity {
	phone := l.now.Agents[l.at.seated[endpoint]].Phone
	switch {
	case phone.Endpoint == "":
		return Free
	case phone.Device == agents.Unavailable || phone.Device == agents.Invalid:
		return Unreachable
	case phone.DND || phone.Refuses || phone.Device == agents.DeviceBusy:
		return Busy
	}
	return Free
}

// weights say which activity counts most.
var weights = map[Activity]int{Talking: 5, OnHold: 4, Connected: 3, Ringing: 2, Dialing: 1}

// see takes a call of the telephone into account.
func (e *Extension) see(call *calls.Call) {
	for i := range call.Legs {
		leg := &call.Legs[i]
		if leg.Endpoint != e.Endpoint || !leg.Ended.IsZero() || leg.Outcome != "" {
			continue
		}
		e.Calls++
		activity, since, with := activityOf(call, leg)
		newer := cmp.Or(since.Compare(e.Since), cmp.Compare(call.ID, e.Call)) > 0
		if weights[activity] > weights[e.Activity] || weights[activity] == weights[e.Activity] && newer {
			e.Activity, e.Call, e.With, e.Since = activity, call.ID, with, since
		}
	}
}

// activityOf is what a leg does, since when, and with whom.
func activityOf(call *calls.Call, leg *calls.Leg) (Activity, time.Time, calls.Party) {
	var last time.Time
	var other string
	for i := range call.Conversations {
		t := &call.Conversations[i]
		if t.A != leg.Channel && t.B != leg.Channel {
			continue
		}
		if other = t.A; other == leg.Channel {
			other = t.B
		}
		if last = t.End; t.End.IsZero() {
			return Talking, t.Start, partyOf(call, other)
		}
	}
	with := call.Caller
	if leg == &call.Legs[0] {
		with = call.Callee
	}
	switch {
	case other != "":
		return OnHold, last, partyOf(call, other)
	case !leg.Answered.IsZero():
		return Connected, leg.Answered, with
	case leg == &call.Legs[0] && leg.Ringing.IsZero(): // or the system has placed the call
		return Dialing, leg.Started, with
	}
	return Ringing, cmp.Or(leg.Ringing, leg.Started), with
}

func partyOf(call *calls.Call, channel string) calls.Party {
	for i := range call.Legs {
		if leg := &call.Legs[i]; leg.Channel == channel {
			return calls.Party{Number: leg.Number, Name: leg.Name, Kind: leg.Kind}
		}
	}
	return calls.Party{}
}

// queue shows a queue anew, if anything has changed.
func (l *live) queue(name string) {
	q := Queue{Name: name}
	for id := range l.at.queued[name] {
		call := l.now.Calls[id]
		for _, v := range call.Queues {
			if v.Queue == name && v.Left.IsZero() {
				q.Waiting = append(q.Waiting, Waiting{Call: id, Caller: call.Caller, Since: v.Entered})
			}
		}
	}
	slices.SortFunc(q.Waiting, func(a, b Waiting) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Call, b.Call))
	})
	for id := range l.at.member[name] {
		if q.Agents == nil {
			q.Agents = map[string]int{}
		}
		q.Agents[l.now.Agents[id].State.String()]++
	}
	if before, known := l.now.Queues[name]; !known || !reflect.DeepEqual(before, q) {
		l.publish(Change{Queue: &q})
	}
}

// publish makes a change part of the picture and tells those who watch.
func (l *live) publish(change Change) {
	change.Serial = l.now.Serial + 1
	l.now.Apply(change)
	for w := range l.watchers {
		select {
		case w.changes <- change:
		default:
			close(w.slow)
			delete(l.watchers, w)
		}
	}
}

func (l *live) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
	close(l.over)
	for w := range l.watchers {
		close(w.changes)
		delete(l.watchers, w)
	}
}

func (l *live) picture() Picture {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now.copy()
}

func (l *live) watch(ctx context.Context) (Picture, iter.Seq2[Change, error]) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := &watcher{changes: make(chan Change, l.queueSize), slow: make(chan struct{})}
	if l.ended {
		close(w.changes)
	} else {
		l.watchers[w] = struct{}{}
	}
	context.AfterFunc(ctx, func() { l.leave(w) })
	return l.now.copy(), func(yield func(Change, error) bool) {
		defer l.leave(w)
		w.run(ctx, yield)
	}
}

func (l *live) leave(w *watcher) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.watchers, w)
}

// run yields the changes, those that came before they were too many first.
func (w *watcher) run(ctx context.Context, yield func(Change, error) bool) {
	for {
		select {
		case change, ok := <-w.changes:
			if !ok || !yield(change, nil) {
				return
			}
			continue
		default:
		}
		select {
		case change, ok := <-w.changes:
			if !ok || !yield(change, nil) {
				return
			}
		case <-w.slow:
			if len(w.changes) == 0 {
				yield(Change{}, ErrSlowWatcher)
				return
			}
		case <-ctx.Done():
			yield(Change{}, context.Cause(ctx))
			return
		}
	}
}
