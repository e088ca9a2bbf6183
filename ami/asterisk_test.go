package ami_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// users are added to the manager.conf of every Asterisk that is started here.
const users = `
[deaf]
secret = deaf-secret
read = call
write = system,call,reporting
`

func startAsterisk(t testing.TB) *asterisktest.Asterisk {
	t.Helper()
	return asterisktest.Start(t, asterisktest.Config{Files: map[string]string{
		"manager.conf":    users,
		"extensions.conf": "[default]\nexten => 600,1,Answer()\n same => n,Wait(600)\nexten => 601,1,Wait(600)\n",
	}})
}

// of returns a client of the user who may do everything.
func of(a *asterisktest.Asterisk) *ami.Client {
	return &ami.Client{Addr: a.AMI.String(), Username: asterisktest.Username, Secret: asterisktest.Secret}
}

// TestAsterisk holds the client against a real Asterisk.
func TestAsterisk(t *testing.T) {
	a := startAsterisk(t)
	for name, test := range map[string]func(*testing.T, *asterisktest.Asterisk){
		"login":                testLogin,
		"refused login":        testRefusedLogin,
		"FullyBooted":          testFullyBooted,
		"no FullyBooted":       testNoFullyBooted,
		"answers":              testAnswers,
		"lists":                testLists,
		"bare LF in replies":   testBareLF,
		"events in order":      testEventsInOrder,
		"injection":            testInjection,
		"the largest action":   testLargestAction,
		"blocking":             testBlocking,
		"ActionID in an event": testForeignActionID,
		"drain":                testDrain,
	} {
		t.Run(name, func(t *testing.T) { test(t, a) })
	}
}

func testLogin(t *testing.T, a *asterisktest.Asterisk) {
	for _, plain := range []bool{false, true} {
		client := of(a)
		client.PlainLogin = plain
		if answer, err := connect(t, client).Do(t.Context(), ami.Action{Name: "Ping"}); err != nil || answer.Get("Ping") != "Pong" {
			t.Errorf("plain %v: %q, %v", plain, answer, err)
		}
	}
}

func testRefusedLogin(t *testing.T, a *asterisktest.Asterisk) {
	client := of(a)
	client.Secret = "wrong"
	err := client.Connect(t.Context())
	var refused *ami.ResponseError
	if !errors.As(err, &refused) || refused.Message != "Authentication failed" {
		t.Errorf("%v", err)
	}
}

func testFullyBooted(t *testing.T, a *asterisktest.Asterisk) {
	client := of(a)
	client.BootTimeout = time.Hour
	events := client.Events(t.Context())
	connect(t, client)
	for event, err := range events {
		if err != nil {
			t.Fatal(err)
		}
		if event.Event() == "FullyBooted" {
			break
		}
	}
}

func testNoFullyBooted(t *testing.T, a *asterisktest.Asterisk) {
	client := &ami.Client{Addr: a.AMI.String(), Username: "deaf", Secret: "deaf-secret", BootTimeout: time.Millisecond}
	if _, err := connect(t, client).Do(t.Context(), ami.Action{Name: "CoreStatus"}); err != nil {
		t.Error(err)
	}
}

func testAnswers(t *testing.T, a *asterisktest.Asterisk) {
	client := connect(t, of(a))
	answer, err := client.Do(t.Context(), ami.Action{Name: "CoreSettings"})
	if err != nil || !strings.HasPrefix(answer.Get("AsteriskVersion"), a.Version) {
		t.Errorf("%q, %v", answer, err)
	}
	answer, err = client.Do(t.Context(), ami.Action{Name: "Command"}.With("Command", "core show help core"))
	if err != nil || len(answer.Values("Output")) < 10 {
		t.Errorf("%q, %v", answer, err)
	}
	_, err = client.Do(t.Context(), ami.Action{Name: "NoSuchAction"})
	var refused *ami.ResponseError
	if !errors.As(err, &refused) || !strings.Contains(refused.Message, "NoSuchAction") {
		t.Errorf("%v", err)
	}
}

func testLists(t *testing.T, a *asterisktest.Asterisk) {
	client := connect(t, of(a))
	for _, name := range []string{"CoreShowChannels", "QueueStatus", "DeviceStateList", "BridgeList", "ParkedCalls", "Parkinglots"} {
		list, err := client.List(t.Context(), ami.Action{Name: name})
		if err != nil || list.Complete.Event() == "" {
			t.Errorf("%s: %v, %v", name, list, err)
		}
	}
}

func testBareLF(t *testing.T, a *asterisktest.Asterisk) {
	client := connect(t, of(a))
	for _, action := range []ami.Action{
		{Name: "PJSIPShowContacts"},
		ami.Action{Name: "PJSIPShowEndpoint"}.With("Endpoint", "nobody"),
	} {
		_, err := client.List(t.Context(), action)
		var refused *ami.ResponseError
		if !errors.As(err, &refused) || refused.Message == "" || strings.HasSuffix(refused.Message, "\n") {
			t.Errorf("%s: %v", action.Name, err)
		}
	}
}

func userEvent(n int) ami.Action {
	return ami.Action{Name: "UserEvent"}.With("UserEvent", "Tick").With("N", strconv.Itoa(n))
}

