package calls_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/calls"
)

// A recording is a directory of an archive in testdata: the manager's messages of a real Asterisk with SIP phones, and the
// truth of what happened, told by the audio that each phone heard and by its SIP log. testdata/README.md has more.
type recording struct {
	name  string
	files map[string][]byte
	once  sync.Once
	parts []ami.Message
}

// messages are all that came over the wire, answers too.
func (r *recording) messages(t testing.TB) []ami.Message {
	t.Helper()
	r.once.Do(func() { r.parts = parse(t, r.files["ami.txt"]) })
	return r.parts
}

func parse(t testing.TB, stream []byte) []ami.Message {
	t.Helper()
	var messages []ami.Message
	reader := ami.NewReader(bytes.NewReader(stream))
	for {
		message, err := reader.ReadMessage()
		if errors.Is(err, io.EOF) {
			return messages
		}
		if err != nil {
			t.Fatal(err)
		}
		messages = append(messages, message)
	}
}

// hasGap tells whether a piece of the stream was lost.
func (r *recording) hasGap() bool {
	return bytes.Contains(r.files["truth.json"], []byte(`"stream_gaps"`))
}

var archives = struct {
	sync.Mutex
	read map[string][]*recording
}{read: map[string][]*recording{}}

// archive reads the recordings of an archive, by name.
func archive(t testing.TB, file string) []*recording {
	t.Helper()
	archives.Lock()
	defer archives.Unlock()
	if archives.read[file] == nil {
		archives.read[file] = readArchive(t, file)
	}
	return archives.read[file]
}

func readArchive(t testing.TB, file string) []*recording {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	zipped, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]*recording{}
	var all []*recording
	for archive := tar.NewReader(zipped); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			slices.SortFunc(all, func(a, b *recording) int { return strings.Compare(a.name, b.name) })
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		name := path.Dir(header.Name)
		if byName[name] == nil {
			byName[name] = &recording{name: name, files: map[string][]byte{}}
			all = append(all, byName[name])
		}
		byName[name].files[path.Base(header.Name)] = text
	}
}

func situations(t testing.TB) []*recording { return archive(t, "testdata/recordings.tar.gz") }

func randomCalls(t testing.TB) *recording { return archive(t, "testdata/random.tar.gz")[0] }

// situation returns one of the situations.
func situation(t testing.TB, name string) *recording {
	t.Helper()
	for _, r := range situations(t) {
		if r.name == name {
			return r
		}
	}
	t.Fatalf("no situation %s", name)
	return nil
}

// recordedConfig is the configuration of the recorded Asterisk.
func recordedConfig(t testing.TB) calls.Config {
	t.Helper()
	var in struct {
		Trunks     []string
		Extensions map[string]calls.Identity
		Prefixes   []string `json:"outbound_prefixes"`
		Parking    struct{ Exten string }
	}
	text, err := os.ReadFile("testdata/input.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &in); err != nil {
		t.Fatal(err)
	}
	return calls.Config{
		Trunks: in.Trunks, Extensions: in.Extensions, OutboundPrefixes: in.Prefixes, ParkingExten: in.Parking.Exten,
	}
}

// play feeds messages to a new Tracker and returns the finished calls, and all changes.
func play(t testing.TB, messages []ami.Message) (finished []calls.Call, changes []calls.Change) {
	t.Helper()
	player := calls.Player{Tracker: calls.NewTracker(recordedConfig(t))}
	for _, message := range messages {
		changes = append(changes, player.Feed(message, time.Time{})...)
	}
	changes = append(changes, player.End()...)
	for _, change := range changes {
		if change.Kind == calls.Finished {
			finished = append(finished, change.Call)
		}
	}
	slices.SortFunc(finished, func(a, b calls.Call) int { return strings.Compare(a.ID, b.ID) })
	return finished, changes
}
