package ami_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ami/amitest"
)

func tlsConfigOf(transport http.RoundTripper) *tls.Config {
	return transport.(*http.Transport).TLSClientConfig
}

// script is a login, the steps and what Asterisk answers after them.
func script(steps ...amitest.Step) amitest.Script {
	all := amitest.Script{amitest.Login(user, secret), amitest.Expect("Ping"), amitest.Reply("Response: Success")}
	return append(append(all, steps...), amitest.Serve())
}

// start returns a client that is connected to a Manager which goes on with these steps.
func start(t *testing.T, client *ami.Client, steps ...amitest.Step) *ami.Client {
	t.Helper()
	client.Addr = amitest.Start(t, script(steps...)).Addr
	return connect(t, client)
}

func TestDoGetsItsOwnAnswer(t *testing.T) {
	const n = 50
	// answers in reverse order, each behind an event that looks like an answer to somebody
	reverse := func(c *amitest.Conn) error {
		var asked []ami.Message
		for range n {
			m, err := c.Next()
			if err != nil {
				return err
			}
			asked = append(asked, m)
		}
		for i := range asked {
			c.Action = asked[n-1-i]
			err := errors.Join(
				c.Send("Event: OriginateResponse", "ActionID: "+asked[i].Get("ActionID"), "Response: Failure"),
				c.Reply("Response: Success", "Value: "+c.Action.Get("Variable")))
			if err != nil {
				return err
			}
		}
		return nil
	}
	client := start(t, &ami.Client{}, reverse)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			want := strconv.Itoa(i)
			answer, err := client.Do(t.Context(), ami.Action{Name: "Getvar"}.With("Variable", want))
			if err != nil || answer.Get("Value") != want {
				t.Errorf("asked for %s: %q, %v", want, answer, err)
			}
		})
	}
	all.Wait()
}

func TestRefusedAction(t *testing.T) {
	client := start(t, &ami.Client{}, amitest.Expect("Hangup", "Channel: PJSIP/none"), amitest.Reply("Response: Error", "Message: No such channel"))
	answer, err := client.Do(t.Context(), ami.Action{Name: "Hangup"}.With("Channel", "PJSIP/none"))
	var refused *ami.ResponseError
	if !errors.As(err, &refused) || refused.Message != "No such channel" || answer.Response() != "Error" || ami.SafeToRetry(err) {
		t.Errorf("%q, %v", answer, err)
	}
}

func TestInjectionIsRefusedBeforeAByteLeaves(t *testing.T) {
	client := start(t, &ami.Client{}, amitest.Expect("Getvar", "Variable: after"), amitest.Reply("Response: Success"))
	_, err := client.Do(t.Context(), ami.Action{Name: "Getvar"}.With("Variable", "X\r\n\r\nAction: Logoff\r\n"))
	var invalid *ami.InvalidActionError
	if !errors.As(err, &invalid) || invalid.Field != "Variable" {
		t.Errorf("%v", err)
	}
	if _, err := client.Do(t.Context(), ami.Action{Name: "Getvar"}.With("Variable", "after")); err != nil {
		t.Error(err)
	}
}

func TestSameActionIDTwice(t *testing.T) {
	asked := make(chan struct{})
	client := start(t, &ami.Client{}, amitest.Expect("Getvar", "ActionID: mine"),
		func(*amitest.Conn) error { close(asked); return nil },
		amitest.Expect("Ping", "ActionID: mine"), amitest.Reply("Response: Success"))
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error)
	go func() {
		_, err := client.Do(ctx, ami.Action{Name: "Getvar", ID: "mine"})
		first <- err
	}()
	<-asked
	_, err := client.Do(t.Context(), ami.Action{Name: "Ping", ID: "mine"})
	var invalid *ami.InvalidActionError
	if !errors.As(err, &invalid) || invalid.Field != "ActionID" {
		t.Errorf("%v", err)
	}
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) || ami.SafeToRetry(err) {
		t.Errorf("%v", err)
	}
	if _, err := client.Do(t.Context(), ami.Action{Name: "Ping", ID: "mine"}); err != nil {
		t.Errorf("when the first is given up: %v", err)
	}
}

func TestList(t *testing.T) {
	client := start(t, &ami.Client{}, amitest.Expect("CoreShowChannels"), func(c *amitest.Conn) error {
		return errors.Join(
			c.Reply("Response: Success", "EventList: start", "Message: Channels will follow"),
			c.Reply("Event: CoreShowChannel", "Channel: PJSIP/a-1"),
			c.Send("Event: Hangup", "Channel: PJSIP/c-1"), // a live event in between
			c.Send("Event: CoreShowChannel", "ActionID: another's", "Channel: PJSIP/x-1"),
			c.Reply("Event: CoreShowChannel", "Channel: PJSIP/b-1"),
			c.Reply("Event: CoreShowChannelsComplete", "EventList: Complete", "ListItems: 2"),
			c.Send("Event: Newchannel"))
	})
	events := client.Events(t.Context())
	list, err := client.List(t.Context(), ami.Action{Name: "CoreShowChannels"})
	if err != nil || len(list.Items) != 2 || list.Items[1].Get("Channel") != "PJSIP/b-1" || list.Complete.Get("ListItems") != "2" {
		t.Errorf("%v, %v", list, err)
	}
	var live []string
	for event, err := range events {
		if err != nil {
			t.Fatal(err)
		}
		live = append(live, event.Event())
		if event.Event() == "Newchannel" {
			break
		}
	}
	if got := strings.Join(live, " "); got != "Hangup CoreShowChannel Newchannel" {
		t.Errorf("live events: %s", got)
	}
}

