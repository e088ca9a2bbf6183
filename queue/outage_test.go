package queue_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// outbound has Asterisk connect to a program at an address.
func outbound(files map[string]string, address string) {
	files["websocket_client.conf"] = fmt.Sprintf(`
[ours]
type = websocket_client
uri = ws://%s/ari
protocols = ari
connection_type = persistent
reconnect_interval = 100
reconnect_attempts = 100000
connection_timeout = 2000
tls_enabled = no
`, address)
	files["ari.conf"] += fmt.Sprintf(`
[ours]
type = outbound_websocket
websocket_client_id = ours
apps = queue
local_ari_user = %s
`, asterisktest.Username)
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	return l.Addr().String()
}

// said are the fields of what a life has told of a kind and a caller.
func said(t *testing.T, told []string, kind, caller string) []string {
	t.Helper()
	for _, line := range told {
		if f := strings.Fields(line); len(f) > 3 && f[0] == "told" && f[1] == kind && f[2] == caller {
			return f
		}
	}
	t.Fatalf("nothing of %s %s in %q", kind, caller, told)
	return nil
}

// fill has c1 and c2 talk, then c3, c4 and c5 wait, served by a life.
func (h *hall) fill() {
	h.Helper()
	for i, id := range []string{"c1", "c2", "c3", "c4", "c5"} {
		h.call(id, "qsupport")
		h.until(id+" is where it belongs", func() bool {
			waiting, talks := h.lineUp()
			return i < 2 && talks[id] == 2 || i >= 2 && waiting[id]
		})
	}
}

// While there is no program a caller hangs up, and an agent; if Asterisk keeps the events, another caller comes too. The next program
// finds it all: with the times when it was if Asterisk keeps the events, and the statistics go on.
func TestOutage(t *testing.T) {
	t.Parallel()
	modes := []string{"inbound", "outbound"}
	if os.Getenv("ASTERISM_ASTERISK") == "16" { // it does not connect to anybody
		modes = modes[:1]
	}
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) { outage(t, mode == "outbound") })
	}
}

func outage(t *testing.T, out bool) {
	t.Helper()
	h, more := plan(t), []string(nil)
	if out {
		address := freeAddress(t)
		outbound(h.config.Files, address)
		more = append(more, outVariable+"="+address)
	}
	h.started(t)
	store := filepath.Join(t.TempDir(), "store.db")
	l := h.born(store, 2, more...)
	h.ready(l)
	h.fill()
	told := append(h.says(l, "told joined c5"), l.kill()...)
	if out { // what Asterisk writes before it notices is lost
		h.until("Asterisk has noticed", func() bool { return strings.Contains(h.pbx.Log(), "Websocket disconnected") })
	}
	leg := h.legOf("c2")
	for _, id := range []string{"c4", leg} {
		must(t, h.client.Channels().Hangup(within(t), id, ari.ChannelHangupParams{}))
		h.until(id+" is gone", func() bool { return h.isGone(id) })
	}
	hungUp := time.Now()
	joined, left := 5, "c3"
	if out {
		joined, left = 6, "c6"
		h.call("c6", "qsupport")
		h.until("c6 is in the application", func() bool {
			ch, err := h.client.Channels().Get(within(t), "c6")
			return err == nil && ch.Dialplan.AppName == "Stasis"
		})
	}
	<-time.After(2 * time.Second) // so that then and now can be told apart

	l = h.born(store, 2, more...)
	again := h.says(l, "told began c3")
	h.until("everybody is where they belong", func() bool {
		waiting, talks := h.lineUp()
		return talks["c1"] == 2 && talks["c3"] == 2 && waiting["c5"] && (waiting[left] || !out)
	})
	h.until("c2 is gone", func() bool { return h.isGone("c2") })
	again = append(again, l.kill()...)
	for _, f := range [][]string{said(t, again, "left", "c4"), said(t, again, "finished", "c2")} {
		at, err := strconv.ParseInt(f[len(f)-2], 10, 64)
		must(t, err)
		if after := time.UnixMilli(at).Sub(hungUp); out && after > time.Second || !out && after < 0 {
			t.Errorf("%q: %v after it was", f, after)
		}
	}
	if f := said(t, again, "left", "c4"); !slices.Contains(f, "abandoned") {
		t.Errorf("%q", f)
	}
	told = append(told, again...)
	if want := fmt.Sprint("book ", joined, 3, 1, 1); lastBook(told) != want {
		t.Errorf("the statistics say %q, want %q", lastBook(told), want)
	}
}

