package calls_test

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/calls"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// master is a row of Master.csv with 16 columns.
const master = `"","2101234567","100","from-trunk","""Ann, """"A"""" Lee"" <2101234567>","PJSIP/provider-1","PJSIP/alice-2","Dial","PJSIP/alice,20",` +
	`"2026-11-22 12:00:00","2026-11-22 12:00:03","2026-11-22 12:00:10",10,7,"ANSWERED","DOCUMENTATION"`

func TestReadCDR(t *testing.T) {
	want := calls.Record{
		Channel: "PJSIP/provider-1", Dest: "PJSIP/alice-2", Source: "2101234567", Destination: "100", Disposition: "ANSWERED",
		Application: "Dial", Start: noon, Answer: noon.Add(3 * time.Second), End: noon.Add(10 * time.Second),
	}
	with := func(uniqueid, linkedid string) calls.Record {
		r := want
		r.Uniqueid, r.Linkedid = uniqueid, linkedid
		return r
	}
	tests := []struct {
		name, text string
		columns    []string
		want       calls.Record
	}{
		{"16 columns", master, nil, want},
		{"uniqueid", master + `,"1795348800.1"`, nil, with("1795348800.1", "")},
		{"uniqueid with the name of a system", master + `,"ua5-ams-1795348800.1"`, nil, with("ua5-ams-1795348800.1", "")},
		{"userfield", master + `,"campaign.7"`, nil, want},
		{"both", master + `,"1795348800.1","campaign"`, nil, with("1795348800.1", "")},
		{"new columns", master + `,"","1795348800.0",17`, nil, with("", "1795348800.0")},
		{"uniqueid and new columns", master + `,"1795348800.1","","1795348800.0",17`, nil, with("1795348800.1", "1795348800.0")},
		{"all", master + `,"1795348800.1","campaign","","1795348800.0",17`, nil, with("1795348800.1", "1795348800.0")},
		{
			"a row of names", "calldate,Channel,dstchannel,src,dst,lastapp,duration,billsec,disposition,x\n" +
				"2026-11-22 12:00:00,PJSIP/provider-1,PJSIP/alice-2,2101234567,100,Dial,10,7,ANSWERED,?", nil, want,
		},
		{
			"named columns", "PJSIP/alice-2|PJSIP/provider-1,2026-11-22T15:00:00+03:00,no answer",
			[]string{"channel", "start", "disposition"},
			calls.Record{Channel: "PJSIP/alice-2|PJSIP/provider-1", Start: noon, Disposition: "NO ANSWER"},
		},
		{
			"a date of zeros", "a,2026-11-22 12:00:00.5,0000-00-00 00:00:00,BUSY",
			[]string{"channel", "start", "answer", "disposition"},
			calls.Record{Channel: "a", Start: noon.Add(time.Second / 2), Disposition: "BUSY"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, end := range []string{"", "\n", "\r\n"} {
				records, errs := collect(calls.ReadCDR(strings.NewReader(test.text+end), calls.CSV{Columns: test.columns, Zone: time.UTC}))
				if diff := cmp.Diff([]calls.Record{test.want}, records); diff != "" || len(errs) > 0 {
					t.Errorf("errors %v (-want +got):\n%s", errs, diff)
				}
			}
		})
	}
}

// collect returns the values and the errors of a sequence.
func collect[T any](seq func(func(T, error) bool)) (values []T, errs []error) {
	seq(func(value T, err error) bool {
		if err != nil {
			errs = append(errs, err)
			return true
		}
		values = append(values, value)
		return true
	})
	return values, errs
}

