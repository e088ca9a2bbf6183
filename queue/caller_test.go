package queue

import (
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

// Positions and waits in the three languages, and in one that ivr cannot speak.
func TestSpoken(t *testing.T) {
	q := Queue{}
	for _, test := range []struct {
		language string
		position int
		wait     time.Duration
		want     string
	}{
		{"en", 1, 0, "en queue-youarenext"},
		{"en", 23, 0, "en queue-thereare digits/20 digits/3 queue-callswaiting"},
		{"en_GB", 1, 61 * time.Second, "en_GB queue-youarenext queue-holdtime digits/2 queue-minutes"},
		{"en", 1, time.Second, "en queue-youarenext queue-holdtime digits/1 queue-minute"},
		{"el", 200, 3 * time.Minute, "el queue-thereare digits/hundred-200 queue-callswaiting queue-holdtime digits/3 queue-minutes"},
		{"fa", 21, 0, "fa queue-thereare digits/20 digits/and digits/1 queue-callswaiting"},
		{"de", 3, 0, "en queue-thereare digits/3 queue-callswaiting"},
		{"", 2, 0, "en queue-thereare digits/2 queue-callswaiting"},
	} {
		language, sounds, err := q.languageOf(test.language, q.Sounds.place(test.position, test.wait))
		if got := language + " " + strings.Join(sounds, " "); err != nil || got != test.want {
			t.Errorf("%s %d, %v: %q, %v", test.language, test.position, test.wait, got, err)
		}
	}
	q.Language = "el"
	if language, _, err := q.languageOf("de", q.Sounds.place(3, 0)); language != "el" || err != nil {
		t.Errorf("%q, %v", language, err)
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
