package ami_test

import (
	"context"
	"errors"
	"flag"
	"maps"
	"net/netip"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

var restartFor = flag.Duration("restart", 0, "how long TestRestart goes on killing Asterisk; 0: three times")

// model is what a program knows about the channels of an Asterisk: Uniqueid to name. It is kept by events and healed by
// resyncs alone.
type model struct {
	mu       sync.Mutex
	channels map[string]string
	complete int // how often it was
	gaps     int // how often it was told that events are missing
	fence    string
	moved    chan struct{} // has a token when something has changed
}

func (m *model) follow(events func(func(ami.Message, error) bool)) error {
	for event, err := range events {
		if errors.Is(err, ami.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		m.take(event)
		select {
		case m.moved <- struct{}{}:
		default:
		}
	}
	return nil
}

func (m *model) take(event ami.Message) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch event.Mark() {
	case ami.Disconnected:
		m.gaps++
		return
	case ami.ResyncBegin:
		m.channels = map[string]string{}
		return
	case ami.ResyncEnd:
		m.complete++
		return
	case ami.Live, ami.Snapshot:
	}
	switch event.Event() {
	case "Newchannel", "CoreShowChannel":
		m.channels[event.Get("Uniqueid")] = event.Get("Channel")
	case "Rename":
		m.channels[event.Get("Uniqueid")] = event.Get("Newname")
	case "Hangup":
		delete(m.channels, event.Get("Uniqueid"))
	case "UserEvent":
		if event.Get("UserEvent") == "Fence" {
			m.fence = event.Get("N")
		}
	}
}

// wait returns when the model is as the function wants it.
func (m *model) wait(ctx context.Context, done func() bool) bool {
	for {
		m.mu.Lock()
		ok := done()
		m.mu.Unlock()
		if ok {
			return true
		}
		select {
		case <-m.moved:
		case <-ctx.Done():
			return false
		}
	}
}

func (m *model) copy() map[string]string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.channels)
}

const restartDialplan = `[default]
exten => short,1,Answer()
 same => n,Wait(0.2)
exten => long,1,Answer()
 same => n,Wait(600)
`

// load places calls until ctx ends, most of them short.
func load(ctx context.Context, client *ami.Client) {
	for i := 0; ; i++ {
		exten := "short"
		if i%5 == 0 {
			exten = "long"
		}
		_, err := client.Do(ctx, ami.Action{Name: "Originate"}.With("Channel", "Local/"+exten+"@default").With("Async", "true").
			With("Context", "default").With("Exten", exten).With("Priority", "1"))
		if err != nil && client.Ready(ctx) != nil || i > 300 && !pace(ctx, 20*time.Millisecond) {
			return
		}
		if !pace(ctx, 10*time.Millisecond) {
			return
		}
	}
}

