package ari

import (
	"context"
	"errors"
	"net/http"
	"strings"
)

// Bridge is a handle of a bridge: of channels that hear each other (mixing), or that wait (holding).
type Bridge struct {
	app *App
	id  string
}

// Bridge returns the handle of a bridge.
func (a *App) Bridge(id string) *Bridge { return &Bridge{a, id} }

// CreateBridge makes a bridge; see [Bridges.Create]. If BridgeID is empty it gets an id of our own. Type is a list of words
// with commas: mixing, holding, dtmf_events, proxy_media, video_sfu; empty is mixing. Asterisk refuses dtmf_events by itself,
// so mixing comes with it. If it is not known whether Asterisk has made the bridge, it is destroyed.
func (a *App) CreateBridge(ctx context.Context, p BridgeCreateParams) (*Bridge, error) {
	if p.BridgeID == "" {
		p.BridgeID = newID()
	}
	if p.Type == "dtmf_events" || p.Type == "proxy_media" {
		p.Type = "mixing," + p.Type
	}
	b := a.Bridge(p.BridgeID)
	err := creation(ctx, func(ctx context.Context) error {
		_, err := a.Client.Bridges().CreateWithID(ctx, p.BridgeID, BridgeCreateWithIDParams{Type: p.Type, Name: p.Name, Variables: p.Variables})
		return err
	}, func(ctx context.Context) { b.Destroy(ctx) }) //nolint:errcheck // the error of the request counts
	if err != nil {
		return nil, err
	}
	return b, nil
}

// ID is Asterisk's id of the bridge.
func (b *Bridge) ID() string { return b.id }

// Snapshot asks Asterisk for the bridge.
func (b *Bridge) Snapshot(ctx context.Context) (*BridgeSnapshot, error) {
	return b.app.Client.Bridges().Get(ctx, b.id)
}

// Add puts channels into the bridge, and takes them out of the one that they are in. It waits until they are in. One that has
// left the application is [ErrHangup]; Asterisk has different words for that, depending on the moment.
func (b *Bridge) Add(ctx context.Context, channels ...*Channel) error {
	return b.AddWith(ctx, BridgeAddChannelParams{}, channels...)
}

// AddWith is Add with more parameters, to which the channels are added.
func (b *Bridge) AddWith(ctx context.Context, p BridgeAddChannelParams, channels ...*Channel) error {
	for _, ch := range channels {
		p.Channel = append(p.Channel, ch.id)
	}
	events, stop := b.app.router.watch(subject{aboutBridge, b.id})
	defer stop()
	if err := b.app.Client.Bridges().AddChannel(ctx, b.id, p); err != nil {
		for _, ch := range channels {
			if ch.Err() != nil || IsNotFound(err) && strings.Contains(err.Error(), "Channel not found") {
				return errors.Join(ErrHangup, err)
			}
		}
		return err
	}
	for _, ch := range channels {
		if err := b.joined(ctx, events, ch); err != nil {
			return err
		}
	}
	return nil
}

// joined waits until a channel is in the bridge.
func (b *Bridge) joined(ctx context.Context, events *queue, ch *Channel) error {
	if b.app.calls.get(ch.id) == nil && ch.Err() == nil {
		return nil // the App does not follow it
	}
	ctx, cancel := ch.within(ctx)
	defer cancel()
	for ch.Bridge() != b.id {
		if _, err := events.next(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Remove takes channels out of the bridge. They stay in the application.
func (b *Bridge) Remove(ctx context.Context, channels ...*Channel) error {
	ids := make([]string, len(channels))
	for i, ch := range channels {
		ids[i] = ch.id
	}
	return b.app.Client.Bridges().RemoveChannel(ctx, b.id, ids)
}

// Destroy ends the bridge. The channels in it stay in the application. One that is gone already is no error.
func (b *Bridge) Destroy(ctx context.Context) error {
	err := b.app.Client.Bridges().Destroy(ctx, b.id)
	var refused *Error
	if errors.As(err, &refused) && refused.Status == http.StatusConflict {
		// it has just been destroyed and can still be seen, or is none of Stasis
		snapshot, lookErr := b.Snapshot(ctx)
		if IsNotFound(lookErr) || lookErr == nil && snapshot.BridgeClass == "stasis" {
			return nil
		}
	}
	return ignoreGone(err)
}

// StartMusic plays music on hold of a class to the whole bridge; in a holding bridge it comes back after each
// [Channel.Play].
func (b *Bridge) StartMusic(ctx context.Context, class string) error {
	return b.app.Client.Bridges().StartMoh(ctx, b.id, class)
}

// StopMusic ends StartMusic.
func (b *Bridge) StopMusic(ctx context.Context) error {
	return b.app.Client.Bridges().StopMoh(ctx, b.id)
}

// Play plays to the whole bridge, as [Channel.Play] does to a channel. In a holding bridge that fails: play to its channels.
func (b *Bridge) Play(ctx context.Context, media ...string) error {
	return playAll(ctx, media, func(m string) (*Playback, error) {
		return b.StartPlay(ctx, BridgePlayParams{Media: []string{m}})
	})
}

// StartPlay begins to play to the bridge and does not wait; see [Channel.StartPlay].
func (b *Bridge) StartPlay(ctx context.Context, p BridgePlayParams) (*Playback, error) {
	id := orDefault(p.PlaybackID, newID())
	return b.app.play(ctx, id, p.Media, func(ctx context.Context) error {
		_, err := b.app.Client.Bridges().PlayWithID(ctx, b.id, id, BridgePlayWithIDParams{
			Media: p.Media, AnnouncerFormat: p.AnnouncerFormat, Lang: p.Lang, Offset: p.Offset, Skip: p.Skip,
		})
		return err
	})
}

// Connect has two channels hear each other until one of them leaves, and waits for that; then there is no bridge any more,
// also if ctx ends before. It returns the channel that is left, which is still in the application; nil if none is.
func (ch *Channel) Connect(ctx context.Context, other *Channel) (left *Channel, err error) {
	b, err := ch.app.CreateBridge(ctx, BridgeCreateParams{Type: "mixing"})
	if err != nil {
		return nil, err
	}
	defer cleanup(ctx, func(ctx context.Context) { err = errors.Join(err, b.Destroy(ctx)) })
	ctx, end := b.spanOn(ctx, "ari.connect")
	defer func() { end(err) }()
	if err := b.untilOneLeaves(ctx, ch, other); err != nil && !errors.Is(err, ErrHangup) {
		return nil, err
	}
	for _, c := range []*Channel{ch, other} {
		if c.Err() == nil && (left == nil || c.Bridge() == b.id) {
			left = c
		}
	}
	return left, nil
}

// untilOneLeaves puts two channels into the bridge and waits until one of them is not in it any more.
func (b *Bridge) untilOneLeaves(ctx context.Context, one, other *Channel) error {
	events, stop := b.app.router.watch(subject{aboutBridge, b.id})
	defer stop()
	if err := b.Add(ctx, one, other); err != nil {
		return err
	}
	for one.Bridge() == b.id && other.Bridge() == b.id && one.Err() == nil && other.Err() == nil {
		if err := waitEither(ctx, events, one, other); err != nil {
			return err
		}
	}
	return nil
}

// waitEither waits for an event, or until one of two channels has left.
func waitEither(ctx context.Context, events *queue, a, b *Channel) error {
	select {
	case <-events.ready:
		_, _, err := events.take()
		return err
	case <-a.Done():
	case <-b.Done():
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}
