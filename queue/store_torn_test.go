package queue

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/asterism-go/asterism/queue/acd"
)

// A write that fails halfway does not spoil what is written after it.
func TestWriteThatFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "queue")
	f, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	good := f.file
	if _, err := good.WriteString(`{"agents":[{"ID":"to`); err != nil { // what a full disk has left
		t.Fatal(err)
	}
	if f.file, err = os.Open(path); err != nil {
		t.Fatal(err)
	}
	if err := f.Put(Change{}); err == nil {
		t.Error("what cannot be written is taken")
	}
	for range 2 {
		if err := f.Put(Change{}); err != nil {
			t.Error(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if err := good.Close(); err != nil {
		t.Error(err)
	}
	again, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

// What is written is taken, even if the file cannot be written anew; that is tried again later.
func TestCompactFails(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "here")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "queue")
	f, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	put := func(id string) {
		t.Helper()
		f.lines = 10 * compactLines
		if err := f.Put(Change{Agents: []acd.AgentRecord{{ID: id}}}); err != nil {
			t.Error(err)
		}
	}
	if err := os.Rename(dir, dir+"-away"); err != nil { // so that there is no place for another file
		t.Fatal(err)
	}
	put("anna")
	if f.stale == nil {
		t.Error("it was written anew into nowhere")
	}
	if err := os.Rename(dir+"-away", dir); err != nil {
		t.Fatal(err)
	}
	again, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if records, err := again.Load(); err != nil || len(records.Agents) != 1 {
		t.Errorf("%+v, %v", records, err)
	}
	put("boris")
	if f.lines != 1 {
		t.Errorf("it was not written anew: %d lines", f.lines)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}
