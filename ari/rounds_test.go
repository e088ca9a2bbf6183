package ari_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// How often TestRounds and TestAsteriskRestarts do it; 300 and 100 have been tried.
const (
	roundsVariable   = "ASTERISM_ROUNDS"
	restartsVariable = "ASTERISM_RESTARTS"
)

// network is what is between the App and Asterisk: it can be cut, and it can swallow what is sent.
type network struct {
	net.Listener
	to string
	wg sync.WaitGroup

	mu    sync.Mutex
	links map[*link]bool
}

// link is a connection through the network.
type link struct {
	a, b net.Conn
	dead chan struct{} // closed when nothing comes through any more
	once sync.Once
}

func newNetwork(t *testing.T, to string) *network {
	t.Helper()
	var config net.ListenConfig
	l, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	n := &network{Listener: l, to: to, links: map[*link]bool{}}
	n.wg.Go(n.accept)
	t.Cleanup(func() {
		l.Close()
		n.cut()
		n.wg.Wait()
	})
	return n
}

func (n *network) accept() {
	for {
		a, err := n.Accept()
		if err != nil {
			return
		}
		b, err := new(net.Dialer).DialContext(context.Background(), "tcp", n.to)
		if err != nil {
			a.Close()
			continue
		}
		k := &link{a: a, b: b, dead: make(chan struct{})}
		n.mu.Lock()
		n.links[k] = true
		n.mu.Unlock()
		n.wg.Go(func() { n.carry(k, a, b) })
		n.wg.Go(func() { n.carry(k, b, a) })
	}
}

// carry copies one direction. A dead link swallows everything until one of its ends is closed.
func (n *network) carry(k *link, from, to net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		size, err := from.Read(buffer)
		select {
		case <-k.dead:
		default:
			if err == nil {
				_, err = to.Write(buffer[:size])
			}
		}
		if err != nil {
			break
		}
	}
	n.mu.Lock()
	delete(n.links, k)
	n.mu.Unlock()
	k.a.Close()
	k.b.Close()
}

// cut closes all connections.
func (n *network) cut() {
	for _, k := range n.list() {
		k.a.Close()
		k.b.Close()
	}
}

// swallow has nothing come through the connections that there are: they are half-open.
func (n *network) swallow() {
	for _, k := range n.list() {
		k.once.Do(func() { close(k.dead) })
	}
}

func (n *network) list() (links []*link) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for k := range n.links {
		links = append(links, k)
	}
	return links
}

// board is a model of the channels in the application, made of events and what a Resync brings.
type board struct {
	app *ari.App
	ctx context.Context //nolint:containedctx // of the test: it bounds all that the board waits for

	mu       sync.Mutex
	changed  chan struct{} // closed and made again when the board changes
	channels map[string]bool
	told     map[string]int // that events are missing: by a mark, or by a gap
	pause    chan struct{}  // the consumer stands still until it is closed
}

// follow keeps the board up to date.
func (b *board) follow(over chan<- error) {
	for e, err := range b.app.Events(context.Background()) {
		b.mu.Lock()
		pause := b.pause
		b.mu.Unlock()
		if pause != nil {
			<-pause
		}
		if errors.Is(err, ari.ErrSlowConsumer) {
			b.change(func() { b.told["gap"]++ })
			go b.app.Resync(b.ctx) //nolint:errcheck // if it fails, the connection is lost and another Resync comes
			continue
		}
		if err != nil {
			over <- err
			return
		}
		b.change(func() { b.note(e) })
	}
}

// change changes the board, and wakes who waits for that.
func (b *board) change(do func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	do()
	close(b.changed)
	b.changed = make(chan struct{})
}

func (b *board) note(e ari.Event) {
	switch {
	case e.Mark == ari.Disconnected:
		b.told["disconnected"]++
	case e.Mark == ari.ResyncBegin:
		b.channels = map[string]bool{}
	case e.Type == "StasisStart":
		b.channels[e.Channel] = true
	case e.Mark == ari.Snapshot && e.Type == "Application": // the list of channels has also those that have left it
		if application, err := e.Decode(); err == nil {
			for _, id := range application.(*ari.Application).ChannelIDs {
				b.channels[id] = true
			}
		}
	case e.Type == "StasisEnd":
		delete(b.channels, e.Channel)
	case e.Type == "ChannelUserevent":
		if event, err := e.Decode(); err == nil {
			b.told[event.(*ari.ChannelUserevent).EventName]++
		}
	}
}

