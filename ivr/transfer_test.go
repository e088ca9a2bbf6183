package ivr_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/internal/sipphone"
	"github.com/asterism-go/asterism/ivr"
	"github.com/asterism-go/asterism/ivr/menu"
)

// exchange are menus that transfer callers, with the sounds of a room at SOUNDS.
const exchange = `start: main
nodes:
  main: {menu: {prompt: "SOUNDS/long", options: {1: agent, 2: elsewhere}}}
  agent: {transfer: {context: default, extension: agent, failed: bye}}
  elsewhere: {transfer: {to: "PJSIP/sip:agent@127.0.0.1", failed: bye}}
  bye: {hangup: {prompt: "SOUNDS/bye"}}
`

// The tones of the one who calls and of the agent, which are no sound of the room.
const (
	callerTone = 2000
	agentTone  = 2500
)

// exchangeRoom is a room with an agent, who answers whoever calls.
type exchangeRoom struct {
	*room
	calls chan *sipphone.Call // to the agent
}

func newExchange(t *testing.T) exchangeRoom {
	t.Helper()
	x := exchangeRoom{newRoom(t), make(chan *sipphone.Call, 100)}
	agent, err := sipphone.New(t.Context(), sipphone.Config{
		Server: x.SIP, User: "agent", Tone: agentTone, Tones: []float64{callerTone, agentTone},
		OnInvite: func(c *sipphone.Call) {
			if err := c.Answer(context.Background()); err == nil {
				x.calls <- c
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closePhone(t, agent) })
	if _, err := x.CLI(t.Context(), "dialplan set global AGENT "+agent.Addr().String()); err != nil {
		t.Fatal(err)
	}
	return x
}

func closePhone(t *testing.T, p *sipphone.Phone) {
	t.Helper()
	if err := p.Close(); err != nil {
		t.Logf("closing a telephone: %v", err)
	}
}

// caller is a telephone that does with a REFER what refer says.
func (x exchangeRoom) caller(t *testing.T, refer func(*sipphone.Call, string) error) *sipphone.Phone {
	t.Helper()
	phone, err := sipphone.New(t.Context(), sipphone.Config{
		Server: x.SIP, User: "caller2", Tone: callerTone, Tones: append(tones(), callerTone, agentTone), OnRefer: refer,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closePhone(t, phone) })
	return phone
}

// choice is that of a caller over a transport.
type choice struct {
	phone            *sipphone.Phone
	transport, digit string
}

// choose calls the menus, presses a digit and returns the call.
func (x exchangeRoom) choose(ctx context.Context, t *testing.T, c choice) (*sipphone.Call, <-chan menu.Path) {
	t.Helper()
	set, err := menu.Parse("exchange.yaml", []byte(strings.ReplaceAll(exchange, "SOUNDS", x.folder)))
	if err != nil {
		t.Fatal(err)
	}
	paths := make(chan menu.Path, 1)
	engine, err := menu.New(set, menu.Config{Paths: func(p menu.Path) { paths <- p }})
	if err != nil {
		t.Fatal(err)
	}
	x.program("exchange"+c.digit, engine.Serve)
	call, err := c.phone.Dial(ctx, c.transport+"-exchange"+c.digit)
	if err == nil {
		err = call.WaitAnswered(ctx)
	}
	if err == nil {
		err = call.WaitHears(ctx, sounds["long"].tone)
	}
	if err == nil {
		err = (&telephone{Call: call}).Press(ctx, c.digit)
	}
	if err != nil {
		t.Fatal(err)
	}
	return call, paths
}

// talk has a call of the caller and one of the agent hear each other.
func (x exchangeRoom) talk(ctx context.Context, t *testing.T, call *sipphone.Call) {
	t.Helper()
	select {
	case agent := <-x.calls:
		if err := errors.Join(call.WaitHears(ctx, agentTone), agent.WaitHears(ctx, callerTone), call.Hangup(ctx)); err != nil {
			t.Error(err)
		}
	case <-ctx.Done():
		t.Fatalf("nobody calls the agent; the caller heard %v", call.Heard())
	}
}

func wentOn(ctx context.Context, t *testing.T, paths <-chan menu.Path, want string) {
	t.Helper()
	select {
	case p := <-paths:
		if got := strings.Join(p.Nodes(), " "); got != want {
			t.Errorf("path %q, want %q", got, want)
		}
	case <-ctx.Done():
		t.Fatal("the menus go on")
	}
}

// TestTransfer has menus send callers on over both transports, with telephones: into the dialplan, which calls an agent, and by the
// caller's own telephone, which calls the agent itself or declines.
func TestTransfer(t *testing.T) {
	t.Parallel()
	x := newExchange(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	moved := make(chan *sipphone.Call, 1)
	var phone *sipphone.Phone
	phone = x.caller(t, func(_ *sipphone.Call, number string) error {
		next, err := phone.Dial(ctx, number)
		if err == nil {
			err = next.WaitAnswered(ctx)
		}
		if err == nil {
			moved <- next
		}
		return err
	})
	stubborn := x.caller(t, nil)
	for _, transport := range transports {
		call, paths := x.choose(ctx, t, choice{phone, transport, "1"})
		x.talk(ctx, t, call)
		wentOn(ctx, t, paths, "main:option 1 agent:sent on")

		_, paths = x.choose(ctx, t, choice{phone, transport, "2"})
		select {
		case next := <-moved:
			x.talk(ctx, t, next)
		case <-ctx.Done():
			t.Fatalf("%s: the telephone does not call the agent", transport)
		}
		wentOn(ctx, t, paths, "main:option 2 elsewhere:sent on")

		call, paths = x.choose(ctx, t, choice{stubborn, transport, "2"})
		if err := call.WaitHears(ctx, sounds["bye"].tone); err != nil {
			t.Errorf("%s: declined: %v", transport, err)
		}
		wentOn(ctx, t, paths, "main:option 2 elsewhere:failed bye:hangup")
	}
	x.nothingLeft(t)
}

// TestTransferUnanswered sends a caller on before the call is answered: his telephone is told where to call (302).
func TestTransferUnanswered(t *testing.T) {
	t.Parallel()
	x := newExchange(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	phone := x.caller(t, nil)
	for _, transport := range transports {
		transferred := make(chan error, 1)
		x.program("moved", func(ctx context.Context, c *ivr.Call) error {
			transferred <- c.Transfer(ctx, "PJSIP/sip:agent@127.0.0.1")
			return nil
		})
		call, err := phone.Dial(ctx, transport+"-moved")
		if err != nil {
			t.Fatal(err)
		}
		var status *sipphone.StatusError
		if err := call.WaitAnswered(ctx); !errors.As(err, &status) || status.Code != 302 {
			t.Errorf("%s: %v, want 302", transport, err)
		}
		select {
		case err := <-transferred:
			if err != nil {
				t.Errorf("%s: %v", transport, err)
			}
		case <-ctx.Done():
			t.Fatalf("%s: the transfer goes on", transport)
		}
	}
	x.nothingLeft(t)
}
