package ari_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// ledger is what is known of calls from their events alone, over all lives of a program.
type ledger struct {
	mu     sync.Mutex
	starts map[string]int
	ends   map[string]int
	digits map[string]string
}

func (l *ledger) note(t *testing.T, e ari.Event) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	switch e.Type {
	case "StasisStart":
		l.starts[e.Channel]++
	case "StasisEnd":
		l.ends[e.Channel]++
	case "ChannelDtmfReceived":
		d, err := e.Decode()
		must(t, err)
		l.digits[e.Channel] += d.(*ari.ChannelDtmfReceived).Digit
	}
}

func (l *ledger) inside() map[string]bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	in := map[string]bool{}
	for id := range l.starts {
		if l.ends[id] == 0 {
			in[id] = true
		}
	}
	return in
}

// A program ends and is started again ten times, and calls hang up while it is not there: with Asterisk connecting to us, no
// StasisStart, digit or StasisEnd is missed, and in the end what the events say is what Asterisk says. It ends when no event is
// under way: Asterisk 22.10.1 itself uses the websocket after it has freed it if that goes while it writes, and falls over.
func TestDeploys(t *testing.T) {
	address := freeAddress(t)
	a, client := asterisk(t, asterisktest.Config{Files: outbound(address)})
	if is16(a) {
		outboundNeeds22(t, client)
		return
	}
	const lives, callsPerLife = 10, 10
	l := &ledger{starts: map[string]int{}, ends: map[string]int{}, digits: map[string]string{}}
	ctx := within(t)
	var began []string
	for life := range lives {
		app := &ari.App{Client: client}
		events := app.Events(ctx)
		p := startProgram(t, address, app)
		must(t, app.Connect(ctx))
		listening := make(chan struct{})
		go func() {
			defer close(listening)
			for e, err := range events {
				if err != nil {
					return
				}
				l.note(t, e)
			}
		}()
		for n := range callsPerLife {
			began = append(began, oneOfMany(ctx, t, client, fmt.Sprintf("call-%d-%d", life, n)))
		}
		l.settle(t, client, began)
		p.crash()
		<-listening
		// half of the calls of this life end while nobody is there
		for n := 0; n < callsPerLife && life < lives-1; n += 2 {
			must(t, client.Channels().Hangup(ctx, fmt.Sprintf("call-%d-%d", life, n), ari.ChannelHangupParams{}))
		}
	}
	for _, id := range began {
		if l.starts[id] != 1 || l.ends[id] == 0 && l.digits[id] != "7" {
			t.Errorf("%s: %d starts, %d ends, digits %q", id, l.starts[id], l.ends[id], l.digits[id])
		}
	}
}

// oneOfMany is a call in the application, to which the other end sends a digit.
func oneOfMany(ctx context.Context, t *testing.T, client *ari.Client, id string) string {
	t.Helper()
	_, err := client.Channels().Originate(ctx, ari.ChannelOriginateParams{
		Endpoint: "Local/digit@default/n", Formats: "ulaw", App: "test", ChannelID: id,
	})
	must(t, err)
	for s := (&ari.ChannelSnapshot{}); s.Dialplan.AppName != "Stasis"; {
		s = get[*ari.ChannelSnapshot](t)(client.Channels().Get(ctx, id))
	}
	return id
}

// settle waits until what the events say is what Asterisk says.
func (l *ledger) settle(t *testing.T, client *ari.Client, began []string) {
	t.Helper()
	ctx := within(t)
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		application := get[*ari.Application](t)(client.Applications().Get(ctx, "test"))
		in := l.inside()
		same := true
		for _, id := range application.ChannelIDs {
			if strings.HasSuffix(id, ";2") {
				continue // the other end of a Local channel is in no application, though we get its events
			}
			same = same && in[id]
			delete(in, id)
		}
		same = same && len(in) == 0
		l.mu.Lock()
		for _, id := range began {
			same = same && l.starts[id] > 0 && (l.ends[id] > 0 || l.digits[id] != "")
		}
		l.mu.Unlock()
		if same {
			return
		}
	}
	t.Fatalf("what the events say, %v, is not what Asterisk says", l.inside())
}
