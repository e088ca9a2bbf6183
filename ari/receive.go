package ari

import (
	"slices"
	"sync"
	"sync/atomic"
)

// receive takes an event that has come. It does not wait.
func (a *App) receive(s *session, e Event) {
	if a.calls.repeated(e) || a.fence.Load().passed(e) {
		return
	}
	a.counts.count(e.Type)
	if e.Type == "ApplicationReplaced" && !a.Outbound && e.Application == a.Name {
		a.router.publish(e)
		s.fail(ErrReplaced)
		go a.end(ErrReplaced) // end waits for nobody, but locks what the caller may hold
		return
	}
	if e.Type == "ApplicationRegistered" && e.Application == a.Name {
		s.isAnnounced.Do(func() { close(s.registered) })
	}
	ch, began := a.tell(s, e)
	if began {
		if server := a.server.Load(); server != nil {
			server.begin(ch)
		}
	}
}

// tell notes what an event says, and gives it to everybody who wants it.
func (a *App) tell(s *session, e Event) (ch *Channel, began bool) {
	a.order.Lock()
	defer a.order.Unlock()
	a.past.note(e)
	ch, began = a.calls.follow(a, s, e)
	a.router.publish(e)
	return ch, began
}

// calls are the channels that are in the application, or are being made for it.
type calls struct {
	mu       sync.Mutex
	channels map[string]*Channel
	ended    error
	// recordings are the last events about recordings: with subscribeAll Asterisk sends each of them twice
	recordings [8]string
	next       int
}

// repeated reports whether an event about a recording has just come.
func (c *calls) repeated(e Event) bool {
	if e.Recording == "" {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if slices.Contains(c.recordings[:], e.text) {
		return true
	}
	c.recordings[c.next] = e.text
	c.next = (c.next + 1) % len(c.recordings)
	return false
}

// follow notes what an event says of the channels. It returns a channel that has come into the application.
func (c *calls) follow(a *App, s *session, e Event) (ch *Channel, began bool) {
	if e.Channel == "" {
		return nil, false
	}
	switch e.Type {
	case "StasisStart":
		return c.enter(a, s, e)
	case "StasisEnd", "ChannelDestroyed", "ChannelHangupRequest", "ChannelDtmfReceived", "ChannelEnteredBridge", "ChannelLeftBridge", "Dial", "ApplicationMoveFailed":
		if ch := c.get(e.Channel); ch != nil {
			ch.follow(e)
			if e.Type == "ChannelEnteredBridge" || e.Type == "ChannelLeftBridge" {
				ch.told(s)
			}
		}
		if e.Type == "StasisEnd" || e.Type == "ChannelDestroyed" {
			c.leave(e.Channel, ErrHangup)
		}
	}
	return nil, false
}

func (c *calls) get(id string) *Channel {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.channels[id]
}

// enter notes a channel that comes into the application. One that the App has made itself does not begin a call.
func (c *calls) enter(a *App, s *session, e Event) (*Channel, bool) {
	ch := c.get(e.Channel)
	ours := ch != nil
	if !ours {
		ch = newChannel(a, e.Channel)
	}
	ch.start(s, e)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended != nil {
		ch.leave(c.ended)
		return ch, false
	}
	c.put(ch)
	return ch, !ours
}

// put adds a channel; the caller holds the lock.
func (c *calls) put(ch *Channel) {
	if c.channels == nil {
		c.channels = map[string]*Channel{}
	}
	c.channels[ch.id] = ch
}

// expect adds a channel that the App is about to make. One that has its id already stays: Asterisk will refuse.
func (c *calls) expect(ch *Channel) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended != nil {
		ch.leave(c.ended)
		return
	}
	if c.channels[ch.id] == nil {
		c.put(ch)
	}
}

// drop takes back that a channel is expected.
func (c *calls) drop(ch *Channel, why error) {
	c.mu.Lock()
	if c.channels[ch.id] == ch {
		delete(c.channels, ch.id)
	}
	c.mu.Unlock()
	ch.leave(why)
}

// leave notes that a channel is not in the application any more.
func (c *calls) leave(id string, why error) {
	c.mu.Lock()
	ch := c.channels[id]
	delete(c.channels, id)
	c.mu.Unlock()
	if ch != nil {
		ch.leave(why)
	}
}

// list returns the channels.
func (c *calls) list() []*Channel {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := make([]*Channel, 0, len(c.channels))
	for _, ch := range c.channels {
		list = append(list, ch)
	}
	return list
}

func (c *calls) end(why error) {
	c.mu.Lock()
	c.ended = why
	channels := c.channels
	c.channels = nil
	c.mu.Unlock()
	for _, ch := range channels {
		ch.leave(why)
	}
}

// maxTypes is how many types of events get a counter of their own.
const maxTypes = 128

// eventCounts counts events, whether or not anybody collects that.
type eventCounts struct {
	reconnects, bad atomic.Uint64

	mu     sync.Mutex
	events map[string]*uint64
}

func (c *eventCounts) count(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.events[name]
	if n == nil {
		if c.events == nil {
			c.events = map[string]*uint64{"other": new(uint64)}
		}
		if newEvent(name) == nil || len(c.events) > maxTypes {
			name = "other"
		} else {
			c.events[name] = new(uint64)
		}
		n = c.events[name]
	}
	*n++
}

func (c *eventCounts) reconnected(first bool) {
	if !first {
		c.reconnects.Add(1)
	}
}
