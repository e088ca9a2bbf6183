package ari

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
)

// errOver is what a second range over the same events yields.
var errOver = errors.New("ari: the range over these events has ended")

// subject is what an event can be about.
type subject struct {
	kind kind
	id   string
}

type kind uint8

const (
	aboutChannel kind = iota
	aboutBridge
	aboutPlayback
	aboutRecording
)

// router gives events to those who want them. It never waits.
type router struct {
	bound  int
	losses *losses
	all    atomic.Pointer[[]*queue] // who wants all events; replaced, never changed

	mu    sync.RWMutex
	about map[subject][]*queue // who waits for events about one thing; the lists are replaced, never changed
	ended error
}

// watchQueue is how many events about one thing may wait.
const watchQueue = 1024

// publish gives an event to everybody who wants it. Marks go to all.
func (r *router) publish(e Event) {
	if all := r.all.Load(); all != nil {
		for _, q := range *all {
			q.put(e)
		}
	}
	if e.Mark == Snapshot {
		return
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	if len(r.about) == 0 {
		return
	}
	if e.text == "" {
		for _, queues := range r.about {
			putAll(queues, e)
		}
		return
	}
	for i, id := range [...]string{aboutChannel: e.Channel, aboutBridge: e.Bridge, aboutPlayback: e.Playback, aboutRecording: e.Recording} {
		if id != "" {
			putAll(r.about[subject{kind(i), id}], e)
		}
	}
}

func putAll(queues []*queue, e Event) {
	for _, q := range queues {
		q.put(e)
	}
}

// join returns a queue for all events.
func (r *router) join() *queue {
	q := newQueue(r.bound, r.losses)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended != nil {
		q.end(r.ended, false)
		return q
	}
	r.setAll(append(r.currentAll(), q))
	return q
}

func (r *router) currentAll() []*queue {
	if all := r.all.Load(); all != nil {
		return slices.Clone(*all)
	}
	return nil
}

func (r *router) setAll(all []*queue) { r.all.Store(&all) }

func (r *router) leave(q *queue) {
	r.mu.Lock()
	r.setAll(slices.DeleteFunc(r.currentAll(), func(x *queue) bool { return x == q }))
	r.mu.Unlock()
	q.end(errOver, true)
}

// watch returns a queue for the events about some things, and what ends it.
func (r *router) watch(things ...subject) (*queue, func()) {
	q := newQueue(watchQueue, r.losses)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended != nil {
		q.end(r.ended, false)
		return q, func() {}
	}
	if r.about == nil {
		r.about = map[subject][]*queue{}
	}
	for _, thing := range things {
		r.about[thing] = append(slices.Clone(r.about[thing]), q)
	}
	return q, func() { r.unwatch(q, things) }
}

func (r *router) unwatch(q *queue, things []subject) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, thing := range things {
		left := slices.DeleteFunc(slices.Clone(r.about[thing]), func(x *queue) bool { return x == q })
		if len(left) == 0 {
			delete(r.about, thing)
		} else {
			r.about[thing] = left
		}
	}
}

// depth returns how much waits for the consumer for whom most waits.
func (r *router) depth() (most int) {
	if all := r.all.Load(); all != nil {
		for _, q := range *all {
			most = max(most, q.depth())
		}
	}
	return most
}

func (r *router) end(why error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = why
	for _, q := range r.currentAll() {
		q.end(why, true)
	}
	for _, queues := range r.about {
		for _, q := range queues {
			q.end(why, true)
		}
	}
}
