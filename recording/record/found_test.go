package record_test

import (
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/diskstore"
	"github.com/asterism-go/asterism/recording/record"
)

// TestFound: what is named here is found by package recording, among others of the same minute.
func TestFound(t *testing.T) {
	store, err := diskstore.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	template, err := record.ParseTemplate(record.DefaultTemplate)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 25, 23, 59, 58, 0, time.UTC)
	names := map[string]string{}
	for _, id := range []string{"1795607252.1", "1795607252.11", "1795607252.2"} {
		name := template.Name(record.Request{Direction: "in", Exten: "101", Number: "2101234567", Uniqueid: id}, at) + ".wav"
		if err := store.Put(t.Context(), name, strings.NewReader(id), -1); err != nil {
			t.Fatal(err)
		}
		names[id] = name
	}
	finder := &recording.Finder{Store: store, Zone: time.UTC}
	for id, name := range names {
		call := recording.Call{ID: id, Uniqueids: []string{id}, Numbers: []string{"101", "2101234567"}, Started: at.Add(-time.Second), Ended: at.Add(time.Minute)}
		found, err := finder.Find(t.Context(), call)
		if err != nil || len(found) == 0 || found[0].Name != name {
			t.Errorf("%s: %+v, %v", id, found, err)
		}
	}
}
