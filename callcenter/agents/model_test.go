package agents_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/agents"
	"github.com/asterism-go/asterism/callcenter/calls"
)

// noon is when the tests' days begin.
var noon = time.Unix(1_700_000_000, 0)

func after(seconds float64) time.Time { return noon.Add(time.Duration(seconds * float64(time.Second))) }

// event makes a message of "Name Key=value Key=value"; a value has no spaces.
func event(t testing.TB, at float64, text string) ami.Message {
	t.Helper()
	fields := strings.Fields(text)
	var b strings.Builder
	fmt.Fprintf(&b, "Event: %s\r\nTimestamp: %d.%06d\r\n", fields[0], after(at).Unix(), after(at).Nanosecond()/1000)
	for _, field := range fields[1:] {
		key, value, _ := strings.Cut(field, "=")
		fmt.Fprintf(&b, "%s: %s\r\n", key, value)
	}
	m, err := ami.ParseMessage(b.String())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// snapshot makes one of items.
func snapshot(t testing.TB, items ...string) *agents.Snapshot {
	t.Helper()
	s := &agents.Snapshot{}
	for _, item := range append(items, "QueueStatusComplete", "ExtensionStateListComplete", "DeviceStateListComplete") {
		s.Add(event(t, 0, item))
	}
	return s
}

const (
	annaIn   = "QueueMember Queue=support Name=Anna Location=PJSIP/101 Status=1 Paused=0 Membership=dynamic"
	annaHint = "ExtensionStatus Exten=101 Context=default Hint=PJSIP/101&Custom:DND101 Status=0"
	annaIdle = "DeviceStateChange Device=PJSIP/101 State=NOT_INUSE"
)

// known is a Model with Anna in it, ready.
func known(t *testing.T, cfg agents.Config) *agents.Model {
	t.Helper()
	m := agents.NewModel(cfg)
	m.Resync(snapshot(t, annaIn, annaHint, annaIdle), after(0))
	expect(t, m, anna, agents.Ready)
	return m
}

func expect(t *testing.T, m *agents.Model, id string, want agents.State) agents.Agent {
	t.Helper()
	a, ok := m.Agent(id)
	if !ok || a.State != want {
		t.Fatalf("%s is known: %v, %v, want %v: %+v", id, ok, a.State, want, a)
	}
	return a
}

// What each event makes of who is ready.
func TestEvents(t *testing.T) {
	const status = " Queue=support Interface=PJSIP/101 Status=1 "
	cases := []struct {
		name   string
		events []string
		want   agents.State
		reason string
	}{
		{"pause", []string{"QueueMemberPause" + status + "Paused=1 PausedReason=lunch"}, agents.Paused, "lunch"},
		{"pause of Asterisk 11", []string{"QueueMemberPaused Queue=support Location=PJSIP/101 Paused=1 Reason=lunch"}, agents.Paused, "lunch"},
		{"pause and on", []string{"QueueMemberPause" + status + "Paused=1", "QueueMemberPause" + status + "Paused=0 PausedReason=back"}, agents.Ready, ""},
		{
			"paused in one queue of two",
			[]string{
				"QueueMemberAdded Queue=sales Interface=PJSIP/101 Status=1 Paused=0",
				"QueueMemberPause" + status + "Paused=1 PausedReason=lunch",
			},
			agents.Ready, "",
		},
		{"removed", []string{"QueueMemberRemoved" + status}, agents.Offline, ""},
		{"device rings", []string{"DeviceStateChange Device=PJSIP/101 State=RINGING"}, agents.Ringing, ""},
		{"device in use", []string{"DeviceStateChange Device=PJSIP/101 State=INUSE"}, agents.Talking, ""},
		{"device rings in use", []string{"DeviceStateChange Device=PJSIP/101 State=RINGINUSE"}, agents.Talking, ""},
		{"device on hold", []string{"DeviceStateChange Device=PJSIP/101 State=ONHOLD"}, agents.Held, ""},
		{
			"the phone keeps the other on hold",
			[]string{"DeviceStateChange Device=PJSIP/101 State=INUSE", "Hold Channel=PJSIP/101-00000001 Uniqueid=1.1"},
			agents.Held, "",
		},
		{
			"and not any more",
			[]string{
				"DeviceStateChange Device=PJSIP/101 State=INUSE", "Hold Channel=PJSIP/101-00000001 Uniqueid=1.1",
				"Unhold Channel=PJSIP/101-00000001 Uniqueid=1.1",
			},
			agents.Talking, "",
		},
		{"device busy", []string{"DeviceStateChange Device=PJSIP/101 State=BUSY"}, agents.Busy, ""},
		{"device unavailable", []string{"DeviceStateChange Device=PJSIP/101 State=UNAVAILABLE"}, agents.Unreachable, ""},
		{"device gone", []string{"DeviceStateChange Device=PJSIP/101 State=INVALID"}, agents.Unreachable, ""},
		{"do not disturb", []string{"DeviceStateChange Device=Custom:DND101 State=BUSY"}, agents.DND, ""},
		{"another's do not disturb", []string{"DeviceStateChange Device=Custom:DND102 State=BUSY"}, agents.Ready, ""},
		{"paused and unreachable", []string{
			"DeviceStateChange Device=PJSIP/101 State=UNAVAILABLE", "QueueMemberPause" + status + "Paused=1",
		}, agents.Paused, ""},
		{"refused at once", []string{"Hangup Channel=PJSIP/101-00000001 Uniqueid=1.1 ChannelStateDesc=Down Cause=17"}, agents.DND, ""},
		{"refused after ringing", []string{"Hangup Channel=PJSIP/101-00000001 Uniqueid=1.1 ChannelStateDesc=Ringing Cause=17"}, agents.Ready, ""},
		{"its own call was refused", []string{"Hangup Channel=PJSIP/101-00000001 Uniqueid=1.1 ChannelStateDesc=Ring Cause=17"}, agents.Ready, ""},
		{"refused, then it rang", []string{
			"Hangup Channel=PJSIP/101-00000001 Uniqueid=1.1 ChannelStateDesc=Down Cause=17",
			"Newstate Channel=PJSIP/101-00000002 Uniqueid=1.2 ChannelStateDesc=Ringing",
		}, agents.Ready, ""},
		{"refused while in a call", []string{
			"DeviceStateChange Device=PJSIP/101 State=INUSE", "Hangup Channel=PJSIP/101-00000001 Uniqueid=1.1 ChannelStateDesc=Down Cause=17",
			"DeviceStateChange Device=PJSIP/101 State=NOT_INUSE",
		}, agents.Ready, ""},
		{"what is none of ours", []string{"DeviceStateChange Device=PJSIP/999 State=BUSY", "Newexten Channel=x", "QueueMemberStatus Queue=x"}, agents.Ready, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := known(t, agents.Config{})
			for i, text := range c.events {
				m.Feed(event(t, float64(i+1), text), noon)
			}
			if a := expect(t, m, anna, c.want); a.Reason != c.reason {
				t.Errorf("reason %q, want %q", a.Reason, c.reason)
			}
		})
	}
}

