package calls_test

import (
	"context"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/calls"
	"github.com/asterism-go/asterism/internal/sipphone"
)

// logging makes Asterisk keep a channel event log, over AMI and in a file as the sample of cel_custom.conf has it.
var logging = map[string]string{
	"cel.conf": "[general]\nenable = yes\napps = dial,queue,park\nevents = ALL\n[manager]\nenabled = yes\n",
	"cel_custom.conf": "[mappings]\nMaster.csv => " + celMapping(
		"eventtype", "eventtime", "CALLERID(name)", "CALLERID(num)", "CALLERID(ANI)", "CALLERID(RDNIS)", "CALLERID(DNID)",
		"CHANNEL(exten)", "CHANNEL(context)", "CHANNEL(channame)", "CHANNEL(appname)", "CHANNEL(appdata)", "CHANNEL(amaflags)",
		"CHANNEL(accountcode)", "CHANNEL(uniqueid)", "CHANNEL(linkedid)", "BRIDGEPEER", "CHANNEL(userfield)", "userdeftype",
		"eventextra") + "\n",
}

func celMapping(fields ...string) string {
	for i, field := range fields {
		fields[i] = "${CSV_QUOTE(${" + field + "})}"
	}
	return strings.Join(fields, ",")
}

// On a real Asterisk: the connection is lost while a call lives; it is hung up, and another call comes and goes, before the
// next connection. The log and the records tell what was not seen: from the file, over a second connection, and from
// Master.csv.
func TestWitnessOfARealGap(t *testing.T) {
	pbx := realOffice(t, logging)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if out, err := pbx.CLI(ctx, "module load cel_custom.so"); err != nil || !strings.Contains(out, "Loaded") {
		t.Fatalf("cel_custom: %s %v", out, err)
	}
	second := dialIn(t, pbx.Asterisk)
	overAMI := second.Events(ctx) // never cut
	client := dialIn(t, pbx.Asterisk)
	cfg, _, err := calls.Discover(ctx, client)
	if err != nil {
		t.Fatal(err)
	}
	tracker := calls.NewTracker(cfg)
	changes := calls.Follow(ctx, client, tracker)
	talk := startTalk(ctx, t, pbx.phones[0], "102")
	waitTalking(t, changes)
	client.Close() // the gap begins
	hangUpCall(ctx, t, talk)
	hangUpCall(ctx, t, startTalk(ctx, t, pbx.phones[1], "101"))
	rows, end := takeRows(t, overAMI, 4) // both calls are over
	ended := firstEnded(ctx, t, dialIn(t, pbx.Asterisk), tracker)

	fromFile := waitFor(ctx, t, func() ([]calls.CELRow, bool) {
		rows := readFile(t, filepath.Join(pbx.Dir, "log", "cel-custom", "Master.csv"), func(file *os.File) ([]calls.CELRow, []error) {
			return collect(calls.ReadCEL(file, calls.CSV{}))
		})
		return rows, countEnds(rows) >= 4
	})
	records := waitFor(ctx, t, func() ([]calls.Record, bool) {
		records := readFile(t, filepath.Join(pbx.Dir, "log", "cdr-csv", "Master.csv"), func(file *os.File) ([]calls.Record, []error) {
			return collect(calls.ReadCDR(file, calls.CSV{}))
		})
		return records, len(records) >= 2
	})
	if !slices.Contains(ended.Uncertain, "ended") || !ended.Ended.After(end) {
		t.Fatalf("ended at %v, uncertain %v: the gap hides nothing", ended.Ended, ended.Uncertain)
	}
	for name, log := range map[string][]calls.CELRow{"file": fromFile, "over AMI": rows, "records only": nil} {
		t.Run(name, func(t *testing.T) {
			witness := calls.NewWitness(cfg)
			witness.Add(ended)
			for _, row := range log {
				witness.HearCEL(row)
			}
			for _, record := range records {
				witness.Hear(record)
			}
			checkRealReport(t, witness.Report(), ended, log != nil)
		})
	}
}

