package action_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ami/action"
	"github.com/asterism-go/asterism/ami/amitest"
)

// counting answers every action and hands it over: what a Manager would carry out.
func counting(actions chan<- ami.Message) amitest.Step {
	return func(c *amitest.Conn) error {
		for {
			m, err := c.Next()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			actions <- m
			if err := c.Reply("Response: Success"); err != nil {
				return err
			}
		}
	}
}

// No input of an action makes a second action, or a header that the action does not have: it is sent as it is, or refused.
func FuzzAction(f *testing.F) {
	f.Add("PJSIP/100", "A", "1,B=2", "X-Extra", "x")
	f.Add("a\r\n\r\nAction: Logoff", "A", "1", "K", "v")
	f.Add("a", "A\r\nX: y", "1\n", "K: v\r\nAction", "v\x00")
	f.Add("a", "F(x,y)", `"\`, "Action", "ActionID")
	f.Add(strings.Repeat("a", 1100), "A", "", "", "")
	actions := make(chan ami.Message, 8)
	manager := amitest.NewManager(amitest.Script{amitest.Login("fuzz", "secret"), counting(actions)})
	f.Cleanup(func() { manager.Close() })
	client := &ami.Client{Addr: manager.Addr, Username: "fuzz", Secret: "secret", Keepalive: -1}
	if err := client.Connect(f.Context()); err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { client.Close() })
	f.Fuzz(func(t *testing.T, channel, name, value, key, extra string) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		a := action.Originate{
			Channel: channel, Data: value, Variable: []action.Variable{{Name: name, Value: value}}, Async: true,
			Extra: []ami.Header{{Key: key, Value: extra}},
		}
		sent := 1
		if _, err := action.Do(ctx, client, a); err != nil {
			var invalid *ami.InvalidActionError
			if !errors.As(err, &invalid) {
				t.Fatal(err)
			}
			sent = 0
		}
		if _, err := action.Do(ctx, client, action.CoreStatus{}); err != nil {
			t.Fatal(err)
		}
		got := received(ctx, actions)
		if len(got) != sent {
			t.Fatalf("%d actions became %d: %q", sent, len(got), got)
		}
		if sent == 1 && (got[0].Get("Action") != "Originate" || got[0].Len() != len(a.Action().Headers)+2) {
			t.Fatalf("it became %q", got[0])
		}
	})
}

// received returns the actions that came before the CoreStatus that is the last, without the Pings of the client itself.
func received(ctx context.Context, actions <-chan ami.Message) []ami.Message {
	var got []ami.Message
	for {
		select {
		case m := <-actions:
			switch m.Get("Action") {
			case "CoreStatus":
				return got
			case "Ping":
			default:
				got = append(got, m)
			}
		case <-ctx.Done():
			return append(got, ami.Message{})
		}
	}
}
