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
	"time"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/internal/record"
	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

// Source asks a database. It is made by [New] and may be used by several goroutines at once.
type Source struct {
	cfg                  Config
	mapping              record.Mapping
	byNumber, byUsername query
}

var _ directory.Source = (*Source)(nil)

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
	if err == nil {
		err = rows.Err()
	}
	people = record.Merge(people)
	if record.ByLast(q.names) {
		people = record.WithNumbers(people)
	}
	return people, err
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
