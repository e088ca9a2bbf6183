package ami

import (
	"context"
	"fmt"
	"time"
)

// watchSilence finds connections that are gone without a word: half-open ones. When nothing has come for the time of
// keepalive it sends a Ping, which must make something come, be it the answer or events before it.
func (s *session) watchSilence() {
	timer := time.NewTimer(s.keepalive)
	defer timer.Stop()
	for {
		select {
		case <-s.done:
			return
		case <-timer.C:
		}
		if quiet := s.silence(); quiet < s.keepalive {
			timer.Reset(s.keepalive - quiet)
			continue
		}
		if s.idleOnly && s.inflight.busy() {
			timer.Reset(s.keepalive)
			continue
		}
		if !s.ping() {
			return
		}
		timer.Reset(s.keepalive)
	}
}

// ping reports whether the connection is alive. If it is not, the session has ended.
func (s *session) ping() bool {
	ctx, cancel := context.WithTimeout(context.Background(), s.patience)
	defer cancel()
	before, asked := s.heard.Load(), time.Now()
	_, err := s.do(ctx, Action{Name: "Ping"})
	if err == nil {
		s.rtt.Store(int64(time.Since(asked)))
	}
	if err == nil || s.heard.Load() != before {
		return true
	}
	s.lost(fmt.Errorf("nothing has come for %v", s.silence().Round(time.Millisecond)))
	return false
}
