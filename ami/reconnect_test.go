package ami_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ami/amitest"
)

// hangUp ends the connection from Asterisk's side.
func hangUp(c *amitest.Conn) error { return c.Close() }

// lostScript is a login, some steps and the loss of the connection.
func lostScript(steps ...amitest.Step) amitest.Script {
	all := script(steps...)
	return append(all[:len(all)-1], hangUp)
}

func TestReconnect(t *testing.T) {
	manager := amitest.Start(t,
		lostScript(amitest.Send("Event: Before"), amitest.Expect("Lose")),
		amitest.Script{hangUp}, // an attempt that fails
		script(amitest.Send("Event: After")))
	client := &ami.Client{Addr: manager.Addr, ReconnectWait: time.Millisecond}
	var states []string
	watching := make(chan struct{})
	go func() {
		defer close(watching)
		for state, why := range client.States(t.Context()) {
			states = append(states, state.String())
			t.Log(state, why)
		}
	}()
	events := client.Events(t.Context())
	connect(t, client)
	_, err := client.Do(t.Context(), ami.Action{Name: "Lose"})
	if !errors.Is(err, ami.ErrConnectionLost) || ami.SafeToRetry(err) {
		t.Errorf("in flight: %v", err)
	}
	var got []string
	for event, err := range events {
		if err != nil {
			t.Fatal(err)
		}
		if event.Mark() == ami.ResyncEnd { // it comes by itself, before or after the events of the new connection
			continue
		}
		got = append(got, event.Event()+" "+event.Mark().String())
		if event.Event() == "After" {
			break
		}
	}
	want := []string{"FullyBooted live", "Before live", "Disconnected disconnected", "Resync resync begin", "FullyBooted live", "After live"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if err := client.Ready(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := client.Do(t.Context(), ami.Action{Name: "Ping"}); err != nil {
		t.Error(err)
	}
	client.Close()
	<-watching
	if got := strings.Join(states, ", "); !strings.HasSuffix(got, "up, "+strings.Repeat("reconnecting, ", 2)+"up, ended") {
		t.Errorf("states: %s", got)
	}
}

// TestBackOff: the waits double up to a bound, and are left to chance by no more than a half.
func TestBackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var attempts []time.Time
		first := play(t, lostScript())
		client := &ami.Client{Username: user, Secret: secret, Dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
			attempts = append(attempts, time.Now())
			return first(ctx, network, addr)
		}}
		lost := make(chan struct{}, 100)
		client.Hooks.State = func(state ami.State, _ error) {
			if state == ami.Reconnecting {
				lost <- struct{}{}
			}
		}
		if err := client.Connect(t.Context()); err != nil {
			t.Fatal(err)
		}
		for range 12 {
			<-lost
		}
		if _, err := client.Do(t.Context(), ami.Action{Name: "Ping"}); !errors.Is(err, ami.ErrNotConnected) || !ami.SafeToRetry(err) {
			t.Errorf("%v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := client.Ready(ctx); err == nil || !strings.Contains(err.Error(), "nobody listens") {
			t.Errorf("Ready: %v", err)
		}
		client.Close()
		want := ami.DefaultReconnectWait
		for i := 1; i < 12; i++ {
			if wait := attempts[i].Sub(attempts[i-1]); wait < want/2 || wait > want {
				t.Errorf("wait %d: %v, want %v to %v", i, wait, want/2, want)
			}
			want = min(2*want, ami.DefaultMaxReconnectWait)
		}
	})
}

