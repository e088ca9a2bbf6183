package ami_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ami/amitest"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// The faults F1 to F21 were found in the other clients of the Manager for Go. Here each has a test that it cannot happen:
// those of TestFaults speak to a Manager that provokes it, those of TestFaultsOnAsterisk to a real Asterisk.

func TestFaults(t *testing.T) {
	for name, test := range map[string]func(*testing.T){
		"F1 odd keys cost the message":                     faultOddKeys,
		"F3 a slow consumer costs the answer to an action": TestSlowConsumer,
		"F4 what comes with the login is lost":             faultLoginSegments,
		"F4 a late or split greeting fails the login":      faultLateGreeting,
		"F5 Close with events that wait hangs the range":   faultCloseWithEvents,
		"F6 goroutines stay after cancel and Close":        faultGoroutines,
		"F7 Close and Do at once race":                     faultCloseRace,
		"F8 a value becomes a second action":               TestInjectionIsRefusedBeforeAByteLeaves,
		"F9 broken events stall the reader":                faultBrokenEvents,
		"F10 leading spaces of Output are lost":            faultOutput,
		"F11 an event is taken for the answer":             faultEventBeforeAnswer,
		"F13 live events get into a list":                  TestList,
		"F14 closing twice, with events unread":            faultCloseTwice,
		"F15 the end of the login cuts the next event":     faultLoginSegments,
		"F16 of a repeated key one value is kept":          faultRepeatedKeys,
		"F17 the action of the caller is changed":          faultCallersAction,
		"F18 a closed client goes on":                      faultGoroutines,
		"F19 a stray blank line ends it all":               faultStrayBlankLine,
		"F20 an action from inside the range times out":    TestActionFromInsideTheRange,
		"F20 zero cannot be sent, the unanswered are kept": faultZeroAndUnanswered,
	} {
		t.Run(name, test)
	}
}

// next returns the first event that the name fits.
func next(t *testing.T, events func(func(ami.Message, error) bool), name string) ami.Message {
	t.Helper()
	for event, err := range events {
		if err != nil {
			t.Fatalf("waiting for %s: %v", name, err)
		}
		if event.Event() == name {
			return event
		}
	}
	t.Fatalf("no %s", name)
	return ami.Message{}
}

// inHaste is a step during which the client may close the connection.
func inHaste(step amitest.Step) amitest.Step {
	return func(c *amitest.Conn) error {
		err := step(c)
		if errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) {
			return nil
		}
		return err
	}
}

func faultOddKeys(t *testing.T) {
	client := &ami.Client{}
	events := client.Events(t.Context())
	start(t, client, amitest.Send("Event: OriginateResponse", "X: 1", "customer_id: 7", "ChanVariable(PJSIP/my_trunk-1;2): A=b",
		"ChanVariable(Local/*72@x-1): C=d", "Exten: s"))
	m := next(t, events, "OriginateResponse")
	if m.Len() != 6 || m.Get("X") != "1" || m.Get("customer_id") != "7" || m.Get("ChanVariable(PJSIP/my_trunk-1;2)") != "A=b" || m.Get("Exten") != "s" {
		t.Errorf("%q", m)
	}
}

func faultLoginSegments(t *testing.T) {
	manager := amitest.Start(t, amitest.Script{
		amitest.Raw(amitest.Banner + "\r\n"), amitest.Expect("Login"),
		func(c *amitest.Conn) error {
			id := c.Action.Get("ActionID")
			return amitest.Raw("Response: Success\r\nActionID: "+id[:5], id[5:]+"\r\n\r\nEvent: FullyBooted\r\n\r\nEvent: First\r\nX: 1\r\n\r",
				"\nEvent: Second\r\nX: 2\r\n\r\n")(c)
		}, amitest.Serve(),
	})
	client := &ami.Client{Addr: manager.Addr, PlainLogin: true}
	events := client.Events(t.Context())
	connect(t, client)
	var got []string
	for event, err := range events {
		got = append(got, event.Event()+event.Get("X"))
		if err != nil || event.Event() == "Second" {
			break
		}
	}
	if strings.Join(got, " ") != "FullyBooted First1 Second2" {
		t.Errorf("%q", got)
	}
}

