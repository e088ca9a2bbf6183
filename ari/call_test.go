package ari_test

import (
	"context"
	"errors"
	"testing"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// What can be done with a call, one after the other, against a real Asterisk.
func TestCall(t *testing.T) {
	t.Parallel()
	_, client := asterisk(t, asterisktest.Config{})
	app := application(t, &ari.App{Client: client})
	for name, test := range map[string]func(*testing.T, *ari.App, *ari.Channel){
		"play": func(t *testing.T, _ *ari.App, ch *ari.Channel) {
			must(t, ch.Play(within(t), "sound:digits/1", "digits:2", "characters:a"))
		},
		"a missing sound is an error": func(t *testing.T, _ *ari.App, ch *ari.Channel) {
			var failed *ari.PlaybackError
			if err := ch.Play(within(t), "sound:no-such"); !errors.As(err, &failed) {
				t.Fatalf("got %v", err)
			}
		},
		"a missing sound in the middle is an error": func(t *testing.T, _ *ari.App, ch *ari.Channel) {
			var failed *ari.PlaybackError
			err := ch.Play(within(t), "sound:digits/1", "sound:no-such", "sound:digits/2")
			if !errors.As(err, &failed) || failed.Media != "sound:no-such" {
				t.Fatalf("got %v", err)
			}
		},
		"variables": func(t *testing.T, app *ari.App, ch *ari.Channel) {
			const value = "a+b & c=d%20/ü?\n,;"
			events := app.Events(within(t))
			must(t, ch.SetVar(within(t), "X", value))
			waitFor(t, events, func(e ari.Event) bool { return e.Type == "ChannelVarset" && e.Channel == ch.ID() })
			if got, err := ch.Var(within(t), "X"); err != nil || got != value {
				t.Fatalf("got %q, %v", got, err)
			}
			if got, err := ch.Var(within(t), "MATH(1+2,int)"); err != nil || got != "3" {
				t.Fatalf("got %q, %v", got, err)
			}
		},
		"hold, mute, ring, music": func(t *testing.T, _ *ari.App, ch *ari.Channel) {
			ctx := within(t)
			must(t, ch.Hold(ctx))
			must(t, ch.Unhold(ctx))
			must(t, ch.Mute(ctx, ari.DirectionIn))
			must(t, ch.Unmute(ctx, ari.DirectionIn))
			must(t, ch.StartMusic(ctx, ""))
			must(t, ch.StopMusic(ctx))
		},
		"record": func(t *testing.T, _ *ari.App, ch *ari.Channel) {
			rec, err := ch.Record(within(t), ari.ChannelRecordParams{Name: "folder/of a name", Format: "wav", MaxDuration: 1e9})
			must(t, err)
			live, err := rec.Wait(within(t))
			must(t, err)
			if live.State != ari.RecordingStateDone {
				t.Errorf("state %q", live.State)
			}
		},
		"a recording that is thrown away": func(t *testing.T, app *ari.App, ch *ari.Channel) {
			rec, err := ch.Record(within(t), ari.ChannelRecordParams{})
			must(t, err)
			must(t, rec.Discard(within(t)))
			if live, err := rec.Wait(within(t)); err != nil {
				t.Errorf("got %+v, %v", live, err)
			}
			if stored, err := app.Client.Recordings().GetStored(within(t), rec.Name()); !ari.IsNotFound(err) {
				t.Errorf("it is there: %+v, %v", stored, err)
			}
		},
		"snoop": func(t *testing.T, _ *ari.App, ch *ari.Channel) {
			spy, err := ch.Snoop(within(t), ari.SnoopChannelParams{Spy: ari.SnoopDirectionBoth})
			must(t, err)
			must(t, ch.Hangup(within(t)))
			await(t, spy.Done())
		},
		"hang up": func(t *testing.T, _ *ari.App, ch *ari.Channel) {
			must(t, ch.HangupFor(within(t), ari.HangupReasonBusy))
			await(t, ch.Done())
			if !errors.Is(ch.Err(), ari.ErrHangup) {
				t.Errorf("got %v", ch.Err())
			}
			must(t, ch.Hangup(within(t)))
		},
		"a hangup ends a play": func(t *testing.T, _ *ari.App, ch *ari.Channel) {
			began, err := ch.StartPlay(within(t), ari.ChannelPlayParams{Media: []string{"tone:1004"}})
			must(t, err)
			must(t, ch.Hangup(within(t)))
			if err := began.Wait(within(t)); err == nil {
				t.Error("no error")
			}
			await(t, ch.Done())
			if err := ch.Play(within(t), "sound:beep"); !ari.IsHangup(err) {
				t.Errorf("got %v", err)
			}
		},
		"the end of the context ends a play on Asterisk": func(t *testing.T, app *ari.App, ch *ari.Channel) {
			ctx, cancel := context.WithCancel(within(t))
			events := app.Events(within(t))
			go func() {
				defer cancel()
				for e, err := range events {
					if err != nil || e.Type == "PlaybackStarted" {
						return
					}
				}
			}()
			if err := ch.Play(ctx, "tone:1004", "tone:1004"); !errors.Is(err, context.Canceled) {
				t.Fatalf("got %v", err)
			}
			must(t, ch.Play(within(t), "sound:beep")) // nothing is before it
		},
	} {
		t.Run(name, func(t *testing.T) {
			ch := call(t, app, "quiet")
			test(t, app, ch)
			must(t, ch.Hangup(within(t)))
		})
	}
}

// Digits come from the other end of the Local channel, which is in the application too.
func TestCollect(t *testing.T) {
	t.Parallel()
	_, client := asterisk(t, asterisktest.Config{})
	app := application(t, &ari.App{Client: client})
	for name, test := range map[string]struct {
		digits string
		want   ari.Digits
		got    string
	}{
		"up to the end":    {"1234#", ari.Digits{End: "#", Max: 10, First: 20e9, Inter: 20e9}, "1234"},
		"up to the number": {"12", ari.Digits{Max: 2, First: 20e9, Inter: 20e9}, "12"},
		"a timeout":        {"7", ari.Digits{Max: 2, First: 20e9, Inter: 3e9}, "7"},
		"barge in":         {"*9", ari.Digits{Prompt: []string{"tone:1004"}, Max: 2, First: 20e9, Inter: 20e9}, "*9"},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := pair(t, app)
			must(t, b.SendDTMF(within(t), test.digits))
			got, err := a.Collect(within(t), test.want)
			must(t, err)
			if got != test.got {
				t.Errorf("got %q, want %q", got, test.got)
			}
		})
	}
}

