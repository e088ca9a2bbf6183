package queue_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/asterism-go/asterism/queue"
	"github.com/asterism-go/asterism/queue/acd"
	"github.com/asterism-go/asterism/queue/sqlitestore"
	"github.com/asterism-go/asterism/queue/stats"
)

// openStore opens a Store of a kind, and returns how it is closed.
func openStore(kind, path string) (queue.Store, func() error, error) {
	switch kind {
	case "file":
		f, err := queue.OpenFile(path)
		if err != nil {
			return nil, nil, err
		}
		return f, f.Close, nil
	case "sqlite":
		s, err := sqlitestore.Open(path)
		if err != nil {
			return nil, nil, err
		}
		return s, s.Close, nil
	}
	return queue.NewMemory(), func() error { return nil }, nil
}

// stored is what a Store has, as JSON has it: so that it can be compared.
func stored(t *testing.T, s queue.Store) queue.Records {
	t.Helper()
	r, err := s.Load()
	must(t, err)
	text, err := json.Marshal(r)
	must(t, err)
	var read queue.Records
	must(t, json.Unmarshal(text, &read))
	return read
}

// changes are some of all kinds.
func changes() []queue.Change {
	at := time.Date(2026, 1, 5, 8, 0, 0, 123456789, time.UTC)
	talk := someCaller(1)
	talk.Leg, talk.Caller.State, talk.Caller.Agent, talk.Caller.Answered = "asterism-agent-1", acd.Connected, "anna", at
	q := stats.Queue{Joined: 3, Left: map[string]int{"abandoned": 1}}
	q.Wait.Add(time.Minute)
	of := stats.Agent{Calls: 2, Time: map[acd.AgentState]time.Duration{acd.Paused: time.Second}, Pauses: map[string]time.Duration{"': \u00fc": 1}}
	return []queue.Change{
		{Asterisk: at, Callers: []queue.CallerRecord{someCaller(1), someCaller(2)}, Agents: []acd.AgentRecord{{ID: "anna", Reason: "a\n'b\""}}},
		{Callers: []queue.CallerRecord{talk}, Queues: []acd.QueueRecord{{Name: "q", Last: "anna", Service: time.Minute, Count: 7}}},
		{Stats: []stats.Entry{
			{Queue: "q", OfQueue: &q},
			{Agent: "anna", OfAgent: &of, Doing: &stats.Doing{State: acd.Talking, Since: at}},
			{From: at.Truncate(time.Hour), Queue: "q", OfQueue: &q},
			{From: at.Truncate(time.Hour), Agent: "q", OfAgent: &of},
		}},
		{Gone: []string{"c2", "never"}, Agents: []acd.AgentRecord{{ID: "anna", LoggedIn: true, State: acd.Talking, Since: at}}},
		{Stats: []stats.Entry{{From: at.Truncate(time.Hour), Queue: "q"}}},
		{},
	}
}

// What was put into a Store, of whatever kind, is there, also after it is opened again.
func TestStores(t *testing.T) {
	want := queue.NewRecords()
	for _, c := range changes() {
		want.Apply(c)
	}
	if len(want.Callers) != 1 || len(want.Stats) != 3 || len(want.Queues) != 1 || want.Agents["anna"].State != acd.Talking {
		t.Fatalf("%+v", want)
	}
	for _, kind := range []string{"memory", "file", "sqlite"} {
		t.Run(kind, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a name with ? and #")
			s, end, err := openStore(kind, path)
			must(t, err)
			if got := stored(t, s); len(got.Agents)+len(got.Callers) != 0 {
				t.Errorf("a new one has %+v", got)
			}
			for _, c := range changes() {
				must(t, s.Put(c))
				if kind != "memory" {
					must(t, end())
					s, end, err = openStore(kind, path)
					must(t, err)
				}
			}
			if diff := cmp.Diff(want, stored(t, s), cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
			must(t, end())
		})
	}
}

// The variables that have a test program put into a Store until it is killed.
const (
	putterVariable = "ASTERISM_QUEUE_PUTTER" // the kind of the Store
	pathVariable   = "ASTERISM_QUEUE_PATH"
)

// putter puts changes into a Store, each of which takes the place of the one before it, and tells how many are there.
func putter(kind string) {
	s, _, err := openStore(kind, os.Getenv(pathVariable))
	for n := 0; err == nil; n++ {
		caller := someCaller(n)
		caller.Leg = strconv.Itoa(n)
		change := queue.Change{
			Callers: []queue.CallerRecord{caller}, Agents: []acd.AgentRecord{{ID: "anna", Misses: n}},
			Queues: []acd.QueueRecord{{Name: "q", Count: n}},
		}
		if n > 0 {
			change.Gone = []string{fmt.Sprint("c", n-1)}
		}
		if err = s.Put(change); err == nil {
			fmt.Println(n)
		}
	}
	fmt.Println("error", err)
}

// A program is killed while it writes, again and again: what it was told to be stored is stored, and of what was under way there is
// all or nothing.
func TestStoresKilled(t *testing.T) {
	for _, kind := range []string{"file", "sqlite"} {
		t.Run(kind, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "store")
			for round := range 8 {
				told := killPutter(t, kind, path, 1+round*37)
				s, end, err := openStore(kind, path)
				must(t, err)
				got := stored(t, s)
				n := got.Agents["anna"].Misses
				if caller, ok := got.Callers[fmt.Sprint("c", n)]; !ok || caller.Leg != strconv.Itoa(n) || got.Queues["q"].Count != n {
					t.Errorf("%d is stored in part: %+v", n, got)
				}
				if n < told || n > told+1 {
					t.Errorf("%d was told to be stored, and %d is", told, n)
				}
				must(t, end())
			}
		})
	}
}

// killPutter has a program put some changes, kills it, and returns the last one that it has told of.
func killPutter(t *testing.T, kind, path string, after int) (last int) {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	l := start(t, exec.CommandContext(t.Context(), self, "-test.run=^$"), putterVariable+"="+kind, pathVariable+"="+path)
	take := func(line string) {
		if last, err = strconv.Atoi(line); err != nil {
			t.Fatalf("the program says %q", line)
		}
	}
	for range after {
		line, ok := <-l.lines
		if !ok {
			t.Fatal("the program has ended")
		}
		take(line)
	}
	for _, line := range l.kill() {
		take(line)
	}
	return last
}

// A file that is not ours, or of a version to come, is not taken.
func TestSQLiteRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	must(t, os.WriteFile(path, []byte("this is text, and no database at all\n"), 0o600))
	if _, err := sqlitestore.Open(path); err == nil {
		t.Error("text is taken for a database")
	}
	if _, err := sqlitestore.Open(filepath.Join(path, "below")); err == nil {
		t.Error("a file is taken for a directory")
	}
}