func faultLateGreeting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		connect(t, &ami.Client{Dial: play(t, amitest.Script{
			amitest.Pause(5 * time.Second), amitest.Raw("Asterisk Call", " Manager/11.0.0\r", "\n"),
			amitest.Expect("Challenge"), amitest.Pause(3 * time.Second), amitest.Reply("Response: Success", "Challenge: 1"),
			amitest.Expect("Login"), amitest.Reply("Response: Success"), amitest.Send("Event: FullyBooted"), amitest.Serve(),
		})})
	})
}

func faultCloseWithEvents(t *testing.T) {
	client := start(t, &ami.Client{}, inHaste(burst(100)))
	events := client.Events(t.Context())
	if _, err := client.Do(t.Context(), ami.Action{Name: "Ping"}); err != nil {
		t.Fatal(err)
	}
	client.Close()
	for event, err := range events {
		if err == nil {
			t.Fatalf("an event after Close: %q", event)
		}
		if !errors.Is(err, ami.ErrClosed) {
			t.Error(err)
		}
	}
}

// faultGoroutines leaves clients in every state behind Close; TestMain counts the goroutines.
func faultGoroutines(t *testing.T) {
	for i := range 20 {
		client := start(t, &ami.Client{}, inHaste(burst(100)))
		ctx, cancel := context.WithCancel(t.Context())
		client.Events(ctx)
		if i%2 == 0 {
			cancel()
		}
		client.Close()
		cancel()
	}
}

func faultCloseRace(t *testing.T) {
	for range 20 {
		client := start(t, &ami.Client{}, inHaste(burst(10)))
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if _, err := client.Do(t.Context(), ami.Action{Name: "Ping"}); err != nil && !errors.Is(err, ami.ErrClosed) {
					t.Error(err)
				}
			})
			all.Go(func() {
				for _, err := range client.Events(t.Context()) {
					if err != nil && !errors.Is(err, ami.ErrClosed) {
						t.Error(err)
					}
				}
			})
		}
		all.Go(func() { client.Close() })
		all.Wait()
	}
}

func faultBrokenEvents(t *testing.T) {
	broken := func(c *amitest.Conn) error {
		for range 300 {
			if _, err := io.WriteString(c, "Event: A\r\nno colon\r\n: no key\r\n\xff\xfe: \x01\r\n\r\nneither\r\n\r\n"); err != nil {
				return err
			}
		}
		return nil
	}
	client := start(t, &ami.Client{}, broken)
	if _, err := client.Do(t.Context(), ami.Action{Name: "Ping"}); err != nil {
		t.Error(err)
	}
}

func faultOutput(t *testing.T) {
	client := start(t, &ami.Client{},
		amitest.Expect("Command"),
		amitest.Reply("Response: Success", "Output: Channel   State", "Output:     PJSIP/a-1: Up", "Output: ", "Output: last"))
	answer, err := client.Do(t.Context(), ami.Action{Name: "Command"}.With("Command", "core show channels"))
	if err != nil || strings.Join(answer.Values("Output"), "|") != "Channel   State|    PJSIP/a-1: Up||last" {
		t.Errorf("%q, %v", answer, err)
	}
}

func faultEventBeforeAnswer(t *testing.T) {
	client := start(t, &ami.Client{},
		amitest.Expect("Ping"), amitest.Send("Event: A", "Response: Error"), amitest.Send("Event: B"),
		amitest.Reply("Response: Success", "Ping: first"), amitest.Expect("Ping"), amitest.Reply("Response: Success", "Ping: second"))
	for _, want := range []string{"first", "second"} {
		if answer, err := client.Do(t.Context(), ami.Action{Name: "Ping"}); err != nil || answer.Get("Ping") != want {
			t.Errorf("%q, %v", answer, err)
		}
	}
}

func faultCloseTwice(t *testing.T) {
	client := start(t, &ami.Client{}, inHaste(burst(1000)))
	client.Events(t.Context())
	client.Close()
	client.Close()
}

