// Package sqldir is a source of people that asks a database, with queries of the user's own.
//
//	source, err := sqldir.New(sqldir.Config{
//		DB:          db, // *sql.DB of any driver
//		Placeholder: sqldir.Dollar,
//		ByNumber: `SELECT login AS username, full_name AS name, dept AS unit, phone AS number, mobile AS number
//			FROM staff WHERE phone IN ({e164}, {national}) OR mobile LIKE {ending}`,
//		ByUsername: `SELECT login AS username, full_name AS name, dept AS unit, phone AS number FROM staff WHERE login = {username}`,
//	})
//
// What is in braces becomes a parameter of the query; nothing is ever written into its text. The names of the columns say
// what they are; see [Config].
package sqldir

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/internal/record"
	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

// Placeholder is how a driver writes the parameters of a query.
type Placeholder int

const (
	// Question is ?, as MySQL and SQLite write it.
	Question Placeholder = iota
	// Dollar is $1, as PostgreSQL writes it.
	Dollar
	// At is @p1, as SQL Server writes it.
	At
	// Colon is :1, as Oracle writes it.
	Colon
)

func (p Placeholder) parameter(i int) string {
	switch p {
	case Dollar:
		return "$" + strconv.Itoa(i)
	case At:
		return "@p" + strconv.Itoa(i)
	case Colon:
		return ":" + strconv.Itoa(i)
	default:
		return "?"
	}
}

// DefaultMaxRows is the default of [Config].MaxRows.
const DefaultMaxRows = 200

// Config says what to ask.
type Config struct {
	// Name is the source's name. Default: "sql".
	Name string
	// DB is the database. It stays the caller's: the source does not close it. Its limits of connections are the caller's to
	// set.
	DB *sql.DB
	// Placeholder is how the driver writes parameters. Default: Question.
	Placeholder Placeholder
	// ByNumber finds people by a number. Its parameters are the forms of the number; one that the number does not have is
	// NULL, which equals nothing:
	//
	//	{e164}      +302101234567
	//	{national}  2101234567
	//	{digits}    what was dialled, digits only: for extensions
	//	{number}    {e164}, else {digits}
	//	{last}      the last digits, LastDigits of them
	//	{ending}    % and the last digits, for LIKE
	//	{region}    GR
	//
	// It may find too many: the Chain compares. Empty: nobody is found by number.
	ByNumber string
	// ByUsername finds people by {username}. Empty: nobody is found by username.
	ByUsername string
	// LastDigits is how many digits {last} and {ending} have. Default: 8.
	LastDigits int
	// Mapping says what the columns are whose names do not: from the column's name to one of username, name, given_name,
	// family_name, organisation, unit, number, email, group, or to "" for none of them. Of number, email and group there
	// may be several columns, and several values in one, separated by semicolons. Rows with the same username are one
	// person. All columns are the person's Attributes too.
	Mapping map[string]string
	// MaxRows bounds the rows read of an answer; more are [directory.ErrTooMany]. Default: DefaultMaxRows.
	MaxRows int
}

// Source asks a database. It is made by [New] and may be used by several goroutines at once.
type Source struct {
	cfg                  Config
	mapping              record.Mapping
	byNumber, byUsername query
}

var _ directory.Source = (*Source)(nil)

// query is a query with the names of its parameters in order.
type query struct {
	text  string
	names []string
}

// New makes a source. It asks nothing yet; an error is about the configuration.
func New(cfg Config) (*Source, error) {
	s, err := newSource(cfg)
	if err != nil {
		return nil, fmt.Errorf("sqldir: %w", err)
	}
	return s, nil
}

func newSource(cfg Config) (*Source, error) {
	cfg.Name = cmp.Or(cfg.Name, "sql")
	cfg.LastDigits = max(cmp.Or(cfg.LastDigits, numbers.DefaultLastDigits), numbers.MinLastDigits)
	cfg.MaxRows = cmp.Or(cfg.MaxRows, DefaultMaxRows)
	s := &Source{cfg: cfg}
	if cfg.DB == nil {
		return nil, errors.New("no DB")
	}
	if cfg.ByNumber == "" && cfg.ByUsername == "" {
		return nil, errors.New("neither ByNumber nor ByUsername")
	}
	var err error
	if s.mapping, err = record.NewMapping(cfg.Mapping); err != nil {
		return nil, err
	}
	if s.byNumber, err = cfg.prepare(cfg.ByNumber, record.NumberNames); err != nil {
		return nil, fmt.Errorf("ByNumber: %w", err)
	}
	if s.byUsername, err = cfg.prepare(cfg.ByUsername, []string{"username"}); err != nil {
		return nil, fmt.Errorf("ByUsername: %w", err)
	}
	return s, nil
}

// prepare puts the driver's placeholders into a query.
func (cfg *Config) prepare(template string, names []string) (query, error) {
	pieces, err := record.Split(template, names)
	if err != nil {
		return query{}, err
	}
	var text strings.Builder
	var q query
	for _, piece := range pieces {
		if piece.Name == "" {
			text.WriteString(piece.Text)
			continue
		}
		if strings.Count(text.String(), "'")%2 != 0 {
			return query{}, fmt.Errorf("{%s} is inside quotes, where no parameter can be: write '%%' || {last}, or {ending}", piece.Name)
		}
		q.names = append(q.names, piece.Name)
		text.WriteString(cfg.Placeholder.parameter(len(q.names)))
	}
	q.text = text.String()
	if q.text != "" && len(q.names) == 0 {
		return query{}, fmt.Errorf("it has no parameter: want one of {%s}", strings.Join(names, "}, {"))
	}
	return q, nil
}

// Name implements [directory.Source].
func (s *Source) Name() string { return s.cfg.Name }

// ByNumber implements [directory.Source].
func (s *Source) ByNumber(ctx context.Context, number numbers.Number) ([]directory.Person, error) {
	if number.Key() == "" {
		return nil, nil
	}
	return s.ask(ctx, s.byNumber, record.Values(number, s.cfg.LastDigits))
}

// ByUsername implements [directory.Source].
func (s *Source) ByUsername(ctx context.Context, username string) ([]directory.Person, error) {
	return s.ask(ctx, s.byUsername, map[string]string{"username": username})
}

func (s *Source) ask(ctx context.Context, q query, values map[string]string) ([]directory.Person, error) {
	if q.text == "" {
		return nil, nil
	}
	args := make([]any, len(q.names))
	for i, name := range q.names {
		if value := values[name]; value != "" {
			args[i] = value
		}
	}
	rows, err := s.cfg.DB.QueryContext(ctx, q.text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	people, err := s.read(rows)
	if err != nil {
		return record.Merge(people), err
	}
	return record.Merge(people), rows.Err()
}

func (s *Source) read(rows *sql.Rows) ([]directory.Person, error) {
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	cells, targets := make([]any, len(columns)), make([]any, len(columns))
	for i := range cells {
		targets[i] = &cells[i]
	}
	var people []directory.Person
	for rows.Next() {
		if len(people) == s.cfg.MaxRows {
			return people, fmt.Errorf("%w (%d rows)", directory.ErrTooMany, s.cfg.MaxRows)
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		fields := make([]record.Field, len(columns))
		for i, name := range columns {
			fields[i] = record.Field{Name: name, Value: text(cells[i])}
		}
		people = append(people, s.mapping.Person(fields))
	}
	return people, nil
}

// text is a cell as text; NULL is empty.
func text(cell any) string {
	switch v := cell.(type) {
	case nil:
		return ""
	case []byte:
		return string(v)
	case time.Time:
		return v.Format(time.RFC3339)
	default:
		return fmt.Sprint(v)
	}
}
