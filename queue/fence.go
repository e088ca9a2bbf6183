package queue

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/asterism-go/asterism/ari"
)

// fenceEvent is the type of an event of our own, which comes back behind all that has happened before it.
const fenceEvent = "ChannelUserevent"

// fenceTimeout bounds the wait for it, as a Filter of the App may leave it out.
const fenceTimeout = 5 * time.Second

// fences are those that have not come back yet, by name.
type fences struct {
	mu   sync.Mutex
	back map[string]chan struct{}
}

// fence waits until everything has been taken that happened before.
func (s *Server) fence(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, fenceTimeout)
	defer cancel()
	name, back := "queue-"+uuid.NewString(), make(chan struct{})
	s.fences.mu.Lock()
	s.fences.back = map[string]chan struct{}{name: back}
	s.fences.mu.Unlock()
	err := s.App.Client.Events().UserEvent(ctx, name, ari.UserEventParams{Application: s.App.Name})
	if err == nil {
		select {
		case <-back:
			return
		case <-ctx.Done():
			err = context.Cause(ctx)
		}
	}
	if s.App.Err() == nil && s.life.Err() == nil {
		s.log().Warn("queue: what has happened meanwhile may be counted with the time of now", "error", err)
	}
}

// passed takes a fence that has come back.
func (f *fences) passed(e ari.Event) {
	decoded, err := e.Decode()
	if err != nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	name := decoded.(*ari.ChannelUserevent).EventName
	if back := f.back[name]; back != nil {
		close(back)
		delete(f.back, name)
	}
}