// pace keeps a load within what a small machine can bear.
func pace(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// TestRestart: Asterisk is killed and started again under load, again and again, and afterwards each of several clients
// knows exactly which channels there are, was told of every interruption, and has left no goroutine behind.
func TestRestart(t *testing.T) {
	const clients = 5
	start := func(address netip.AddrPort) *asterisktest.Asterisk {
		return asterisktest.Start(t, asterisktest.Config{
			AMI: address.Port(), Files: map[string]string{"extensions.conf": restartDialplan},
		})
	}
	a := start(netip.AddrPort{})
	var models []*model
	var open []*ami.Client
	var following sync.WaitGroup
	defer func() {
		for _, client := range open {
			client.Close()
		}
		following.Wait()
	}()
	for range clients {
		client := of(a)
		client.Snapshots, client.ReconnectWait, client.MaxReconnectWait = ami.SnapshotChannels, 50*time.Millisecond, 500*time.Millisecond
		m := &model{channels: map[string]string{}, moved: make(chan struct{}, 1)}
		models = append(models, m)
		events := client.Events(t.Context())
		connect(t, client)
		following.Go(func() {
			if err := m.follow(events); err != nil {
				t.Error(err)
			}
		})
		open = append(open, client)
	}
	goroutines, memory := 0, uint64(0)
	until := time.Now().Add(*restartFor)
	for round := 0; round < 3 || time.Now().Before(until); round++ {
		restartRound(t, a, models, round)
		if round == 0 {
			memory = heap()
		} else if now := heap(); now > memory+32<<20 {
			t.Errorf("%d bytes in round %d, %d after the first", now, round, memory)
		}
		if now := runtime.NumGoroutine(); round == 0 {
			goroutines = now
		} else if now > goroutines+2 { // what Asterisk's tests and the runtime need meanwhile
			t.Errorf("%d goroutines in round %d, %d after the first", now, round, goroutines)
		}
		address := a.AMI
		a.Kill()
		a = start(address)
	}
	restartRound(t, a, models, -1)
}

// heap returns how much memory is in use.
func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// restartRound puts Asterisk under load, and compares what the models know with what a new client finds.
func restartRound(t *testing.T, a *asterisktest.Asterisk, models []*model, round int) {
	t.Helper()
	fresh := of(a)
	connect(t, fresh)
	defer fresh.Close()
	ctx, stop := context.WithTimeout(t.Context(), time.Second)
	load(ctx, fresh)
	stop()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for i, m := range models {
		complete := m.wait(ctx, func() bool { return m.complete > m.gaps })
		for fence := 1; ; fence++ { // short calls may still be ending
			name := strconv.Itoa(round) + "." + strconv.Itoa(i) + "." + strconv.Itoa(fence)
			want := channelsOf(ctx, t, fresh)
			if _, err := fresh.Do(ctx, ami.Action{Name: "UserEvent"}.With("UserEvent", "Fence").With("N", name)); err != nil {
				t.Fatal(err)
			}
			complete = complete && m.wait(ctx, func() bool { return m.fence == name })
			got := m.copy()
			if maps.Equal(got, want) {
				break
			}
			if ctx.Err() != nil || !complete {
				t.Fatalf("round %d: the model (+) differs from a new one (-): %s", round, cmp.Diff(want, got))
			}
		}
	}
	long := 0
	for _, name := range channelsOf(ctx, t, fresh) {
		if strings.HasPrefix(name, "Local/long@") {
			long++
		}
	}
	gaps := make([]int, 0, len(models))
	for _, m := range models {
		m.mu.Lock()
		gaps = append(gaps, m.gaps)
		m.mu.Unlock()
	}
	if long == 0 || len(slices.Compact(gaps)) != 1 || round > 0 && gaps[0] < round {
		t.Errorf("round %d: %d long calls, interruptions announced %v", round, long, gaps)
	}
}

func channelsOf(ctx context.Context, t *testing.T, client *ami.Client) map[string]string {
	t.Helper()
	list, err := client.List(ctx, ami.Action{Name: "CoreShowChannels"})
	if err != nil {
		t.Fatal(err)
	}
	channels := map[string]string{}
	for _, item := range list.Items {
		channels[item.Get("Uniqueid")] = item.Get("Channel")
	}
	return channels
}

const resyncDialplan = `[default]
exten => echo,1,Answer()
 same => n,Wait(600)
exten => queue,1,Answer()
 same => n,Queue(help)
exten => park,1,Answer()
 same => n,Park()
exten => room,1,Answer()
 same => n,ConfBridge(sales)
exten => talk,1,Dial(Local/echo@default/n)
`

// TestResyncOnAsterisk: a client that comes late learns everything that is going on.
func TestResyncOnAsterisk(t *testing.T) {
	a := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{
		"extensions.conf": resyncDialplan, "queues.conf": "[general]\n[help]\nstrategy=ringall\njoinempty=yes\nmember => Local/none@nowhere\n",
	}})
	defer a.Kill() // it would wait for its calls to end
	before := connect(t, of(a))
	events := before.Events(t.Context())
	for _, exten := range []string{"queue", "park", "room", "talk"} {
		_, err := before.Do(t.Context(), ami.Action{Name: "Originate"}.With("Channel", "Local/echo@default").With("Async", "true").
			With("Context", "default").With("Exten", exten).With("Priority", "1"))
		if err != nil {
			t.Fatal(err)
		}
	}
	missing := map[string]bool{"QueueCallerJoin": true, "ParkedCall": true, "ConfbridgeJoin": true, "BridgeEnter": true, "DialEnd": true}
	for event, err := range events {
		if err != nil {
			t.Fatal(err)
		}
		if delete(missing, event.Event()); len(missing) == 0 {
			break
		}
	}
	client := of(a)
	client.Snapshots = ami.AllSnapshots
	late := client.Events(t.Context())
	connect(t, client)
	items := map[string]int{}
	for event, err := range late {
		if err != nil {
			t.Fatal(err)
		}
		if event.Mark() == ami.ResyncEnd {
			if refused := event.Values("Refused"); refused != nil {
				t.Errorf("%q", refused)
			}
			break
		}
		if event.Mark() != ami.Snapshot {
			continue
		}
		items[event.Event()]++
		if event.Event() == "BridgeInfoChannel" {
			if id := event.Get("BridgeUniqueid"); id == "" || !strings.HasSuffix(event.Get("ActionID"), "-"+id) {
				t.Errorf("it does not say which bridge it is in: %q", event)
			}
		}
	}
	for _, name := range []string{
		"CoreShowChannel", "BridgeListItem", "BridgeInfoChannel", "QueueParams", "QueueMember", "QueueEntry", "DeviceStateChange", "ParkedCall",
		"ConfbridgeListRooms", "ConfbridgeList",
	} {
		if items[name] == 0 {
			t.Errorf("no %s among %v", name, items)
		}
	}
}