// isSaid reports whether the channel of a caller says what the caller is.
func (h *hall) isSaid(id string) bool {
	text, err := h.client.Channels().GetChannelVar(within(h), id, "ASTERISM_QUEUE_CALLER")
	return err == nil && text != ""
}

// Two agents are taken out of the configuration while they talk: the talks go on, whatever is counted, and one side takes the other
// along, even if nobody has seen it.
func TestAgentRemoved(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	w := newWire(t, h.pbx.HTTP.String())
	store := filepath.Join(t.TempDir(), "store.db")
	l := h.born(store, 3)
	told := h.ready(l)
	callers := []string{"c1", "c2", "c3"}
	for _, id := range callers {
		h.call(id, "qsupport")
		h.until(id+" talks", func() bool { _, talks := h.lineUp(); return talks[id] == 2 })
		h.until(id+" is said", func() bool { return h.isSaid(id) })
	}
	told = append(told, l.kill()...)
	i := slices.IndexFunc(callers, func(id string) bool { return said(t, told, "began", id)[3] == "agent0" })
	stays := callers[i]
	alone := slices.Delete(callers, i, i+1)
	legs := []string{h.legOf(alone[0]), h.legOf(alone[1])}

	l = h.born(store, 1, childVariable+"="+w.listener.Addr().String())
	h.ready(l)
	h.nobodyDropped(append(legs, alone...))
	w.set(true)
	for _, id := range []string{stays, legs[0]} {
		must(t, h.client.Channels().Hangup(within(t), id, ari.ChannelHangupParams{}))
		h.until(id+" is gone", func() bool { return h.isGone(id) })
	}
	w.set(false)
	h.says(l, "told finished "+stays) // it has counted who is there
	h.until(alone[0]+" is gone", func() bool { return h.isGone(alone[0]) })
	h.call("c4", "qsupport")
	h.until("c4 talks", func() bool { _, talks := h.lineUp(); return talks["c4"] == 2 && talks[stays] == 0 })
	if _, talks := h.lineUp(); talks[alone[1]] != 2 {
		t.Errorf("%s talks with %d legs", alone[1], talks[alone[1]])
	}
	must(t, h.client.Channels().Hangup(within(t), legs[1], ari.ChannelHangupParams{}))
	h.until(alone[1]+" is gone", func() bool { return h.isGone(alone[1]) })
	l.kill()
}

// The program dies and its Store with it: the channels say what they are. Who talks goes on, with the same agent, and those who wait
// keep their order.
func TestStoreLost(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	dir := t.TempDir()
	l := h.born(filepath.Join(dir, "first.db"), 2)
	h.ready(l)
	h.fill()
	legs := []string{h.legOf("c1"), h.legOf("c2")}
	for _, id := range []string{"c1", "c2", "c3", "c4", "c5"} {
		h.until(id+" is said", func() bool { return h.isSaid(id) })
	}
	told := l.kill()
	agent := said(t, told, "began", "c1")[3]

	l = h.born(filepath.Join(dir, "second.db"), 2)
	told = h.ready(l)
	h.nobodyDropped([]string{"c1", "c2", "c3", "c4", "c5"})
	if again := []string{h.legOf("c1"), h.legOf("c2")}; !slices.Equal(again, legs) {
		t.Errorf("they talk with %q, and not with %q any more", again, legs)
	}
	if f := said(t, told, "began", "c1"); f[3] != agent {
		t.Errorf("c1 talks with %s: %q", agent, f)
	}
	for i, next := range []string{"c3", "c4"} {
		must(t, h.client.Channels().Hangup(within(t), legs[i], ari.ChannelHangupParams{}))
		told = append(told, h.says(l, "told began")...)
		said(t, told, "began", next)
	}
	if f := said(t, told, "finished", "c1"); f[3] != agent {
		t.Errorf("%q", f)
	}
	l.kill()
}
