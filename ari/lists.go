package ari

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
)

// lists are what Asterisk has answered. They may be older than the events that have come, but not newer than those that have
// come when they are complete: behind them a fence has come back.
type lists struct {
	session *session
	before  []*Channel // that Asterisk knew before
	parts   map[string]string
	err     error // what could not be read
}

// read reads the lists that are asked for, and those that say what has become of the channels.
func (a *App) read(ctx context.Context, s *session) *lists {
	l := &lists{session: s, parts: map[string]string{}}
	for _, ch := range a.calls.list() {
		if ch.settled() {
			l.before = append(l.before, ch)
		}
	}
	ctx, done := s.within(ctx)
	defer done()
	var errs []error
	for _, part := range []struct {
		bit    Snapshots
		name   string
		always bool
		op     int
		path   []string
	}{
		{SnapshotApplication, "Application", len(l.before) > 0, opApplicationsGet, []string{a.Name}},
		{SnapshotBridges, "Bridge", len(l.before) > 0, opBridgesList, nil},
		{SnapshotChannels, "Channel", false, opChannelsList, nil},
		{SnapshotEndpoints, "Endpoint", false, opEndpointsList, nil},
	} {
		if a.Snapshots&part.bit == 0 && !part.always {
			continue
		}
		errs = append(errs, a.Client.exchange(ctx, newRequest(part.op, part.path...), func(text string) error {
			d := decoder{text: text}
			d.skip()
			if err := d.end(); err != nil {
				return err
			}
			l.parts[part.name] = text
			return nil
		}))
	}
	if len(l.parts) > 0 {
		errs = append(errs, a.catchUp(ctx))
	}
	l.err = errors.Join(errs...)
	return l
}

// correct has the channels be where the lists say, as far as the events say nothing: those of the present connection are newer
// than what a list says of a channel. It returns the channels that are in the application only because a list says so. The caller
// holds a.order.
func (a *App) correct(l *lists) (listed []string) {
	text, known := l.parts["Application"]
	if !known {
		return nil
	}
	var application Application
	application.decode(&decoder{text: text})
	there := setOf(application.ChannelIDs)
	for _, ch := range l.before {
		if _, now := ch.isIn(l.session); !now && a.calls.get(ch.id) == ch && !there[ch.id] {
			a.gone(ch.id)
		}
	}
	if bridges, known := l.parts["Bridge"]; known {
		in := map[string]string{}
		d := decoder{text: bridges}
		for _, b := range decodeList[BridgeSnapshot](&d) {
			for _, id := range b.Channels {
				in[id] = b.ID
			}
		}
		for _, ch := range l.before {
			ch.reread(l.session, in[ch.id])
		}
	}
	for _, id := range a.present(application.ChannelIDs) {
		ch := a.calls.get(id)
		if ch == nil {
			listed = append(listed, id)
		} else if _, now := ch.isIn(l.session); !now {
			listed = append(listed, id)
		}
	}
	return listed
}

// present corrects a list of the channels in the application. The caller holds a.order.
func (a *App) present(ids []string) (present []string) {
	for _, id := range ids {
		if !a.past.left(id) {
			present = append(present, id)
		}
	}
	has := setOf(present)
	for _, ch := range a.calls.list() {
		if in, _ := ch.isIn(nil); in && !has[ch.id] {
			present = append(present, ch.id)
		}
	}
	return present
}

