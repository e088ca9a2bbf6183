package ivr_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ivr"
)

// everything is a program that goes through all that a call can do, again and again. It notes where it is.
func everything(folder string, at *path) ivr.Handler {
	sound := func(name string) ivr.Piece { return ivr.Sound(filepath.Join(folder, name)) }
	return func(ctx context.Context, c *ivr.Call) error {
		acts := []func() error{
			func() error { return c.Answer(ctx) },
			func() error { return c.Say(ctx, sound("blip"), sound("tick"), sound("blip")) },
			func() error { return c.PlayPrompt(ctx, ivr.Prompt{Pieces: []ivr.Piece{sound("blip")}, Deaf: true}) },
			func() error {
				_, err := c.Collect(ctx, ivr.Digits{Prompt: ivr.Say(sound("tick")), Max: 1, First: 300 * time.Millisecond})
				return err
			},
			func() error {
				_, err := c.Record(ctx, ivr.Recording{Name: "all-" + c.Info().ID, Max: time.Second, Beep: true})
				return err
			},
			func() error { return c.StartMusic(ctx, "") },
			func() error { return pause(ctx, 200*time.Millisecond) },
			func() error { return c.StopMusic(ctx) },
			func() error { return c.SetVar(ctx, "X", "y") },
			func() error { _, err := c.Var(ctx, "X"); return err },
		}
		for i := 0; ; i++ {
			if err := acts[i%len(acts)](); err != nil {
				at.add("%d", i%len(acts))
				return err
			}
		}
	}
}

// TestHangup has callers hang up at any moment, over both transports: the program ends, and nothing is left of the call.
func TestHangup(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	const moments = 16
	var callers sync.WaitGroup
	for moment := range moments {
		for _, transport := range transports {
			callers.Go(func() {
				if err := r.hangupAt(t, transport, moment); err != nil {
					t.Errorf("over %s, after %d00 ms: %v", transport, 2*moment, err)
				}
			})
		}
	}
	callers.Wait()
	r.nothingLeft(t)
	application, err := r.client.Applications().Get(within(t), r.app.Name)
	if err != nil {
		t.Fatal(err)
	}
	if len(application.ChannelIDs)+len(application.BridgeIDs) > 0 {
		t.Errorf("left in the application: %v, %v", application.ChannelIDs, application.BridgeIDs)
	}
}

func (r *room) hangupAt(t *testing.T, transport string, moment int) error {
	t.Helper()
	var at path
	name := fmt.Sprintf("hangup%d%s", moment, transport)
	program := everything(r.folder, &at)
	causes := make(chan error, 1)
	result := r.program(name, func(ctx context.Context, c *ivr.Call) error {
		err := program(ctx, c)
		causes <- errors.Join(context.Cause(ctx), err)
		return err
	})
	ctx := within(t)
	phone, err := r.call(ctx, transport+"-"+name)
	if err != nil {
		return err
	}
	err = pause(ctx, time.Duration(moment)*200*time.Millisecond)
	phone.HangUp(ctx) //nolint:errcheck // it is over then
	if cause := <-causes; !errors.Is(cause, ivr.ErrHangup) {
		err = errors.Join(err, fmt.Errorf("ended at %v: %w", at.String(), cause))
	}
	return errors.Join(err, <-result)
}