// A member that is known by a hint, or is a Local channel, is the telephone behind, whichever is told first.
func TestMembersBehindHints(t *testing.T) {
	for _, member := range []string{
		"Location=Local/101@agents/n StateInterface=hint:101@default",
		"Location=Local/101@default/n",
		"Location=Local/101@elsewhere/n",
		"Location=Local/x StateInterface=PJSIP/101",
	} {
		item := "QueueMember Queue=support Name=Anna Status=1 Paused=0 " + member
		for _, items := range [][]string{{item, annaHint, annaIdle}, {annaIdle, annaHint, item}} {
			m := agents.NewModel(agents.Config{})
			m.Resync(snapshot(t, items...), after(0))
			if a := expect(t, m, anna, agents.Ready); a.Name != "Anna" || a.Phone.Number != "101" {
				t.Errorf("%s: %+v", member, a)
			}
		}
	}
}

// A hint that goes leaves the member without a telephone; one that changes leads elsewhere.
func TestHintsChange(t *testing.T) {
	m := agents.NewModel(agents.Config{})
	m.Resync(snapshot(t, "QueueMember Queue=support Location=Local/101@agents StateInterface=hint:101@default Paused=0", annaHint), after(0))
	expect(t, m, anna, agents.Ready)
	m.Feed(event(t, 1, "ExtensionStatus Exten=101 Context=default Hint=SIP/7 Status=0"), noon)
	expect(t, m, "SIP/7", agents.Ready)
	expect(t, m, anna, agents.Offline)
	m.Feed(event(t, 2, "ExtensionStatus Exten=101 Context=default Hint=SIP/7 Status=-1"), noon)
	expect(t, m, "SIP/7", agents.Offline)
	expect(t, m, "Local/101@agents", agents.Ready)
}

