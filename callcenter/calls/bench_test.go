package calls_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/calls"
)

// callEvents are the events of the random calls that the Tracker has a rule for, or could have: those of the classes call,
// dialplan and agent.
func callEvents(t testing.TB) []ami.Message {
	t.Helper()
	return ofCalls(relevant(randomCalls(t).messages(t)))
}

func ofCalls(messages []ami.Message) []ami.Message {
	return slices.DeleteFunc(messages, func(m ami.Message) bool {
		class, _, _ := strings.Cut(m.Get("Privilege"), ",")
		return class != "call" && class != "dialplan" && class != "agent"
	})
}

// BenchmarkFeed is the Tracker alone, on one core: messages in memory to changes.
func BenchmarkFeed(b *testing.B) {
	b.Run("random calls", func(b *testing.B) { benchmarkFeed(b, callEvents(b)) })
	b.Run("trace", func(b *testing.B) { benchmarkFeed(b, ofCalls(relevant(trace(b)))) })
}

// trace is the stream of package ami's tests: 20 cases of the dialplan, without telephones.
func trace(t testing.TB) []ami.Message {
	t.Helper()
	file, err := os.Open("../../ami/testdata/trace.ami.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	zipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(zipped)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, text)
}

func benchmarkFeed(b *testing.B, events []ami.Message) {
	cfg := recordedConfig(b)
	b.ReportAllocs()
	n, begin := 0, cpuTime(b)
	for b.Loop() {
		tracker := calls.NewTracker(cfg)
		for _, event := range events {
			tracker.Feed(event, time.Time{})
		}
		tracker.Flush()
		n += len(events)
	}
	report(b, n, cpuTime(b)-begin)
}

// report tells how many events there were in the time of one core.
func report(b *testing.B, events int, used time.Duration) {
	b.Helper()
	b.ReportMetric(float64(events)/used.Seconds(), "events/s")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkChain is the whole way: bytes to messages to changes.
func BenchmarkChain(b *testing.B) {
	var stream bytes.Buffer
	events := callEvents(b)
	for _, event := range events {
		stream.WriteString(event.String() + "\r\n")
	}
	cfg := recordedConfig(b)
	n, begin := 0, cpuTime(b)
	for b.Loop() {
		tracker := calls.NewTracker(cfg)
		reader := ami.NewReader(bytes.NewReader(stream.Bytes()))
		for {
			event, err := reader.ReadMessage()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			tracker.Feed(event, time.Time{})
		}
		n += len(events)
	}
	report(b, n, cpuTime(b)-begin)
}

// BenchmarkLive feeds calls that come and go while others live: what an event costs must not depend on how many there are.
// The mix of events is the same at each level: the recorded random calls, or calls of nothing but what changes them. All
// that a call costs is in the time, its Finished too, and the garbage collector; what is live before and the messages are not.
// of-10 is the time of an event by that of the same mix while ten calls live.
func BenchmarkLive(b *testing.B) {
	b.Run("recorded", func(b *testing.B) { benchmarkLive(b, timeless(b, callEvents(b))) })
	b.Run("bare", func(b *testing.B) {
		var events []ami.Message
		for i := range 100 {
			events = append(events, messagesOf(b, callText(1_000_000+i, answeredText+hungUpText))...)
		}
		timed := timeless(b, events)
		for i := range timed { // one call after the other
			timed[i].after += 3 * time.Second * time.Duration(i*100/len(timed))
		}
		benchmarkLive(b, timed)
	})
}

// timed is an event without its Timestamp, so that it can happen again, and when it came after the first.
type timed struct {
	ami.Message
	after time.Duration
}

func timeless(t testing.TB, events []ami.Message) []timed {
	t.Helper()
	var out []timed
	var first time.Duration
	for i, event := range events {
		stamp := event.Get("Timestamp")
		after, err := time.ParseDuration(stamp + "s")
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = after
		}
		event, err = ami.ParseMessage(strings.Replace(event.String(), "Timestamp: "+stamp+"\r\n", "", 1))
		if err != nil || event.Get("Timestamp") != "" {
			t.Fatal(event, err)
		}
		out = append(out, timed{event, after - first})
	}
	return out
}

func benchmarkLive(b *testing.B, events []timed) {
	levels(b, func(b *testing.B, live int) func() int {
		tracker := calls.NewTracker(recordedConfig(b))
		for i := range live {
			feed(b, tracker, callText(i, answeredText))
		}
		begin := time.Unix(1_900_000_000, 0)
		pass := func() int {
			for i := range events {
				tracker.Feed(events[i].Message, begin.Add(events[i].after))
			}
			begin = begin.Add(events[len(events)-1].after + 10*time.Second)
			tracker.Tick(begin)
			return len(events)
		}
		pass() // to warm up
		if n := len(tracker.Live()); n != live {
			b.Fatalf("%d calls live, want %d", n, live)
		}
		return pass
	})
}

// levels runs what start returns, which feeds events and returns how many, with more and more calls live.
func levels(b *testing.B, start func(b *testing.B, live int) func() int) {
	b.Helper()
	var ofTen float64
	for _, live := range []int{10, 100, 1000, 10_000} {
		b.Run(strconv.Itoa(live), func(b *testing.B) {
			before := heap()
			pass := start(b, live)
			perCall := float64(heap()-before) / float64(live)
			bytes, allocs := allocated()
			n, begin := 0, cpuTime(b)
			for b.Loop() {
				n += pass()
			}
			used := cpuTime(b) - begin
			report(b, n, used)
			bytesAfter, allocsAfter := allocated()
			each := float64(used.Nanoseconds()) / float64(n)
			if live == 10 {
				ofTen = each
			}
			b.ReportMetric(each, "ns/event")
			b.ReportMetric(each/ofTen, "of-10")
			b.ReportMetric(float64(bytesAfter-bytes)/float64(n), "B/event")
			b.ReportMetric(float64(allocsAfter-allocs)/float64(n), "allocs/event")
			b.ReportMetric(perCall, "B/call")
		})
	}
}

// allocated is what has been allocated ever.
func allocated() (bytes, objects uint64) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc, m.Mallocs
}