// A bad row is told with its row and its column, and takes no other with it.
func TestBadRecords(t *testing.T) {
	bad := func(old, replacement string) string { return strings.Replace(master, old, replacement, 1) }
	tests := []struct{ name, row, want string }{
		{"start", bad("12:00:00", "noon"), `calls: cdr: row 2 (line 2): column start: "2026-11-22 noon" is no time`},
		{"no start", bad("2026-11-22 12:00:00", ""), `calls: cdr: row 2 (line 2): column start: "" is empty`},
		{"answer", bad("12:00:03", "25:00:03"), `calls: cdr: row 2 (line 2): column answer: "2026-11-22 25:00:03" is no time`},
		{"end", bad("12:00:10", "x"), `calls: cdr: row 2 (line 2): column end: "2026-11-22 x" is no time`},
		{"disposition", bad("ANSWERED", "MAYBE"), `calls: cdr: row 2 (line 2): column disposition: "MAYBE" is no disposition`},
		{"channel", bad("PJSIP/provider-1", ""), `calls: cdr: row 2 (line 2): column channel: "" is empty`},
		{"duration", bad(",10,", ",-1,"), `calls: cdr: row 2 (line 2): column duration: "-1" is no number of seconds`},
		{"billsec", bad(",7,", ",1e300,"), `calls: cdr: row 2 (line 2): column billsec: "1e300" is no number of seconds`},
		{"too few columns", `"a","b"`, "calls: cdr: row 2 (line 2): it has 2 columns, want 16 to 21"},
		{"a quote that is not closed", bad(`"DOCUMENTATION"`, `"DOCUMENTATION`), "calls: cdr: row 2 (line 2): a quote is not closed, or text follows one"},
		{"text after a quote", bad(`"Dial"`, `"Dial"x`), "calls: cdr: row 2 (line 2): a quote is not closed, or text follows one"},
		{"too long", strings.Repeat("x", 1<<17), "calls: cdr: row 2 (line 2): the row is longer than 65536 bytes"},
		{"a long value", bad("ANSWERED", strings.Repeat("Y", 100)), `calls: cdr: row 2 (line 2): column disposition: "` + strings.Repeat("Y", 60) + `..." is no disposition`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text := strings.Join([]string{master, test.row, "", master, master}, "\n")
			records, errs := collect(calls.ReadCDR(strings.NewReader(text), calls.CSV{Zone: time.UTC}))
			if len(records) != 3 || len(errs) != 1 || errs[0].Error() != test.want {
				t.Fatalf("%d records, errors %v, want %s", len(records), errs, test.want)
			}
			row := (*calls.RowError)(nil)
			if !errors.As(errs[0], &row) || row.Row != 2 || row.Table != "cdr" {
				t.Errorf("%#v", errs[0])
			}
		})
	}
}

func TestLineEndInAValue(t *testing.T) {
	text := strings.Replace(master, "PJSIP/alice,20", "PJSIP/alice,\n20", 1) + "\n" + master
	records, errs := collect(calls.ReadCDR(strings.NewReader(text), calls.CSV{Zone: time.UTC}))
	if len(records) != 2 || len(errs) != 0 {
		t.Errorf("%d records, errors %v", len(records), errs)
	}
}

func TestSourceThatFails(t *testing.T) {
	gone := errors.New("gone")
	source := io.MultiReader(strings.NewReader(master+"\n"), iotest.ErrReader(gone))
	records, errs := collect(calls.ReadCDR(source, calls.CSV{}))
	if len(records) != 1 || len(errs) != 1 || !errors.Is(errs[0], gone) {
		t.Errorf("%d records, errors %v", len(records), errs)
	}
}

// celStart is a row of cel_custom with 18 columns.
const celStart = `"CHAN_START","1795348800.25","Ann ""A"" Lee","2101234567","","","","100","from-trunk","PJSIP/provider-1","","","3","acc",` +
	`"1795348800.1","1795348800.0","PJSIP/alice-2","campaign"`

