package ami_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ami/amitest"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// TestOriginateEventOvertakesAnswer: the outcome is known even if its event comes before the answer, as it does when a call
// ends at once.
func TestOriginateEventOvertakesAnswer(t *testing.T) {
	client := start(t, &ami.Client{}, amitest.Expect("Originate", "Async: true", "Channel: PJSIP/100", "Exten: 7", "Priority: 1", "Timeout: 5000",
		"Variable: A=1", "Variable: B=2"),
		func(c *amitest.Conn) error {
			return errors.Join(
				c.Send("Event: OriginateResponse", "ActionID: another's", "Response: Success", "Reason: 4"),
				c.Send("Event: OriginateResponse", "ActionID: "+c.Action.Get("ActionID"), "Response: Failure", "Reason: 5",
					"Uniqueid: "+c.Action.Get("ChannelId")),
				c.Reply("Response: Success"))
		})
	call, err := client.Originate(t.Context(), ami.Originate{
		Channel: "PJSIP/100", Context: "default", Exten: "7", Timeout: 5 * time.Second,
		Variables: []ami.Header{{Key: "A", Value: "1"}, {Key: "B", Value: "2"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	outcome, err := call.Wait(t.Context())
	if err != nil || outcome.Reason != ami.Busy || outcome.Uniqueid != call.ID || call.ID == call.OtherID {
		t.Errorf("%+v, %v", outcome, err)
	}
}

func TestOriginateThatIsLost(t *testing.T) {
	manager := amitest.Start(t, lostScript(amitest.Expect("Originate")))
	client := connect(t, &ami.Client{Addr: manager.Addr, ReconnectWait: -1})
	call, err := client.Originate(t.Context(), ami.Originate{Channel: "PJSIP/100", Application: "Wait"})
	if call == nil || call.ID == "" || ami.SafeToRetry(err) || !errors.Is(err, ami.ErrConnectionLost) {
		t.Fatalf("%v, %v", call, err)
	}
	if _, err := call.Wait(t.Context()); !errors.Is(err, ami.ErrConnectionLost) || ami.SafeToRetry(err) {
		t.Errorf("%v", err)
	}
}

func TestOriginateRefused(t *testing.T) {
	client := start(t, &ami.Client{EventMask: "call,system"}, amitest.Expect("Originate"), amitest.Reply("Response: Error", "Message: Permission denied"))
	var refused *ami.ResponseError
	if call, err := client.Originate(t.Context(), ami.Originate{Channel: "X"}); call != nil || !errors.As(err, &refused) {
		t.Errorf("%v, %v", call, err)
	}
	var invalid *ami.InvalidActionError
	if _, err := client.Originate(t.Context(), ami.Originate{Channel: "X\nY"}); !errors.As(err, &invalid) {
		t.Errorf("%v", err)
	}
}

const originateDialplan = `[default]
exten => answer,1,Answer()
 same => n,Wait(600)
exten => busy,1,Busy(5)
exten => congestion,1,Congestion(5)
exten => ring,1,Ringing()
 same => n,Wait(600)
`

func TestOriginateOnAsterisk(t *testing.T) {
	a := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{"extensions.conf": originateDialplan}})
	defer a.Kill() // it would wait for its calls to end
	client := connect(t, of(a))
	order := func(exten, id string) *ami.Origination {
		t.Helper()
		call, err := client.Originate(t.Context(), ami.Originate{
			Channel: "Local/" + exten + "@default", Application: "Wait", Data: "600", Timeout: time.Second, ID: id,
		})
		if err != nil {
			t.Fatal(err)
		}
		return call
	}
	for exten, want := range map[string]ami.Reason{
		"answer": ami.Answered, "busy": ami.Busy, "congestion": ami.Congestion, "ring": ami.NoAnswer, "nowhere": ami.Failed,
	} {
		if outcome, err := order(exten, "").Wait(t.Context()); err != nil || outcome.Reason != want {
			t.Errorf("%s: %v, %v", exten, outcome, err)
		}
	}
	// ordered twice, it is one call
	first := order("answer", "the-call")
	if outcome, err := first.Wait(t.Context()); err != nil || outcome.Reason != ami.Answered || outcome.Uniqueid != "the-call" {
		t.Errorf("%v, %v", outcome, err)
	}
	if outcome, err := order("answer", "the-call").Wait(t.Context()); err != nil || outcome.Reason != ami.Failed {
		t.Errorf("ordered twice: %v, %v", outcome, err)
	}
	events := client.Events(t.Context())
	if err := first.Hangup(t.Context()); err != nil {
		t.Error(err)
	}
	for event, err := range events {
		if err != nil {
			t.Fatal(err)
		}
		if event.Event() == "Hangup" && event.Get("Uniqueid") == "the-call" {
			break
		}
	}
}

// counted is a Dial that counts the bytes that are read.
func counted(n *atomic.Int64) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		return countingConn{conn, n}, err
	}
}

type countingConn struct {
	net.Conn
	n *atomic.Int64
}

