package event_test

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ami/action"
	"github.com/asterism-go/asterism/ami/event"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// etc is a dialplan that makes events.
var etc = map[string]string{
	"manager.conf": "[general](+)\nchannelvars = A,CALLERID(num)\n[wrong]\nsecret = never\n",
	"agents.conf":  "[1001]\n",
	"queues.conf":  "[general]\n[support]\nmember => Local/wait@default,0,Ann,Custom:ann\n[empty]\njoinempty = yes\n",
	"pjsip.conf": `
[100]
type = endpoint
context = default
aors = 100
allow = ulaw
[100]
type = aor
max_contacts = 2
contact = sip:100@127.0.0.1:9
[trunk]
type = registration
server_uri = sip:127.0.0.1:9
client_uri = sip:me@127.0.0.1:9
`,
	"extensions.conf": `[default]
exten => 100,hint,Custom:hundred,CustomPresence:hundred
exten => wait,1,Answer()
 same => n,Wait(300)
exten => busy,1,Hangup(17)
exten => s,1,Return()
exten => talk,1,Answer()
 same => n,Set(CHANNEL(hangup_handler_push)=default,s,1)
 same => n,Set(CHANNEL(hangup_handler_push)=default,s,1)
 same => n,Set(CHANNEL(hangup_handler_pop)=)
 same => n,Set(CHANNEL(accountcode)=77)
 same => n,Set(CALLERID(name)=say "hi", you)
 same => n,Set(A=1"2\3)
 same => n,UserEvent(Test,One: 1,Two: b)
 same => n,MixMonitor(test.wav)
 same => n,SendDTMF(12)
 same => n,StopMixMonitor()
 same => n,MusicOnHold(default,1)
 same => n,Dial(Local/busy@default&Local/wait@default,30,S(1))
 same => n,Hangup()
exten => queue,1,Answer()
 same => n,Queue(support,,,,30)
exten => giveup,1,Answer()
 same => n,Queue(empty,,,,1)
 same => n,Hangup()
exten => abandon,1,Answer()
 same => n,Queue(empty)
exten => park,1,Answer()
 same => n,Park()
exten => room,1,Answer()
 same => n,ConfBridge(room)
exten => agent,1,Answer()
 same => n,AgentLogin(1001,s)
exten => async,1,Answer()
 same => n,AGI(agi:async)
exten => spy,1,Answer()
 same => n,ChanSpy(Local/wait)
`,
}

// notMapped are the headers that need no field: those that a dialplan makes, and those of Asterisk's own tests.
var notMapped = []string{"UserEvent", "TestEvent"}

// A busy Asterisk's events are all known, with all their headers, and every value is of its field's type.
func TestAsteriskIsTyped(t *testing.T) {
	a := asterisktest.Start(t, asterisktest.Config{Files: etc})
	events := listen(t, a)
	client := &ami.Client{Addr: a.AMI.String(), Username: asterisktest.Username, Secret: asterisktest.Secret}
	if err := client.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	scenario := scenario{t: t, client: client}
	scenario.run(a)
	const want = 60
	kinds := map[string]int{}
	late := time.After(30 * time.Second) // calls that were ordered may begin after the scenario, on a machine that does much else
	for m := range events {
		if m.Event() != "UserEvent" || m.Get("UserEvent") != "Finished" {
			kinds[m.Event()]++
			check(t, m)
			continue
		}
		again := time.After(100 * time.Millisecond)
		select {
		case <-late:
			again = nil
		case <-again:
		}
		if len(kinds) >= want || again == nil {
			break
		}
		scenario.do(action.UserEvent{UserEvent: "Finished"})
	}
	if len(kinds) < want {
		t.Errorf("Asterisk %s sent only %d kinds of events", a.Version, len(kinds))
	}
	t.Logf("Asterisk %s sent %d kinds of events: %v", a.Version, len(kinds), kinds)
}

func check(t *testing.T, m ami.Message) {
	t.Helper()
	e := event.Decode(m)
	if _, unknown := e.(*event.Unknown); unknown {
		t.Errorf("%s is not known:\n%s", m.Event(), m)
		return
	}
	if err := e.Err(); err != nil {
		t.Error(err)
	}
	if slices.Contains(notMapped, m.Event()) {
		return
	}
	for _, h := range e.Unmapped() {
		t.Errorf("%s has no field for %s: %q", m.Event(), h.Key, h.Value)
	}
}

// listen logs in on a connection of its own, and sends the events of all classes.
func listen(t *testing.T, a *asterisktest.Asterisk) <-chan ami.Message {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", a.AMI.String())
	if err != nil {
		t.Fatal(err)
	}
	login := "Action: Login\r\nUsername: " + asterisktest.Username + "\r\nSecret: " + asterisktest.Secret + "\r\n\r\n"
	if _, err := io.WriteString(conn, login); err != nil {
		t.Fatal(err)
	}
	r := ami.NewReader(conn)
	if _, err := r.ReadBanner(); err != nil {
		t.Fatal(err)
	}
	if m, err := r.ReadMessage(); err != nil || m.Response() != "Success" {
		t.Fatalf("login: %v %v", m, err)
	}
	events := make(chan ami.Message, 1<<16)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(events)
		for {
			m, err := r.ReadMessage()
			if err != nil {
				return
			}
			events <- m
		}
	}()
	t.Cleanup(func() { conn.Close(); <-done })
	return events
}

// scenario makes an Asterisk busy.
type scenario struct {
	t      *testing.T
	client *ami.Client
}