// Ten thousand live calls fit into 100 MB.
func TestMemory(t *testing.T) {
	const live, limit = 10_000, 100 << 20
	tracker := calls.NewTracker(calls.Config{Trunks: []string{"PJSIP/trunk-main"}})
	before := heap()
	for i := range live {
		feed(t, tracker, callText(i, answeredText))
	}
	if used := heap() - before; used > limit {
		t.Errorf("%d live calls take %d bytes", live, used)
	}
	if n := len(tracker.Live()); n != live {
		t.Errorf("%d calls live, want %d", n, live)
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// A call of two parties, as Asterisk tells it; # stands for its number.
const answeredText = `
Event: Newchannel|Channel: PJSIP/trunk-main-#0|ChannelStateDesc: Ring|CallerIDNum: 2101234567|Exten: 8000|Uniqueid: 1.#0|Linkedid: 1.#0
Event: Newchannel|Channel: PJSIP/101-#1|ChannelStateDesc: Down|CallerIDNum: 101|Exten: s|Uniqueid: 1.#1|Linkedid: 1.#0
Event: DialBegin|Channel: PJSIP/trunk-main-#0|Uniqueid: 1.#0|DestChannel: PJSIP/101-#1|DestUniqueid: 1.#1|DialString: 101
Event: Newstate|Channel: PJSIP/101-#1|ChannelStateDesc: Ringing|Uniqueid: 1.#1
Event: Newstate|Channel: PJSIP/101-#1|ChannelStateDesc: Up|Uniqueid: 1.#1
Event: DialEnd|Channel: PJSIP/trunk-main-#0|Uniqueid: 1.#0|DestChannel: PJSIP/101-#1|DestUniqueid: 1.#1|DialStatus: ANSWER
Event: Newstate|Channel: PJSIP/trunk-main-#0|ChannelStateDesc: Up|Uniqueid: 1.#0
Event: BridgeEnter|BridgeUniqueid: b-#|BridgeTechnology: simple_bridge|Channel: PJSIP/101-#1|Uniqueid: 1.#1
Event: BridgeEnter|BridgeUniqueid: b-#|BridgeTechnology: simple_bridge|Channel: PJSIP/trunk-main-#0|Uniqueid: 1.#0
`

const hungUpText = `
Event: HangupRequest|Channel: PJSIP/trunk-main-#0|Uniqueid: 1.#0|Cause: 16
Event: BridgeLeave|BridgeUniqueid: b-#|Channel: PJSIP/trunk-main-#0|Uniqueid: 1.#0
Event: BridgeLeave|BridgeUniqueid: b-#|Channel: PJSIP/101-#1|Uniqueid: 1.#1
Event: Hangup|Channel: PJSIP/101-#1|Uniqueid: 1.#1|Cause: 16
Event: Hangup|Channel: PJSIP/trunk-main-#0|Uniqueid: 1.#0|Cause: 16
`

// callText is a call with its number filled in, and times a millisecond apart.
func callText(number int, text string) string {
	return strings.ReplaceAll(text, "#", strconv.Itoa(number))
}

func messagesOf(t testing.TB, text string) []ami.Message {
	t.Helper()
	var messages []ami.Message
	at := 1_800_000_000.0
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		at += 0.2
		message, err := ami.ParseMessage(strings.ReplaceAll(fmt.Sprintf("%s|Timestamp: %f|", line, at), "|", "\r\n"))
		if err != nil {
			t.Fatal(err)
		}
		messages = append(messages, message)
	}
	return messages
}

func feed(t testing.TB, tracker *calls.Tracker, text string) {
	t.Helper()
	for _, message := range messagesOf(t, text) {
		tracker.Feed(message, time.Time{})
	}
}
