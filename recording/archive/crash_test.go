package archive_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/archive"
	"github.com/asterism-go/asterism/recording/diskstore"
)

// dieAt tells a process of TestKilled where to be killed, and what to do before: "move" or "delete", two folders, a step.
const dieAt = "ASTERISM_TEST_DIE_AT"

func TestMain(m *testing.M) {
	if how := os.Getenv(dieAt); how != "" {
		die(strings.Split(how, "\n"))
	}
	goleak.VerifyTestMain(m)
}

// die does something to the recording and is killed at a step. If there is no such step it ends with 0.
func die(how []string) {
	at, err := strconv.Atoi(how[3])
	source, err2 := diskstore.Open(how[1])
	kept, err3 := diskstore.Open(how[2])
	if err := errors.Join(err, err2, err3); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	steps := 0
	kill := func(string) error {
		if steps++; steps == at {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
		return nil
	}
	a := &archive.Archive{Store: stepped{kept, kill}, Settle: -1, Key: []byte("the key of the tests, of 32 bytes")}
	if how[0] == "move" {
		_, err = a.Move(context.Background(), stepped{source, kill}, call)
	} else {
		_, err = a.Delete(context.Background(), archive.Order{Name: call, By: "law"})
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}

// killed runs a process until it is killed at a step; it returns false if there is no such step.
func killed(t *testing.T, what string, s *shelf, step int) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), dieAt+"="+strings.Join([]string{what, s.sourceDir, s.keptDir, strconv.Itoa(step)}, "\n"))
	out, err := cmd.CombinedOutput()
	if err == nil {
		return false
	}
	var ended *exec.ExitError
	if !errors.As(err, &ended) || ended.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("step %d: %v: %s", step, err, out)
	}
	return true
}

// TestKilled kills a process (kill -9) that moves or deletes, at every step and within every write: the recording is in one of the
// two places, whole, no half of it is under its name, and what was begun is finished by doing it again.
func TestKilled(t *testing.T) {
	content := sound(100_000)
	moves, deletions := 0, 0
	for step := 1; ; step++ {
		s := newShelf(t)
		s.record(call, content)
		if !killed(t, "move", s, step) {
			break
		}
		moves++
		checkWhole(t, s, content, fmt.Sprintf("move, step %d", step))
		s.move(call)
		checkDone(t, s, content)
	}
	for step := 1; ; step++ {
		s := newShelf(t)
		s.record(call, content)
		s.move(call)
		if !killed(t, "delete", s, step) {
			break
		}
		deletions++
		if there, err := s.read(call); err == nil && !bytes.Equal(there, content) {
			t.Errorf("step %d: half of it is there", step)
		}
		d, err := s.Delete(t.Context(), archive.Order{Name: call, By: "law"})
		if err != nil || d.Done.IsZero() {
			t.Fatalf("step %d: %+v, %v", step, d, err)
		}
		s.now = s.now.Add(25 * time.Hour)
		if _, err := s.Tidy(t.Context(), time.Minute); err != nil {
			t.Fatal(err)
		}
		if found := s.findings(); found != "" {
			t.Errorf("step %d: %s", step, found)
		}
	}
	t.Logf("killed at %d steps of a move and at %d of a deletion", moves, deletions)
	if moves < 25 || deletions < 20 {
		t.Errorf("only %d and %d steps", moves, deletions)
	}
}

// checkWhole: the recording is whole in the source or in the archive, and nowhere by halves.
func checkWhole(t *testing.T, s *shelf, content []byte, when string) {
	t.Helper()
	there := 0
	source, err := os.ReadFile(s.sourceDir + "/" + call)
	switch {
	case err == nil && bytes.Equal(source, content):
		there++
	case !errors.Is(err, fs.ErrNotExist):
		t.Errorf("%s: the source has %d bytes: %v", when, len(source), err)
	}
	archived, err := s.read(call)
	switch {
	case err == nil && bytes.Equal(archived, content):
		there++
	case !errors.Is(err, fs.ErrNotExist):
		t.Errorf("%s: the archive has %d bytes: %v", when, len(archived), err)
	}
	if there == 0 {
		t.Errorf("%s: it is lost", when)
	}
	for info, err := range archive.Walk(t.Context(), s.kept, "data") {
		if err != nil {
			t.Fatal(err)
		}
		if !recording.IsPart(info.Name) && !strings.HasSuffix(info.Name, ".age") && info.Size != int64(len(content)) {
			t.Errorf("%s: half a file: %s has %d bytes", when, info.Name, info.Size)
		}
	}
}

// checkDone: it is in the archive only, and nothing is left over.
func checkDone(t *testing.T, s *shelf, content []byte) {
	t.Helper()
	s.holds(call, content)
	if _, err := s.source.Stat(t.Context(), call); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the source is there: %v", err)
	}
	s.now = s.now.Add(25 * time.Hour)
	if _, err := s.Tidy(t.Context(), time.Minute); err != nil {
		t.Fatal(err)
	}
	if found := s.findings(); found != "" {
		t.Error(found)
	}
}

// TestFails lets a store fail at every step of a move and a deletion, also when it has done what was asked for, in plain and
// encrypted: nothing is lost, and doing it again succeeds.
func TestFails(t *testing.T) {
	lost := errors.New("the connection is lost")
	content := sound(100_000)
	for _, encrypted := range []bool{false, true} {
		for at := 1; ; at++ {
			s := newShelf(t)
			if encrypted {
				s.encrypt()
			}
			s.record(call, content)
			var steps atomic.Int64 // what is encrypted is read by another goroutine
			fail := func(string) error {
				if steps.Add(1) == int64(at) {
					return lost
				}
				return nil
			}
			s.Store = stepped{s.kept, fail}
			_, err := s.Move(t.Context(), stepped{s.source, fail}, call)
			if err == nil {
				_, err = s.Delete(t.Context(), archive.Order{Name: call})
			}
			if steps.Load() < int64(at) {
				break
			}
			var named *archive.Error
			if !errors.Is(err, lost) || !errors.As(err, &named) || named.Name != call || named.Step == "" {
				t.Fatalf("step %d: %v", at, err)
			}
			s.Store = s.kept
			if named.Op == "move" {
				if !encrypted {
					checkWhole(t, s, content, fmt.Sprintf("step %d", at))
				}
				s.move(call)
				checkDone(t, s, content)
			}
			if d, err := s.Delete(t.Context(), archive.Order{Name: call}); err != nil || d.Done.IsZero() {
				t.Fatalf("step %d: %+v, %v", at, d, err)
			}
			if found := s.findings(); found != "" {
				t.Errorf("step %d: %s", at, found)
			}
		}
	}
}