// A queue gives no calls for its wrap-up time: the agent is ready again by the clock of the stream.
func TestWrapUp(t *testing.T) {
	m := known(t, agents.Config{WrapUp: map[string]time.Duration{"": 10 * time.Second}})
	const call = " Queue=support Interface=PJSIP/101"
	m.Feed(event(t, 1, "AgentConnect"+call), noon)
	if a := expect(t, m, anna, agents.Ready); !a.Queues[0].InCall || a.Stats.Calls != 1 {
		t.Errorf("%+v", a)
	}
	m.Feed(event(t, 5.5, "AgentComplete"+call), noon)
	a := expect(t, m, anna, agents.WrapUp)
	if q := a.Queues[0]; q.InCall || q.CallsTaken != 1 || !q.LastCall.Equal(after(5)) {
		t.Errorf("%+v", q)
	}
	m.Feed(event(t, 5.6, "QueueMemberStatus"+call+" Status=1 CallsTaken=0 LastCall=0 InCall=1"), noon) // made before the end
	if q := expect(t, m, anna, agents.WrapUp).Queues[0]; q.CallsTaken != 1 || q.InCall {
		t.Errorf("an event that came late has undone the end: %+v", q)
	}
	if changes := m.Tick(after(14.9)); len(changes) > 0 {
		t.Errorf("too early: %v", changes)
	}
	changes := m.Tick(after(30))
	if len(changes) != 1 || !changes[0].At.Equal(after(15)) || changes[0].Was != agents.WrapUp {
		t.Errorf("%v", changes)
	}
	if a := expect(t, m, anna, agents.Ready); a.Stats.WrapUp != 9500*time.Millisecond {
		t.Errorf("%v", a.Stats.WrapUp)
	}
}

// The counters are right whichever of the events comes first.
func TestCallsAreCountedOnce(t *testing.T) {
	const call = " Queue=support Interface=PJSIP/101"
	connect, complete := "AgentConnect"+call, "AgentComplete"+call
	inUse := "QueueMemberStatus" + call + " Status=2 CallsTaken=0 InCall=0"
	inCall := "QueueMemberStatus" + call + " Status=2 CallsTaken=0 InCall=1"
	counted := "QueueMemberStatus" + call + " Status=1 CallsTaken=1 InCall=0 LastCall=1700000001"
	for _, order := range [][]string{
		{inUse, connect, complete, counted},
		{inUse, connect, counted, complete},
		{connect, inUse, complete, counted},
		{connect, complete, inUse},
		{inCall, connect, complete},
		{inCall, connect, counted, complete},
		{connect, complete, inCall},
		{inCall, complete},
		{counted},
	} {
		m := known(t, agents.Config{})
		for i, text := range order {
			m.Feed(event(t, 1+float64(i)/10, text), noon)
		}
		if q := expect(t, m, anna, agents.Ready).Queues[0]; q.CallsTaken != 1 || q.InCall {
			t.Errorf("%q: %+v", order, q)
		}
	}
}

// While events are missing nothing is known; what a snapshot does not list has gone.
func TestLost(t *testing.T) {
	m := agents.NewModel(agents.Config{})
	m.Feed(event(t, 1, "QueueMemberAdded Queue=support Interface=PJSIP/101 Paused=0"), noon)
	expect(t, m, anna, agents.Unknown)
	if changes := m.Resync(&agents.Snapshot{}, after(1)); changes != nil {
		t.Errorf("an empty snapshot has changed %v", changes)
	}
	m.Resync(snapshot(t, annaIn, annaHint), after(2))
	expect(t, m, anna, agents.Ready)
	m.Lost(after(3))
	expect(t, m, anna, agents.Unknown)
	pause := event(t, 4.5, "QueueMemberPause Queue=support Interface=PJSIP/101 Paused=1 PausedReason=late")
	m.Resync(snapshot(t, annaIn, annaHint), after(5), pause)
	if a := expect(t, m, anna, agents.Paused); a.Reason != "late" || a.Stats.Unknown != 3*time.Second || a.Stats.Ready != time.Second {
		t.Errorf("%+v", a)
	}
	m.Resync(snapshot(t), after(6))
	expect(t, m, anna, agents.Offline)
}

