package cycore

import (
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"sync"
	"sync/atomic"

	v5 "github.com/CyCoreSystems/ari/v5"

	"github.com/asterism-go/asterism/ari"
)

// bus gives the events of an application to the subscriptions. It decodes an event only if somebody wants its type, once.
type bus struct {
	app   *ari.App
	bound int
	lost  atomic.Uint64

	mu     sync.Mutex
	types  map[string]map[string][]*subscription // by type, and by the ID of the key, which may be empty
	closed bool
	turn   uint64 // counts events, so that a subscription gets each of them once
}

func newBus(app *ari.App) *bus {
	bound := app.QueueSize
	if bound == 0 {
		bound = ari.DefaultQueueSize
	}
	return &bus{app: app, bound: bound, types: map[string]map[string][]*subscription{}}
}

// run takes the events of the application until it ends.
func (b *bus) run(events iter.Seq2[ari.Event, error]) {
	defer b.Close()
	for e, err := range events {
		var gap *ari.GapError
		switch {
		case errors.As(err, &gap):
			b.Send(newGap(b.app.Name, gap.Lost, gap))
		case err != nil:
			return
		case e.Mark == ari.Disconnected:
			b.Send(newGap(b.app.Name, 0, e.Err()))
		case e.Mark == ari.Live || e.Mark == ari.Gone:
			b.take(e)
		}
	}
}

// take decodes an event if somebody wants it.
func (b *bus) take(e ari.Event) {
	if !b.wanted(e.Type) {
		return
	}
	decoded, err := decode(e)
	if err != nil {
		if logger := b.app.Client.Logger; logger != nil {
			logger.Warn("cycore: an event that v5 cannot have", "type", e.Type, "error", err)
		}
		return
	}
	b.Send(decoded)
}

func (b *bus) wanted(name string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.types[name]) > 0 || len(b.types[v5.Events.All]) > 0
}

// decode makes the type of v5 of an event, or an [Unknown] one.
func decode(e ari.Event) (v5.Event, error) {
	into := newEvent(e.Type)
	err := json.Unmarshal(e.JSON(), into)
	if unknown, ok := into.(*Unknown); ok {
		unknown.JSON = e.JSON()
	}
	return into, err
}

// Send implements [v5.Sender]: every subscription that the event is for gets it. It does not wait.
func (b *bus) Send(e v5.Event) {
	keys := e.Keys()
	if len(keys) == 0 { // v5's own bus never delivers these
		keys = v5.Keys{e.Key("", "")}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.turn++
	for _, name := range [...]string{e.GetType(), v5.Events.All} {
		about := b.types[name]
		if len(about) == 0 {
			continue
		}
		b.offer(about[""], keys, e)
		for i, key := range keys {
			if key.ID == "" || slices.ContainsFunc(keys[:i], func(k *v5.Key) bool { return k.ID == key.ID }) {
				continue
			}
			b.offer(about[key.ID], keys, e)
		}
	}
}

// offer gives an event to those of the subscriptions whose key matches.
func (b *bus) offer(subs []*subscription, keys v5.Keys, e v5.Event) {
	for _, s := range subs {
		if s.turn != b.turn && slices.ContainsFunc(keys, s.key.Match) {
			s.turn = b.turn
			s.put(e)
		}
	}
}

// Subscribe implements [v5.Subscriber]. A nil key, or an empty one, is for all things; without types nothing comes.
func (b *bus) Subscribe(key *v5.Key, types ...string) v5.Subscription {
	s := &subscription{bus: b, events: make(chan v5.Event, subscriptionBuffer), done: make(chan struct{})}
	if key != nil {
		copied := *key
		s.key = &copied
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		s.end()
		return s
	}
	s.types = types
	for _, name := range types {
		if b.types[name] == nil {
			b.types[name] = map[string][]*subscription{}
		}
		b.types[name][s.id()] = append(b.types[name][s.id()], s)
	}
	return s
}

// remove forgets a subscription.
func (b *bus) remove(s *subscription) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, name := range s.types {
		about := b.types[name]
		left := slices.DeleteFunc(about[s.id()], func(x *subscription) bool { return x == s })
		if len(left) > 0 {
			about[s.id()] = left
			continue
		}
		delete(about, s.id())
		if len(about) == 0 {
			delete(b.types, name)
		}
	}
}

// Close ends all subscriptions: their channels are closed.
func (b *bus) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	for _, about := range b.types {
		for _, subs := range about {
			for _, s := range subs {
				s.end()
			}
		}
	}
	clear(b.types)
}
