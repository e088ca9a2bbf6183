package calls

import (
	"errors"
	"fmt"
	"io"
	"iter"
)

// CELColumns are the columns of cel_custom as its sample configuration writes them; the tables of cel_odbc, cel_pgsql and
// cel_tds have the same ones under the same names. A file may lack the last ones.
var CELColumns = [...]string{
	"eventtype", "eventtime", "cidname", "cidnum", "cidani", "cidrdnis", "ciddnid", "exten", "context", "channame", "appname",
	"appdata", "amaflags", "accountcode", "uniqueid", "linkedid", "peer", "userfield", "userdeftype", "eventextra",
}

// celLeast is how many columns the oldest cel_custom writes.
const celLeast = 18

// celAliases are other names of columns.
var celAliases = map[string]string{
	"eventname": "eventtype", "channel": "channame", "extra": "eventextra", "bridgepeer": "peer", "application": "appname",
	"calleridname": "cidname", "calleridnum": "cidnum",
}

// ReadCEL reads the rows of a channel event log in comma-separated values, as cel_custom writes them or a database exports
// them. A row that cannot be read is yielded as a [*RowError], and reading goes on; any other error is the source's, and
// the last. An event type may be a name or a number.
func ReadCEL(source io.Reader, format CSV) iter.Seq2[CELRow, error] {
	return readRows(source, table[CELRow]{
		name: "cel", must: []string{"eventtype", "eventtime", "uniqueid"}, aliases: celAliases, given: format.Columns,
		usual: func(n int) ([]string, error) {
			if n < celLeast || n > len(CELColumns) {
				return nil, fmt.Errorf("it has %d columns, want %d to %d", n, celLeast, len(CELColumns))
			}
			return CELColumns[:n], nil
		},
		read: func(at columns, fields []string) (CELRow, *RowError) { return readCELRow(at, fields, format) },
	})
}

func readCELRow(at columns, fields []string, format CSV) (CELRow, *RowError) {
	get := func(name string) string { return at.get(fields, name) }
	row := CELRow{
		Channel: get("channame"), Uniqueid: get("uniqueid"), Linkedid: get("linkedid"), CallerNumber: get("cidnum"),
		CallerName: get("cidname"), Exten: get("exten"), Context: get("context"), Application: get("appname"), AppData: get("appdata"),
		Peer: get("peer"), Account: get("accountcode"), UserField: get("userfield"), UserType: get("userdeftype"),
		Extra: get("eventextra"),
	}
	wrong := func(column string, err error) (CELRow, *RowError) {
		return CELRow{}, &RowError{Column: column, Value: get(column), Err: err}
	}
	var err error
	if row.Type, err = celType(get("eventtype")); err != nil {
		return wrong("eventtype", err)
	}
	if row.At, err = parseRowTime(get("eventtime"), format.Zone); err != nil {
		return wrong("eventtime", err)
	}
	if row.Uniqueid == "" {
		return wrong("uniqueid", errEmpty)
	}
	return row, nil
}

// table is how the rows of a kind are read.
type table[T any] struct {
	name    string
	must    []string // columns that make a first row one of names
	aliases map[string]string
	given   []string
	usual   func(n int) ([]string, error) // the columns of a row of n that nobody has named
	read    func(columns, []string) (T, *RowError)
}

func readRows[T any](source io.Reader, t table[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		reader := newRowReader(source)
		names, layouts := t.given, map[int]columns{}
		var none T
		for {
			fields, line, err := reader.next()
			wrong := errors.Is(err, errQuote) || errors.Is(err, errLong)
			switch {
			case errors.Is(err, io.EOF):
				return
			case err != nil && !wrong:
				yield(none, fmt.Errorf("calls: %s: %w", t.name, err))
				return
			case !wrong && reader.row == 1 && names == nil && header(fields, t.aliases, t.must...):
				names = fields
				continue
			}
			value, bad := none, &RowError{Err: err}
			if !wrong {
				value, bad = t.row(names, fields, layouts)
			}
			if bad == nil {
				if !yield(value, nil) {
					return
				}
				continue
			}
			bad.Table, bad.Row, bad.Line, bad.Fields = t.name, reader.row, line, fields
			if !yield(none, bad) {
				return
			}
		}
	}
}

// row reads a row. layouts are the columns by the length of the row, as far as they are known.
func (t table[T]) row(names, fields []string, layouts map[int]columns) (T, *RowError) {
	var none T
	at := layouts[len(fields)]
	switch {
	case at != nil:
	case names != nil && len(fields) != len(names):
		return none, &RowError{Err: fmt.Errorf("it has %d columns, want %d", len(fields), len(names))}
	case names == nil:
		var err error
		if names, err = t.usual(len(fields)); err != nil {
			return none, &RowError{Err: err}
		}
		fallthrough
	default:
		at = namedColumns(names, t.aliases)
		layouts[len(fields)] = at
	}
	return t.read(at, fields)
}
