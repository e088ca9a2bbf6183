// Package queueload tells a [routing.Router] how much the queues of an Asterisk have to do, from the events of its Manager, so
// that rules and desks can go by it (load, max_waiting, min_agents):
//
//	client := &ami.Client{..., Subscribe: queueload.EventNames(), Snapshots: ami.SnapshotQueues}
//	...
//	queues := &queueload.Model{}
//	go queues.Follow(ctx, client)
//	router := routing.New(set, routing.Config{Queues: queues})
//
// The Manager's user needs to read the class agent. The client may be used for more, but each minute its snapshots come in
// everybody's stream.
package queueload

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/routing"
)

// auditInterval is how often all queues are read again: a queue that is taken out of queues.conf is told by no event.
const auditInterval = time.Minute

// ErrNoSnapshots is the error of a client that does not read the queues.
var ErrNoSnapshots = errors.New("queueload: the client's Snapshots lack ami.SnapshotQueues")

// EventNames are the events that a Model goes by, for [ami.Client].Subscribe. Join and Leave are those of Asterisk before 12.
func EventNames() []string {
	return []string{
		"QueueCallerJoin", "QueueCallerLeave", "Join", "Leave",
		"QueueMemberAdded", "QueueMemberRemoved", "QueueMemberStatus", "QueueMemberPause",
	}
}

// Model is how much each queue has to do. It may be used by several goroutines at once; one of them follows. The zero value
// knows nothing.
type Model struct {
	mu     sync.RWMutex
	queues map[string]*queue // nil: not known
	next   map[string]*queue // what is being read; nil: nothing is
	ready  chan struct{}     // who waits for queues
}

var _ routing.Queues = (*Model)(nil)

// queue is what is known of one queue.
type queue struct {
	waiting int
	members map[string]bool // by interface: whether calls can come to it
}

// Queue tells how many callers wait in a queue, and how many agents are logged in: its members, paused ones too, but not those
// whose telephone is out of reach, as Asterisk itself counts them (LoggedIn of QueueSummary, app_queue.c). While the Manager
// is out of reach nothing is known.
func (m *Model) Queue(name string) (load routing.Load, known bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	q, known := m.queues[name]
	if !known {
		return routing.Load{}, false
	}
	load.Waiting = q.waiting
	for _, reachable := range q.members {
		if reachable {
			load.Agents++
		}
	}
	return load, true
}

// Ready waits until it is known how much queues have to do. It returns the cause of ctx if that ends before.
func (m *Model) Ready(ctx context.Context) error {
	m.mu.Lock()
	known := m.queues != nil
	if m.ready == nil {
		m.ready = make(chan struct{})
	}
	ready := m.ready
	m.mu.Unlock()
	if known {
		return nil
	}
	select {
	case <-ready:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Follow keeps the Model up to date by the events of a connected client. All queues are read at the beginning, after a
// reconnect, when events were lost, and each minute. It returns when the client's events end, or with ctx, with the cause.
// Nothing is known after it.
func (m *Model) Follow(ctx context.Context, client *ami.Client) error {
	if client.Snapshots&ami.SnapshotQueues == 0 {
		return ErrNoSnapshots
	}
	ctx, cancel := context.WithCancel(ctx)
	due := make(chan struct{}, 1)
	due <- struct{}{}
	events := client.Events(ctx)
	var reading sync.WaitGroup
	reading.Go(func() { keepReading(ctx, client, due) })
	defer m.forget()
	defer reading.Wait()
	defer cancel()
	for event, err := range events {
		switch {
		case errors.Is(err, ami.ErrSlowConsumer):
			select {
			case due <- struct{}{}:
			default: // it is due already
			}
		case err != nil:
			return err
		default:
			m.Apply(event)
		}
	}
	return context.Cause(ctx)
}

// keepReading has all queues read when that is due, and each minute. If it fails, the connection is lost, after which the client
// reads them by itself.
func keepReading(ctx context.Context, client *ami.Client, due <-chan struct{}) {
	audit := time.NewTicker(auditInterval)
	defer audit.Stop()
	for {
		select {
		case <-due:
		case <-audit.C:
		case <-ctx.Done():
			return
		}
		client.Resync(ctx) //nolint:errcheck // see above
	}
}

// Apply takes an event, or a mark, in the order of the client's stream, for who has a range over it already; Follow does it by
// itself. Each event says all that there is to know about its queue or its member, so one that comes twice does no harm.
func (m *Model) Apply(event ami.Message) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch event.Mark() {
	case ami.Disconnected:
		m.queues, m.next = nil, nil
	case ami.ResyncBegin:
		m.next = map[string]*queue{}
	case ami.Snapshot:
		apply(m.next, event)
	case ami.ResyncEnd:
		refused := event.Get("Refused") != ""
		if m.next == nil || refused { // its beginning came before we listened, or Asterisk refuses the list: what is known stays
			m.next = nil
			return
		}
		m.queues, m.next = m.next, nil
		if m.ready != nil {
			close(m.ready)
			m.ready = nil
		}
	case ami.Live:
		apply(m.queues, event)
		apply(m.next, event)
	}
}

func (m *Model) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.queues, m.next = nil, nil
}

// apply takes an event into what is known. Of a queue that is not known only a list begins to tell.
func apply(queues map[string]*queue, event ami.Message) {
	name := event.Get("Queue")
	if event.Event() == "QueueParams" && queues != nil {
		queues[name] = &queue{members: map[string]bool{}}
	}
	q := queues[name]
	if q == nil {
		return
	}
	member := cmp.Or(event.Get("Interface"), event.Get("Location"))
	switch event.Event() {
	case "QueueParams":
		q.count(event.Get("Calls"))
	case "QueueCallerJoin", "QueueCallerLeave", "Join", "Leave":
		q.count(event.Get("Count"))
	case "QueueMemberRemoved":
		delete(q.members, member)
	case "QueueMember", "QueueMemberAdded", "QueueMemberStatus", "QueueMemberPause":
		switch event.Get("Status") {
		case unavailable, invalid:
			q.members[member] = false
		case "": // nothing is said about it
		default:
			q.members[member] = true
		}
	}
}

// The states of a member's telephone (devicestate.h) with which it is not logged in.
const (
	invalid     = "4"
	unavailable = "5"
)

// count takes a number of callers. One that is none is not taken.
func (q *queue) count(text string) {
	if n, err := strconv.Atoi(text); err == nil && n >= 0 {
		q.waiting = n
	}
}
