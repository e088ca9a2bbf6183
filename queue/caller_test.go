package queue

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/queue/acd"
)

// The arguments of Stasis.
func TestCallerOf(t *testing.T) {
	for args, want := range map[string]acd.Caller{
		"support": {ID: "1", Queue: "support"},
		"q,priority=2,need=de:3,need=fr,last=anna": {
			ID: "1", Queue: "q", Priority: 2, Needs: []acd.Need{{Skill: "de", Min: 3}, {Skill: "fr", Min: 1}}, LastAgent: "anna",
		},
	} {
		got, err := callerOf("1", strings.Split(args, ","))
		if err != nil || cmp.Diff(want, got) != "" {
			t.Errorf("%s: %v, %s", args, err, cmp.Diff(want, got))
		}
	}
	for _, args := range []string{"", "q,priority=high", "q,need=de:much", "q,colour=red"} {
		if c, err := callerOf("1", strings.Split(args, ",")); err == nil {
			t.Errorf("%q: %+v", args, c)
		}
	}
}

func TestSpoken(t *testing.T) {
	for _, test := range []struct {
		position int
		wait     time.Duration
		want     string
	}{
		{1, 0, "sound:queue-youarenext"},
		{3, 0, "sound:queue-thereare number:3 sound:queue-callswaiting"},
		{1, 61 * time.Second, "sound:queue-youarenext sound:queue-holdtime number:2 sound:queue-minutes"},
	} {
		if got := spoken(test.position, test.wait); !slices.Equal(got, strings.Fields(test.want)) {
			t.Errorf("%d, %v: %q", test.position, test.wait, got)
		}
	}
}

// What the dial says, and what the state makes of it.
func TestCauseOf(t *testing.T) {
	for failed, want := range map[ari.DialError]acd.Cause{
		{Status: "NOANSWER"}:              acd.Unanswered,
		{Status: "BUSY", Cause: 19}:       acd.LineBusy,
		{Cause: 17}:                       acd.LineBusy,
		{Status: "CHANUNAVAIL"}:           acd.Unreachable,
		{Status: "CONGESTION", Cause: 21}: acd.Refused,
		{}:                                acd.LineBusy,
	} {
		if got := causeOf(&failed); got != want {
			t.Errorf("%+v: %v, want %v", failed, got, want)
		}
	}
	if got := causeOf(ari.ErrClosed); got != acd.Unreachable {
		t.Errorf("%v", got)
	}
}
