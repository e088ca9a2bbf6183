package calls_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/calls"
)

// BenchmarkTurnover ends the oldest of the live calls each time that one begins, so that each of them is in turn and none is
// found in the cache of the processor just because it was the last one. Between the events that change a call come as many
// that do not as in the recorded random calls. The text of each call is written and read on the way, because ten thousand
// calls of messages in memory would leave the garbage collector less to do; that is in the time.
func BenchmarkTurnover(b *testing.B) {
	var others []ami.Message
	for _, event := range timeless(b, callEvents(b)) {
		if name := event.Event(); name == "VarSet" || name == "ExtensionStatus" || name == "QueueMemberStatus" {
			others = append(others, event.Message)
		}
	}
	levels(b, func(b *testing.B, live int) func() int {
		t := &turnover{live: live, others: others, tracker: calls.NewTracker(recordedConfig(b))}
		t.reader = ami.NewReader(t)
		for t.calls < live+1000 { // a thousand to warm up
			t.step(b)
		}
		if n := len(t.tracker.Live()); n != live {
			b.Fatalf("%d calls live, want %d", n, live)
		}
		return func() int {
			fed := t.fed
			for range 1000 {
				t.step(b)
			}
			return t.fed - fed
		}
	})
}

const (
	// newextenText are the steps in the dialplan before a call of answeredText rings.
	newextenText = `
Event: Newexten|Channel: PJSIP/trunk-main-#0|Exten: 8000|Uniqueid: 1.#0|Linkedid: 1.#0|Priority: 1|Application: NoOp|AppData:
Event: Newexten|Channel: PJSIP/trunk-main-#0|Exten: 8000|Uniqueid: 1.#0|Linkedid: 1.#0|Priority: 2|Application: Set|AppData: A=1
Event: Newexten|Channel: PJSIP/trunk-main-#0|Exten: 8000|Uniqueid: 1.#0|Linkedid: 1.#0|Priority: 3|Application: Dial|AppData: PJSIP/101
`
	// othersEach is how many events that change nothing come for one that may.
	othersEach = 3
	// callTime is how long a call lives.
	callTime = 180 * time.Second
)

var begun, ended = pieces(answeredText + newextenText), pieces(hungUpText)

// pieces is the text between the numbers of a call.
func pieces(text string) []string {
	text = strings.ReplaceAll(strings.TrimSpace(text), "\n", "|\n") + "|\n"
	return strings.Split(strings.NewReplacer("|", "\r\n", "\n", "\r\n").Replace(text), "#")
}

// turnover is a stream of calls of which the same number live at any time.
type turnover struct {
	live, calls, fed int
	others           []ami.Message
	tracker          *calls.Tracker
	reader           *ami.Reader
	text             []byte // of the next call
	at               time.Time
}

// step begins a call, and ends the oldest.
func (t *turnover) step(b *testing.B) {
	t.at = t.at.Add(callTime / time.Duration(t.live))
	t.write(begun, t.calls)
	events := strings.Count(answeredText+newextenText, "Event:")
	if oldest := t.calls - t.live; oldest >= 0 {
		t.write(ended, oldest)
		events += strings.Count(hungUpText, "Event:")
	}
	t.calls++
	for range events {
		event, err := t.reader.Borrow()
		if err != nil {
			b.Fatal(err)
		}
		t.tracker.Feed(event, t.at)
		for range othersEach {
			t.tracker.Feed(t.others[t.fed%len(t.others)], t.at)
			t.fed++
		}
		t.fed++
	}
}

func (t *turnover) write(pieces []string, number int) {
	for i, piece := range pieces {
		if i > 0 {
			t.text = strconv.AppendInt(t.text, int64(number), 10)
		}
		t.text = append(t.text, piece...)
	}
}

// Read implements [io.Reader].
func (t *turnover) Read(p []byte) (int, error) {
	n := copy(p, t.text)
	t.text = append(t.text[:0], t.text[n:]...)
	return n, nil
}