func TestReadCEL(t *testing.T) {
	want := calls.CELRow{
		Type: "CHAN_START", At: noon.Add(time.Second / 4), Channel: "PJSIP/provider-1", Uniqueid: "1795348800.1",
		Linkedid: "1795348800.0", CallerNumber: "2101234567", CallerName: `Ann "A" Lee`, Exten: "100", Context: "from-trunk",
		Peer: "PJSIP/alice-2", Account: "acc", UserField: "campaign",
	}
	hangup := want
	hangup.Type, hangup.UserType, hangup.Extra = "HANGUP", "mine", `{"hangupcause":16}`
	named := calls.CELRow{Type: "BRIDGE_ENTER", At: noon, Uniqueid: "1.2", Extra: "{}"}
	tests := []struct {
		name, text string
		want       calls.CELRow
	}{
		{"18 columns", celStart, want},
		{"20 columns", strings.Replace(celStart, "CHAN_START", "HANGUP", 1) + `,"mine","{""hangupcause"":16}"`, hangup},
		{"number of a type", strings.Replace(celStart, `"CHAN_START"`, "1", 1), want},
		{"names of a table", "id,event_type,eventtime,unique_id,extra\n7,7,2026-11-22 12:00:00.000000+00,1.2,{}", named},
		{"user-defined", strings.Replace(celStart, "CHAN_START", "LUNCH", 1), func() calls.CELRow { r := want; r.Type = "LUNCH"; return r }()},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			rows, errs := collect(calls.ReadCEL(strings.NewReader(test.text), calls.CSV{Zone: time.UTC}))
			if diff := cmp.Diff([]calls.CELRow{test.want}, rows, cmp.Transformer("UTC", time.Time.UTC)); diff != "" || len(errs) > 0 {
				t.Errorf("errors %v (-want +got):\n%s", errs, diff)
			}
		})
	}
	for column, replace := range map[string][2]string{
		"eventtype": {`"CHAN_START"`, "99"}, "eventtime": {"1795348800.25", "99999999999999999999"}, "uniqueid": {"1795348800.1", ""},
	} {
		text := celStart + "\n" + strings.Replace(celStart, replace[0], replace[1], 1) + "\n" + celStart
		rows, errs := collect(calls.ReadCEL(strings.NewReader(text), calls.CSV{}))
		bad := (*calls.RowError)(nil)
		if len(rows) != 2 || len(errs) != 1 || !errors.As(errs[0], &bad) || bad.Column != column || bad.Row != 2 || len(bad.Fields) != 18 {
			t.Errorf("%s: %d rows, errors %v", column, len(rows), errs)
		}
	}
}

func TestCELOf(t *testing.T) {
	text := "Event: CEL\r\nEventName: ANSWER\r\nCallerIDnum: 101\r\nChannel: PJSIP/101-1\r\nUniqueID: 1.2\r\nLinkedID: 1.1\r\n" +
		"EventTime: 2026-11-22 12:00:00\r\nExtra: \r\n"
	parse := func(text string) ami.Message {
		message, err := ami.ParseMessage(text)
		if err != nil {
			t.Fatal(err)
		}
		return message
	}
	row, ok, err := calls.CELOf(parse(text), time.UTC)
	want := calls.CELRow{Type: "ANSWER", At: noon, Channel: "PJSIP/101-1", Uniqueid: "1.2", Linkedid: "1.1", CallerNumber: "101"}
	if !ok || err != nil || row != want {
		t.Errorf("%+v %t %v", row, ok, err)
	}
	row, _, _ = calls.CELOf(parse(text+"Timestamp: 1795348800.250000\r\n"), time.UTC)
	if !row.At.Equal(noon.Add(time.Second / 4)) {
		t.Errorf("at %v", row.At)
	}
	if _, ok, err := calls.CELOf(parse("Event: Hangup\r\n"), time.UTC); ok || err != nil {
		t.Error("an event of another kind is taken")
	}
	for column, cut := range map[string]string{"EventTime": "2026-11-22 12:00:00", "UniqueID": "1.2", "EventName": "ANSWER"} {
		_, ok, err := calls.CELOf(parse(strings.Replace(text, cut, "", 1)), time.UTC)
		if bad := (*calls.RowError)(nil); !ok || !errors.As(err, &bad) || bad.Column != column {
			t.Errorf("%s: %t %v", column, ok, err)
		}
	}
}

