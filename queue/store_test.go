package queue_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/asterism-go/asterism/queue"
	"github.com/asterism-go/asterism/queue/acd"
)

func someCaller(i int) queue.CallerRecord {
	return queue.CallerRecord{Caller: acd.CallerRecord{Caller: acd.Caller{ID: fmt.Sprint("c", i), Queue: "q"}, State: acd.Waiting}}
}

// What was put is there after the file is opened again, whatever was written half.
func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	f, err := queue.OpenFile(path)
	must(t, err)
	memory := queue.NewMemory()
	for i := range 6000 { // so many that it is written anew
		change := queue.Change{
			Agents:  []acd.AgentRecord{{ID: "a", Misses: i, LoggedIn: true}},
			Callers: []queue.CallerRecord{someCaller(i)},
		}
		if i > 2 {
			change.Gone = []string{fmt.Sprint("c", i-3)}
		}
		must(t, f.Put(change))
		must(t, memory.Put(change))
	}
	must(t, f.Close())
	if info, err := os.Stat(path); err != nil || info.Size() > 1<<20 {
		t.Errorf("%+v, %v: it was not written anew", info, err)
	}
	half, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = half.WriteString(`{"gone":["c59`)
	must(t, err)
	must(t, half.Close())
	f, err = queue.OpenFile(path)
	must(t, err)
	defer f.Close()
	got, err := f.Load()
	must(t, err)
	want, err := memory.Load()
	must(t, err)
	if !reflect.DeepEqual(got, want) || len(got.Callers) != 3 {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

// A line that is none is an error that names it.
func TestFileBroken(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	must(t, os.WriteFile(path, []byte("{}\nno\n"), 0o600))
	if _, err := queue.OpenFile(path); err == nil || !strings.Contains(err.Error(), "store:2:") {
		t.Errorf("%v", err)
	}
}
