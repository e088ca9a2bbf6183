package ari

import (
	"errors"
	"testing"
)

// Without a tracer spans cost no allocation, and an event costs at most one on its way to its channel.
func TestTraceOffCostsNothing(t *testing.T) {
	c := &Client{}
	ch := &Channel{app: &App{Client: c}, id: "1"}
	ctx, failed := t.Context(), errors.New("x")
	if n := testing.AllocsPerRun(100, func() {
		_, end := c.spanRequest(ctx, &operations[opChannelsAnswer])
		end(failed)
		_, end = ch.spanOn(ctx, "ari.play")
		end(nil)
	}); n != 0 {
		t.Errorf("%v allocations for spans that nobody wants", n)
	}
	text := `{"type":"ChannelDtmfReceived","application":"test","timestamp":"2026-11-25T12:00:00.000+0000","digit":"5","channel":{"id":"1"}}`
	a := &App{Client: c, Name: "test"}
	a.setup()
	q := a.router.join()
	a.receive(nil, mustParse(t, text)) // the first makes the counters
	q.take()                           //nolint:errcheck // it is there
	if n := testing.AllocsPerRun(100, func() {
		e, err := parseEvent(text)
		if err != nil {
			t.Fatal(err)
		}
		a.receive(nil, e)
		q.take() //nolint:errcheck // it is there
	}); n > 1 {
		t.Errorf("%v allocations for an event", n)
	}
}

func mustParse(t *testing.T, text string) Event {
	t.Helper()
	e, err := parseEvent(text)
	if err != nil {
		t.Fatal(err)
	}
	return e
}
