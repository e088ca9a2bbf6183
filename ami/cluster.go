package ami

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"
	"sync"
)

// Cluster is several Asterisks behind one stream of events:
//
//	cluster := &ami.Cluster{Servers: map[string]*ami.Client{
//		"athens":       {Addr: "10.0.1.1:5038", Username: "board", Secret: secret},
//		"thessaloniki": {Addr: "10.0.2.1:5038", Username: "board", Secret: secret},
//	}}
//	events := cluster.Events(ctx)
//	err := cluster.Start()
//
// Set Servers before anything else, and do not change it. Each client is used for actions as ever; the cluster only starts,
// listens to, looks after and ends them all. Its methods may be called by several goroutines at once.
type Cluster struct {
	// Servers are the clients by the names of their servers. They must not be connected yet.
	Servers map[string]*Client
	// QueueSize is how many events of all servers together may wait for one consumer. Default: [DefaultQueueSize].
	QueueSize int

	mu     sync.Mutex
	queues []*queue
	ended  error
}

// ClusterEvent is an event and the server that it comes from.
type ClusterEvent struct {
	// Server is the name of the server in Cluster.Servers.
	Server string
	Message
}

// Health is how one server of a [Cluster] is.
type Health struct {
	// Server is its name.
	Server string
	// State is that of its client.
	State State
	// Err is why it is not up, if that is known.
	Err error
}

// Start has every client connect, see [Client.Start]: servers that are down hold up nobody.
func (c *Cluster) Start() error {
	var failed error
	for _, client := range c.Servers {
		failed = errors.Join(failed, client.Start())
	}
	return failed
}

// Events returns the events of all servers from now on: those of one server in its order, those of different servers as they
// come. All that is said of [Client.Events] holds, marks and gaps included; a gap may hold events of several servers, and its
// First and Last do not say whose. It ends with ctx or with the cluster.
func (c *Cluster) Events(ctx context.Context) iter.Seq2[ClusterEvent, error] {
	q := newQueue(cmp.Or(c.QueueSize, DefaultQueueSize))
	c.join(q)
	leave := func(why error) {
		for _, client := range c.Servers {
			client.audience.leave(q)
		}
		q.end(why, true)
	}
	stop := context.AfterFunc(ctx, func() { leave(context.Cause(ctx)) })
	return func(yield func(ClusterEvent, error) bool) {
		defer leave(errOver)
		defer stop()
		err := q.eachItem(ctx, func(it item) bool {
			if it.note.gap != nil {
				return yield(ClusterEvent{}, it.note.gap)
			}
			return yield(ClusterEvent{Server: it.note.server, Message: it.event}, nil)
		})
		if err != nil {
			yield(ClusterEvent{}, err)
		}
	}
}

func (c *Cluster) join(q *queue) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended != nil {
		q.end(c.ended, false)
		return
	}
	c.queues = append(c.queues, q)
	for name, client := range c.Servers {
		client.audience.join(listening{queue: q, server: &note{server: name}})
	}
}

// Health returns how every server is, by name.
func (c *Cluster) Health() []Health {
	all := make([]Health, 0, len(c.Servers))
	for name, client := range c.Servers {
		client.mu.Lock()
		all = append(all, Health{Server: name, State: client.state, Err: client.why})
		client.mu.Unlock()
	}
	slices.SortFunc(all, func(a, b Health) int { return cmp.Compare(a.Server, b.Server) })
	return all
}

// Close ends every client at once, see [Client.Close].
func (c *Cluster) Close() error {
	for _, client := range c.Servers {
		client.Close()
	}
	c.end(true)
	return nil
}

// Drain ends every client gently, all at the same time; see [Client.Drain].
func (c *Cluster) Drain(ctx context.Context) error {
	var mu sync.Mutex
	var failed error
	var draining sync.WaitGroup
	for _, client := range c.Servers {
		draining.Go(func() {
			err := client.Drain(ctx)
			mu.Lock()
			defer mu.Unlock()
			failed = errors.Join(failed, err)
		})
	}
	draining.Wait()
	c.end(false)
	return failed
}

func (c *Cluster) end(drop bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = ErrClosed
	for _, q := range c.queues {
		q.end(ErrClosed, drop)
	}
}
