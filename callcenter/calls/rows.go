package calls

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// CSV says how a file of records is laid out. The zero value is what Asterisk's own modules write by default.
type CSV struct {
	// Columns are the names of the columns in their order, as [CELColumns] and [CDRColumns] have them; a column of another
	// name is left out. If it is nil, a first row that names the columns is taken for that; else they are those of
	// Asterisk's module, as many as the rows have.
	Columns []string
	// Zone is that of times without one; nil is the zone of this machine. Asterisk writes its own zone, or UTC if usegmtime
	// in cdr.conf says so.
	Zone *time.Location
}

// RowError is a row that cannot be read. Reading goes on after it: nothing else is lost, and Fields has what it said.
type RowError struct {
	Table string // "cel" or "cdr"
	// Row counts the rows from 1, a row of names included; Line is the line that it begins in. Both are 0 for an event.
	Row, Line int
	// Column is the name of the column, or empty if the row as a whole is wrong.
	Column string
	Value  string // of the column
	Fields []string
	Err    error
}

// Error names the row and the column.
func (e *RowError) Error() string {
	where := "calls: " + e.Table
	if e.Row > 0 {
		where += fmt.Sprintf(": row %d (line %d)", e.Row, e.Line)
	}
	if e.Column == "" {
		return where + ": " + e.Err.Error()
	}
	value := e.Value
	if len(value) > valueShown {
		value = value[:valueShown] + "..."
	}
	return fmt.Sprintf("%s: column %s: %q %v", where, e.Column, value, e.Err)
}

// Unwrap returns Err.
func (e *RowError) Unwrap() error { return e.Err }

// valueShown is how much of a value an error shows.
const valueShown = 60

// What can be wrong with a value.
var (
	errEmpty   = errors.New("is empty")
	errNoTime  = errors.New("is no time")
	errNoType  = errors.New("is the number of no type of event")
	errNoState = errors.New("is no disposition")
	errNoCount = errors.New("is no number of seconds")
	errQuote   = errors.New("a quote is not closed, or text follows one")
	errLong    = fmt.Errorf("the row is longer than %d bytes", rowLimit)
)

const (
	// rowLimit is the longest row that is read; Asterisk's modules write at most some kilobytes.
	rowLimit = 1 << 16
	// rowLines is the most lines that a row is looked for in: a value may have a line end in it.
	rowLines = 16
)

// rowReader reads rows of comma-separated values. A row whose quotes are not closed does not swallow those after it.
type rowReader struct {
	source *bufio.Reader
	ahead  []string // lines that were read and are not used
	line   int      // that was returned last
	row    int
}

func newRowReader(source io.Reader) *rowReader {
	return &rowReader{source: bufio.NewReaderSize(source, rowLimit)}
}

// next returns the next row that is not empty, and the line that it begins in. The error is io.EOF, one of the source, or
// says what is wrong with the row.
func (r *rowReader) next() (fields []string, line int, err error) {
	text := ""
	for text == "" {
		if text, err = r.readLine(); err != nil && !errors.Is(err, errLong) {
			return nil, 0, err
		}
		if err != nil {
			r.row++
			return nil, r.line, err
		}
	}
	r.row++
	line = r.line
	fields, open := splitRow(text)
	if !open {
		return fields, line, nil
	}
	whole, used := text, []string(nil)
	for range rowLines {
		more, err := r.readLine()
		if err != nil || len(whole)+len(more) > rowLimit {
			break
		}
		used = append(used, more)
		whole += "\n" + more
		if rest, open := splitRow(whole); !open && len(rest) >= len(fields) {
			return rest, line, nil
		}
	}
	r.ahead = append(used, r.ahead...)
	r.line = line
	return fields, line, errQuote
}

// readLine returns the next line without its end.
func (r *rowReader) readLine() (string, error) {
	if len(r.ahead) > 0 {
		text := r.ahead[0]
		r.ahead = r.ahead[1:]
		r.line++
		return text, nil
	}
	text, err := r.source.ReadSlice('\n')
	r.line++
	if errors.Is(err, bufio.ErrBufferFull) {
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = r.source.ReadSlice('\n')
		}
		return "", errLong
	}
	if len(text) == 0 && err != nil {
		return "", err
	}
	return strings.TrimRight(string(text), "\r\n"), nil
}

// splitRow splits a row. open tells that a quote is not closed, or that text follows the quote that closes.
func splitRow(text string) (fields []string, open bool) {
	for {
		if text == "" || text[0] != '"' {
			field, rest, more := strings.Cut(text, ",")
			fields = append(fields, field)
			if !more {
				return fields, open
			}
			text = rest
			continue
		}
		field, rest, closed := unquote(text[1:])
		fields = append(fields, field)
		open = open || !closed
		if rest == "" {
			return fields, open
		}
		text = rest[1:]
	}
}

// unquote reads a quoted value, in which a quote is doubled. rest is empty or begins with a comma.
func unquote(text string) (value, rest string, closed bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] != '"':
			b.WriteByte(text[i])
		case i+1 < len(text) && text[i+1] == '"':
			b.WriteByte('"')
			i++
		case i+1 == len(text) || text[i+1] == ',':
			return b.String(), text[i+1:], true
		default:
			return b.String() + text[i:], "", false
		}
	}
	return b.String(), "", false
}

// columns are where in a row each value is.
type columns map[string]int

// namedColumns makes columns of their names. Case and underscores do not matter.
func namedColumns(names []string, aliases map[string]string) columns {
	at := columns{}
	for i, name := range names {
		name = columnName(name)
		if alias := aliases[name]; alias != "" {
			name = alias
		}
		if _, known := at[name]; !known {
			at[name] = i
		}
	}
	return at
}

func columnName(name string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimSpace(name)), "_", "")
}

// header tells whether a row names its columns: those that every table has.
func header(fields []string, aliases map[string]string, must ...string) bool {
	at := namedColumns(fields, aliases)
	for _, name := range must {
		if _, ok := at[name]; !ok {
			return false
		}
	}
	return true
}

// get returns the value of a column, or nothing if the row has none.
func (c columns) get(fields []string, name string) string {
	if i, ok := c[name]; ok && i < len(fields) {
		return fields[i]
	}
	return ""
}