// FuzzReadCDR: whatever a file holds, every line of it is a record, an error, or part of one, and none is read twice.
func FuzzReadCDR(f *testing.F) {
	f.Add(master + "\n" + master + `,"1795348800.1"` + "\n\"")
	f.Add("calldate,channel,disposition\n\"a\"\"b\",x\n,,\r\n\"\n\n")
	f.Add(strings.Replace(master, "Dial", "\"\n", 1))
	f.Fuzz(func(t *testing.T, text string) {
		records, errs := collect(calls.ReadCDR(strings.NewReader(text), calls.CSV{Zone: time.UTC}))
		checkRows(t, text, len(records), errs)
		witness := calls.NewWitness(office)
		for _, r := range records {
			if r.Channel == "" || r.Start.IsZero() && r.Start != (time.Time{}) {
				t.Errorf("record %+v", r)
			}
			witness.Hear(r)
		}
		checkReport(t, witness.Report())
	})
}

// FuzzReadCEL: the same for the channel event log, of which calls are made.
func FuzzReadCEL(f *testing.F) {
	f.Add(celStart + "\n" + strings.Replace(celStart, "CHAN_START", "HANGUP", 1) + "\n\"")
	for _, name := range []string{"xfer_att_dtmf", "queue_local_n_attended_transfer", "park_retrieve", "conf3", "pickup_queue_call"} {
		f.Add(string(situation(f, name).files["cel.csv"]))
	}
	f.Fuzz(func(t *testing.T, text string) {
		rows, errs := collect(calls.ReadCEL(strings.NewReader(text), calls.CSV{Zone: time.UTC}))
		checkRows(t, text, len(rows), errs)
		witness := calls.NewWitness(office)
		for i, row := range rows {
			if row.Uniqueid == "" || row.Type == "" {
				t.Errorf("row %+v", row)
			}
			witness.HearCEL(row)
			if i == len(rows)/2 {
				for _, c := range calls.CELCalls(office, rows[:i]) {
					c.Gaps = []calls.Gap{{Start: c.Started, End: c.Started.Add(time.Hour)}}
					witness.Add(c)
				}
			}
		}
		checkReport(t, witness.Report())
	})
}

func checkRows(t *testing.T, text string, values int, errs []error) {
	t.Helper()
	lines := strings.Count(text, "\n") + 1
	if values+len(errs) > lines {
		t.Errorf("%d values and %d errors of %d lines", values, len(errs), lines)
	}
	last := 0
	for _, err := range errs {
		row := (*calls.RowError)(nil)
		if !errors.As(err, &row) || row.Row <= last || row.Line < row.Row {
			t.Errorf("error %v after row %d", err, last)
			return
		}
		last = row.Row
	}
}

func checkReport(t *testing.T, report calls.Report) {
	t.Helper()
	for _, d := range report.Disagreements {
		if d.Verdict.Explain() == "" || d.String() == "" {
			t.Errorf("disagreement %+v", d)
		}
	}
	for _, c := range report.Calls {
		if len(c.Filled) == 0 {
			t.Errorf("call %s has gained nothing", c.ID)
		}
		if _, err := c.MarshalJSON(); err != nil {
			t.Error(err)
		}
		if !slices.IsSortedFunc(c.Conversations, func(a, b calls.Conversation) int { return a.Start.Compare(b.Start) }) {
			t.Errorf("conversations %v", c.Conversations)
		}
	}
}

// FuzzCELOf: whatever an event holds, it is a row or an error.
func FuzzCELOf(f *testing.F) {
	f.Add("ANSWER", "1.2", "2026-11-22 12:00:00", `{"bridge_id":"b"}`)
	f.Fuzz(func(t *testing.T, name, id, at, extra string) {
		clean := strings.NewReplacer("\r", "", "\n", "")
		message, err := ami.ParseMessage("Event: CEL\r\nEventName: " + clean.Replace(name) + "\r\nUniqueID: " + clean.Replace(id) +
			"\r\nEventTime: " + clean.Replace(at) + "\r\nExtra: " + clean.Replace(extra) + "\r\n")
		if err != nil {
			return
		}
		row, ok, err := calls.CELOf(message, time.UTC)
		if ok && err == nil {
			if row.Uniqueid == "" || row.Type == "" {
				t.Errorf("row %+v", row)
			}
			calls.CELCalls(office, []calls.CELRow{row, row})
		}
	})
}
