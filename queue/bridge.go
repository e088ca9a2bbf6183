package queue

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"
	"sync"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/queue/acd"
)

// holdings are the bridges in which callers wait, by queue.
type holdings struct {
	mu   sync.Mutex
	made map[string]*ari.Bridge

	joining sync.Mutex // held while somebody comes into one
}

// forget forgets all of them: they are looked for again.
func (h *holdings) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.made = nil
}

// hold has a caller wait in the bridge of a queue.
func (s *Server) hold(ctx context.Context, queue string, call *ari.Channel) error {
	s.holds.joining.Lock()
	defer s.holds.joining.Unlock()
	b, err := s.holding(ctx, queue)
	if err != nil {
		return err
	}
	err = b.Add(ctx, call)
	if ari.IsNotFound(err) && call.Err() == nil { // Asterisk has been restarted
		s.holds.forget()
		if b, err = s.holding(ctx, queue); err == nil {
			err = b.Add(ctx, call)
		}
	}
	if err != nil {
		return err
	}
	return s.play(ctx, b, queue)
}

// unhold takes a caller out of the bridge in which the caller waits: that of the queue, or, after an overflow, that of the one before.
// One who is in none stays.
func (s *Server) unhold(ctx context.Context, queue string, call *ari.Channel) error {
	if err := s.App.Bridge(holdPrefix+bridgeID(queue)).Remove(ctx, call); err == nil {
		return nil
	}
	bridges, err := s.App.Client.Bridges().List(ctx)
	if err != nil {
		return err
	}
	for _, b := range bridges {
		if strings.HasPrefix(b.ID, holdPrefix) && slices.Contains(b.Channels, call.ID()) {
			return s.App.Bridge(b.ID).Remove(ctx, call)
		}
	}
	return nil
}

// holding is the bridge of a queue; it is made if it is not there. It stays when the program ends.
func (s *Server) holding(ctx context.Context, queue string) (*ari.Bridge, error) {
	s.holds.mu.Lock()
	defer s.holds.mu.Unlock()
	if b := s.holds.made[queue]; b != nil {
		return b, nil
	}
	b, err := s.bridge(ctx, ari.BridgeCreateParams{Type: "holding", BridgeID: holdPrefix + bridgeID(queue), Name: "asterism:queue:" + queue})
	if err != nil {
		return nil, err
	}
	if err := b.StartMusic(ctx, s.queues[queue].Music); err != nil {
		return nil, err
	}
	if s.holds.made == nil {
		s.holds.made = map[string]*ari.Bridge{}
	}
	s.holds.made[queue] = b
	return b, nil
}

// bridgeID makes an id of a name: without what a path may not have.
func bridgeID(name string) string { return hex.EncodeToString([]byte(name)) }

// bridge returns a bridge, which may be there already.
func (s *Server) bridge(ctx context.Context, p ari.BridgeCreateParams) (*ari.Bridge, error) {
	b := s.App.Bridge(p.BridgeID)
	if _, err := b.Snapshot(ctx); !ari.IsNotFound(err) {
		return b, err
	}
	return s.App.CreateBridge(ctx, p)
}

// talk has a caller and the leg of an agent hear each other.
func (s *Server) talk(ctx context.Context, caller, leg string) error {
	b, err := s.bridge(ctx, ari.BridgeCreateParams{Type: "mixing", BridgeID: talkPrefix + caller, Name: "asterism:talk:" + caller})
	if err != nil {
		return err
	}
	line := caller
	err = s.look(ctx, func(*acd.State) error {
		line = s.channelOf(caller)
		return nil
	})
	if err != nil {
		return err
	}
	return b.Add(ctx, s.App.Channel(line), s.App.Channel(leg))
}

// endTalk destroys the bridge of a talk that is over.
func (s *Server) endTalk(caller string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.life), cleanupTimeout)
	defer cancel()
	if err := s.App.Bridge(talkPrefix + caller).Destroy(ctx); err != nil {
		s.log().Warn("queue: a bridge may be left behind", "caller", caller, "error", err)
	}
}