func (s scenario) run(a *asterisktest.Asterisk) {
	s.wrongLogin(a)
	s.do(action.ModuleLoad{Module: "app_agent_pool.so", LoadType: action.ModuleLoadLoadTypeLoad})
	s.do(action.ModuleLoad{Module: "app_queue.so", LoadType: action.ModuleLoadLoadTypeReload})
	s.do(action.Setvar{Variable: "DEVICE_STATE(Custom:hundred)", Value: "INUSE"})
	s.do(action.Setvar{Variable: "PRESENCE_STATE(CustomPresence:hundred)", Value: `away,lunch,at "noon"`})
	for _, exten := range []string{"talk", "queue", "giveup", "abandon", "park", "room", "agent", "async", "wait"} {
		s.do(action.Originate{
			Channel: "Local/wait@default", Context: "default", Exten: exten, Priority: "1", Async: true, CallerID: `"A B" <123>`,
			ChannelId: exten, OtherChannelId: exten + "-2",
		})
	}
	s.members()
	channels := s.channels("talk", "queue", "park", "room", "agent", "async", "wait", "abandon")
	s.eventually(action.AGI{Channel: channels["async"], Command: "VERBOSE hello", CommandID: "1"})
	s.do(action.PlayDTMF{Channel: channels["wait"], Digit: "5", Duration: 100 * time.Millisecond})
	s.eventually(action.ConfbridgeMute{Conference: "room", Channel: channels["room"]})
	s.do(action.ConfbridgeUnmute{Conference: "room", Channel: channels["room"]})
	s.do(action.Originate{Channel: "Local/spy@default", Application: "Wait", Data: "5", Async: true})
	if _, err := action.Do(s.t.Context(), s.client, action.MixMonitor{Channel: channels["wait"], File: "other.wav"}); err != nil {
		s.t.Fatal(err)
	}
	s.eventually(action.MixMonitorMute{Channel: channels["wait"], Direction: "both", State: true})
	s.do(action.Bridge{Channel1: channels["wait"], Channel2: channels["room"]})
	s.do(action.UserEvent{UserEvent: "Test", Extra: []ami.Header{{Key: "customer_id", Value: "42"}}})
	s.until(func(status map[string]*event.Status) bool {
		return status["giveup"] == nil && status["wait"] != nil && status["wait"].BridgeID != ""
	})
	s.eventually(action.BlindTransfer{Channel: channels["wait"], Context: "default", Exten: "wait"})
	s.do(action.Hangup{Channel: channels["abandon"], Cause: 16})
	if _, err := action.List(s.t.Context(), s.client, action.Hangup{Channel: "/^Local/"}); err != nil {
		s.t.Fatal(err)
	}
	s.until(func(status map[string]*event.Status) bool { return len(status) == 0 })
	s.do(action.UserEvent{UserEvent: "Finished"})
}

// members changes the members of a queue in all ways.
func (s scenario) members() {
	s.do(action.QueueAdd{Queue: "empty", Interface: "Local/busy@default", Penalty: 1, MemberName: "Bob"})
	s.do(action.QueuePause{Queue: "empty", Interface: "Local/busy@default", Paused: true, Reason: "lunch"})
	s.do(action.QueuePenalty{Queue: "empty", Interface: "Local/busy@default", Penalty: 5})
	s.do(action.QueueMemberRingInUse{Queue: "empty", Interface: "Local/busy@default"})
	s.do(action.QueueRemove{Queue: "empty", Interface: "Local/busy@default"})
}

// wrongLogin fails to log in, for the events of class security.
func (s scenario) wrongLogin(a *asterisktest.Asterisk) {
	for _, plain := range []bool{true, false} {
		client := &ami.Client{Addr: a.AMI.String(), Username: "wrong", Secret: "guess", PlainLogin: plain}
		var refused *ami.ResponseError
		if err := client.Connect(s.t.Context()); !errors.As(err, &refused) {
			s.t.Fatalf("a wrong login: %v", err)
		}
	}
}

func (s scenario) do(r action.Request[action.Reply]) {
	s.t.Helper()
	if _, err := action.Do(s.t.Context(), s.client, r); err != nil {
		s.t.Fatal(err)
	}
}

// eventually asks until Asterisk says yes: what it takes for that has begun.
func (s scenario) eventually(r action.Request[action.Reply]) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	for {
		_, err := action.Do(ctx, s.client, r)
		var refused *ami.ResponseError
		if err == nil {
			return
		}
		if !errors.As(err, &refused) {
			s.t.Fatal(err)
		}
	}
}

// channels waits until the channels with these ids are up and in the dialplan, and returns their names.
func (s scenario) channels(ids ...string) map[string]string {
	s.t.Helper()
	names := map[string]string{}
	s.until(func(status map[string]*event.Status) bool {
		for _, id := range ids {
			c := status[id]
			if c == nil || c.ChannelStateDesc != "Up" || c.Application == "" || c.Application == "AppDial2" {
				return false
			}
			names[id] = c.Channel
		}
		return true
	})
	return names
}

// until asks for the channels, by their ids, until they are as they should be.
func (s scenario) until(there func(map[string]*event.Status) bool) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	for {
		list, err := action.List(ctx, s.client, action.Status{})
		if err != nil {
			s.t.Fatal(err)
		}
		status := map[string]*event.Status{}
		for _, c := range list.Items {
			status[strings.TrimSpace(c.Uniqueid)] = c
		}
		if there(status) {
			return
		}
	}
}
