package queue_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/asterism-go/asterism/queue"
	"github.com/asterism-go/asterism/queue/acd"
)

// Who has flown over from another queue, and still waits in its bridge, can leave a message.
func TestVoicemailAfterOverflow(t *testing.T) {
	t.Parallel()
	taken := make(chan queue.Message, 1)
	l := newLine(t, func(q *queue.Queue, _ sounds) {
		q.Voicemail = &queue.Voicemail{Key: "9", Max: 30 * time.Second, Taken: func(_ context.Context, m queue.Message) error {
			taken <- m
			return nil
		}}
	}, queue.Queue{Queue: acd.Queue{Name: "sfirst", Overflow: acd.Overflow{After: time.Second, Queue: "support"}}})
	must(t, os.MkdirAll(filepath.Join(l.pbx.Dir, "spool", "recording"), 0o700))
	call := l.dial(l.customer, "qsfirst")
	must(t, call.WaitHears(within(t), musicTone))
	l.wait("the overflow", func(told acd.Transition) bool { return told.Kind == acd.Moved })
	l.press(call, "9")
	l.hear(call, "message")
	l.message(call, func() {
		l.press(call, "#")
		l.hear(call, "kept")
		l.ended(call)
	}, taken, acd.ExitKey)
}