// resyncSteps answer the lists of a resync.
func resyncSteps() []amitest.Step {
	list := func(c *amitest.Conn, complete string, items ...[]string) error {
		err := c.Reply("Response: Success", "EventList: start")
		for _, item := range items {
			err = errors.Join(err, c.Reply(item...))
		}
		return errors.Join(err, c.Reply("Event: "+complete, "EventList: Complete", fmt.Sprintf("ListItems: %d", len(items))))
	}
	return []amitest.Step{
		amitest.Expect("CoreShowChannels"),
		func(c *amitest.Conn) error {
			return list(c, "CoreShowChannelsComplete", []string{"Event: CoreShowChannel", "Channel: PJSIP/a-1"})
		},
		amitest.Expect("BridgeList"),
		func(c *amitest.Conn) error {
			return list(c, "BridgeListComplete", []string{"Event: BridgeListItem", "BridgeUniqueid: b-1"}, []string{"Event: BridgeListItem", "BridgeUniqueid: b-2"})
		},
		amitest.Expect("BridgeInfo", "BridgeUniqueid: b-1"),
		func(c *amitest.Conn) error {
			if !strings.HasSuffix(c.Action.Get("ActionID"), "-b-1") {
				return fmt.Errorf("the ActionID is %s", c.Action.Get("ActionID"))
			}
			return list(c, "BridgeInfoComplete", []string{"Event: BridgeInfoChannel", "Channel: PJSIP/a-1"})
		},
		amitest.Expect("BridgeInfo", "BridgeUniqueid: b-2"),
		amitest.Reply("Response: Error", "Message: Bridge not found"), // gone meanwhile
		amitest.Send("Event: Newchannel"),
		amitest.Expect("QueueStatus"), amitest.Reply("Response: Error", "Message: Permission denied"),
		amitest.Expect("DeviceStateList"),
		func(c *amitest.Conn) error {
			return list(c, "DeviceStateListComplete", []string{"Event: DeviceStateChange", "Device: PJSIP/a"})
		},
		amitest.Expect("ParkedCalls"),
		func(c *amitest.Conn) error { return list(c, "ParkedCallsComplete") },
		amitest.Expect("ConfbridgeListRooms"), amitest.Reply("Response: Error", "Message: No active conferences."),
	}
}