func setOf(ids []string) map[string]bool {
	set := make(map[string]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
}

// publishLists publishes what App.Snapshots asks for, without what the events have told as gone. The caller holds a.order.
func (a *App) publishLists(l *lists) {
	for _, part := range []struct {
		bit  Snapshots
		name string
	}{
		{SnapshotChannels, "Channel"}, {SnapshotBridges, "Bridge"}, {SnapshotEndpoints, "Endpoint"}, {SnapshotApplication, "Application"},
	} {
		text, known := l.parts[part.name]
		switch {
		case !known || a.Snapshots&part.bit == 0:
		case part.name == "Application":
			a.router.publish(Event{Type: part.name, Application: a.Name, Mark: Snapshot, text: a.correctApplication(text)})
		default:
			d := decoder{text: text}
			for _, text := range d.raws() {
				a.publishPart(part.name, string(text))
			}
		}
	}
}

// publishPart publishes an element of a list.
func (a *App) publishPart(name, text string) {
	e := Event{Type: name, Application: a.Name, Mark: Snapshot, text: text}
	d := decoder{text: text}
	switch id := d.field("id", ""); name {
	case "Channel":
		if a.past.has("ChannelDestroyed", id) {
			return
		}
		e.Channel = id
	case "Bridge":
		if a.past.has("BridgeDestroyed", id) {
			return
		}
		e.Bridge = id
	}
	a.router.publish(e)
	if e.Channel == "" || !a.past.has("StasisEnd", e.Channel) {
		return
	}
	var channel ChannelSnapshot
	channel.decode(&decoder{text: text})
	if channel.Dialplan.AppName == "Stasis" || channel.Dialplan.AppName == "" { // Asterisk 16 does not tell
		a.router.publish(goneEvent(a.Name, text, time.Now()))
	}
}

// correctApplication corrects which channels and bridges the application has.
func (a *App) correctApplication(text string) string {
	var fields map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &fields) != nil {
		return text
	}
	var application Application
	application.decode(&decoder{text: text})
	bridges := slices.DeleteFunc(application.BridgeIDs, func(id string) bool { return a.past.has("BridgeDestroyed", id) })
	for name, ids := range map[string][]string{"channel_ids": a.present(application.ChannelIDs), "bridge_ids": bridges} {
		if _, there := fields[name]; !there {
			continue
		}
		if ids == nil {
			ids = []string{}
		}
		fields[name], _ = json.Marshal(ids) //nolint:errchkjson // strings
	}
	corrected, err := json.Marshal(fields)
	if err != nil {
		return text
	}
	return string(corrected)
}

// past is what the events have told as gone, for a while: lists may still have it.
type past struct {
	at    map[ending]time.Time
	order []ending // the oldest first
}

// ending is that something has gone: the type of the event that has told it, and the id.
type ending struct{ kind, id string }

// pastTime is for how long it is known. Asterisk's lists have been up to 3 ms old on a busy machine.
const pastTime = time.Minute

// note notes what an event says.
func (p *past) note(e Event) {
	var gone ending
	switch e.Type {
	case "StasisEnd":
		gone = ending{"StasisEnd", strings.Clone(e.Channel)} // of the event only what is needed stays
	case "ChannelDestroyed":
		gone = ending{"ChannelDestroyed", strings.Clone(e.Channel)}
	case "BridgeDestroyed":
		gone = ending{"BridgeDestroyed", strings.Clone(e.Bridge)}
	case "StasisStart":
		delete(p.at, ending{"StasisEnd", e.Channel})
		delete(p.at, ending{"ChannelDestroyed", e.Channel})
		return
	case "ChannelCreated":
		delete(p.at, ending{"ChannelDestroyed", e.Channel})
		return
	case "BridgeCreated":
		delete(p.at, ending{"BridgeDestroyed", e.Bridge})
		return
	default:
		return
	}
	now := time.Now()
	if p.at == nil {
		p.at = map[ending]time.Time{}
	}
	p.at[gone] = now
	p.order = append(p.order, gone)
	for len(p.order) > 0 && now.Sub(p.at[p.order[0]]) > pastTime {
		delete(p.at, p.order[0])
		p.order = p.order[1:]
	}
}

// left reports whether a channel has left the application.
func (p *past) left(id string) bool { return p.has("StasisEnd", id) || p.has("ChannelDestroyed", id) }

func (p *past) has(kind, id string) bool {
	at, known := p.at[ending{kind, id}]
	return known && time.Since(at) <= pastTime
}
