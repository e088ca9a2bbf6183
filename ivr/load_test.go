package ivr_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/ivr"
)

// crowd is how many callers there are at once: ASTERISM_IVR_CALLERS, 30 unless it is set.
func crowd(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("ASTERISM_IVR_CALLERS"))
	if err != nil {
		return 30
	}
	return n
}

// manyCallers is from how many callers on the CPU time is checked.
const manyCallers = 100

// rounds is how often a caller of the crowd goes through the menu.
const rounds = 2

// helpdesk is the menu of the crowd: a choice, a department, a number.
func helpdesk(folder string, done chan<- string) ivr.Handler {
	at := func(name string) ivr.Piece { return ivr.Sound(filepath.Join(folder, name)) }
	return func(ctx context.Context, c *ivr.Call) (err error) {
		var got strings.Builder
		want, _ := c.Var(ctx, "WANT")
		defer func() { done <- fmt.Sprintf("%s %s %v", want, got.String(), err) }()
		if err := c.Answer(ctx); err != nil {
			return err
		}
		for range rounds {
			choice, err := c.Collect(ctx, ivr.Digits{Prompt: ivr.Say(at("welcome"), at("again")), Max: 1, First: time.Minute})
			if err != nil {
				return err
			}
			department := map[string]string{"1": "sales", "2": "support"}[choice.Digits]
			if err := c.Say(ctx, at(department)); err != nil {
				return err
			}
			number, err := c.Collect(ctx, ivr.Digits{Prompt: ivr.Say(at("notice")), End: "#", First: time.Minute, Inter: time.Minute})
			if err != nil {
				return err
			}
			got.WriteString(choice.Digits + number.Digits + "#")
		}
		return nil // no goodbye: see TestCrowd
	}
}

// TestCrowd has many callers in a menu at once, half of them over each transport: each gets through it with the digits that it
// has pressed. The CPU time of this process is at most a quarter of Asterisk's: that is checked when there are so many callers
// that what the test itself does counts for little, and without the race detector.
//
// Nothing is played that no digit stops: on a Local channel, which no audio comes from, Asterisk itself may stand still in a
// sound until the hangup (seen in 2 of about 1,500 calls on a machine that was overloaded, in Asterisk's log too).
func TestCrowd(t *testing.T) {
	r := newRoom(t)
	n := crowd(t)
	done := make(chan string, n)
	r.program("crowd", helpdesk(r.folder, done))
	ours, theirs := cpu(t), r.cpu(t)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	for i := range n {
		if err := r.originate(ctx, via(i), i); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	wrong := 0
	for range n {
		select {
		case text := <-done:
			if part := strings.Fields(text); len(part) != 3 || part[0] != part[1] || part[2] != "<nil>" {
				wrong++
				t.Errorf("pressed, got, error: %s", text)
			}
		case <-ctx.Done():
			t.Fatal(context.Cause(ctx))
		}
	}
	ours, theirs = cpu(t)-ours, r.cpu(t)-theirs
	t.Logf("%d callers in %v, %d wrong; CPU: ours %v, Asterisk's %v, a ratio of %.3f", n, time.Since(began).Round(time.Second), wrong, ours, theirs,
		ours.Seconds()/theirs.Seconds())
	if !raced && n >= manyCallers && ours > theirs/4 {
		t.Errorf("the menus took %v of CPU, Asterisk %v: more than a quarter", ours, theirs)
	}
	r.nothingLeft(t)
}

// originate has Asterisk itself make a call to the menu, which presses digits.
func (r *room) originate(ctx context.Context, transport string, i int) error {
	variables := ari.Variables{}
	var want strings.Builder
	for round := range rounds {
		choice, number := strconv.Itoa(1+(i+round)%2), fmt.Sprintf("0%d*%d#", i, round)
		variables[fmt.Sprintf("CHOICE%d", round)], variables[fmt.Sprintf("NUMBER%d", round)] = choice, number
		want.WriteString(choice + number)
	}
	variables["__WANT"] = want.String()
	_, err := r.client.Channels().Originate(ctx, ari.ChannelOriginateParams{
		Endpoint: "Local/" + transport + "-crowd@default/n", Formats: "ulaw", Context: "default", Extension: "crowd", Priority: 1, Variables: variables,
	})
	return err
}

// cpu is how much CPU time this process has taken.
func cpu(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// cpu is how much CPU time Asterisk has taken (proc(5): the 14th and 15th field, in hundredths of a second).
func (r *room) cpu(t *testing.T) time.Duration {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", r.pid(t)))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	var ticks int64
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// pid is Asterisk's.
func (r *room) pid(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(r.Dir, "run", "asterisk.pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// via is the transport of a caller: they take turns, unless ASTERISM_IVR_TRANSPORT says agi or ari.
func via(i int) string {
	if transport := os.Getenv("ASTERISM_IVR_TRANSPORT"); transport != "" {
		return transport
	}
	return transports[i%len(transports)]
}
