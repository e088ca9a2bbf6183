package calls

import (
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"
)

// CDRColumns are the columns of Master.csv (cdr/cdr_csv.c). The last ones depend on cdr.conf: uniqueid on loguniqueid,
// userfield on loguserfield, and the other three on newcdrcolumns. A file without a row of names and with 17 or 20 columns
// has either uniqueid or userfield: what looks like an id of a channel is one. Tables of databases have the same names;
// calldate, duration and billsec are read too.
var CDRColumns = [...]string{
	"accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata", "start", "answer", "end",
	"duration", "billsec", "disposition", "amaflags", "uniqueid", "userfield", "peeraccount", "linkedid", "sequence",
}

// cdrLeast is how many columns Master.csv has at least.
const cdrLeast = 16

var cdrAliases = map[string]string{"calldate": "start", "starttime": "start", "answertime": "answer", "endtime": "end", "source": "src", "destination": "dst", "destinationchannel": "dstchannel"}

// ReadCDR reads call detail records in comma-separated values: a Master.csv, or what a database exports. A row that cannot
// be read is yielded as a [*RowError], and reading goes on; any other error is the source's, and the last.
func ReadCDR(source io.Reader, format CSV) iter.Seq2[Record, error] {
	return readRows(source, table[Record]{
		name: "cdr", must: []string{"channel", "start", "disposition"}, aliases: cdrAliases, given: format.Columns, usual: masterColumns,
		read: func(at columns, fields []string) (Record, *RowError) { return readCDRRow(at, fields, format) },
	})
}

// masterColumns are the columns of a row of Master.csv. That of 17 or 20 is told by readCDRRow.
func masterColumns(n int) ([]string, error) {
	base, newer := CDRColumns[:cdrLeast], CDRColumns[cdrLeast+2:]
	one := slices.Concat(base, []string{"uniqueid or userfield"})
	switch n {
	case cdrLeast:
		return base, nil
	case cdrLeast + 1:
		return one, nil
	case cdrLeast + 2:
		return CDRColumns[:n], nil
	case cdrLeast + 3:
		return slices.Concat(base, newer), nil
	case cdrLeast + 4:
		return slices.Concat(one, newer), nil
	case len(CDRColumns):
		return CDRColumns[:], nil
	}
	return nil, fmt.Errorf("it has %d columns, want %d to %d", n, cdrLeast, len(CDRColumns))
}

func readCDRRow(at columns, fields []string, format CSV) (Record, *RowError) {
	get := func(name string) string { return at.get(fields, name) }
	r := Record{
		Channel: get("channel"), Dest: get("dstchannel"), Uniqueid: get("uniqueid"), Linkedid: get("linkedid"), Source: get("src"),
		Destination: get("dst"), Disposition: strings.ToUpper(get("disposition")), Application: get("lastapp"),
	}
	if either := get("uniqueid or userfield"); isUniqueid(either) {
		r.Uniqueid = either
	}
	wrong := func(column string, err error) (Record, *RowError) {
		return Record{}, &RowError{Column: column, Value: get(column), Err: err}
	}
	if r.Channel == "" {
		return wrong("channel", errEmpty)
	}
	if !dispositions[r.Disposition] {
		return wrong("disposition", errNoState)
	}
	var err error
	if r.Start, err = parseRowTime(get("start"), format.Zone); err != nil {
		return wrong("start", err)
	}
	for _, later := range []struct {
		column string
		at     *time.Time
	}{{"answer", &r.Answer}, {"end", &r.End}} {
		text := get(later.column)
		if text == "" || strings.HasPrefix(text, "0000-00-00") {
			continue // it never was
		}
		if *later.at, err = parseRowTime(text, format.Zone); err != nil {
			return wrong(later.column, err)
		}
	}
	if column, err := r.lasted(get("duration"), get("billsec")); err != nil {
		return wrong(column, err)
	}
	return r, nil
}

// lasted makes the end and the answer of a record that has only how long it took.
func (r *Record) lasted(duration, billed string) (column string, err error) {
	whole, err := parseLength(duration)
	if err != nil {
		return "duration", err
	}
	talk, err := parseLength(billed)
	if err != nil {
		return "billsec", err
	}
	if r.End.IsZero() && duration != "" {
		r.End = r.Start.Add(whole)
	}
	if r.Answer.IsZero() && r.Disposition == recordAnswered && billed != "" && !r.End.IsZero() {
		r.Answer = r.End.Add(-talk)
	}
	return "", nil
}

// parseLength reads a number of seconds, of at most some years.
func parseLength(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	const most = 1e9
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n >= 0 && n <= most) {
		return 0, errNoCount
	}
	return time.Duration(n * float64(time.Second)), nil
}

// recordAnswered is the Disposition of a record that was answered.
const recordAnswered = "ANSWERED"

// dispositions are those of ast_cdr_disp2str in main/cdr.c.
var dispositions = map[string]bool{recordAnswered: true, "NO ANSWER": true, "BUSY": true, "FAILED": true, "CONGESTION": true}

// isUniqueid tells whether a text looks like the id of a channel: seconds and a number, a system's name before it.
func isUniqueid(text string) bool {
	seconds, number, found := strings.Cut(text[strings.LastIndexByte(text, '-')+1:], ".")
	return found && len(seconds) >= 9 && number != "" && strings.Trim(seconds+number, "0123456789") == ""
}
