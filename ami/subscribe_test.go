package ami_test

import (
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ami/amitest"
)

type hangup struct{}

func (hangup) EventName() string { return "Hangup" }

type newexten struct{}

func (newexten) EventName() string { return "Newexten" }

// subscribing is the login of a client with a subscription at an Asterisk with this banner.
func subscribing(banner string, steps ...amitest.Step) amitest.Script {
	all := amitest.Script{
		amitest.Raw(banner + "\r\n"), amitest.Expect("Challenge"), amitest.Reply("Response: Success", "Challenge: 1"),
		amitest.Expect("Login", "Events: system"), amitest.Reply("Response: Success"), amitest.Send("Event: FullyBooted"),
	}
	all = append(all, steps...)
	return append(all, amitest.Expect("Events", "EventMask: call,dialplan,system"), amitest.Reply("Response: Success", "Events: On"),
		amitest.Expect("Ping"), amitest.Reply("Response: Success"))
}

// TestSubscriptionOnTheWire: the filters are those that the version understands, and are there again after a reconnect.
func TestSubscriptionOnTheWire(t *testing.T) {
	var byName []amitest.Step
	for _, name := range []string{"FullyBooted", "Hangup", "Newexten", "OriginateResponse", "Shutdown"} {
		byName = append(byName, amitest.Expect("Filter", "Operation: Add", "MatchCriteria: name("+name+")"), amitest.Reply("Response: Success"))
	}
	byText := []amitest.Step{
		amitest.Expect("Filter", "Filter: ^Event: (FullyBooted|Hangup|Newexten|OriginateResponse|Shutdown)[[:cntrl:]]"),
		amitest.Reply("Response: Success"),
	}
	manager := amitest.Start(t,
		append(subscribing("Asterisk Call Manager/11.0.0", byName...), hangUp),
		append(subscribing("Asterisk Call Manager/9.0.0", byText...), amitest.Send("Event: Hangup", "Privilege: call,all"), amitest.Serve()))
	client := &ami.Client{Addr: manager.Addr, ReconnectWait: time.Millisecond, Subscribe: ami.EventNames(hangup{}, newexten{})}
	events := client.Events(t.Context())
	connect(t, client)
	next(t, events, "Hangup")
}

func TestBadSubscription(t *testing.T) {
	for _, client := range []*ami.Client{
		{Subscribe: []string{"Hangup\r\nX"}},
		{Subscribe: []string{"name(X)"}},
		{Subscribe: []string{"Hangup"}, EventMask: "call"},
	} {
		if err := client.Connect(t.Context()); err == nil || !strings.Contains(err.Error(), "Subscribe") {
			t.Errorf("%v", err)
		}
	}
}
