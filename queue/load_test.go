package queue_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/queue"
	"github.com/asterism-go/asterism/queue/acd"
)

// clockTick is that of /proc/PID/stat: USER_HZ, which is 100 on all of Linux.
const clockTick = 10 * time.Millisecond

// cpu is how much of a processor a process has had.
func cpu(t *testing.T, pid string) time.Duration {
	t.Helper()
	text, err := os.ReadFile("/proc/" + pid + "/stat")
	must(t, err)
	_, after, _ := strings.Cut(string(text), ") ") // behind the name: proc(5)
	f := strings.Fields(after)
	user, err := strconv.Atoi(f[11])
	must(t, err)
	system, err := strconv.Atoi(f[12])
	must(t, err)
	return time.Duration(user+system) * clockTick
}

// Many callers wait, are told their position, and come and go: what we need of the processor for it is a small part of what Asterisk
// needs for the same calls. ASTERISM_QUEUE_CALLERS makes it greater: with 300 at most a quarter is what is promised.
func TestManyWait(t *testing.T) {
	callers := number("ASTERISM_QUEUE_CALLERS", 12)
	h := newHall(t)
	store, end, err := openStore("sqlite", filepath.Join(t.TempDir(), "store.db"))
	must(t, err)
	t.Cleanup(func() { must(t, end()) })
	h.open(&queue.Server{
		Store:  store,
		Queues: []queue.Queue{{Queue: acd.Queue{Name: "support", Strategy: acd.LongestIdle}, AnnounceEvery: 10 * time.Second}},
		Agents: localAgents("anna"),
	})
	must(t, h.server.Ready(within(t)))
	must(t, h.server.Pause(within(t), "anna", "load"))
	pid, err := os.ReadFile(filepath.Join(h.pbx.Dir, "run", "asterisk.pid"))
	must(t, err)
	ours, theirs := cpu(t, "self"), cpu(t, strings.TrimSpace(string(pid)))
	for i := range callers {
		h.call(fmt.Sprintf("caller-%03d", i), "qsupport")
	}
	last := fmt.Sprintf("caller-%03d", callers-1)
	h.wait(last+" waits", of(acd.Joined, last))
	if rest := time.Duration(callers) * 50 * time.Millisecond; rest > time.Second {
		<-time.After(rest) // they wait
	}
	ours, theirs = cpu(t, "self")-ours, cpu(t, strings.TrimSpace(string(pid)))-theirs
	h.until("all hear music", func() bool { waiting, _ := h.lineUp(); return len(waiting) == callers })
	t.Logf("%d wait: we had %v of the processor, Asterisk %v: %.2f", callers, ours, theirs, ours.Seconds()/theirs.Seconds())
	if callers >= 300 && 4*ours > theirs {
		t.Errorf("we need %v, Asterisk %v", ours, theirs)
	}
}
