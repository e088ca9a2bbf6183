package ari

import (
	"context"
	"encoding/json"
	"errors"
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

// Resync reads the state that App.Snapshots asks for once more: ResyncBegin, the snapshots and ResyncEnd come in the stream
// of everybody who listens. Asterisk's answers may be a moment older than the events that come meanwhile: what has left then
// may still be in them, and a model that must be exact reads again later. A model needs it after a [GapError], and if it begins to listen to an application that is already
// connected. When it returns, ResyncEnd has been sent, with the same error. After a reconnect the App does the same by itself.
func (a *App) Resync(ctx context.Context) error {
	a.router.publish(a.mark(ResyncBegin, nil))
	err := errors.Join(a.missing(ctx), a.snapshot(ctx))
	a.router.publish(a.mark(ResyncEnd, err))
	return err
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
		var err error
		if again || a.Snapshots != 0 {
			err = a.Resync(ctx)
		}
		if server != nil && err == nil {
			err = server.resume(ctx)
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

// missing finds the channels that have left the application while there was no connection, and announces them.
func (a *App) missing(ctx context.Context) error {
	before := a.calls.list()
	if len(before) == 0 {
		return nil
	}
	application, err := a.Client.Applications().Get(ctx, a.Name)
	if err != nil {
		return err
	}
	for _, ch := range before {
		if ch.settled() && !slices.Contains(application.ChannelIDs, ch.id) {
			e := ch.gone()
			a.calls.leave(ch.id, ErrHangup)
			a.router.publish(e)
		}
	}
	return a.rereadBridges(ctx)
}

// rereadBridges finds in which bridges the channels are.
func (a *App) rereadBridges(ctx context.Context) error {
	before, in := map[*Channel]string{}, map[string]string{}
	for _, ch := range a.calls.list() {
		before[ch] = ch.Bridge()
	}
	bridges, err := a.Client.Bridges().List(ctx)
	if err != nil {
		return err
	}
	for _, b := range bridges {
		for _, id := range b.Channels {
			in[id] = b.ID
		}
	}
	for ch, bridge := range before {
		ch.reread(bridge, in[ch.id])
	}
	return nil
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

// snapshot publishes what App.Snapshots asks for. What cannot be read is an error; the rest is read all the same.
func (a *App) snapshot(ctx context.Context) error {
	var errs []error
	for _, part := range []struct {
		bit  Snapshots
		name string
		op   int
		path []string
	}{
		{SnapshotChannels, "Channel", opChannelsList, nil},
		{SnapshotBridges, "Bridge", opBridgesList, nil},
		{SnapshotEndpoints, "Endpoint", opEndpointsList, nil},
		{SnapshotApplication, "Application", opApplicationsGet, []string{a.Name}},
	} {
		if a.Snapshots&part.bit == 0 {
			continue
		}
		err := a.Client.exchange(ctx, newRequest(part.op, part.path...), func(text string) error {
			return a.publishParts(part.name, text)
		})
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// publishParts publishes the elements of a list, or the one object.
func (a *App) publishParts(name, text string) error {
	d := decoder{text: text}
	parts := []json.RawMessage{json.RawMessage(text)}
	if d.peek() == '[' {
		parts = d.raws()
	} else {
		d.skip()
	}
	if err := d.end(); err != nil {
		return err
	}
	for _, part := range parts {
		e := Event{Type: name, Application: a.Name, Mark: Snapshot, text: string(part)}
		inner := decoder{text: e.text}
		id := inner.field("id", "")
		switch name {
		case "Channel":
			e.Channel = id
		case "Bridge":
			e.Bridge = id
		}
		a.router.publish(e)
	}
	return nil
}
