package ari

import (
	"context"
	"errors"
	"fmt"
)

// DialError says that a call was not answered.
type DialError struct {
	// Status is Asterisk's word for it (dialstatus of the event Dial), such as BUSY, NOANSWER, CONGESTION or CHANUNAVAIL; empty
	// if the channel was gone without one. It says more than the cause of the hangup: that of a busy phone is "no answer" if
	// the time of the dial is over first.
	Status string
	// Cause is that of the hangup as in Q.850, 0 if it is not known.
	Cause int
}

func (e *DialError) Error() string {
	return fmt.Sprintf("ari: not answered: %s (hangup cause %d)", orDefault(e.Status, "no status"), e.Cause)
}

// Is makes every DialError an [ErrHangup].
func (e *DialError) Is(target error) bool { return target == ErrHangup }

// Originate makes a channel of the application and has it dialled; see [Channels.Originate]. If App and Extension are empty it
// comes into this application when it is answered, and if ChannelID is, it gets an id of our own: so nothing that happens to it
// can be missed. It returns when Asterisk has begun to dial; [Channel.Wait] waits for the answer.
//
// If ctx ends before, or it is not known whether Asterisk has made the channel, it is hung up.
func (a *App) Originate(ctx context.Context, p ChannelOriginateParams) (*Channel, error) {
	p.ChannelID = orDefault(p.ChannelID, newID())
	if p.App == "" && p.Extension == "" {
		p.App = a.Name
	}
	return a.make(ctx, p.ChannelID, func(ctx context.Context) error {
		_, err := a.Client.Channels().Originate(ctx, p)
		return err
	})
}

// Create makes a channel that is in the application at once, but not dialled: see [Channels.Create] and [Channel.Dial].
func (a *App) Create(ctx context.Context, p ChannelCreateParams) (*Channel, error) {
	p.ChannelID, p.App = orDefault(p.ChannelID, newID()), orDefault(p.App, a.Name)
	return a.makeHere(ctx, p.ChannelID, func(ctx context.Context) error {
		_, err := a.Client.Channels().Create(ctx, p)
		return err
	})
}

// makeHere is make for a channel that comes into the application by itself. It waits for that.
func (a *App) makeHere(ctx context.Context, id string, request func(context.Context) error) (*Channel, error) {
	ch, err := a.make(ctx, id, request)
	if err != nil {
		return nil, err
	}
	if err := ch.waitBegan(ctx); err != nil {
		ch.abandon(ctx)
		return nil, err
	}
	return ch, nil
}

// make makes a channel of which the App knows before Asterisk does.
func (a *App) make(ctx context.Context, id string, request func(context.Context) error) (*Channel, error) {
	ch := newChannel(a, id)
	ch.pending = true
	a.calls.expect(ch)
	if err := creation(ctx, request, func(ctx context.Context) { ch.abandon(ctx) }); err != nil {
		a.calls.drop(ch, err)
		return nil, err
	}
	ch.mu.Lock()
	defer ch.mu.Unlock()
	ch.pending = false
	return ch, nil
}

// abandon hangs up a channel that nobody will ever know of.
func (ch *Channel) abandon(ctx context.Context) {
	cleanup(ctx, func(ctx context.Context) {
		if err := ch.Hangup(ctx); err != nil {
			ch.app.log().Warn("ari: a channel may be left behind", "app", ch.app.Name, "channel", ch.id, "error", err)
		}
	})
}

// Wait waits until the channel is in the application: after [App.Originate], until it is answered. If it is not, the error
// is a [*DialError]; if ctx ends before, the channel stays. Asterisk begins to send the events of a channel a moment after it
// has begun to dial it, so the Status of one that is busy at once may be missing: [App.Create] and [Channel.Dial] always know.
func (ch *Channel) Wait(ctx context.Context) error {
	ctx, end := ch.spanOn(ctx, "ari.wait")
	err := ch.waitBegan(ctx)
	if errors.Is(err, ErrHangup) {
		err = ch.dialError()
	}
	end(err)
	return err
}

func (ch *Channel) dialError() error {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	return &DialError{Status: ch.dialed, Cause: ch.cause}
}

// Dial dials a channel of [App.Create] and waits for the answer. If there is none, the error is a [*DialError]. If ctx ends
// before, the channel is hung up.
func (ch *Channel) Dial(ctx context.Context, p ChannelDialParams) error {
	ctx, end := ch.spanOn(ctx, "ari.dial")
	err := ch.dial(ctx, p)
	end(err)
	return err
}

func (ch *Channel) dial(ctx context.Context, p ChannelDialParams) error {
	events, stop := ch.app.router.watch(subject{aboutChannel, ch.id})
	defer stop()
	if err := ch.app.Client.Channels().Dial(ctx, ch.id, p); err != nil {
		if mayExist(err) {
			ch.abandon(ctx)
		}
		return err
	}
	for {
		e, err := events.next(ctx)
		switch {
		case ctx.Err() != nil: // also if an event has come at the same moment
			ch.abandon(ctx)
			return context.Cause(ctx)
		case err != nil:
			return err
		case e.Mark == ResyncEnd && ch.Err() == nil:
			if now, err := ch.Snapshot(ctx); err == nil && now.State == ChannelStateUp {
				return nil
			}
		case e.Type == "Dial", e.Type == "StasisEnd", e.Type == "ChannelDestroyed":
			if over, err := ch.dialled(); over {
				return err
			}
		}
	}
}

// dialled reports whether a dial is over, and how it ended.
func (ch *Channel) dialled() (over bool, err error) {
	ch.mu.Lock()
	status, why := ch.dialed, ch.why
	ch.mu.Unlock()
	switch status {
	case "ANSWER":
		return true, nil
	case "", "RINGING", "PROGRESS", "PROCEEDING":
		if why == nil {
			return false, nil
		}
	}
	return true, ch.dialError()
}

// Snoop makes a channel that hears another one (spy), or is heard by it (whisper), and waits until it is in the application.
// Asterisk refuses with 400 if neither is given. It is hung up like any other; when the channel that it is for ends, so does it.
func (ch *Channel) Snoop(ctx context.Context, p SnoopChannelParams) (*Channel, error) {
	id := orDefault(p.SnoopID, newID())
	return ch.app.makeHere(ctx, id, func(ctx context.Context) error {
		_, err := ch.app.Client.Channels().SnoopChannelWithID(ctx, ch.id, id, SnoopChannelWithIDParams{
			Spy: p.Spy, Whisper: p.Whisper, App: orDefault(p.App, ch.app.Name), AppArgs: p.AppArgs,
		})
		return err
	})
}