func faultRepeatedKeys(t *testing.T) {
	client := &ami.Client{}
	events := client.Events(t.Context())
	start(t, client, amitest.Send("Event: Newchannel", "ChanVariable: A=1", "ChanVariable: B=2", "ChanVariable: C=3"))
	if got := next(t, events, "Newchannel").Values("ChanVariable"); strings.Join(got, " ") != "A=1 B=2 C=3" {
		t.Errorf("%q", got)
	}
}

func faultCallersAction(t *testing.T) {
	client := start(t, &ami.Client{})
	action := ami.Action{Name: "Ping", Headers: make([]ami.Header, 0, 10)}
	if _, err := client.Do(t.Context(), action); err != nil {
		t.Fatal(err)
	}
	if action.ID != "" || len(action.Headers) != 0 || action.Headers[:1][0].Key != "" {
		t.Errorf("%v", action)
	}
}

func faultStrayBlankLine(t *testing.T) {
	client := &ami.Client{}
	events := client.Events(t.Context())
	start(t, client, amitest.Send("Event: TestEvent"), amitest.Raw("\r\n\r\n\n\r\n"), amitest.Send("Event: After"))
	next(t, events, "After")
}

func faultZeroAndUnanswered(t *testing.T) {
	asked := make(chan struct{})
	client := start(t, &ami.Client{}, amitest.Expect("QueuePenalty", "Penalty: 0"),
		func(*amitest.Conn) error { close(asked); return nil },
		amitest.Expect("QueuePenalty", "Penalty: 0"), amitest.Reply("Response: Success"))
	ctx, cancel := context.WithCancel(t.Context())
	action := ami.Action{Name: "QueuePenalty", ID: "again"}.With("Penalty", "0")
	unanswered := make(chan error, 1)
	go func() {
		_, err := client.Do(ctx, action)
		unanswered <- err
	}()
	<-asked
	cancel()
	if err := <-unanswered; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := client.Do(t.Context(), action); err != nil { // its ActionID is free again
		t.Error(err)
	}
}

const faultQueues = "[general]\n[help]\nstrategy=ringall\nmember => Local/600@default\n"

func TestFaultsOnAsterisk(t *testing.T) {
	a := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{
		"manager.conf": "[general](+)\nchannelvars = CALLID,NOTE\n",
		"queues.conf":  faultQueues,
		"extensions.conf": "[default]\nexten => 600,1,Answer()\n same => n,Wait(600)\nexten => 601,1,Wait(600)\n" +
			"exten => 602,1,Set(CALLID=a\"b)\n same => n,UserEvent(Odd,customer_id: 7,X: 1,Text: l1)\n same => n,Answer()\n same => n,Wait(1)\n",
	}})
	for name, test := range map[string]func(*testing.T, *asterisktest.Asterisk){
		"F1 odd keys cost the message":                    faultRealOddKeys,
		"F2 a bare LF in a reply costs it":                testBareLF,
		"F8 a value becomes a second action":              testInjection,
		"F10 leading spaces of Output are lost":           faultRealOutput,
		"F12 answers go to others":                        faultRealManyAtOnce,
		"F13 the parameters of a queue are lost":          faultRealQueueParams,
		"F17 an action waits for a slow one":              testBlocking,
		"F21 a consumer that pauses costs the connection": faultRealBurst,
	} {
		t.Run(name, func(t *testing.T) { test(t, a) })
	}
}

func faultRealOddKeys(t *testing.T, a *asterisktest.Asterisk) {
	client := connect(t, of(a))
	events := client.Events(t.Context())
	answer, err := client.Do(t.Context(), ami.Action{Name: "Originate"}.With("Channel", "Local/600@default").With("Async", "true").
		With("Context", "default").With("Exten", "602").With("Priority", "1").With("Variable", "NOTE=n"))
	if err != nil {
		t.Fatal(answer, err)
	}
	user := false
	for event, err := range events {
		if err != nil {
			t.Fatal(err)
		}
		switch event.Event() {
		case "UserEvent":
			user = event.Get("customer_id") == "7" && event.Get("X") == "1"
			if got := event.Values("ChanVariable"); len(got) != 2 || got[0] != `CALLID=a"b` || got[1] != "NOTE=n" {
				t.Errorf("variables %q of %q", got, event)
			}
		case "OriginateResponse":
			if event.Get("Response") != "Success" || event.Get("Exten") != "602" {
				t.Errorf("%q", event)
			}
		}
		if user && event.Event() == "Hangup" {
			break
		}
	}
}

