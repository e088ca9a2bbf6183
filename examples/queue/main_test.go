package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails if a test leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The simulation compares the strategies and draws them.
func TestSimulate(t *testing.T) {
	file := filepath.Join(t.TempDir(), "day.svg")
	var out bytes.Buffer
	if err := run(context.Background(), []string{"-simulate", "-plot", file}, &out); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "\n"); n != 6 || !strings.Contains(out.String(), "longest_idle") {
		t.Errorf("%s", out.String())
	}
	drawn, err := os.ReadFile(file)
	if err != nil || !bytes.Contains(drawn, []byte("<svg")) || !bytes.Contains(drawn, []byte("longest_idle")) {
		t.Errorf("the plot: %.200s, %v", drawn, err)
	}
}

// What cannot be is said, and nothing is left running.
func TestWrong(t *testing.T) {
	store := filepath.Join(t.TempDir(), "store")
	err := run(context.Background(), []string{"-store", store, "-url", "http://127.0.0.1:1/ari"}, &bytes.Buffer{})
	if err == nil {
		t.Error("no error without an Asterisk")
	}
}
