package calls_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
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

// A table may keep whole seconds only. The order of the rows is enough to tell the calls; only who rang at once is not.
func TestCELInWholeSeconds(t *testing.T) {
	total := map[calls.Verdict]int{}
	for _, r := range append(slices.Clone(situations(t)), randomCalls(t)) {
		witness := calls.NewWitness(recordedConfig(t))
		finished, _ := play(t, r.messages(t))
		for _, c := range finished {
			witness.Add(c)
		}
		for _, row := range celRows(t, r) {
			row.At = row.At.Truncate(time.Second)
			witness.HearCEL(row)
		}
		report := witness.Report()
		for _, d := range report.Disagreements {
			if d.Verdict == calls.Unexplained && d.What != "callee" {
				t.Errorf("%s: %s", r.name, d)
			}
		}
		for verdict, n := range report.Counts {
			total[verdict] += n
		}
	}
	if total[calls.Agrees] < 240 || total[calls.Unexplained] > 2 {
		t.Errorf("%v", total)
	}
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

// A call that is wrong is found out.
func TestWrongCallIsFound(t *testing.T) {
	r := situation(t, "xfer_blind_int")
	right, _ := play(t, r.messages(t))
	tests := []struct {
		what  string
		spoil func(*calls.Call)
	}{
		{"result", func(c *calls.Call) { c.Result = calls.Missed }},
		{"direction", func(c *calls.Call) { c.Direction = calls.Outbound }},
		{"answered_by", func(c *calls.Call) { c.AnsweredBy = c.Legs[2].Channel }},
		{"hangup_by", func(c *calls.Call) { c.HangupBy = calls.System }},
		{"dialed", func(c *calls.Call) { c.Dialed = "1" }},
		{"caller", func(c *calls.Call) { c.Caller.Number = "1" }},
		{"callee", func(c *calls.Call) { c.Callee.Number = "1" }},
		{"transfers", func(c *calls.Call) { c.Transfers = nil }},
		{"leg", func(c *calls.Call) { c.Legs = slices.Clone(c.Legs[:2]) }},
		{"ended", func(c *calls.Call) { c.Legs[1].Ended = c.Legs[1].Ended.Add(time.Minute) }},
		{"answered", func(c *calls.Call) { c.Legs[1].Answered = time.Time{} }},
		{"conversation", func(c *calls.Call) { c.Conversations = nil }},
	}
	for _, test := range tests {
		t.Run(test.what, func(t *testing.T) {
			c := right[0]
			c.Legs = slices.Clone(c.Legs)
			test.spoil(&c)
			witness := calls.NewWitness(recordedConfig(t))
			witness.Add(c)
			for _, row := range celRows(t, r) {
				witness.HearCEL(row)
			}
			found := witness.Report().Disagreements
			if !slices.ContainsFunc(found, func(d calls.Disagreement) bool {
				what, _, _ := strings.Cut(d.What, " ")
				return what == test.what && d.Verdict == calls.Unexplained && d.Call == c.ID && d.Told != d.Recorded
			}) {
				t.Errorf("found %v", found)
			}
		})
	}
}

func ExampleWitness() {
	cfg := calls.Config{Trunks: []string{"PJSIP/provider"}, Extensions: map[string]calls.Identity{"PJSIP/101": {Number: "101", Name: "Ann"}}}
	witness := calls.NewWitness(cfg)
	// Add every call of the stream here: this one was in a gap.
	rows := `eventtype,eventtime,cidname,cidnum,exten,context,channame,appname,appdata,uniqueid,linkedid,eventextra
CHAN_START,1795348800,,2101234567,8000,from-trunk,PJSIP/provider-1,,,1.1,1.1,
CHAN_START,1795348800,Ann,101,s,default,PJSIP/101-2,,,1.2,1.1,
ANSWER,1795348803,Ann,101,s,default,PJSIP/101-2,AppDial,(Outgoing Line),1.2,1.1,
ANSWER,1795348803,,2101234567,8000,from-trunk,PJSIP/provider-1,Dial,PJSIP/101,1.1,1.1,
BRIDGE_ENTER,1795348803,Ann,101,,default,PJSIP/101-2,AppDial,(Outgoing Line),1.2,1.1,"{""bridge_id"":""b""}"
BRIDGE_ENTER,1795348803,,2101234567,8000,from-trunk,PJSIP/provider-1,Dial,PJSIP/101,1.1,1.1,"{""bridge_id"":""b""}"
BRIDGE_EXIT,1795348810,,2101234567,8000,from-trunk,PJSIP/provider-1,Dial,PJSIP/101,1.1,1.1,"{""bridge_id"":""b""}"
HANGUP,1795348810,,2101234567,8000,from-trunk,PJSIP/provider-1,,,1.1,1.1,"{""hangupcause"":16,""hangupsource"":""PJSIP/provider-1""}"
HANGUP,never,Ann,101,,default,PJSIP/101-2,,,1.2,1.1,
CHAN_END,1795348810,Ann,101,,default,PJSIP/101-2,,,1.2,1.1,
`
	for row, err := range calls.ReadCEL(strings.NewReader(rows), calls.CSV{}) {
		if err != nil {
			fmt.Println(err)
			continue
		}
		witness.HearCEL(row)
	}
	report := witness.Report()
	for _, c := range report.Calls {
		fmt.Println(c.Direction, c.Caller.Number, "->", c.Callee.Name, c.Result, c.TalkTime.Round(time.Second), c.Filled, c.Uncertain)
	}
	for _, d := range report.Disagreements {
		fmt.Println(d)
	}
	// Output:
	// calls: cel: row 10 (line 10): column eventtime: "never" is no time
	// inbound 2101234567 -> Ann answered 7s [{call cel}] [ringing hold kind]
	// call 1.1: call: told "", recorded (cel) "answered": the stream of events never told of this channel: it came and went in a gap
}

// BenchmarkWitness reads, replays and compares the log of the random calls.
func BenchmarkWitness(b *testing.B) {
	rows := celRows(b, randomCalls(b))
	finished, _ := play(b, randomCalls(b).messages(b))
	cfg := recordedConfig(b)
	b.ReportAllocs()
	for b.Loop() {
		witness := calls.NewWitness(cfg)
		for _, c := range finished {
			witness.Add(c)
		}
		for _, row := range rows {
			witness.HearCEL(row)
		}
		witness.Report()
	}
	b.ReportMetric(float64(len(rows)*b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkReadCDR reads rows of Master.csv.
func BenchmarkReadCDR(b *testing.B) {
	text := strings.Repeat(master+"\n", 1000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		for _, err := range calls.ReadCDR(strings.NewReader(text), calls.CSV{Zone: time.UTC}) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
