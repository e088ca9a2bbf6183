package calls_test

import (
	"context"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/calls"
	"github.com/asterism-go/asterism/internal/sipphone"
)

// realStory is a real Asterisk whose events are all taken.
type realStory struct {
	*realPBX

	t      *testing.T
	ctx    context.Context //nolint:containedctx // of the test
	client *ami.Client
	next   func() (ami.Message, error, bool)

	messages    []ami.Message
	rows        []calls.CELRow
	begun, over int // channels
	logged      int // CHAN_END
}

func newRealStory(ctx context.Context, t *testing.T) *realStory {
	t.Helper()
	files := map[string]string{
		"extensions.conf": `
[default]
exten => _10X,1,Dial(PJSIP/${EXTEN},20,tT)
exten => 610,1,Answer()
 same => n,Queue(support,tT,,,20)
exten => 620,1,Dial(Local/102@default/n,20)
exten => 630,1,Dial(PJSIP/102&PJSIP/103,20)
exten => 640,1,Answer()
 same => n,Set(CONFBRIDGE(user,quiet)=yes)
 same => n,ConfBridge(room)
exten => 650,1,Busy(1)
include => parkedcalls
`,
		"queues.conf": "[general]\n[support]\nstrategy = ringall\nmember => PJSIP/102\n",
		"cel.conf":    logging["cel.conf"],
		"cdr.conf":    "[general]\nenable = yes\nunanswered = yes\n[csv]\nloguniqueid = yes\nloguserfield = yes\nnewcdrcolumns = yes\n",
	}
	s := &realStory{realPBX: realOffice(t, files), t: t, ctx: ctx}
	s.client = dialIn(t, s.Asterisk)
	next, stop := iter.Pull2(s.client.Events(ctx))
	t.Cleanup(stop)
	s.next = next
	return s
}

// end takes events until all channels have hung up, and the log has said so.
func (s *realStory) end() {
	s.t.Helper()
	for s.begun == 0 || s.over < s.begun || s.logged < s.begun {
		s.take()
	}
	s.begun, s.over, s.logged = 0, 0, 0
}

// take takes the next event.
func (s *realStory) take() {
	s.t.Helper()
	event, err, ok := s.next()
	if err != nil || !ok {
		s.t.Fatalf("%d channels, %d have hung up, %d by the log: %v", s.begun, s.over, s.logged, err)
	}
	s.messages = append(s.messages, event)
	row, isRow, err := calls.CELOf(event, time.Local)
	must(s.t, err)
	if isRow {
		s.rows = append(s.rows, row)
	}
	switch {
	case event.Event() == "Newchannel":
		s.begun++
	case event.Event() == "Hangup":
		s.over++
	case row.Type == "CHAN_END":
		s.logged++
	}
}

// talk places a call from one phone that another one answers, and returns both sides of it.
func (s *realStory) talk(from int, number string, to int) (caller, callee *sipphone.Call) {
	s.t.Helper()
	caller = startTalk(s.ctx, s.t, s.phones[from], number)
	must(s.t, caller.WaitHears(s.ctx, sipphone.Frequencies()[to]))
	return caller, s.takes()
}

// takes returns the next call that a phone has answered.
func (s *realStory) takes() *sipphone.Call {
	s.t.Helper()
	select {
	case call := <-s.taken:
		return call
	case <-s.ctx.Done():
		s.t.Fatal("nobody has answered")
		return nil
	}
}

func (s *realStory) hangUp(call *sipphone.Call) {
	s.t.Helper()
	hangUpCall(s.ctx, s.t, call)
}