// wait waits until the board is so, or something else has come.
func (b *board) wait(t *testing.T, what string, is func() bool, or <-chan struct{}) {
	t.Helper()
	for {
		b.mu.Lock()
		so, changed := is(), b.changed
		b.mu.Unlock()
		if so {
			return
		}
		select {
		case <-changed:
		case <-or:
			return
		case <-b.ctx.Done():
			t.Fatalf("not after all that time: %s; the board says %v and was told %v", what, b.channels, b.told)
		}
	}
}

// is waits until the board says of each channel whether it is there.
func (b *board) is(t *testing.T, there map[string]bool) {
	t.Helper()
	b.wait(t, fmt.Sprintf("%v", there), func() bool {
		for id, is := range there {
			if b.channels[id] != is {
				return false
			}
		}
		return true
	}, nil)
}

// Round after round the network is cut, swallows everything, or the consumer stands still for longer than its queue is. Each time
// a call ends meanwhile. The consumer is told that events are missing, its model heals, and nothing is left of the rounds before.
func TestRounds(t *testing.T) {
	rounds := number(t, roundsVariable, 9)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute+time.Duration(rounds)*2*time.Second)
	t.Cleanup(cancel)
	a, direct := asterisk(t, asterisktest.Config{})
	network := newNetwork(t, a.HTTP.String())
	client := &ari.Client{
		URL: "http://" + network.Addr().String() + "/ari", Username: asterisktest.Username, Password: asterisktest.Secret, Timeout: 30 * time.Second,
	}
	t.Cleanup(func() { client.Close() })
	app := &ari.App{
		Client: client, Name: "test", QueueSize: 100, Snapshots: ari.SnapshotApplication, ReconnectWait: time.Millisecond,
		MaxReconnectWait: 10 * time.Millisecond, Keepalive: 100 * time.Millisecond, KeepaliveTimeout: halfOpenAfter,
	}
	b := &board{app: app, ctx: ctx, changed: make(chan struct{}), channels: map[string]bool{}, told: map[string]int{}}
	ended := make(chan error, 1)
	go b.follow(ended)
	t.Cleanup(func() { b.goOn(); app.Close() })
	must(t, app.Connect(ctx))
	before := 0
	for round := range rounds {
		one, other := b.newcomer(t, direct, fmt.Sprint("one-", round)), b.newcomer(t, direct, fmt.Sprint("other-", round))
		switch round % 3 {
		case 0:
			b.misses(t, "disconnected", network.cut, func() { hangup(t, direct, one) })
		case 1:
			b.misses(t, "disconnected", network.swallow, func() { hangup(t, direct, one) })
		case 2:
			b.misses(t, "gap", func() { b.stand(t, direct) }, func() { hangup(t, direct, one); b.goOn() })
		}
		b.is(t, map[string]bool{one: false, other: true})
		hangup(t, direct, other)
		b.is(t, map[string]bool{one: false, other: false})
		if round == 3 {
			before = runtime.NumGoroutine()
		}
	}
	eventually(ctx, t, "goroutines of the rounds before end", func() bool { return runtime.NumGoroutine() <= before+10 })
	t.Logf("%d rounds, told %v, %d goroutines, %d before", rounds, b.told, runtime.NumGoroutine(), before)
	must(t, app.Close())
	if err := await(t, ended); !errors.Is(err, ari.ErrClosed) {
		t.Errorf("the events ended with %v", err)
	}
}

// halfOpenAfter is how long a connection may be silent. If the machine is so busy that a good one is silent for longer, that is
// one more loss, which changes nothing.
const halfOpenAfter = 2 * time.Second

// misses has a fault come, something happen, and the board be told that events are missing.
func (b *board) misses(t *testing.T, what string, fault, happens func()) {
	t.Helper()
	b.mu.Lock()
	before := b.told[what]
	b.mu.Unlock()
	fault()
	happens()
	b.wait(t, "told of it: "+what, func() bool { return b.told[what] > before }, nil)
}

// stand has the consumer stand still while more comes than its queue holds.
func (b *board) stand(t *testing.T, client *ari.Client) {
	t.Helper()
	b.mu.Lock()
	b.pause = make(chan struct{})
	b.mu.Unlock()
	for !b.overflows(t, client) { // once more if the connection is lost meanwhile
		must(t, b.ctx.Err())
	}
}