func checkRealReport(t *testing.T, report calls.Report, ended calls.Call, log bool) {
	t.Helper()
	for _, d := range report.Disagreements {
		if d.Verdict == calls.Unexplained {
			t.Error(d)
		}
	}
	if len(report.Calls) != 2 {
		t.Fatalf("%d calls, disagreements %v", len(report.Calls), report.Disagreements)
	}
	filled, unseen := report.Calls[0], report.Calls[1]
	if filled.ID != ended.ID { // times of records are to the second
		filled, unseen = unseen, filled
	}
	if filled.ID != ended.ID || !filled.Ended.Before(ended.Ended) || filled.Result != calls.Answered {
		t.Errorf("call %s ended %v, told %v, result %s, filled %v", filled.ID, filled.Ended, ended.Ended, filled.Result, filled.Filled)
	}
	if uncertain := slices.Contains(filled.Uncertain, "ended"); uncertain == log {
		t.Errorf("the end is uncertain: %t, filled %v", uncertain, filled.Filled)
	}
	if log && filled.HangupBy != filled.Legs[0].Channel {
		t.Errorf("hung up by %s", filled.HangupBy)
	}
	if unseen.Caller.Number != "102" || unseen.Callee.Number != "101" || unseen.Result != calls.Answered ||
		unseen.Direction != calls.Internal || len(unseen.Legs) != 2 || len(unseen.Conversations) != 1 {
		t.Errorf("unseen %+v", unseen)
	}
	source := calls.FromCDR
	if log {
		source = calls.FromCEL
	}
	if want := (calls.Filling{What: "call", Source: source}); !slices.Contains(unseen.Filled, want) || len(unseen.Uncertain) == 0 {
		t.Errorf("filled %v, uncertain %v", unseen.Filled, unseen.Uncertain)
	}
}

// startTalk places a call that is answered.
func startTalk(ctx context.Context, t *testing.T, phone *sipphone.Phone, number string) *sipphone.Call {
	t.Helper()
	call, err := phone.Dial(ctx, number)
	if err != nil {
		t.Fatal(err)
	}
	if err := call.WaitAnswered(ctx); err != nil {
		t.Fatal(err)
	}
	return call
}

// waitTalking waits until a call is told in which two talk, and returns its ID.
func waitTalking(t *testing.T, changes iter.Seq2[calls.Change, error]) string {
	t.Helper()
	for change, err := range changes {
		if err != nil {
			t.Fatal(err)
		}
		if change.Kind == calls.Talking {
			return change.Call.ID
		}
	}
	t.Fatal("nobody talks")
	return ""
}

func hangUpCall(ctx context.Context, t *testing.T, call *sipphone.Call) {
	t.Helper()
	if err := call.Hangup(ctx); err != nil {
		t.Fatal(err)
	}
	<-call.Done()
}

// takeRows takes the rows of the log until so many channels have ended, and says when the last one did.
func takeRows(t *testing.T, events func(func(ami.Message, error) bool), ends int) (rows []calls.CELRow, end time.Time) {
	t.Helper()
	for event, err := range events {
		if err != nil {
			t.Fatal(err)
		}
		row, ok, err := calls.CELOf(event, time.Local)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			continue
		}
		rows, end = append(rows, row), row.At
		if countEnds(rows) == ends {
			break
		}
	}
	return rows, end
}

func countEnds(rows []calls.CELRow) (n int) {
	for _, row := range rows {
		if row.Type == "CHAN_END" {
			n++
		}
	}
	return n
}

func readFile[T any](t *testing.T, path string, read func(*os.File) ([]T, []error)) []T {
	t.Helper()
	file, err := os.Open(path)
	if os.IsNotExist(err) {
		return nil // not yet
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	values, errs := read(file)
	if len(errs) > 0 {
		t.Logf("%s: %v", path, errs) // a row that is being written
	}
	return values
}

// waitFor asks until the answer is complete.
func waitFor[T any](ctx context.Context, t *testing.T, ask func() (T, bool)) T {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		answer, complete := ask()
		if complete {
			return answer
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("it never came; last: %v", answer)
		}
	}
}

// awaitChange returns the call of the next change of a kind.
func awaitChange(t *testing.T, next func() (calls.Change, error, bool), kind calls.ChangeKind) calls.Call {
	t.Helper()
	for {
		change, err, ok := next()
		if err != nil || !ok {
			t.Fatal("no change ", kind, err)
		}
		if change.Kind == kind {
			return change.Call
		}
	}
}