// tell is what happens. Each piece ends with all channels gone.
func (s *realStory) tell() {
	tones := sipphone.Frequencies()
	_, callee := s.talk(0, "102", 1) // the callee hangs up
	s.hangUp(callee)
	s.end()

	caller, _ := s.talk(0, "620", 1) // through a Local channel that stays
	s.hangUp(caller)
	s.end()

	caller, callee = s.talk(0, "102", 1) // transferred blindly
	must(s.t, callee.Transfer(s.ctx, "103"), caller.WaitHears(s.ctx, tones[2]))
	s.takes()
	s.hangUp(caller)
	s.end()

	caller, callee = s.talk(0, "102", 1) // transferred after asking
	must(s.t, callee.Hold(s.ctx))
	consultation, _ := s.talk(1, "103", 2)
	must(s.t, callee.TransferTo(s.ctx, consultation), caller.WaitHears(s.ctx, tones[2]))
	s.hangUp(caller)
	s.end()

	caller, _ = s.talk(0, "610", 1) // through a queue
	s.hangUp(caller)
	s.end()

	caller, callee = s.talk(0, "102", 1) // parked and taken
	must(s.t, callee.Transfer(s.ctx, "700"))
	slot := s.await("ParkedCall").Get("ParkingSpace")
	retriever := startTalk(s.ctx, s.t, s.phones[2], slot)
	must(s.t, caller.WaitHears(s.ctx, tones[2]))
	s.hangUp(retriever)
	s.end()

	first := startTalk(s.ctx, s.t, s.phones[0], "640") // in a conference
	second := startTalk(s.ctx, s.t, s.phones[1], "640")
	must(s.t, first.WaitHears(s.ctx, tones[1]))
	s.hangUp(first)
	s.hangUp(second)
	s.end()

	_, err := s.client.Do(s.ctx, ami.Action{Name: "Originate"}.With("Channel", "Local/102@default").With("Context", "default").
		With("Exten", "103").With("Priority", "1").With("Async", "true"))
	must(s.t, err) // the system connects two phones
	one, two := s.takes(), s.takes()
	must(s.t, one.WaitHears(s.ctx, tones[2]), two.WaitHears(s.ctx, tones[1]))
	s.hangUp(one)
	s.end()

	refused, err := s.phones[0].Dial(s.ctx, "650") // busy
	must(s.t, err)
	<-refused.Done()
	s.end()
}

// await takes events until one of a name comes.
func (s *realStory) await(name string) ami.Message {
	s.t.Helper()
	for {
		s.take()
		if last := s.messages[len(s.messages)-1]; last.Event() == name {
			return last
		}
	}
}

// On a real Asterisk: the log and the records tell of all kinds of calls what the stream tells, or differ for a reason that
// has a name; and alone they tell all of them.
func TestRecordsOfRealCalls(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	s := newRealStory(ctx, t)
	s.tell()
	cfg, _, err := calls.Discover(ctx, s.client)
	must(t, err)
	records := waitFor(ctx, t, func() ([]calls.Record, bool) {
		records := readFile(t, filepath.Join(s.Dir, "log", "cdr-csv", "Master.csv"), func(file *os.File) ([]calls.Record, []error) {
			return collect(calls.ReadCDR(file, calls.CSV{}))
		})
		busy := slices.ContainsFunc(records, func(r calls.Record) bool { return r.Destination == "650" })
		return records, busy
	})
	player := calls.Player{Tracker: calls.NewTracker(cfg)}
	var told []calls.Call
	var changes []calls.Change
	for _, message := range s.messages {
		changes = append(changes, player.Feed(message, time.Time{})...)
	}
	for _, change := range append(changes, player.End()...) {
		if change.Kind == calls.Finished {
			told = append(told, change.Call)
		}
	}
	witness, alone := calls.NewWitness(cfg), calls.NewWitness(cfg)
	for _, c := range told {
		witness.Add(c)
	}
	for _, row := range s.rows {
		witness.HearCEL(row)
		alone.HearCEL(row)
	}
	for _, record := range records {
		witness.Hear(record)
	}
	report := witness.Report()
	t.Log(s.Version, len(told), "calls,", len(records), "records:", report.Counts)
	for _, d := range report.Disagreements {
		if d.Verdict == calls.Unexplained && d.What == "hangup_by" {
			t.Log(d) // a telephone that hears the busy tone hangs up when Asterisk does, and each record has its own first
			continue
		}
		if d.Verdict == calls.Unexplained || d.Verdict == calls.Unseen || d.Verdict == calls.InGap {
			t.Error(d)
		}
	}
	if len(report.Calls) != 0 || report.Counts[calls.Agrees] < len(told) {
		t.Errorf("%d calls, %d filled, counts %v", len(told), len(report.Calls), report.Counts)
	}
	if unseen := alone.Report().Calls; len(unseen) != len(told) {
		t.Errorf("the log alone tells %d calls of %d", len(unseen), len(told))
	}
}
