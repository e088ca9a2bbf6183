package recording_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/diskstore"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// A folder as FreePBX makes it, and a call of which only the numbers, the time and the unique id are known.
func ExampleFinder_Find() {
	dir, err := os.MkdirTemp("", "monitor")
	must(err)
	defer os.RemoveAll(dir)
	name := "in-2101234567-101-20261125-101530-1795594530.12.wav"
	must(os.MkdirAll(filepath.Join(dir, "2026/11/25"), 0o755))
	must(os.WriteFile(filepath.Join(dir, "2026/11/25", name), []byte("RIFF"), 0o644))
	store, err := diskstore.Open(dir)
	must(err)
	defer store.Close()

	var call recording.Call
	must(json.Unmarshal([]byte(`{"schema": "call/1", "id": "1795594530.12", "started": 1795594528, "ended": 1795594600,
		"caller": {"number": "2101234567"}, "legs": [{"uniqueid": "1795594530.12", "number": "2101234567"}]}`), &call))
	finder := &recording.Finder{Store: store, Zone: time.FixedZone("Athens", 2*60*60)}
	found, err := finder.Find(context.Background(), call)
	must(err)
	fmt.Println(found[0].Name)
	for _, reason := range found[0].Reasons {
		fmt.Println("-", reason)
	}
	// Output:
	// 2026/11/25/in-2101234567-101-20261125-101530-1795594530.12.wav
	// - named as by FreePBX
	// - it has the unique id 1795594530.12
	// - the number 2101234567 took part
	// - its time is within the call
}

// A page may play the recording of a call to those who may see the call.
func ExampleHandler() {
	var finder *recording.Finder // of a store
	lookUp := func(id string) (recording.Call, error) { return recording.Call{ID: id}, nil }
	http.Handle("GET /calls/{id}/recording", &recording.Handler{
		Finder: finder,
		Call:   func(r *http.Request) (recording.Call, error) { return lookUp(r.PathValue("id")) },
		Allow: func(r *http.Request, _ recording.Call) error {
			if user, _, _ := r.BasicAuth(); user != "supervisor" {
				return fmt.Errorf("%q is no supervisor", user)
			}
			return nil
		},
		Audit: func(_ context.Context, a recording.Access) {
			fmt.Fprintln(io.Discard, a.At, a.Remote, a.CallID, a.Name, a.Status, a.Bytes)
		},
	})
}
