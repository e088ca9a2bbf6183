package event_test

import (
	"compress/gzip"
	"errors"
	"io"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ami/event"
)

// trace reads the recorded stream of a real Asterisk 22: 80 s with all classes of events.
func trace(tb testing.TB) []ami.Message {
	tb.Helper()
	file, err := os.Open("../testdata/trace.ami.gz")
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	plain, err := gzip.NewReader(file)
	if err != nil {
		tb.Fatal(err)
	}
	r := ami.NewReader(plain)
	if _, err := r.ReadBanner(); err != nil {
		tb.Fatal(err)
	}
	var messages []ami.Message
	for {
		m, err := r.ReadMessage()
		if errors.Is(err, io.EOF) {
			return messages
		}
		if err != nil {
			tb.Fatal(err)
		}
		messages = append(messages, m)
	}
}

// Every event of the stream is known, every header has a field but for those listed, and no value is anything else than
// its field's type.
func TestTraceIsTyped(t *testing.T) {
	events, kinds := 0, map[string]bool{}
	unmapped := map[string]int{}
	for _, m := range trace(t) {
		if m.Event() == "" {
			continue
		}
		events++
		kinds[m.Event()] = true
		e := event.Decode(m)
		if _, unknown := e.(*event.Unknown); unknown {
			t.Fatalf("%s is not known", m.Event())
		}
		if err := e.Err(); err != nil {
			t.Fatalf("%v\n%s", err, m)
		}
		for _, h := range e.Unmapped() {
			unmapped[m.Event()+" "+h.Key]++
		}
	}
	if events != 59793 || len(kinds) != 94 {
		t.Errorf("the stream has %d events of %d kinds", events, len(kinds))
	}
	want := map[string]int{
		// the headers that the dialplan gave them
		"UserEvent Header1": 25, "UserEvent X": 56, "UserEvent customer_id": 81, "UserEvent digits": 56,
		// it has the header twice, the second time for what it tests
		"TestEvent State": 1895,
	}
	if diff := cmp.Diff(want, unmapped); diff != "" {
		t.Errorf("headers without a field (-want +got):\n%s", diff)
	}
}

func BenchmarkDecode(b *testing.B) {
	var events []ami.Message
	for _, m := range trace(b) {
		if m.Event() != "" {
			events = append(events, m)
		}
	}
	b.Run("all", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			event.Decode(events[i%len(events)])
		}
	})
	b.Run("as-hangup", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			event.As[event.Hangup](events[i%len(events)])
		}
	})
}
