package amitest_test

import (
	"bytes"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/staskobzar/goami2"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ami/amitest"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// events reads n events of a script through a client.
func events(t *testing.T, n int, steps ...amitest.Step) []ami.Message {
	t.Helper()
	manager := amitest.Start(t, append(append(amitest.Script{amitest.Login("u", "s"), amitest.Expect("Ping"), amitest.Reply("Response: Success")},
		steps...), amitest.Serve()))
	client := &ami.Client{Addr: manager.Addr, Username: "u", Secret: "s"}
	stream := client.Events(t.Context())
	if err := client.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	var got []ami.Message
	for event, err := range stream {
		if err != nil {
			t.Fatal(err)
		}
		if event.Event() == "FullyBooted" {
			continue
		}
		if got = append(got, event); len(got) == n {
			break
		}
	}
	return got
}

func TestQuirks(t *testing.T) {
	got := events(t, 6,
		amitest.Split(1, amitest.Send("Event: A", "X: 1"), amitest.StrayBlankLine()),
		amitest.StrayBlankLine(),
		amitest.Split(3, amitest.Send("Event: B", "X: 2")),
		amitest.Forge("Event: Hangup", "Channel: PJSIP/boss-00000001"),
		amitest.Cork(amitest.Send("Event: C"), amitest.Send("Event: D")))
	var names []string
	for _, m := range got {
		names = append(names, m.Event())
	}
	if strings.Join(names, " ") != "A B Newexten Hangup C D" {
		t.Errorf("%q", names)
	}
	if got[2].Suspicious() != "" || got[3].Suspicious() == "" {
		t.Errorf("%q is forged: %q", got[3], got[3].Suspicious())
	}
}

// TestWriteTimeout: a client that does not read is cut off, as by Asterisk.
func TestWriteTimeout(t *testing.T) {
	ours, theirs := net.Pipe()
	defer ours.Close()
	script := amitest.Script{amitest.WriteTimeout(time.Millisecond, amitest.Send("Event: A")), amitest.Send("Event: B")}
	if err := script.Run(theirs); err != nil {
		t.Error(err)
	}
	if _, err := ours.Read(make([]byte, 1)); err == nil {
		t.Error("the connection is still there")
	}
}

const recording = "Asterisk Call Manager/11.0.0\r\nEvent: A\r\nTimestamp: 1000.5\r\n\r\nEvent: B\r\nTimestamp: 1010.5\r\n\r\n" +
	"Event: C\r\nText: l1\nl2\r\n\r\n"

func TestReplay(t *testing.T) {
	for speed, want := range map[float64]time.Duration{0: 0, 1: 10 * time.Second, 5: 2 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			ours, theirs := net.Pipe()
			defer ours.Close()
			go func() {
				if err := (amitest.Script{amitest.Replay(strings.NewReader(recording), speed)}).Run(theirs); err != nil {
					t.Error(err)
				}
			}()
			reader, began := ami.NewReader(ours), time.Now()
			var names []string
			for {
				m, err := reader.ReadMessage()
				if err != nil {
					break
				}
				names = append(names, m.Event())
			}
			if took := time.Since(began); took != want || strings.Join(names, "") != "ABC" {
				t.Errorf("at speed %v: %q in %v, want %v", speed, names, took, want)
			}
		})
	}
}

// TestRecordAndReplay: what a client recorded from a real Asterisk plays again the same.
func TestRecordAndReplay(t *testing.T) {
	asterisk := asterisktest.Start(t, asterisktest.Config{})
	var recorded bytes.Buffer
	recorder := ami.NewRecorder(&recorded)
	client := &ami.Client{
		Addr: asterisk.AMI.String(), Username: asterisktest.Username, Secret: asterisktest.Secret, Hooks: ami.Hooks{Message: recorder.Record},
	}
	if err := client.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	live := client.Events(t.Context())
	for _, text := range []string{"one", "two", "three"} {
		if _, err := client.Do(t.Context(), ami.Action{Name: "UserEvent"}.With("UserEvent", "Said").With("Text", text)); err != nil {
			t.Fatal(err)
		}
	}
	want := said(t, live)
	client.Close()
	if recorder.Err() != nil || bytes.Contains(recorded.Bytes(), []byte(asterisktest.Secret)) {
		t.Errorf("%v", recorder.Err())
	}
	manager := amitest.Start(t, amitest.Script{
		amitest.Login("u", "s"), amitest.Expect("Ping"), amitest.Reply("Response: Success"),
		amitest.Replay(&recorded, 0), amitest.Serve(),
	})
	again := &ami.Client{Addr: manager.Addr, Username: "u", Secret: "s"}
	replayed := again.Events(t.Context())
	if err := again.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if got := said(t, replayed); got != want {
		t.Errorf("replayed %q, recorded %q", got, want)
	}
}

// said returns the texts of three UserEvents.
func said(t *testing.T, stream func(func(ami.Message, error) bool)) string {
	t.Helper()
	var texts []string
	for event, err := range stream {
		if err != nil {
			t.Fatal(err)
		}
		if event.Event() == "UserEvent" {
			texts = append(texts, event.Get("Text"))
		}
		if len(texts) == 3 {
			break
		}
	}
	return strings.Join(texts, " ")
}

// TestGoami2 says the same with an independent client to the Manager of this package and to a real Asterisk.
func TestGoami2(t *testing.T) {
	asterisk := asterisktest.Start(t, asterisktest.Config{})
	manager := amitest.Start(t, amitest.Script{
		amitest.LoginUnbooted(asterisktest.Username, asterisktest.Secret),
		amitest.Expect("UserEvent", "UserEvent: Hello"),
		amitest.Reply("Response: Success", "Message: Event Sent"),
		amitest.Send("Event: UserEvent", "Privilege: user,all", "UserEvent: Hello", "Text: it is me"),
		amitest.Serve(),
	})
	for _, addr := range []string{manager.Addr, asterisk.AMI.String()} {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		client, err := goami2.NewClient(conn, asterisktest.Username, asterisktest.Secret)
		if err != nil {
			t.Fatal(err)
		}
		action := goami2.NewAction("UserEvent")
		action.AddActionID()
		action.AddField("UserEvent", "Hello")
		action.AddField("Text", "it is me")
		if err := client.MustSend(action.Byte()); err != nil {
			t.Fatal(err)
		}
		if err := hears(client, action.ActionID()); err != nil {
			t.Errorf("%s: %v", addr, err)
		}
		conn.Close() // which ends its goroutines; its own Close would leave them
	}
}

// hears waits for the answer and for the event that the action causes.
func hears(client *goami2.Client, id string) error {
	answered, told := false, false
	for !answered || !told {
		select {
		case m := <-client.AllMessages():
			answered = answered || m.IsResponse() && m.ActionID() == id && m.IsSuccess()
			told = told || m.Field("Event") == "UserEvent" && m.Field("Text") == "it is me"
		case err := <-client.Err():
			if errors.Is(err, goami2.ErrEOF) {
				return err
			}
		}
	}
	return nil
}
