package ari_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/ari/aritest"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// Lists that are older than the events are corrected by them: what has gone does not come back, and what has come is there.
func TestResyncIsNotOlderThanTheEvents(t *testing.T) {
	connected, read := make(chan struct{}), make(chan struct{})
	first, second := fence("first"), fence("second")
	script := slices.Concat([]aritest.Step{
		aritest.Expect("GET /applications/test"), aritest.Reply(200, `{"name":"test","channel_ids":[],"bridge_ids":[]}`),
		aritest.Expect("GET /bridges"), aritest.Reply(200, `[]`),
		aritest.Expect("GET /channels"), aritest.Reply(200, `[]`),
	}, first, []aritest.Step{
		aritest.Await(connected),
		aritest.Send(`{"type":"StasisStart","args":[],"channel":{"id":"old"}}`, `{"type":"StasisEnd","channel":{"id":"old"}}`,
			`{"type":"StasisStart","args":[],"channel":{"id":"new"}}`,
			`{"type":"StasisStart","args":[],"channel":{"id":"gone"}}`, `{"type":"StasisEnd","channel":{"id":"gone"}}`,
			`{"type":"ChannelDestroyed","channel":{"id":"gone"}}`, `{"type":"BridgeDestroyed","bridge":{"id":"b"}}`),
		aritest.Await(read),
		aritest.Expect("GET /applications/test"), aritest.Reply(200, `{"name":"test","channel_ids":["old","gone","other;2"],"bridge_ids":["b","c"]}`),
		aritest.Expect("GET /bridges"), aritest.Reply(200, `[{"id":"b"},{"id":"c"}]`),
		aritest.Expect("GET /channels"),
		aritest.Reply(200, `[{"id":"old","dialplan":{"app_name":"Stasis"}},{"id":"gone"},{"id":"new"},{"id":"other;2"}]`),
	}, second)
	app := &ari.App{Snapshots: ari.SnapshotApplication | ari.SnapshotBridges | ari.SnapshotChannels}
	events := app.Events(within(t))
	app = fake(t, app, script...)
	waitFor(t, events, func(e ari.Event) bool { return e.Mark == ari.ResyncEnd })
	events = app.Events(within(t))
	close(connected)
	waitFor(t, events, func(e ari.Event) bool { return e.Type == "BridgeDestroyed" })
	events = app.Events(within(t))
	close(read)
	must(t, app.Resync(within(t)))
	var got []string
	waitFor(t, events, func(e ari.Event) bool {
		line := strings.TrimSpace(e.Mark.String() + " " + e.Type + " " + e.Channel + e.Bridge)
		if d, err := e.Decode(); e.Type == "Application" {
			must(t, err)
			line += fmt.Sprint(d.(*ari.Application).ChannelIDs, d.(*ari.Application).BridgeIDs)
		}
		got = append(got, line)
		return e.Mark == ari.ResyncEnd
	})
	want := []string{
		"resync begin Resync", "snapshot Channel old", "gone StasisEnd old", "snapshot Channel new", "snapshot Channel other;2", "snapshot Bridge c",
		"snapshot Application[other;2 new] [c]", "resync end Resync",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// While calls come and go, a model that begins anew with each of many Resyncs is right in the end, on a real Asterisk: nothing
// that has gone is in it, and nothing that is there is missing.
func TestResyncAmidCalls(t *testing.T) {
	t.Parallel()
	_, client := asterisk(t, asterisktest.Config{})
	app := application(t, &ari.App{Client: client, Snapshots: ari.SnapshotApplication})
	ctx, cancel := context.WithTimeout(within(t), patience)
	defer cancel()
	b := &board{app: app, ctx: ctx, changed: make(chan struct{}), channels: map[string]bool{}, told: map[string]int{}}
	over := make(chan error, 1)
	go b.follow(over)
	kept := map[string]bool{}
	var calls sync.WaitGroup
	failed := make(chan error, 8)
	for line := range 4 {
		id := fmt.Sprint("kept-", line)
		kept[id], kept[id+";2"] = true, true
		calls.Go(func() {
			for n := range 30 {
				if err := comesAndGoes(ctx, app, fmt.Sprint("call-", line, "-", n), n%2 == 0); err != nil {
					failed <- err
					return
				}
			}
			_, err := app.Create(ctx, ari.ChannelCreateParams{Endpoint: "Local/ring@default/n", ChannelID: id, OtherChannelID: id + ";2"})
			failed <- err
		})
	}
	done := make(chan struct{})
	go func() { calls.Wait(); close(done) }()
	for n := 0; ; n++ {
		must(t, app.Resync(ctx))
		select {
		case <-done:
			t.Logf("%d times", n)
		default:
			continue
		}
		break
	}
	for range 4 {
		must(t, await(t, failed))
	}
	must(t, client.Events().UserEvent(ctx, "last", ari.UserEventParams{Application: "test"}))
	b.wait(t, "the last event", func() bool { return b.told["last"] > 0 }, nil)
	b.mu.Lock()
	defer b.mu.Unlock()
	for id := range b.channels {
		if !kept[id] && !strings.HasSuffix(id, ";2") { // other ends are listed as long as there is anything to tell of them
			t.Errorf("%s has gone, and is still there", id)
		}
	}
	for id := range kept {
		if !b.channels[id] && !strings.HasSuffix(id, ";2") {
			t.Errorf("%s is not there, but %v", id, slices.Sorted(maps.Keys(b.channels)))
		}
	}
}

// comesAndGoes has a channel come into the application and leave it: by a hangup, or into the dialplan.
func comesAndGoes(ctx context.Context, app *ari.App, id string, hangup bool) error {
	ch, err := app.Originate(ctx, ari.ChannelOriginateParams{Endpoint: "Local/quiet@default/n", ChannelID: id})
	if err == nil {
		err = ch.Wait(ctx)
	}
	if err != nil {
		return err
	}
	if hangup {
		err = ch.Hangup(ctx)
	} else {
		err = ch.Continue(ctx, ari.ChannelContinueInDialplanParams{Context: "default", Extension: "back", Priority: 1})
	}
	if err != nil {
		return err
	}
	select {
	case <-ch.Done():
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := app.Client.Channels().Hangup(ctx, id, ari.ChannelHangupParams{}); err != nil && !ari.IsNotFound(err) {
		return err
	}
	return nil
}
