package ari_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/ari/aritest"
)

// What becomes of digits that were pressed before anybody asked, of too few and of too many.
func TestDigits(t *testing.T) {
	const soon, never = time.Millisecond, time.Hour
	for name, test := range map[string]struct {
		pressed string
		want    ari.Digits
		got     string
	}{
		"typed ahead":           {"1234", ari.Digits{Max: 4, First: never, Inter: never}, "1234"},
		"more than wanted":      {"12345", ari.Digits{Max: 3, First: never, Inter: never}, "123"},
		"an end":                {"12#34", ari.Digits{Max: 9, End: "#*", First: never, Inter: never}, "12"},
		"only an end":           {"#", ari.Digits{End: "#", First: never, Inter: never}, ""},
		"too few":               {"12", ari.Digits{Max: 3, First: never, Inter: soon}, "12"},
		"none":                  {"", ari.Digits{Max: 3, First: soon, Inter: never}, ""},
		"forgotten":             {"12", ari.Digits{Max: 3, First: soon, Inter: soon, Fresh: true}, ""},
		"no bound but the time": {"12", ari.Digits{First: never, Inter: soon}, "12"},
	} {
		t.Run(name, func(t *testing.T) {
			ch := pressed(t, test.pressed)
			got, err := ch.Collect(within(t), test.want)
			if err != nil || got != test.got {
				t.Errorf("got %q, %v, want %q", got, err, test.got)
			}
		})
	}
	ch := pressed(t, "1")
	ctx, cancel := context.WithCancel(within(t))
	cancel()
	if got, err := ch.Collect(ctx, ari.Digits{Max: 2, First: never, Inter: never}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %q, %v", got, err)
	}
	for _, endless := range []ari.Digits{{Max: -1}, {Inter: -1}} {
		if _, err := ch.Collect(within(t), endless); err == nil {
			t.Errorf("%+v is taken", endless)
		}
	}
}

// pressed is a channel on which these digits were pressed.
func pressed(t *testing.T, digits string) *ari.Channel {
	t.Helper()
	events := []string{`{"type":"StasisStart","args":[],"channel":{"id":"c"}}`}
	for _, d := range digits {
		events = append(events, fmt.Sprintf(`{"type":"ChannelDtmfReceived","digit":%q,"channel":{"id":"c"}}`, string(d)))
	}
	app := &ari.App{}
	seen := app.Events(within(t))
	app = fake(t, app, aritest.Send(append(events, `{"type":"Last"}`)...))
	waitFor(t, seen, func(e ari.Event) bool { return e.Type == "Last" })
	return app.Channel("c")
}

// More digits than anybody will ever ask for are no memory leak: the last ones are kept.
func TestDigitsAreBounded(t *testing.T) {
	digits := strings.Repeat("0123456789", 30)
	got, err := pressed(t, digits).Collect(within(t), ari.Digits{Max: 1000, First: time.Millisecond, Inter: time.Millisecond})
	if err != nil || got != digits[len(digits)-128:] {
		t.Errorf("got %d digits, %v", len(got), err)
	}
}
