package calls

import (
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// visit is a QueueVisit while its channels are alive.
type visit struct {
	queue         string
	caller        *channel
	entered, left time.Time
	exten         string // where the caller was in the dialplan
	attempts      []*attempt
	answeredBy    *channel // as Dest of AgentConnect
	connected     time.Time
	status        string // QUEUESTATUS
	key           string
	keyOpen       bool // the next extension may tell by which key the caller left
	abandoned     bool // QueueCallerAbandon: also told when the time is up
}

// attempt is an Attempt while its channels are alive.
type attempt struct {
	dest          *channel
	member, agent string
	at            time.Time
}

// queueCallerJoin: see apps/app_queue.c. One entry per join.
func (t *Tracker) queueCallerJoin(event ami.Message, at time.Time) {
	if ch := t.channelOf(event); ch != nil {
		t.join(ch, event, at)
	}
}

func (t *Tracker) join(ch *channel, event ami.Message, at time.Time) *visit {
	if v := t.visits[ch.uniqueid]; v != nil && (v.left.IsZero() || v.left.Equal(at)) && v.queue == event.Get("Queue") {
		return v // told twice
	}
	v := &visit{
		queue: strings.Clone(event.Get("Queue")), caller: ch, entered: at, exten: strings.Clone(event.Get("Exten")), keyOpen: true,
	}
	t.visits[ch.uniqueid] = v
	ch.lastVisit = v
	c := ch.call
	c.visits = append(c.visits, v)
	ch.leaveMenu(v.queue, at)
	t.changed(Queued, c.root(), at)
	return v
}

// visitOf finds the entry of an event about a waiting caller, or opens one for a caller whose join was not seen.
func (t *Tracker) visitOf(event ami.Message, at time.Time) *visit {
	ch := t.channelOf(event)
	if ch == nil {
		return nil
	}
	v := t.visits[ch.uniqueid]
	if v != nil && v.queue == event.Get("Queue") {
		return v
	}
	if !ch.ended.IsZero() {
		return nil
	}
	v = t.join(ch, event, at)
	if wait, ok := parseSeconds(event.Get("HoldTime")); ok {
		v.entered = at.Add(-wait)
	}
	return v
}

func (t *Tracker) queueCallerLeave(event ami.Message, at time.Time) {
	v := t.visitOf(event, at)
	if v == nil || !v.left.IsZero() {
		return
	}
	v.left = at
	t.changed(Unqueued, v.caller.call.root(), at)
}

// queueCallerAbandon is told for a caller who has hung up, and for one whose time is up.
func (t *Tracker) queueCallerAbandon(event ami.Message, at time.Time) {
	v := t.visitOf(event, at)
	if v == nil || v.abandoned {
		return
	}
	v.abandoned = true
	if v.left.IsZero() {
		v.left = at
	}
}

// agentCalled: a member of the queue is rung.
func (t *Tracker) agentCalled(event ami.Message, at time.Time) {
	v, dest := t.visitOf(event, at), t.channels[event.Get("DestUniqueid")]
	if v == nil || dest == nil {
		return
	}
	for _, a := range v.attempts {
		if a.dest == dest {
			return // told twice, or again for the caller who has taken the place of another
		}
	}
	v.attempts = append(v.attempts, &attempt{
		dest: dest, member: strings.Clone(event.Get("Interface")), agent: strings.Clone(event.Get("MemberName")), at: at,
	})
}

// agentConnect: a member has answered. If another one has picked the call up, Dest is that one although the member stays
// the one that was called.
func (t *Tracker) agentConnect(event ami.Message, at time.Time) {
	v, dest := t.visitOf(event, at), t.channels[event.Get("DestUniqueid")]
	if v == nil || dest == nil || v.answeredBy != nil {
		return
	}
	v.answeredBy, v.connected = dest, at
	if v.left.IsZero() {
		v.left = at
	}
	t.checkConnected(v.caller.call.root(), at)
}

// passVisit: who was transferred into the queue takes the place of who has consulted there.
func (t *Tracker) passVisit(from, to *channel) {
	v := t.visits[from.uniqueid]
	if v == nil || to == nil || !v.left.IsZero() {
		return
	}
	delete(t.visits, from.uniqueid)
	t.visits[to.uniqueid] = v
	v.caller = to
	to.lastVisit = v
	v.keyOpen = false
}

// leftFor: the caller goes on in the dialplan. A single digit that is not where he came from is the key that he pressed to
// leave (the context of the queue, queues.conf). Only the first extension after the queue tells.
func (v *visit) leftFor(exten string) {
	if len(exten) == 1 && (exten[0] >= '0' && exten[0] <= '9' || exten == "*" || exten == "#") && exten != v.exten {
		v.key, v.keyOpen = strings.Clone(exten), false
		return
	}
	if !v.left.IsZero() {
		v.keyOpen = false
	}
}

// agent is the telephone that answered a queue's call: behind the member's Local channel, or who has picked up.
func (v *visit) agent() *channel {
	if v.answeredBy == nil {
		return nil
	}
	return best(v.answeredBy.phones())
}

// outcome tells how a visit has ended; empty while it lasts. An event says "abandon" for a timeout too, so who has gone is
// asked: a caller who hangs up does so within a second of leaving.
func (t *Tracker) visitOutcome(v *visit) QueueOutcome {
	caller := v.caller.far()
	if caller == nil {
		caller = v.caller
	}
	switch {
	case v.answeredBy != nil:
		return QueueAnswered
	case v.left.IsZero() && v.caller.ended.IsZero():
		return ""
	case v.key != "":
		return QueueExitKey
	case v.status == "" && t.hungUpNear(caller, v.left):
		return QueueAbandoned
	case strings.HasSuffix(v.status, "EMPTY"):
		return QueueEmpty
	}
	return QueueTimeout
}

// hungUpNear tells whether a party has hung up by itself at about a time, which is the end of its channel if unknown.
func (t *Tracker) hungUpNear(ch *channel, at time.Time) bool {
	gone, within := ch.requested, window
	if gone.IsZero() && !t.requests { // they are masked out
		gone, within = ch.ended, window/2
	}
	return !gone.IsZero() && (at.IsZero() || gone.Sub(at).Abs() <= within)
}

func parseSeconds(text string) (time.Duration, bool) {
	if text == "" || len(text) > 9 {
		return 0, false
	}
	n := 0
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return 0, false
		}
		n = n*10 + int(text[i]-'0')
	}
	return time.Duration(n) * time.Second, true
}