func (c countingConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// callCentre are the events that a call centre needs.
var callCentre = strings.Fields(`Newchannel Newstate NewCallerid NewConnectedLine Rename Hangup HangupRequest DialBegin DialEnd
	BridgeCreate BridgeDestroy BridgeEnter BridgeLeave Hold Unhold AttendedTransfer BlindTransfer Pickup ParkedCall UnParkedCall
	QueueCallerJoin QueueCallerLeave QueueCallerAbandon AgentCalled AgentConnect AgentComplete AgentRingNoAnswer
	QueueMemberStatus QueueMemberPause ConfbridgeJoin ConfbridgeLeave UserEvent`)

const trafficDialplan = `[default]
exten => _9X,1,Set(A=1)
 same => n,Answer()
 same => n,Wait(0.3)
 same => n,Hangup()
exten => call,1,Set(CUSTOMER=42)
 same => n,Set(CHANNEL(language)=en)
 same => n,Set(TENANT=hq)
 same => n,Set(CDR(userfield)=${TENANT})
 same => n,Set(__RECORDING=/var/spool/${UNIQUEID}.wav)
 same => n,Set(DAY=${STRFTIME(${EPOCH},,%u)})
 same => n,GotoIfTime(00:00-23:59,mon-sun,*,*?open)
 same => n(open),Set(PRIORITY=5)
 same => n,Set(QUEUE_PRIO=${PRIORITY})
 same => n,GotoIf($["${TENANT}"="hq"]?hq)
 same => n(hq),NoOp(${CUSTOMER})
 same => n,Answer()
 same => n,Gosub(default,sub,1)
 same => n,Queue(help,t,,,20)
exten => sub,1,Set(LOCAL(x)=1)
 same => n,ExecIf($[1]?Set(y=2))
 same => n,Return()
`

// TestSubscriptionSavesTraffic: the events of a call centre are less than a third of what Asterisk would send.
func TestSubscriptionSavesTraffic(t *testing.T) {
	a := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{
		"extensions.conf": trafficDialplan,
		"cel.conf":        "[general]\nenable=yes\napps=all\nevents=ALL\n[manager]\nenabled=yes\n",
		"queues.conf":     "[general]\n[help]\nstrategy=linear\nretry=1\njoinempty=yes\nmember => Local/91@default\nmember => Local/92@default\nmember => Local/93@default\n",
	}})
	short, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	defer a.Kill() // it would wait for its calls to end
	var all, few atomic.Int64
	noisy, quiet := of(a), of(a)
	noisy.Dial, quiet.Dial, quiet.Subscribe = counted(&all), counted(&few), callCentre
	unwanted, wanted := noisy.Events(t.Context()), quiet.Events(short)
	connect(t, noisy)
	connect(t, quiet)
	allBefore, fewBefore := all.Load(), few.Load()
	for range 3 {
		call, err := quiet.Originate(t.Context(), ami.Originate{Channel: "Local/call@default", Application: "Wait", Data: "20"})
		if err != nil {
			t.Fatal(err)
		}
		if outcome, err := call.Wait(t.Context()); err != nil || outcome.Reason != ami.Answered {
			t.Fatal(outcome, err)
		}
	}
	got := map[string]int{}
	for event, err := range wanted {
		if err != nil {
			t.Fatal(err, got)
		}
		if got[event.Event()]++; event.Event() == "UserEvent" {
			break
		}
		if event.Event() == "QueueCallerLeave" && got["QueueCallerLeave"] == 3 {
			if _, err := quiet.Do(t.Context(), userEvent(1)); err != nil {
				t.Fatal(err)
			}
		}
	}
	next(t, unwanted, "UserEvent")
	for name := range got {
		if !slices.Contains(callCentre, name) && !slices.Contains([]string{"FullyBooted", "OriginateResponse", "Shutdown"}, name) {
			t.Errorf("%s came, which nobody wanted", name)
		}
	}
	allBytes, fewBytes := all.Load()-allBefore, few.Load()-fewBefore
	saved := 100 - 100*fewBytes/allBytes
	t.Logf("%d of %d bytes: %d %% saved", fewBytes, allBytes, saved)
	if fewBytes*3 > allBytes {
		t.Errorf("%d of %d bytes: only %d %% saved", fewBytes, allBytes, saved)
	}
}

// A value of a variable is one value, whatever it holds: no part of it becomes another variable.
func TestOriginateVariablesOnAsterisk(t *testing.T) {
	a := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{"extensions.conf": originateDialplan}})
	defer a.Kill()
	client := connect(t, of(a))
	for _, value := range []string{`a,B=2`, `"a",B=2`, `\`, `a\,B=2`, `(a,B=2`, `[a,B=2`, ` a `, `a"b`, `${EXTEN}`, "Παπαδοπούλου, Ελένη"} {
		call, err := client.Originate(t.Context(), ami.Originate{
			Channel: "Local/answer@default/n", Application: "Wait", Data: "600", Variables: []ami.Header{{Key: "A", Value: value}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if outcome, err := call.Wait(t.Context()); err != nil || outcome.Reason != ami.Answered {
			t.Fatal(outcome, err)
		}
		for name, want := range map[string]string{"A": value, "B": ""} {
			answer, err := client.Do(t.Context(), ami.Action{Name: "Getvar"}.With("Channel", call.ID).With("Variable", name))
			if got := answer.Get("Value"); err != nil || got != want {
				t.Errorf("%s of %q is %q, %v", name, value, got, err)
			}
		}
		if err := call.Hangup(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