func TestListThatIsNone(t *testing.T) {
	client := start(t, &ami.Client{},
		amitest.Expect("FAXSessions"),
		amitest.Reply("Response: Error", "Message: No sessions"),
		amitest.Expect("Ping"),
		amitest.Reply("Response: Success"),
		amitest.Expect("FAXSessions"),
		func(c *amitest.Conn) error {
			return errors.Join(c.Reply("Response: Success", "EventList: Start"),
				c.Reply("Event: FAXSessionsComplete", "EventList: Complete", "ListItems: 3"))
		})
	var refused *ami.ResponseError
	if _, err := client.List(t.Context(), ami.Action{Name: "FAXSessions"}); !errors.As(err, &refused) {
		t.Errorf("%v", err)
	}
	if list, err := client.List(t.Context(), ami.Action{Name: "Ping"}); err != nil || list.Items != nil || list.Response.Len() == 0 {
		t.Errorf("%v, %v", list, err)
	}
	var protocol *ami.ProtocolError
	if _, err := client.List(t.Context(), ami.Action{Name: "FAXSessions"}); !errors.As(err, &protocol) || !strings.Contains(err.Error(), "says 3") {
		t.Errorf("%v", err)
	}
}

// TestDoEndsWithItsContext: at once, and what comes later disturbs nobody.
func TestDoEndsWithItsContext(t *testing.T) {
	answer := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	client := start(t, &ami.Client{},
		amitest.Expect("CoreShowChannels"), func(*amitest.Conn) error { cancel(); return nil }, amitest.WaitFor(answer),
		func(c *amitest.Conn) error {
			return errors.Join(c.Reply("Response: Success", "EventList: start"), c.Reply("Event: CoreShowChannel"),
				c.Reply("Event: CoreShowChannelsComplete", "EventList: Complete"), c.Send("Event: After"))
		})
	events := client.Events(t.Context())
	_, err := client.List(ctx, ami.Action{Name: "CoreShowChannels"})
	var lost *ami.ActionError
	if !errors.As(err, &lost) || !lost.Sent || !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	close(answer)
	for event, err := range events {
		if err != nil || event.Event() != "After" {
			t.Errorf("%q, %v", event, err)
		}
		break
	}
	if _, err := client.Do(ctx, ami.Action{Name: "Ping"}); !ami.SafeToRetry(err) {
		t.Errorf("not sent, but not safe to retry: %v", err)
	}
}

func TestDoBeforeConnectAndAfterClose(t *testing.T) {
	client := &ami.Client{}
	if _, err := client.Do(t.Context(), ami.Action{Name: "Ping"}); !errors.Is(err, ami.ErrNotConnected) || !ami.SafeToRetry(err) {
		t.Errorf("%v", err)
	}
	start(t, client)
	client.Close()
	client.Close()
	if _, err := client.Do(t.Context(), ami.Action{Name: "Ping"}); !errors.Is(err, ami.ErrClosed) || !ami.SafeToRetry(err) {
		t.Errorf("%v", err)
	}
	select {
	case <-client.Done():
	default:
		t.Error("closed, but not done")
	}
}

func TestConnectionLost(t *testing.T) {
	manager := amitest.Start(t, script(amitest.Send("Event: Last"), amitest.Expect("Redirect"), func(c *amitest.Conn) error { c.Close(); return nil })[:6])
	client := connect(t, &ami.Client{Addr: manager.Addr, ReconnectWait: -1})
	events := client.Events(t.Context())
	_, err := client.Do(t.Context(), ami.Action{Name: "Redirect"})
	var lost *ami.ActionError
	if !errors.As(err, &lost) || !lost.Sent || !errors.Is(err, ami.ErrConnectionLost) || ami.SafeToRetry(err) {
		t.Errorf("%v", err)
	}
	<-client.Done()
	var got []string
	for event, err := range events {
		if err != nil {
			if !errors.Is(err, ami.ErrConnectionLost) {
				t.Errorf("%v", err)
			}
			break
		}
		got = append(got, event.Event())
	}
	if len(got) > 1 {
		t.Errorf("events: %q", got)
	}
	if client.State() != ami.Ended || !errors.Is(client.Err(), ami.ErrConnectionLost) {
		t.Errorf("%v, %v", client.State(), client.Err())
	}
}

// TestKeepalive: a connection on which nothing comes is asked, and counts as lost if it stays silent.
func TestKeepalive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		silent := script()
		silent = append(silent[:len(silent)-1],
			amitest.Pause(ami.DefaultKeepalive-time.Second), amitest.Send("Event: A"),
			amitest.Expect("Ping"), amitest.Reply("Response: Success"),
			amitest.Expect("Ping"), amitest.Pause(ami.DefaultKeepaliveTimeout-time.Second), amitest.Send("Event: B"), // busy, but alive
			amitest.Expect("Ping"), amitest.ExpectClose())
		client := connect(t, &ami.Client{ReconnectWait: -1, Dial: play(t, silent)})
		began := time.Now()
		<-client.Done()
		if !errors.Is(client.Err(), ami.ErrConnectionLost) || !strings.Contains(client.Err().Error(), "nothing has come for") {
			t.Errorf("%v", client.Err())
		}
		if took := time.Since(began); took < 3*time.Minute/2 || took > 4*time.Minute {
			t.Errorf("after %v", took)
		}
	})
}

func TestKeepaliveOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := connect(t, &ami.Client{Keepalive: -1, Dial: play(t, script(amitest.Pause(24*time.Hour), amitest.Send("Event: A")))})
		for event, err := range client.Events(t.Context()) {
			if err != nil || event.Event() != "A" {
				t.Errorf("%q, %v", event, err)
			}
			break
		}
	})
}