// pair makes two channels in the application that are the ends of one Local channel.
func pair(t *testing.T, app *ari.App) (a, b *ari.Channel) {
	t.Helper()
	ctx := within(t)
	events := app.Events(ctx)
	a, err := app.Originate(ctx, ari.ChannelOriginateParams{Endpoint: "Local/app@default/n"})
	must(t, err)
	must(t, a.Wait(ctx))
	for e, err := range events {
		must(t, err)
		if e.Type == "StasisStart" && e.Channel != a.ID() {
			b = app.Channel(e.Channel)
			break
		}
	}
	t.Cleanup(func() {
		must(t, a.Hangup(context.WithoutCancel(ctx)))
		await(t, b.Done())
	})
	if args := b.Args(); len(args) != 2 || args[0] != "one" || args[1] != "two" {
		t.Errorf("args %q", args)
	}
	return a, b
}

func TestBridge(t *testing.T) {
	t.Parallel()
	_, client := asterisk(t, asterisktest.Config{})
	app := application(t, &ari.App{Client: client})
	ctx := within(t)
	a, b := call(t, app, "quiet"), call(t, app, "quiet")
	var left *ari.Channel
	connected := make(chan error, 1)
	entered := app.Events(ctx)
	go func() {
		var err error
		left, err = a.Connect(ctx, b)
		connected <- err
	}()
	n := 0
	for e, err := range entered {
		must(t, err)
		if e.Type == "ChannelEnteredBridge" {
			n++
		}
		if n == 2 {
			break
		}
	}
	if _, err := a.Record(ctx, ari.ChannelRecordParams{}); !errors.Is(err, ari.ErrInBridge) {
		t.Errorf("recording a channel in a bridge: %v", err)
	}
	must(t, b.Hangup(ctx))
	must(t, await(t, connected))
	if left != a {
		t.Errorf("left is %v", left)
	}
	eventually(ctx, t, "the bridge is gone", func() bool { return len(get[[]ari.BridgeSnapshot](t)(client.Bridges().List(ctx))) == 0 })
	bridge, err := app.CreateBridge(ctx, ari.BridgeCreateParams{Type: "dtmf_events", Name: "x"})
	must(t, err)
	must(t, bridge.Add(ctx, a))
	rec, err := bridge.Record(ctx, ari.BridgeRecordParams{})
	must(t, err)
	must(t, bridge.Play(ctx, "sound:beep"))
	must(t, rec.Stop(ctx))
	if _, err := rec.Wait(ctx); err != nil {
		t.Error(err)
	}
	must(t, bridge.Remove(ctx, a))
	must(t, a.Hangup(ctx))
	await(t, a.Done())
	if err := bridge.Add(ctx, a); !errors.Is(err, ari.ErrHangup) {
		t.Errorf("adding a channel that is gone: %v", err)
	}
	must(t, bridge.Destroy(ctx))
	must(t, bridge.Destroy(ctx))
}

func TestDial(t *testing.T) {
	t.Parallel()
	_, client := asterisk(t, asterisktest.Config{})
	app := application(t, &ari.App{Client: client})
	ctx := within(t)
	ch, err := app.Create(ctx, ari.ChannelCreateParams{Endpoint: "Local/quiet@default/n"})
	must(t, err)
	must(t, ch.Dial(ctx, ari.ChannelDialParams{Timeout: 20e9}))
	must(t, ch.Hangup(ctx))

	ch, err = app.Create(ctx, ari.ChannelCreateParams{Endpoint: "Local/busy@default/n"})
	must(t, err)
	var failed *ari.DialError
	if err := ch.Dial(ctx, ari.ChannelDialParams{Timeout: 20e9}); !errors.As(err, &failed) || failed.Status != "BUSY" {
		t.Errorf("busy: %v", err)
	}
	must(t, ch.Hangup(ctx))

	ch, err = app.Originate(ctx, ari.ChannelOriginateParams{Endpoint: "Local/busy@default/n"})
	must(t, err)
	if err := ch.Wait(ctx); !errors.As(err, &failed) {
		t.Errorf("busy: %v", err)
	}

	ch, err = app.Create(ctx, ari.ChannelCreateParams{Endpoint: "Local/ring@default/n"})
	must(t, err)
	ringing, cancel := context.WithCancel(ctx)
	events := app.Events(ctx)
	go func() {
		defer cancel()
		for e, err := range events {
			if err != nil || e.Type == "Dial" {
				return
			}
		}
	}()
	if err := ch.Dial(ringing, ari.ChannelDialParams{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	await(t, ch.Done())
}