func testEventsInOrder(t *testing.T, a *asterisktest.Asterisk) {
	const n = 1000
	client := connect(t, of(a))
	events := client.Events(t.Context())
	sent := make(chan error, 1)
	go func() {
		for i := range n {
			if _, err := client.Do(t.Context(), userEvent(i)); err != nil {
				sent <- err
				return
			}
		}
		sent <- nil
	}()
	next := 0
	for event, err := range events {
		if err != nil {
			t.Fatal(err)
		}
		if event.Event() != "UserEvent" {
			continue
		}
		if event.Get("UserEvent") != "Tick" || event.Get("N") != strconv.Itoa(next) {
			t.Fatalf("event %d is %q", next, event)
		}
		if next++; next == n {
			break
		}
	}
	if err := <-sent; err != nil {
		t.Error(err)
	}
}

func testInjection(t *testing.T, a *asterisktest.Asterisk) {
	client := connect(t, of(a))
	events := client.Events(t.Context())
	_, err := client.Do(t.Context(), userEvent(1).With("X", "1\r\n\r\nAction: UserEvent\r\nUserEvent: Injected\r\n"))
	var invalid *ami.InvalidActionError
	if !errors.As(err, &invalid) || invalid.Field != "X" || ami.SafeToRetry(err) {
		t.Errorf("%v", err)
	}
	if _, err := client.Do(t.Context(), userEvent(2)); err != nil {
		t.Fatal(err)
	}
	for event, err := range events {
		if err != nil || event.Event() == "UserEvent" && event.Get("N") != "2" {
			t.Fatalf("%q, %v", event, err)
		}
		if event.Event() == "UserEvent" {
			break
		}
	}
}

// testLargestAction: what the limits allow reaches Asterisk whole.
func testLargestAction(t *testing.T, a *asterisktest.Asterisk) {
	client := connect(t, of(a))
	events := client.Events(t.Context())
	action := ami.Action{Name: "UserEvent", ID: strings.Repeat("i", 64)}.With("UserEvent", "Large").With("Long", strings.Repeat("x", 1022-len("Long: ")))
	for i := len(action.Headers); i < 126; i++ {
		action = action.With(fmt.Sprintf("H%d", i), "v")
	}
	if answer, err := client.Do(t.Context(), action); err != nil || answer.Get("ActionID") != action.ID {
		t.Fatalf("%q, %v", answer, err)
	}
	for event, err := range events {
		if err != nil {
			t.Fatal(err)
		}
		if event.Event() != "UserEvent" {
			continue
		}
		if event.Get("Long") != action.Headers[1].Value || event.Get("H125") != "v" {
			t.Errorf("it came as %q", event)
		}
		break
	}
}

// testBlocking: an action that Asterisk needs long for holds up neither answers nor events, ends with its context, and goes
// over a connection of its own.
func testBlocking(t *testing.T, a *asterisktest.Asterisk) {
	client := connect(t, of(a))
	events := client.Events(t.Context())
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := client.Do(ctx, ami.Action{Name: "Originate"}.With("Channel", "Local/601@default").
			With("Application", "Wait").With("Data", "1").With("Timeout", "30000"))
		ended <- err
	}()
	for event, err := range events {
		if err != nil {
			t.Fatal(err)
		}
		if event.Event() == "Newchannel" && event.Get("Exten") == "601" {
			break
		}
	}
	if _, err := client.Do(t.Context(), ami.Action{Name: "Ping"}); err != nil {
		t.Error(err)
	}
	select {
	case err := <-ended:
		t.Fatalf("Originate has ended with %v", err)
	default:
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) || ami.SafeToRetry(err) {
		t.Errorf("%v", err)
	}
}

// testForeignActionID: the answers and events of others do not disturb, even if they carry the same ActionID.
func testForeignActionID(t *testing.T, a *asterisktest.Asterisk) {
	mine, other := connect(t, of(a)), connect(t, of(a))
	events := mine.Events(t.Context())
	originate := ami.Action{Name: "Originate", ID: "same"}.With("Channel", "Local/600@default").With("Application", "Wait").With("Data", "1").With("Async", "true")
	if _, err := other.Do(t.Context(), originate); err != nil {
		t.Fatal(err)
	}
	for event, err := range events {
		if err != nil {
			t.Fatal(err)
		}
		if event.Event() == "OriginateResponse" && event.Get("ActionID") == "same" {
			break
		}
	}
	if _, err := mine.Do(t.Context(), ami.Action{Name: "Ping", ID: "same"}); err != nil {
		t.Error(err)
	}
}

func testDrain(t *testing.T, a *asterisktest.Asterisk) {
	for range 20 {
		client := connect(t, of(a))
		events := client.Events(t.Context())
		if _, err := client.Do(t.Context(), userEvent(1)); err != nil {
			t.Fatal(err)
		}
		if err := client.Drain(t.Context()); err != nil || !errors.Is(client.Err(), ami.ErrClosed) {
			t.Fatalf("%v, ended with %v", err, client.Err())
		}
		for event, err := range events {
			if err != nil && !errors.Is(err, ami.ErrClosed) {
				t.Errorf("%q, %v", event, err)
			}
		}
	}
}

// TestKilledAsterisk: a crash is noticed at once.
func TestKilledAsterisk(t *testing.T) {
	a := startAsterisk(t)
	client := of(a)
	client.ReconnectWait = -1
	connect(t, client)
	a.Kill()
	<-client.Done()
	if !errors.Is(client.Err(), ami.ErrConnectionLost) {
		t.Errorf("%v", client.Err())
	}
}