func faultRealOutput(t *testing.T, a *asterisktest.Asterisk) {
	client := connect(t, of(a))
	answer, err := client.Do(t.Context(), ami.Action{Name: "Command"}.With("Command", "core show settings"))
	if err != nil {
		t.Fatal(err)
	}
	indented := 0
	for _, line := range answer.Values("Output") {
		if strings.HasPrefix(line, "  ") {
			indented++
		}
	}
	if indented < 10 {
		t.Errorf("%d indented lines in %q", indented, answer)
	}
}

func faultRealManyAtOnce(t *testing.T, a *asterisktest.Asterisk) {
	client := connect(t, of(a))
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for i := range 50 {
				name := fmt.Sprintf("V_%d_%d", g, i)
				answer, err := client.Do(t.Context(), ami.Action{Name: "Getvar"}.With("Variable", name))
				if err != nil || answer.Get("Variable") != name {
					t.Errorf("%s: %q, %v", name, answer, err)
				}
			}
		})
	}
	all.Wait()
}

func faultRealQueueParams(t *testing.T, a *asterisktest.Asterisk) {
	list, err := connect(t, of(a)).List(t.Context(), ami.Action{Name: "QueueStatus"})
	var kinds []string
	for _, item := range list.Items {
		kinds = append(kinds, item.Event())
	}
	if err != nil || strings.Join(kinds, " ") != "QueueParams QueueMember" {
		t.Errorf("%q, %v", kinds, err)
	}
}

// tally is what a consumer has got of a burst.
type tally struct{ got, lost int }

// count takes events until it knows what has become of n.
func count(t *testing.T, events func(func(ami.Message, error) bool), n int) tally {
	t.Helper()
	var sum tally
	last := map[string]int{} // by sender
	for event, err := range events {
		var gap *ami.GapError
		switch {
		case errors.As(err, &gap):
			sum.lost += int(gap.Lost)
			if gap.First.Get("Sender") == "" || gap.Last.Get("Sender") == "" {
				t.Errorf("the gap is from %q to %q", gap.First, gap.Last)
			}
		case err != nil:
			t.Errorf("after %+v: %v", sum, err)
			return sum
		case event.Event() == "UserEvent":
			sum.got++
			sender, n := event.Get("Sender"), event.Get("N")
			if i, err := strconv.Atoi(n); err != nil || i <= last[sender] {
				t.Errorf("of sender %s %s came after %d", sender, n, last[sender])
			} else {
				last[sender] = i
			}
		}
		if sum.got+sum.lost >= n {
			return sum
		}
	}
	return sum
}

// faultRealBurst: 40,000 events come while a consumer stands still. With room for them it misses none; with too little it
// knows how many. The connection stays.
func faultRealBurst(t *testing.T, a *asterisktest.Asterisk) {
	const senders, each, size = 50, 800, 5000
	roomy, narrow := of(a), of(a)
	narrow.QueueSize = size
	for _, client := range []*ami.Client{roomy, narrow} {
		client.EventMask, client.ReconnectWait = "user", -1
		connect(t, client)
	}
	all, some := roomy.Events(t.Context()), narrow.Events(t.Context())
	sender := of(a)
	sender.EventMask = "off"
	connect(t, sender)
	var sending sync.WaitGroup
	for s := range senders {
		sending.Go(func() {
			for i := range each {
				if _, err := sender.Do(t.Context(), userEvent(i+1).With("Sender", strconv.Itoa(s))); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	sending.Wait() // the consumers stand still until here
	if sum := count(t, all, senders*each); sum != (tally{got: senders * each}) {
		t.Errorf("with room: %+v", sum)
	}
	sum := count(t, some, senders*each)
	if sum.got+sum.lost != senders*each || sum.lost == 0 {
		t.Errorf("with room for %d: %+v", size, sum)
	}
	t.Logf("with room for %d: %+v", size, sum)
	for _, client := range []*ami.Client{roomy, narrow} {
		if client.State() != ami.Up {
			t.Errorf("the connection has ended: %v", client.Err())
		}
	}
}
