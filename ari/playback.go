package ari

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// PlaybackError says that something could not be played: Asterisk has no such sound, or the channel was gone.
type PlaybackError struct {
	// Media is what should have been played.
	Media string
	// State is what has become of it; failed, usually.
	State PlaybackState
}

func (e *PlaybackError) Error() string {
	return fmt.Sprintf("ari: playing %q: %s: is there such a sound, in a format and language of the channel?", e.Media, e.State)
}

// Playback is a handle of something that is being played.
type Playback struct {
	app   *App
	id    string
	media string
	queue *queue
	stop  func()
}

// ID is Asterisk's id of the playback.
func (p *Playback) ID() string { return p.id }

// Play plays to the channel, one after the other, and waits until that is over: sounds ("sound:welcome"), recordings
// ("recording:name"), numbers ("number:42"), digits, characters and tones ("tone:busy").
//
// Each is a playback of its own, and all are queued at once. Asterisk tells nothing of a missing file in the middle of a
// list, whose end it calls done; so here it is a [*PlaybackError], and what is behind it is not played.
func (ch *Channel) Play(ctx context.Context, media ...string) error {
	return ch.PlayWith(ctx, ChannelPlayParams{Media: media})
}

// PlayWith is Play with more parameters. PlaybackID is not used.
func (ch *Channel) PlayWith(ctx context.Context, p ChannelPlayParams) error {
	ctx, cancel := ch.within(ctx)
	defer cancel()
	defer ch.resumeMusic(ctx)
	ctx, end := ch.spanOn(ctx, "ari.play")
	err := playAll(ctx, p.Media, func(media string) (*Playback, error) {
		one := p
		one.Media = []string{media}
		return ch.StartPlay(ctx, one)
	})
	end(err)
	return err
}

// playAll queues everything and waits until it is over. What is left when that fails is stopped.
func playAll(ctx context.Context, media []string, start func(string) (*Playback, error)) error {
	var queued []*Playback
	defer func() {
		for _, p := range queued {
			p.stop()
		}
	}()
	var err error
	for _, m := range media {
		var p *Playback
		if p, err = start(m); err != nil {
			break
		}
		queued = append(queued, p)
	}
	over := 0
	for ; err == nil && over < len(queued); over++ {
		err = queued[over].wait(ctx)
	}
	if err != nil {
		left := max(0, over-1)
		if failed := (*PlaybackError)(nil); errors.As(err, &failed) { // Asterisk says itself that it is over
			left = over
		}
		cleanup(ctx, func(ctx context.Context) {
			for i := len(queued) - 1; i >= left; i-- { // the last first, so that none of them begins
				queued[i].Stop(ctx) //nolint:errcheck // the error of the play counts
			}
		})
	}
	return err
}

// StartPlay begins to play and does not wait, neither for the beginning: what the channel plays already comes first. The
// handle must be waited for, or closed with Close.
func (ch *Channel) StartPlay(ctx context.Context, p ChannelPlayParams) (*Playback, error) {
	id := orDefault(p.PlaybackID, newID())
	return ch.app.play(ctx, id, p.Media, func(ctx context.Context) error {
		_, err := ch.app.Client.Channels().PlayWithID(ctx, ch.id, id, ChannelPlayWithIDParams{
			Media: p.Media, Lang: p.Lang, Offset: p.Offset, Skip: p.Skip,
		})
		return err
	})
}

// play makes a handle that misses nothing of what will be played.
func (a *App) play(ctx context.Context, id string, media []string, request func(context.Context) error) (*Playback, error) {
	p := &Playback{app: a, id: id, media: strings.Join(media, ",")}
	p.queue, p.stop = a.router.watch(subject{aboutPlayback, id})
	err := creation(ctx, request, func(ctx context.Context) { p.Stop(ctx) }) //nolint:errcheck // the error of the request counts
	if err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

// Wait waits until it has been played. If ctx ends before, it is stopped. A playback that Stop has ended is no error.
func (p *Playback) Wait(ctx context.Context) error {
	defer p.stop()
	err := p.wait(ctx)
	if ctx.Err() != nil {
		cleanup(ctx, func(ctx context.Context) { p.Stop(ctx) }) //nolint:errcheck // the error of the wait counts
	}
	return err
}

func (p *Playback) wait(ctx context.Context) error {
	for {
		e, err := p.queue.next(ctx)
		switch {
		case err != nil:
			return err
		case e.Mark == ResyncEnd:
			if _, err := p.app.Client.Playbacks().Get(ctx, p.id); IsNotFound(err) {
				return ErrOutcomeUnknown
			}
		case e.Type == "PlaybackFinished":
			return p.finished(e)
		}
	}
}

// finished says what a PlaybackFinished means.
func (p *Playback) finished(e Event) error {
	decoded, err := e.Decode()
	if err != nil {
		return err
	}
	state := decoded.(*PlaybackFinished).Playback.State
	if state == PlaybackStateFailed {
		return &PlaybackError{Media: decoded.(*PlaybackFinished).Playback.MediaURI, State: state}
	}
	return nil
}

// Close frees the handle of a playback that is not waited for. What is played goes on.
func (p *Playback) Close() { p.stop() }

// Stop ends it. One that is over already is no error.
func (p *Playback) Stop(ctx context.Context) error {
	err := p.app.Client.Playbacks().Stop(ctx, p.id)
	if IsNotFound(err) {
		return nil
	}
	return err
}

// Control pauses it, goes on, restarts it or skips. Before it has begun Asterisk refuses with 409.
func (p *Playback) Control(ctx context.Context, operation PlaybackControl) error {
	return p.app.Client.Playbacks().Control(ctx, p.id, operation)
}

// IsHangup reports whether something ended because the channel was gone: with [ErrHangup], or because Asterisk does not know
// the channel any more.
func IsHangup(err error) bool { return errors.Is(err, ErrHangup) || IsNotFound(err) }
