// Package sqlitestore keeps what must survive the program of a queue.Server in a file of SQLite: the Store to take if nothing speaks
// for another one.
//
//	store, err := sqlitestore.Open("/var/lib/callcentre/queue.db")
//	if err != nil {
//		return err
//	}
//	defer store.Close()
//	server := &queue.Server{App: app, Queues: queues, Agents: agents, Store: store}
//
// Each Put is one transaction in the write-ahead log: what was put survives the death of the program at any moment; if the machine
// dies, the last transactions may be missing, and the file is whole all the same. Any tool that reads SQLite can look into it while
// the program runs: the table record has one row for each agent, caller, queue and part of the statistics, as JSON.
package sqlitestore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	_ "modernc.org/sqlite" // the driver, without cgo

	"github.com/asterism-go/asterism/queue"
)

// version is that of the schema, in PRAGMA user_version.
const version = 1

// putTimeout bounds a Put: who else has the file open must let go of it by then.
const putTimeout = 5 * time.Second

const schema = `CREATE TABLE IF NOT EXISTS record (
	kind TEXT NOT NULL, -- agent, caller, queue, stats or asterisk
	id TEXT NOT NULL,
	value TEXT NOT NULL, -- JSON
	PRIMARY KEY (kind, id)
) WITHOUT ROWID`

// Store is a [queue.Store] in a file of SQLite. One program at a time may have it open as the Store of a Server.
type Store struct {
	path string
	db   *sql.DB
}

var _ queue.Store = (*Store)(nil)

// Open opens a Store, or makes it. A file of a newer version of this package is an error.
func Open(path string) (*Store, error) {
	query := url.Values{"_pragma": {"journal_mode(WAL)", "synchronous(NORMAL)", "busy_timeout(5000)"}, "_txlock": {"immediate"}}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: query.Encode()}).String())
	if err != nil {
		return nil, fmt.Errorf("sqlitestore: %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	s := &Store{path: path, db: db}
	if err := s.migrate(); err != nil {
		return nil, errors.Join(fmt.Errorf("sqlitestore: %s: %w", path, err), db.Close())
	}
	return s, nil
}

func (s *Store) migrate() error {
	ctx, cancel := context.WithTimeout(context.Background(), putTimeout)
	defer cancel()
	var have int
	if err := s.db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have); err != nil {
		return err
	}
	if have > version {
		return fmt.Errorf("it is of version %d, and only %d is known", have, version)
	}
	if _, err := s.db.ExecContext(ctx, schema); err != nil {
		return err
	}
	_, err := s.db.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version))
	return err
}

// Close closes the file.
func (s *Store) Close() error { return s.db.Close() }

// Load is that of [queue.Store].
func (s *Store) Load() (queue.Records, error) {
	records := queue.NewRecords()
	rows, err := s.db.QueryContext(context.Background(), "SELECT kind, id, value FROM record")
	if err != nil {
		return queue.Records{}, fmt.Errorf("sqlitestore: %s: %w", s.path, err)
	}
	defer rows.Close()
	for rows.Next() {
		var kind, id, value string
		if err := rows.Scan(&kind, &id, &value); err != nil {
			return queue.Records{}, fmt.Errorf("sqlitestore: %s: %w", s.path, err)
		}
		var change queue.Change
		if err := read(kind, value, &change); err != nil {
			return queue.Records{}, fmt.Errorf("sqlitestore: %s: %s %q: %w", s.path, kind, id, err)
		}
		records.Apply(change)
	}
	if err := rows.Err(); err != nil {
		return queue.Records{}, fmt.Errorf("sqlitestore: %s: %w", s.path, err)
	}
	return records, nil
}

// The kinds of rows.
const (
	agentKind    = "agent"
	callerKind   = "caller"
	queueKind    = "queue"
	statsKind    = "stats"
	asteriskKind = "asterisk"
)

// one reads the only element of a list.
func one[T any](value string, list *[]T) error {
	*list = make([]T, 1)
	return json.Unmarshal([]byte(value), &(*list)[0])
}

// read reads a row.
func read(kind, value string, c *queue.Change) error {
	switch kind {
	case agentKind:
		return one(value, &c.Agents)
	case callerKind:
		return one(value, &c.Callers)
	case queueKind:
		return one(value, &c.Queues)
	case statsKind:
		return one(value, &c.Stats)
	case asteriskKind:
		return json.Unmarshal([]byte(value), &c.Asterisk)
	}
	return errors.New("such rows are not known")
}

// row is one that is to be written; without a value it is to be deleted.
type row struct {
	kind, id string
	value    any
}

// rows are those of a change.
func rows(c queue.Change) []row {
	var all []row
	for _, a := range c.Agents {
		all = append(all, row{agentKind, a.ID, a})
	}
	for _, caller := range c.Callers {
		all = append(all, row{callerKind, caller.Caller.Caller.ID, caller})
	}
	for _, id := range c.Gone {
		all = append(all, row{callerKind, id, nil})
	}
	for _, q := range c.Queues {
		all = append(all, row{queueKind, q.Name, q})
	}
	for _, e := range c.Stats {
		r := row{statsKind, e.Key(), nil}
		if e.OfQueue != nil || e.OfAgent != nil {
			r.value = e
		}
		all = append(all, r)
	}
	if !c.Asterisk.IsZero() {
		all = append(all, row{asteriskKind, "startup", c.Asterisk})
	}
	return all
}

// Put is that of [queue.Store]: all of the change is stored, or nothing.
func (s *Store) Put(c queue.Change) error {
	ctx, cancel := context.WithTimeout(context.Background(), putTimeout)
	defer cancel()
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("sqlitestore: %s: %w", s.path, err)
	}
	for _, r := range rows(c) {
		if err := r.write(ctx, tx); err != nil {
			return errors.Join(fmt.Errorf("sqlitestore: %s: %s %q: %w", s.path, r.kind, r.id, err), tx.Rollback())
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("sqlitestore: %s: %w", s.path, err)
	}
	return nil
}

func (r row) write(ctx context.Context, tx *sql.Tx) error {
	if r.value == nil {
		_, err := tx.ExecContext(ctx, "DELETE FROM record WHERE kind = ? AND id = ?", r.kind, r.id)
		return err
	}
	value, err := json.Marshal(r.value)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO record VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
		r.kind, r.id, string(value))
	return err
}