// Who sits at a telephone has what happens there.
func TestHotDesking(t *testing.T) {
	m := known(t, agents.Config{})
	m.Resync(snapshot(t, annaIn, annaHint, annaIdle, "DeviceStateChange Device=PJSIP/102 State=NOT_INUSE"), after(0))
	ben := agents.Person{ID: "ben", Name: "Ben"}
	changes, err := m.Assign(ben, anna, after(10))
	if err != nil || len(changes) != 2 || changes[0].Kind != agents.Gone || changes[1].Kind != agents.Appeared {
		t.Fatalf("%v %v", changes, err)
	}
	if a := expect(t, m, "ben", agents.Ready); a.Name != "Ben" || a.Phone.Endpoint != anna || len(a.Queues) != 1 {
		t.Errorf("%+v", a)
	}
	if _, err := m.Assign(agents.Person{ID: "eve"}, anna, after(11)); !errors.Is(err, agents.ErrOccupied) {
		t.Errorf("another person at the same telephone: %v", err)
	}
	if _, err := m.Assign(ben, "PJSIP/102", after(20)); err != nil {
		t.Fatal(err)
	}
	if a := expect(t, m, "ben", agents.Offline); a.Stats.Ready != 10*time.Second || len(a.Queues) != 0 {
		t.Errorf("%+v", a)
	}
	expect(t, m, anna, agents.Ready)
	if _, err := m.Release("ben", after(30)); err != nil {
		t.Fatal(err)
	}
	if a := expect(t, m, "ben", agents.Offline); a.Phone != (agents.Phone{}) || a.At(after(40)).Offline != 20*time.Second {
		t.Errorf("%+v", a)
	}
	if _, err := m.Forget("ben", after(50)); err != nil {
		t.Fatal(err)
	}
	if _, ok := m.Agent("ben"); ok {
		t.Error("ben is not forgotten")
	}
	if _, err := m.Release("ben", after(60)); !errors.Is(err, agents.ErrNoSuchAgent) {
		t.Error(err)
	}
	var invalid *agents.InvalidError
	if _, err := m.Assign(agents.Person{ID: "PJSIP/1"}, anna, noon); !errors.As(err, &invalid) {
		t.Errorf("a person with the name of a telephone: %v", err)
	}
}

// Members of an own queue live beside those of app_queue.
func TestOwnQueue(t *testing.T) {
	m := known(t, agents.Config{})
	own := agents.Member{Queue: "own", Interface: anna, Paused: true, PausedReason: "lunch"}
	changes, err := m.SetMember(own, after(1))
	if err != nil || changes[0].Kind != agents.LoggedIn || changes[0].Queue != "own" || changes[1].Kind != agents.PauseBegan {
		t.Fatalf("%v %v", changes, err)
	}
	m.Resync(snapshot(t, annaHint, annaIdle), after(2))
	expect(t, m, anna, agents.Paused)
	own.Paused = false
	if _, err := m.SetMember(own, after(3)); err != nil {
		t.Fatal(err)
	}
	expect(t, m, anna, agents.Ready)
	m.RemoveMember("own", anna, after(4))
	expect(t, m, anna, agents.Offline)
	if _, err := m.SetMember(agents.Member{}, after(5)); err == nil {
		t.Error("a member of nothing was taken")
	}
}

// Calls tell who rings, talks, holds and dials.
func TestCalls(t *testing.T) {
	m := known(t, agents.Config{Calls: true})
	leg := calls.Leg{Channel: "PJSIP/101-1", Uniqueid: "1.2", Endpoint: anna, Started: after(1)}
	call := calls.Call{ID: "1.1", Legs: []calls.Leg{leg}}
	tell := func(at float64, kind calls.ChangeKind) []agents.Change {
		return m.FeedCall(calls.Change{Kind: kind, At: after(at), Call: call})
	}
	tell(1, calls.Started)
	expect(t, m, anna, agents.Busy)
	call.Legs = []calls.Leg{leg}
	call.Legs[0].Ringing = after(2)
	tell(2, calls.Ringing)
	expect(t, m, anna, agents.Ringing)
	call.Legs[0].Answered = after(4)
	call.Conversations = []calls.Conversation{{A: "PJSIP/9-1", B: "PJSIP/101-1", Start: after(4)}}
	tell(4, calls.Talking)
	if a := expect(t, m, anna, agents.Talking); a.Call != "1.1" {
		t.Errorf("%+v", a)
	}
	call.Conversations[0].End = after(9)
	tell(9, calls.Held)
	expect(t, m, anna, agents.Held)
	m.Feed(event(t, 10, "Hangup Channel=PJSIP/101-1 Uniqueid=1.2 ChannelStateDesc=Up Cause=16"), noon)
	expect(t, m, anna, agents.Ready)
	tell(10, calls.TalkingEnd) // was made before the Hangup
	a := expect(t, m, anna, agents.Ready)
	if s := a.Stats; s.Ringing != 2*time.Second || s.Talk != 5*time.Second || s.Hold != time.Second || s.Busy != time.Second {
		t.Errorf("%+v", s)
	}
	if _, err := json.Marshal(a); err != nil {
		t.Error(err)
	}
}

// The statistics of a day begin anew, and the state goes on.
func TestResetStats(t *testing.T) {
	m := known(t, agents.Config{})
	changes := m.ResetStats(after(100))
	if len(changes) != 1 || changes[0].Kind != agents.Updated {
		t.Errorf("%v", changes)
	}
	a := expect(t, m, anna, agents.Ready)
	if s := a.At(after(160)); s.Ready != time.Minute || s.Total() != time.Minute {
		t.Errorf("%+v", s)
	}
}
