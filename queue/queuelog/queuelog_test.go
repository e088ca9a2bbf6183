package queuelog_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/queue/acd"
	"github.com/asterism-go/asterism/queue/queuelog"
)

// The lines of each transition.
func TestLines(t *testing.T) {
	now := time.Unix(1795322258, 0)
	info := acd.Caller{Number: "261|0\n1", Joined: now.Add(-9 * time.Second)}
	for _, test := range []struct {
		t    acd.Transition
		want string
	}{
		{acd.Transition{Kind: acd.Joined, CallerInfo: info, Position: 2}, "c|q|NONE|ENTERQUEUE||261_0 1|2"},
		{acd.Transition{Kind: acd.Began, Agent: "a", Reservation: 7, Wait: 9e9, Ring: 2e9}, "c|q|Anna|CONNECT|9|ch.7|2"},
		{acd.Transition{Kind: acd.Finished, Agent: "a", Wait: 3e9, Talk: 12e9, First: 1, ByAgent: true}, "c|q|Anna|COMPLETEAGENT|3|12|1"},
		{acd.Transition{Kind: acd.Finished, Agent: "a", Wait: 3e9, Talk: 3e9, First: 1}, "c|q|Anna|COMPLETECALLER|3|3|1"},
		{acd.Transition{Kind: acd.Left, Outcome: acd.Abandoned, Position: 1, First: 2, Wait: 4e9}, "c|q|NONE|ABANDON|1|2|4"},
		{acd.Transition{Kind: acd.Left, Outcome: acd.TimedOut, Position: 1, First: 1, Wait: 6e9}, "c|q|NONE|EXITWITHTIMEOUT|1|1|6"},
		{acd.Transition{Kind: acd.Left, Outcome: acd.ExitKey, Key: "1", Position: 1, First: 1, Wait: 3e9}, "c|q|NONE|EXITWITHKEY|1|1|1|3"},
		{acd.Transition{Kind: acd.Left, Outcome: acd.LeaveEmpty, Position: 1, First: 1, Wait: 3e9}, "c|q|NONE|EXITEMPTY|1|1|3"},
		{acd.Transition{Kind: acd.OfferEnded, Agent: "a", Cause: acd.Unanswered, Ring: 4e9}, "c|q|Anna|RINGNOANSWER|4000"},
		{acd.Transition{Kind: acd.OfferEnded, Agent: "a", Cause: acd.Lost, Ring: 3661e6}, "c|q|Anna|RINGCANCELED|3661"},
		{acd.Transition{Kind: acd.OfferEnded, Agent: "a", Cause: acd.Refused}, "c|q|Anna|AGENTDUMP"},
		{acd.Transition{Kind: acd.AgentAdded, Agent: "a"}, "NONE|q|Anna|ADDMEMBER|"},
		{acd.Transition{Kind: acd.AgentRemoved, Agent: "a"}, "NONE|q|Anna|REMOVEMEMBER|"},
		{acd.Transition{Kind: acd.AgentChanged, Agent: "a", State: acd.Paused, Reason: "lunch"}, "NONE|NONE|Anna|PAUSEALL|lunch"},
		// each by a Writer of its own, as after a restart: a pause from before ends too
		{acd.Transition{Kind: acd.AgentChanged, Agent: "a", Was: acd.Paused, State: acd.Idle}, "NONE|NONE|Anna|UNPAUSEALL|"},
		{acd.Transition{Kind: acd.AgentChanged, Agent: "a", Was: acd.Paused, State: acd.LoggedOut}, "NONE|NONE|Anna|UNPAUSEALL|"},
		{acd.Transition{Kind: acd.AgentChanged, Agent: "a", Was: acd.Paused, State: acd.Paused, Reason: "training"}, ""},
		{acd.Transition{Kind: acd.AgentChanged, Agent: "a", Was: acd.Idle, State: acd.Ringing}, ""},
		{acd.Transition{Kind: acd.Relaxed}, ""},
		{
			acd.Transition{Kind: acd.Moved, From: "p", CallerInfo: info, Position: 3},
			"c|p|NONE|EXITWITHTIMEOUT|1|1|9\n1795322258|c|q|NONE|ENTERQUEUE||261_0 1|3",
		},
	} {
		var b strings.Builder
		w := writer
		w.W = &b
		test.t.Time, test.t.Queue = now, "q"
		if test.t.Kind != acd.AgentChanged && test.t.Kind != acd.AgentAdded && test.t.Kind != acd.AgentRemoved {
			test.t.Caller = "c"
		}
		if err := w.Add(test.t); err != nil {
			t.Fatal(err)
		}
		want := test.want
		if want != "" {
			want = "1795322258|" + want + "\n"
		}
		if b.String() != want {
			t.Errorf("%v:\ngot  %q\nwant %q", test.t.Kind, b.String(), want)
		}
	}
}

var writer = queuelog.Writer{
	AgentName:    func(string) string { return "Anna" },
	AgentChannel: func(uint64) string { return "ch.7" },
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("no space") }

func TestErrors(t *testing.T) {
	w := queuelog.Writer{W: broken{}}
	if err := w.Start(time.Now()); err == nil || !strings.Contains(err.Error(), "QUEUESTART") {
		t.Errorf("%v", err)
	}
}
