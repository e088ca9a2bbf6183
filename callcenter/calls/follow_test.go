package calls_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ami/amitest"
	"github.com/asterism-go/asterism/callcenter/calls"
)

// lists answers the actions of a snapshot: one call in progress, and lists that Asterisk refuses.
func lists() []amitest.Step {
	var steps []amitest.Step
	for _, action := range calls.SnapshotActions {
		steps = append(steps, amitest.Expect(action))
		if action != "CoreShowChannels" {
			steps = append(steps, amitest.Reply("Response: Error", "Message: Permission denied"))
			continue
		}
		steps = append(steps,
			amitest.Reply("Response: Success", "EventList: start", "Message: Channels will follow"),
			amitest.Reply("Event: CoreShowChannel", "Channel: PJSIP/provider-1", "ChannelStateDesc: Up", "CallerIDNum: 2101234567",
				"Uniqueid: 1.1", "Linkedid: 1.1", "Application: Dial", "ApplicationData: PJSIP/alice", "Duration: 00:00:05", "BridgeId: b"),
			amitest.Reply("Event: CoreShowChannel", "Channel: PJSIP/alice-2", "ChannelStateDesc: Up", "CallerIDNum: 101",
				"Uniqueid: 1.2", "Linkedid: 1.1", "Application: AppDial", "Duration: 00:00:04", "BridgeId: b"),
			amitest.Reply("Event: CoreShowChannelsComplete", "EventList: Complete", "ListItems: 2"))
	}
	return steps
}

func connect(t *testing.T, address string) *ami.Client {
	t.Helper()
	client := &ami.Client{Addr: address, Username: "user", Secret: "secret", EventMask: "call,agent", ReconnectWait: -1}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := client.Connect(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// A call that was in progress when the following began is known, and says what is not certain of it.
func TestFollowFindsCallsInProgress(t *testing.T) {
	snapshotTold := make(chan struct{})
	script := slices.Concat([]amitest.Step{amitest.Login("user", "secret")}, lists(), []amitest.Step{
		amitest.WaitFor(snapshotTold),
		amitest.Send("Event: HangupRequest", "Uniqueid: 1.1", "Cause: 16"),
		amitest.Send("Event: BridgeLeave", "Uniqueid: 1.1", "BridgeUniqueid: b"),
		amitest.Send("Event: BridgeLeave", "Uniqueid: 1.2", "BridgeUniqueid: b"),
		amitest.Send("Event: Hangup", "Uniqueid: 1.2", "Cause: 16"),
		amitest.Send("Event: Hangup", "Uniqueid: 1.1", "Cause: 16"),
		amitest.ExpectClose(),
	})
	client := connect(t, amitest.Start(t, script).Addr)
	tracker := calls.NewTracker(office)
	var refused *ami.ResponseError
	for change, err := range calls.Follow(t.Context(), client, tracker) {
		if err != nil {
			if !errors.As(err, &refused) {
				t.Fatal(err)
			}
			continue
		}
		if change.Kind == calls.Connected {
			close(snapshotTold)
		}
		if change.Kind == calls.Ended {
			checkFound(t, &change.Call)
			break
		}
	}
	if refused == nil {
		t.Error("lists were refused, and nobody was told")
	}
}

func checkFound(t *testing.T, c *calls.Call) {
	t.Helper()
	if c.Direction != calls.Inbound || c.Result != calls.Answered || c.AnsweredBy != "PJSIP/alice-2" || c.HangupBy != "PJSIP/provider-1" {
		t.Errorf("%s call, %s, answered by %q, hung up by %q", c.Direction, c.Result, c.AnsweredBy, c.HangupBy)
	}
	if !slices.Contains(c.Uncertain, "parties") || !slices.Contains(c.Uncertain, "answered") || len(c.Gaps) != 1 {
		t.Errorf("uncertain: %v, gaps: %v", c.Uncertain, c.Gaps)
	}
}

// When the connection is lost that is the last thing that is told, and the tracker can follow another one.
func TestFollowEndsWithTheConnection(t *testing.T) {
	script := slices.Concat([]amitest.Step{amitest.Login("user", "secret")}, lists())
	client := connect(t, amitest.Start(t, script).Addr)
	var last error
	for _, err := range calls.Follow(t.Context(), client, calls.NewTracker(office)) {
		last = err
	}
	if !errors.Is(last, ami.ErrConnectionLost) {
		t.Errorf("ended with %v", last)
	}
}

// A context that has ended is the last thing that is told, too, however it falls between the events.
func TestFollowEndsWithItsContext(t *testing.T) {
	client := connect(t, amitest.Start(t, []amitest.Step{amitest.Login("user", "secret")}).Addr)
	for range 50 {
		ctx, cancel := context.WithCancel(t.Context())
		changes := calls.Follow(ctx, client, calls.NewTracker(office))
		cancel()
		var last error
		for _, err := range changes {
			last = err
		}
		if !errors.Is(last, context.Canceled) {
			t.Fatalf("ended with %v", last)
		}
	}
}
