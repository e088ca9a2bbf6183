package ari

import (
	"context"
	"slices"
	"strconv"
	"time"
)

// Snapshots chooses what of Asterisk's state an application reads after each connect, see App.Snapshots. They are bits;
// combine them with |.
type Snapshots uint

const (
	// SnapshotChannels is a Channel for each channel of Asterisk. Asterisk needs 13 ms to list 550.
	SnapshotChannels Snapshots = 1 << iota
	// SnapshotBridges is a Bridge for each bridge of Asterisk.
	SnapshotBridges
	// SnapshotEndpoints is an Endpoint for each endpoint of Asterisk.
	SnapshotEndpoints
	// SnapshotApplication is the Application: which channels, bridges and endpoints it gets the events of.
	SnapshotApplication

	// AllSnapshots is all of them.
	AllSnapshots Snapshots = 1<<iota - 1
)

// newSnapshot returns an empty model by the Type of a snapshot.
func newSnapshot(name string) typed {
	switch name {
	case "Channel":
		return new(ChannelSnapshot)
	case "Bridge":
		return new(BridgeSnapshot)
	case "Endpoint":
		return new(Endpoint)
	case "Application":
		return new(Application)
	}
	return nil
}

// Resync reads the state that App.Snapshots asks for once more: ResyncBegin, the snapshots and ResyncEnd come in the stream of
// everybody who listens, without any other event in between. A model needs it after a [GapError], and if it begins to listen to
// an application that is already connected. When it returns, ResyncEnd has been sent, with the same error; snapshots that could
// not be read are missing then. After a reconnect the App does the same by itself. One Resync waits for the other.
//
// Asterisk's lists may be older than the events that have come: for some milliseconds they still have a channel whose StasisEnd
// was sent. So they are compared with what the events have said, and a model that is made of the snapshots and of the events
// behind ResyncEnd is right, without reading again:
//
//   - The ChannelIDs of the Application have no channel that an event has told as gone (in the last minute), and all whose
//     StasisStart the present connection has told. Neither has BridgeIDs a bridge of which BridgeDestroyed was told.
//   - There is no Channel and no Bridge of which ChannelDestroyed or BridgeDestroyed was told. A Channel that says it is in
//     Stasis, of which StasisEnd was told, is followed by that StasisEnd once more, marked [Gone].
//   - What has left while there was no connection is told as [Gone]. If Asterisk's list has it in that moment all the same,
//     that comes soon after ResyncEnd: the channels that only a list knows are looked for once more after 100 ms and after 1 s.
//
// What has happened before the lists were read has been told before ResyncBegin, unless a Filter leaves out ChannelUserevent, by
// which the App finds that out: then a StasisEnd may come that was told as Gone already.
//
// Asterisk sends no events of a channel or bridge that the application has nothing to do with: without SubscribeAll such a
// snapshot is only as it was then.
func (a *App) Resync(ctx context.Context) error {
	_, err := a.resync(ctx)
	return err
}

// resync returns the channels that are in the application only because a list says so.
func (a *App) resync(ctx context.Context) (listed []string, err error) {
	a.setup()
	select {
	case a.reading <- struct{}{}:
		defer func() { <-a.reading }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	for {
		s := a.current()
		l := a.read(ctx, s)
		if listed, told := a.tellLists(ctx, l); told {
			return listed, l.err
		}
		if err := a.Ready(ctx); err != nil {
			return nil, err
		}
	}
}

// tellLists tells what was read, all at once; not if the connection was lost meanwhile, as that is older than what is missing.
func (a *App) tellLists(ctx context.Context, l *lists) (listed []string, told bool) {
	a.order.Lock()
	defer a.order.Unlock()
	if a.current() != l.session && ctx.Err() == nil && a.Err() == nil {
		return nil, false
	}
	a.router.publish(a.mark(ResyncBegin, nil))
	listed = a.correct(l)
	a.publishLists(l)
	a.router.publish(a.mark(ResyncEnd, l.err))
	return listed, true
}

func (a *App) current() *session {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.session
}

func (a *App) mark(mark Mark, why error) Event {
	return Event{Type: "Resync", Application: a.Name, Mark: mark, why: why}
}

// resyncAfterConnect heals what was missed before a connect. A Resync that fails is tried again while the connection lasts.
func (a *App) resyncAfterConnect(ctx context.Context, again bool) {
	server := a.server.Load()
	if !again && a.Snapshots == 0 && (server == nil || server.Resume == nil) {
		return
	}
	for wait := time.Second; ; wait = min(2*wait, time.Minute) {
		var listed []string
		var err error
		if again || a.Snapshots != 0 {
			listed, err = a.resync(ctx)
		}
		if server != nil && err == nil {
			var resumed []string
			resumed, err = server.resume(ctx)
			listed = append(listed, resumed...)
		}
		if err == nil {
			a.confirm(ctx, listed)
		}
		if err == nil || ctx.Err() != nil {
			return
		}
		a.log().Warn("ari: state not read again", "app", a.Name, "error", err)
		if !pause(ctx, wait) {
			return
		}
	}
}

// confirmAfter is when channels that only a list has said to be there are looked for once more.
const confirmAfter = 100 * time.Millisecond

// confirm looks once more for channels that were in a list: one that has left just before the connection was made may have been
// in it all the same, and no event will tell.
func (a *App) confirm(ctx context.Context, listed []string) {
	for _, wait := range []time.Duration{confirmAfter, 9 * confirmAfter} {
		if len(listed) == 0 || !pause(ctx, wait) {
			return
		}
		application, err := a.Client.Applications().Get(ctx, a.Name)
		if err != nil || a.catchUp(ctx) != nil {
			continue
		}
		a.order.Lock()
		for _, id := range listed {
			if ch := a.calls.get(id); ch != nil {
				if _, now := ch.isIn(a.current()); now { // it has come back meanwhile
					continue
				}
			}
			if !slices.Contains(application.ChannelIDs, id) && !a.past.left(id) {
				a.gone(id)
			}
		}
		a.order.Unlock()
	}
}

// gone tells that a channel has left, which no event says. The caller holds a.order.
func (a *App) gone(id string) {
	ch := a.calls.get(id)
	if ch == nil {
		ch = newChannel(a, id)
	}
	e := ch.gone()
	a.past.note(e)
	a.calls.leave(id, ErrHangup)
	a.router.publish(e)
}

// goneEvent makes the event that Asterisk had no chance to send.
func goneEvent(app, channel string, at time.Time) Event {
	stamp := at.Format(timeLayout)
	text := `{"type":"StasisEnd","application":` + strconv.Quote(app) + `,"timestamp":"` + stamp + `","channel":` + channel + `}`
	e, err := parseEvent(text)
	if err != nil {
		return Event{Type: "StasisEnd", Application: app, Mark: Gone}
	}
	e.Mark = Gone
	return e
}
