package ami_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ami/amitest"
)

// burst sends n events, numbered from 0.
func burst(n int) amitest.Step {
	return func(c *amitest.Conn) error {
		for i := range n {
			if err := c.Send("Event: Tick", fmt.Sprintf("N: %d", i)); err != nil {
				return err
			}
		}
		return nil
	}
}

func TestEventsInOrderToEverybody(t *testing.T) {
	const n = 1000
	ready := make(chan struct{})
	client := start(t, &ami.Client{}, amitest.WaitFor(ready), burst(n))
	one, other := client.Events(t.Context()), client.Events(t.Context())
	close(ready)
	for _, events := range []func(func(ami.Message, error) bool){one, other} {
		next := 0
		for event, err := range events {
			if err != nil || event.Get("N") != strconv.Itoa(next) {
				t.Fatalf("event %d: %q, %v", next, event, err)
			}
			if next++; next == n {
				break
			}
		}
	}
}

func TestEventsBeforeConnectMissesNothing(t *testing.T) {
	manager := amitest.Start(t, amitest.Script{amitest.Login(user, secret), amitest.Serve()})
	client := &ami.Client{Addr: manager.Addr}
	events := client.Events(t.Context())
	connect(t, client)
	for event, err := range events {
		if err != nil || event.Event() != "FullyBooted" {
			t.Errorf("%q, %v", event, err)
		}
		break
	}
}

// TestSlowConsumer: a consumer that stands still while more comes than its queue holds is told exactly what is missing, in
// its place; the connection goes on, and others miss nothing.
func TestSlowConsumer(t *testing.T) {
	const n, size = 500, 100
	ready := make(chan struct{})
	client := start(t, &ami.Client{QueueSize: size}, amitest.WaitFor(ready), burst(n))
	slow := client.Events(t.Context())
	close(ready)
	if _, err := client.Do(t.Context(), ami.Action{Name: "Ping"}); err != nil { // behind all of the burst
		t.Fatal(err)
	}
	next, lost := 0, 0
	for event, err := range slow {
		var gap *ami.GapError
		switch {
		case errors.As(err, &gap):
			if !errors.Is(err, ami.ErrSlowConsumer) || gap.First.Get("N") != strconv.Itoa(next) || gap.Last.Get("N") != strconv.Itoa(next+int(gap.Lost)-1) {
				t.Errorf("%v at %d", err, next)
			}
			next += int(gap.Lost)
			lost += int(gap.Lost)
		case err != nil || event.Get("N") != strconv.Itoa(next):
			t.Fatalf("event %d: %q, %v", next, event, err)
		default:
			next++
		}
		if next == n {
			break
		}
	}
	if lost != n-size {
		t.Errorf("lost %d, want %d", lost, n-size)
	}
	if client.State() != ami.Up {
		t.Errorf("%v", client.State())
	}
}

func TestActionFromInsideTheRange(t *testing.T) {
	client := start(t, &ami.Client{}, amitest.Expect("Go"), amitest.Reply("Response: Success"), amitest.Send("Event: A"))
	events := client.Events(t.Context())
	if _, err := client.Do(t.Context(), ami.Action{Name: "Go"}); err != nil {
		t.Fatal(err)
	}
	for event, err := range events {
		if err != nil || event.Event() != "A" {
			t.Fatal(event, err)
		}
		if _, err := client.Do(t.Context(), ami.Action{Name: "Ping"}); err != nil {
			t.Error(err)
		}
		break
	}
	for event, err := range events {
		if err == nil {
			t.Errorf("a second range yields %q", event)
		}
	}
}

func TestEventsEnd(t *testing.T) {
	enough := errors.New("enough")
	for name, test := range map[string]struct {
		end  func(*ami.Client, context.CancelCauseFunc)
		want error
	}{
		"by ctx":   {func(_ *ami.Client, cancel context.CancelCauseFunc) { cancel(enough) }, enough},
		"by Close": {func(c *ami.Client, _ context.CancelCauseFunc) { c.Close() }, ami.ErrClosed},
	} {
		t.Run(name, func(t *testing.T) {
			client := start(t, &ami.Client{}, inHaste(burst(10)))
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			events := client.Events(ctx)
			time.AfterFunc(time.Millisecond, func() { test.end(client, cancel) })
			var last error
			for _, err := range events {
				last = err
			}
			if !errors.Is(last, test.want) {
				t.Errorf("ended with %v", last)
			}
			last = nil
			for _, err := range client.Events(ctx) { // after the end it ends at once
				last = err
			}
			if !errors.Is(last, test.want) {
				t.Errorf("after the end: %v", last)
			}
		})
	}
}

func TestEventsThatNobodyRangesOver(t *testing.T) {
	client := start(t, &ami.Client{}, burst(10))
	ctx, cancel := context.WithCancel(t.Context())
	client.Events(ctx)
	cancel()
	if _, err := client.Do(t.Context(), ami.Action{Name: "Ping"}); err != nil {
		t.Error(err)
	}
}
