package agi

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

// idleAfter is how long a session may be without a command until somebody listens for a hangup. Handlers that send one
// command after the other never pay for that; those that think, or ask a database, are told when the caller has gone.
const idleAfter = 20 * time.Millisecond

// watcher listens for HANGUP while no command runs, in a goroutine that exists only when a session has been idle for a
// while. start and stop are called by the command that holds the session. The timer is not stopped and set anew by every
// command: when it fires it looks how long the session has been idle.
type watcher struct {
	s     *Session
	timer *time.Timer

	mu     sync.Mutex
	wanted bool
	since  time.Time
	idle   time.Duration // how long until somebody listens
	armed  bool          // the timer will fire
	done   chan struct{} // closed when the goroutine that listens has ended; nil if there is none
}

// start lets somebody listen soon; the session is idle from now on.
func (w *watcher) start(now time.Time) {
	if w.s.lost != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wanted, w.since, w.idle = true, now, w.s.hearing.idle()
	switch {
	case w.armed:
		return
	case w.timer == nil:
		w.timer = time.AfterFunc(w.idle, w.listen)
	default:
		w.timer.Reset(w.idle)
	}
	w.armed = true
}

// stop returns when nobody listens.
func (w *watcher) stop() {
	w.mu.Lock()
	w.wanted = false
	done := w.done
	w.mu.Unlock()
	if done != nil {
		w.s.readUntil(past)
		<-done
		w.s.readUntil(time.Time{})
	}
}

// begin reports whether this goroutine is the one to listen.
func (w *watcher) begin() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.wanted || w.done != nil {
		w.armed = false
		return false
	}
	if rest := w.idle - time.Since(w.since); rest > 0 {
		w.timer.Reset(rest)
		return false
	}
	if w.idle == hearAfter && time.Since(w.since) > digitGap && w.s.hooks != nil && w.s.hooks.late != nil {
		w.s.hooks.late()
	}
	w.armed = false
	w.done = make(chan struct{})
	return true
}

func (w *watcher) listen() {
	if !w.begin() {
		return
	}
	w.hear()
	w.mu.Lock()
	defer w.mu.Unlock()
	close(w.done)
	w.done = nil
}

// hear reads until stop interrupts it, or the connection ends.
func (w *watcher) hear() {
	err := w.s.nudge()
	for {
		var line []byte
		if err == nil {
			line, err = w.s.in.next()
		}
		if err == nil {
			err = w.take(string(line))
		}
		switch {
		case err == nil:
		case isTimeout(err):
			return
		case errors.Is(err, errLineTooLong):
			w.s.cancel(fmt.Errorf("%w: %w", ErrDesync, err))
			return
		default:
			w.s.cancel(fmt.Errorf("%w: %w", ErrConnectionLost, err))
			return
		}
	}
}

// take takes a line that nobody waits for.
func (w *watcher) take(text string) error {
	if classify(text) == hangupLine {
		w.s.hangup()
		return nil
	}
	due, err := w.s.heardIdle(text)
	if !due {
		w.s.strays.add(text)
	}
	return err
}