// overflows has more events come than a queue holds; false if the connection is lost meanwhile.
func (b *board) overflows(t *testing.T, client *ari.Client) bool {
	t.Helper()
	ctx, cancel := context.WithCancel(b.ctx)
	defer cancel()
	must(t, b.app.Ready(ctx))
	came := make(chan bool, 1)
	go func(events iter.Seq2[ari.Event, error]) { came <- allCome(events) }(b.app.Events(ctx))
	for range many {
		err := client.Events().UserEvent(ctx, "many", ari.UserEventParams{Application: "test"})
		if ari.IsNotFound(err) { // no connection just now
			cancel()
			break
		}
		must(t, err)
	}
	return await(t, came)
}

// many is more than the queue of a board holds.
const many = 150

// allCome reports whether many events come to one who does not stand still.
func allCome(events iter.Seq2[ari.Event, error]) bool {
	came := 0
	for e, err := range events {
		if err != nil && !errors.Is(err, ari.ErrSlowConsumer) || e.Mark == ari.Disconnected {
			return false
		}
		var gap *ari.GapError
		switch {
		case errors.As(err, &gap): // a busy machine
			came += int(gap.Lost)
		case e.Type == "ChannelUserevent":
			came++
		}
		if came >= many {
			return true
		}
	}
	return false
}

func (b *board) goOn() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pause != nil {
		close(b.pause)
		b.pause = nil
	}
}

// newcomer makes a channel that is in the application. Asterisk hangs up on one that comes while the application is not there.
func (b *board) newcomer(t *testing.T, client *ari.Client, id string) string {
	t.Helper()
	for attempt := 0; ; attempt++ {
		must(t, b.app.Ready(b.ctx))
		name := fmt.Sprint(id, "-", attempt)
		_, err := client.Channels().Create(b.ctx, ari.ChannelCreateParams{Endpoint: "Local/ring@default/n", App: "test", ChannelID: name})
		must(t, err)
		gone := make(chan struct{})
		ctx, cancel := context.WithCancel(b.ctx)
		go func() {
			defer close(gone)
			for !ari.IsNotFound(second(client.Channels().Get(ctx, name))) && breathe(ctx) == nil {
			}
		}()
		there := func() bool { return b.channels[name] }
		b.wait(t, "there is "+name, there, gone)
		cancel()
		await(t, gone)
		b.mu.Lock()
		is := there()
		b.mu.Unlock()
		if is {
			return name
		}
	}
}

func hangup(t *testing.T, client *ari.Client, id string) {
	t.Helper()
	if err := client.Channels().Hangup(within(t), id, ari.ChannelHangupParams{}); err != nil && !ari.IsNotFound(err) {
		t.Fatal(err)
	}
}

// An Asterisk that is killed and comes back, again and again: the calls are gone, the App is there again, and nothing is left of
// the lives before.
func TestAsteriskRestarts(t *testing.T) {
	restarts := number(t, restartsVariable, 3)
	a, client := asterisk(t, asterisktest.Config{})
	app := application(t, &ari.App{Client: client, ReconnectWait: 10 * time.Millisecond, MaxReconnectWait: 100 * time.Millisecond})
	port := a.HTTP.Port()
	before := 0
	for life := range restarts {
		ch := call(t, app, "quiet")
		playing := make(chan error, 1)
		began := app.Events(within(t))
		go func() { playing <- ch.Play(within(t), "tone:1004") }()
		waitFor(t, began, func(e ari.Event) bool { return e.Type == "PlaybackStarted" })
		events := app.Events(within(t))
		a.Kill()
		a.Stop() //nolint:errcheck // it is dead
		a = again(t, port)
		await(t, ch.Done())
		if err := await(t, playing); err == nil {
			t.Error("the play has ended well")
		}
		said := false
		waitFor(t, events, func(e ari.Event) bool {
			said = said || e.Mark == ari.Disconnected
			return said && e.Mark == ari.ResyncEnd
		})
		if life == 1 {
			before = runtime.NumGoroutine()
		}
	}
	must(t, call(t, app, "quiet").Hangup(within(t)))
	eventually(within(t), t, "goroutines of the lives before end", func() bool { return runtime.NumGoroutine() <= before+10 })
}

// again starts an Asterisk where one was before.
func again(t *testing.T, port uint16) *asterisktest.Asterisk {
	t.Helper()
	a := get[*asterisktest.Asterisk](t)(asterisktest.Run(within(t), asterisktest.Config{HTTP: port, Files: map[string]string{
		"extensions.conf": dialplan, "ari.conf": "[general](+)\nwebsocket_write_timeout = 5000\n",
	}}))
	t.Cleanup(func() {
		if err := a.Stop(); err != nil {
			t.Logf("%v", err) // it may be dead already
		}
	})
	return a
}
