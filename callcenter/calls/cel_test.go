package calls_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/asterism-go/asterism/callcenter/calls"
)

// celRows are the rows of a recording's channel event log: of its file, or of the events over AMI.
func celRows(t testing.TB, r *recording) []calls.CELRow {
	t.Helper()
	var rows []calls.CELRow
	for row, err := range calls.ReadCEL(bytes.NewReader(r.files["cel.csv"]), calls.CSV{Zone: time.UTC}) {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	if rows != nil {
		return rows
	}
	for _, message := range r.messages(t) {
		row, ok, err := calls.CELOf(message, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			rows = append(rows, row)
		}
	}
	return rows
}

// cdrRecords are the call detail records of a recording.
func cdrRecords(t testing.TB, r *recording) (records []calls.Record) {
	t.Helper()
	for record, err := range calls.ReadCDR(bytes.NewReader(r.files["cdr.csv"]), calls.CSV{Zone: time.UTC}) {
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, record)
	}
	return records
}

// What the channel event log of the recordings tells is what the calls are, or differs for a reason that has a name.
func TestCELAgreesWithTheCalls(t *testing.T) {
	total := map[calls.Verdict]int{}
	compared := 0
	for _, r := range append(slices.Clone(situations(t)), randomCalls(t)) {
		witness := calls.NewWitness(recordedConfig(t))
		finished, _ := play(t, r.messages(t))
		for _, c := range finished {
			witness.Add(c)
		}
		for _, row := range celRows(t, r) {
			witness.HearCEL(row)
		}
		compared += len(finished)
		report := witness.Report()
		for _, d := range report.Disagreements {
			if d.Verdict == calls.Unexplained || d.Verdict.Explain() == "" || (d.Verdict == calls.Unseen && !r.hasGap()) {
				t.Errorf("%s: %s", r.name, d)
			}
		}
		for verdict, n := range report.Counts {
			total[verdict] += n
		}
		if len(report.Calls) > 0 && !r.hasGap() {
			t.Errorf("%s: filled, and there is no gap: %v", r.name, report.Calls[0].Filled)
		}
	}
	t.Log(compared, "calls:", total)
	if total[calls.Agrees] < 250 {
		t.Errorf("only %d calls agree", total[calls.Agrees])
	}
}