func TestResync(t *testing.T) {
	manager := amitest.Start(t, script(append(resyncSteps(), resyncSteps()...)...))
	client := &ami.Client{Addr: manager.Addr, Snapshots: ami.AllSnapshots}
	events := client.Events(t.Context())
	connect(t, client)
	var got []string
	want := []string{
		"resync begin Resync", "live FullyBooted", "snapshot CoreShowChannel", "snapshot BridgeListItem", "snapshot BridgeListItem",
		"snapshot BridgeInfoChannel b-1", "live Newchannel", "snapshot DeviceStateChange", "resync end Resync QueueStatus: Permission denied",
	}
	asked, ends := make(chan error, 1), 0
	for event, err := range events {
		if err != nil {
			t.Fatal(err)
		}
		line := event.Mark().String() + " " + event.Event()
		if event.Event() == "BridgeInfoChannel" {
			line += " " + event.Get("BridgeUniqueid")
		}
		if event.Mark() == ami.ResyncEnd {
			line += " " + event.Get("Refused")
		}
		got = append(got, line)
		if event.Mark() != ami.ResyncEnd {
			continue
		}
		if ends++; ends == 2 {
			break
		}
		want = append(want, slices.Delete(slices.Clone(want), 1, 2)...)
		go func() { asked <- client.Resync(t.Context()) }()
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if err := <-asked; err != nil {
		t.Error(err)
	}
}

// TestMarksCannotBeForged by an event that has their name.
func TestMarksCannotBeForged(t *testing.T) {
	client := &ami.Client{}
	events := client.Events(t.Context())
	start(t, client, amitest.Forge("Event: Resync", "Phase: End"), amitest.Send("Event: Disconnected"))
	for event, err := range events {
		if err != nil {
			t.Fatal(err)
		}
		if event.Mark() != ami.Live {
			t.Errorf("%q has the mark %v", event, event.Mark())
		}
		if event.Event() == "Disconnected" {
			break
		}
	}
}

func TestDrain(t *testing.T) {
	asked, answer := make(chan struct{}), make(chan struct{})
	client := start(t, &ami.Client{}, amitest.Expect("Slow"), func(*amitest.Conn) error { close(asked); return nil },
		amitest.WaitFor(answer), amitest.Reply("Response: Success"),
		amitest.Send("Event: B"), amitest.Expect("Logoff"), amitest.Reply("Response: Goodbye"))
	events := client.Events(t.Context())
	slow := make(chan error, 1)
	go func() {
		_, err := client.Do(t.Context(), ami.Action{Name: "Slow"})
		slow <- err
	}()
	<-asked
	draining := make(chan error, 1)
	go func() { draining <- client.Drain(t.Context()) }()
	for state, why := range client.States(t.Context()) {
		if why != nil || state == ami.Draining {
			break
		}
	}
	if _, err := client.Do(t.Context(), ami.Action{Name: "Ping"}); !errors.Is(err, ami.ErrClosed) || !ami.SafeToRetry(err) {
		t.Errorf("while draining: %v", err)
	}
	close(answer)
	if err := <-draining; err != nil {
		t.Error(err)
	}
	if err := <-slow; err != nil {
		t.Errorf("in flight: %v", err)
	}
	var got []string
	for event, err := range events {
		if err != nil {
			got = append(got, err.Error())
			continue
		}
		got = append(got, event.Event())
	}
	if !slices.Contains(got, "B") || got[len(got)-1] != ami.ErrClosed.Error() {
		t.Errorf("events: %q", got)
	}
}

func TestDrainEndsWithItsContext(t *testing.T) {
	asked := make(chan struct{})
	client := start(t, &ami.Client{}, amitest.Expect("Slow"), func(*amitest.Conn) error { close(asked); return nil }, amitest.ExpectClose())
	slow := make(chan error, 1)
	go func() {
		_, err := client.Do(t.Context(), ami.Action{Name: "Slow"})
		slow <- err
	}()
	<-asked
	enough := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(enough)
	if err := client.Drain(ctx); !errors.Is(err, enough) {
		t.Errorf("%v", err)
	}
	if err := <-slow; !errors.Is(err, ami.ErrClosed) || ami.SafeToRetry(err) {
		t.Errorf("%v", err)
	}
}

func TestBlockingActionsGoApart(t *testing.T) {
	goOn := make(chan struct{})
	manager := amitest.Start(t,
		script(),
		amitest.Script{amitest.Login(user, secret), amitest.Expect("Originate"), amitest.WaitFor(goOn), amitest.Reply("Response: Success"), hangUp},
		amitest.Script{amitest.Login(user, secret), amitest.Expect("Command"), amitest.Reply("Response: Success"), amitest.Serve()})
	client := connect(t, &ami.Client{Addr: manager.Addr})
	slow := make(chan error, 1)
	go func() {
		_, err := client.Do(t.Context(), ami.Action{Name: "Originate"})
		slow <- err
	}()
	if _, err := client.Do(t.Context(), ami.Action{Name: "Ping"}); err != nil {
		t.Error(err)
	}
	close(goOn)
	if err := <-slow; err != nil {
		t.Error(err)
	}
	for { // the second connection was lost; a third takes its place, at the latest when that is noticed
		_, err := client.Do(t.Context(), ami.Action{Name: "Command", Blocking: true})
		if err == nil {
			break
		}
		if !errors.Is(err, ami.ErrConnectionLost) {
			t.Fatal(err)
		}
	}
}

func TestStream(t *testing.T) {
	client := start(t, &ami.Client{}, amitest.Expect("CoreShowChannels"), amitest.Reply("Response: Success", "EventList: start"),
		func(c *amitest.Conn) error {
			for i := range 100 {
				if err := c.Reply("Event: CoreShowChannel", fmt.Sprintf("N: %d", i)); err != nil {
					return err
				}
			}
			return c.Reply("Event: CoreShowChannelsComplete", "EventList: Complete", "ListItems: 101")
		},
		amitest.Expect("Status"), amitest.Reply("Response: Success", "EventList: start"), amitest.Reply("Event: Status"))
	n := 0
	for item, err := range client.Stream(t.Context(), ami.Action{Name: "CoreShowChannels"}) {
		var protocol *ami.ProtocolError
		if err != nil {
			if n != 100 || !errors.As(err, &protocol) {
				t.Errorf("after %d: %v", n, err)
			}
			continue
		}
		if item.Get("N") != strconv.Itoa(n) {
			t.Fatalf("item %d: %q", n, item)
		}
		n++
	}
	for item, err := range client.Stream(t.Context(), ami.Action{Name: "Status"}) {
		if err != nil || item.Event() != "Status" {
			t.Errorf("%q, %v", item, err)
		}
		break // the list never ends, but this does
	}
	if _, err := client.Do(t.Context(), ami.Action{Name: "Ping"}); err != nil {
		t.Error(err)
	}
}
