package queue

import (
	"os"
	"path/filepath"
	"testing"
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
