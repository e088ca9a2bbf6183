package queue_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/queue"
	"github.com/asterism-go/asterism/queue/acd"
	"github.com/asterism-go/asterism/queue/sqlitestore"
	"github.com/asterism-go/asterism/queue/stats"
)

// The program that is killed is this test program again: these variables tell it so.
const (
	childVariable = "ASTERISM_QUEUE_CHILD" // the address of ARI
	storeVariable = "ASTERISM_QUEUE_STORE" // the file of the Store
	sizeVariable  = "ASTERISM_QUEUE_AGENTS"
	// outVariable is where it listens, if Asterisk connects to it.
	outVariable = "ASTERISM_QUEUE_OUTBOUND"
)

func childAddress() string { return os.Getenv(childVariable) }

// child serves a queue until it is killed, and tells on its output what happens.
func child(address string) {
	store, err := sqlitestore.Open(os.Getenv(storeVariable))
	if err != nil {
		fmt.Println("error", err)
		return
	}
	agents, _ := strconv.Atoi(os.Getenv(sizeVariable))
	client := clientOf(address)
	client.Logger = slog.New(slog.NewTextHandler(os.Stderr, nil))
	book := stats.New(time.Hour)
	show := func() {
		q := book.Queue("support")
		fmt.Println("book", q.Joined, q.Answered, q.LeftAll(), q.Talk.Count)
	}
	server := &queue.Server{
		App: &ari.App{Client: client, Name: "queue"}, Store: store, Book: book,
		Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Queues: []queue.Queue{childQueue()},
		Observe: func(t acd.Transition) {
			fmt.Println("told", t.Kind, t.Caller, t.Agent, t.Position, t.Outcome, t.Time.UnixMilli(), t.Wait)
			show()
		},
	}
	if address := os.Getenv(outVariable); address != "" {
		server.App.Outbound = true
		listen(address, server.App)
	}
	for i := range agents {
		a := agent(fmt.Sprint("agent", i), nil, "support")
		a.Endpoint = "Local/phone@default/n"
		server.Agents = append(server.Agents, a)
	}
	go func() {
		err := server.Ready(context.Background())
		if err == nil {
			err = server.Do(context.Background(), func(*acd.State) error { show(); fmt.Println("ready"); return nil })
		}
		if err != nil {
			fmt.Println("error", err)
		}
	}()
	fmt.Println("error", server.Serve(context.Background()))
}

// listen has Asterisk connect to an application.
func listen(address string, app *ari.App) {
	web := &http.Server{Addr: address, Handler: app, ReadHeaderTimeout: 10 * time.Second}
	go func() { fmt.Println("error", web.ListenAndServe()) }()
}

// number is a number of the environment.
func number(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

// life is one life of the program.
type life struct {
	cmd   *exec.Cmd
	lines chan string
}

func (h *hall) born(store string, agents int, more ...string) *life {
	h.Helper()
	self, err := os.Executable()
	must(h, err)
	return start(h.T, exec.CommandContext(h.Context(), self, "-test.run=^$"),
		append([]string{childVariable + "=" + h.pbx.HTTP.String(), storeVariable + "=" + store, sizeVariable + "=" + strconv.Itoa(agents)}, more...)...)
}

// start starts a program with these variables.
func start(t *testing.T, cmd *exec.Cmd, variables ...string) *life {
	t.Helper()
	cmd.Env = append(os.Environ(), variables...)
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	l := &life{cmd: cmd, lines: make(chan string, 1<<18)}
	go func() {
		defer close(l.lines)
		for scanner := bufio.NewScanner(out); scanner.Scan(); {
			l.lines <- scanner.Text()
		}
	}()
	return l
}

// kill ends the life as kill -9 does, and returns what it has told.
func (l *life) kill() (told []string) {
	_ = l.cmd.Process.Kill()
	for line := range l.lines {
		told = append(told, line)
	}
	_ = l.cmd.Wait()
	return told
}

// lineUp is what Asterisk knows: who is in the bridge of those who wait, and who talks with how many legs.
func (h *hall) lineUp() (waiting map[string]bool, talks map[string]int) {
	h.Helper()
	bridges, err := h.client.Bridges().List(within(h))
	must(h, err)
	waiting, talks = map[string]bool{}, map[string]int{}
	for _, b := range bridges {
		caller, talk := strings.CutPrefix(b.Name, "asterism:talk:")
		for _, id := range b.Channels {
			if talk {
				talks[caller]++
			} else {
				waiting[id] = true
			}
		}
	}
	return waiting, talks
}

// call has a caller without a telephone come to a number, with this id of the channel.
func (h *hall) call(id, number string) {
	h.Helper()
	_, err := h.client.Channels().Originate(within(h), ari.ChannelOriginateParams{
		Endpoint: "Local/person@default/n", ChannelID: id, Context: "default", Extension: number, Priority: 1,
	})
	must(h, err)
}

// until asks until it is so.
func (h *hall) until(what string, so func() bool) {
	h.Helper()
	for ctx := within(h); !so(); {
		if ctx.Err() != nil {
			channels, err := h.client.Channels().List(context.Background())
			h.Fatalf("%s: it does not come to that; there are %+v, %v", what, channels, err)
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// The program is killed again and again while it rings and connects: nobody is dropped, nobody has two agents, and those who wait
// are served in the order in which they came. ASTERISM_QUEUE_WAITING, _TALKING and _KILLS make it greater: 50, 20 and 20 are what is
// promised, ASTERISM_QUEUE_SEED chooses other moments.
func TestKill(t *testing.T) {
	waiting, talking, kills := number("ASTERISM_QUEUE_WAITING", 8), number("ASTERISM_QUEUE_TALKING", 4), number("ASTERISM_QUEUE_KILLS", 4)
	h := newHall(t)
	store := filepath.Join(t.TempDir(), "store.db")
	l := h.born(store, talking)
	h.ready(l)
	var callers []string
	for i := range talking + waiting {
		id := fmt.Sprintf("caller-%03d", i)
		callers = append(callers, id)
		h.call(id, "qsupport")
		if i >= talking { // in this order
			h.until(id+" waits", func() bool { w, _ := h.lineUp(); return w[id] })
		} else {
			h.until(id+" talks", func() bool { _, talks := h.lineUp(); return talks[id] == 2 })
		}
	}
	h.settled(callers, talking)
	var told []string
	var slowest time.Duration
	chance := rand.New(rand.NewPCG(uint64(number("ASTERISM_QUEUE_SEED", 1)), 1))
	for range kills {
		// an agent becomes free, and in the midst of what follows the program is killed
		must(t, h.client.Channels().Hangup(within(t), callers[0], ari.ChannelHangupParams{}))
		callers = callers[1:]
		for range chance.IntN(20) {
			_, err := h.client.Asterisk().Ping(within(t))
			must(t, err)
		}
		told = append(told, l.kill()...)
		h.nobodyDropped(callers)
		began := time.Now()
		l = h.born(store, talking)
		h.settled(callers, talking)
		slowest = max(slowest, time.Since(began))
	}
	t.Logf("%d waiting, %d talking, %d kills: the slowest takeover took %v, the start of the program included", waiting, talking, kills, slowest)
	told = append(told, l.kill()...)
	h.nobodyDropped(callers)
	for _, line := range told {
		if f := strings.Fields(line); f[0] == "error" || len(f) > 1 && f[1] == "left" {
			t.Errorf("the program tells %q", line)
		}
	}
	// joined, answered, left and talks that are over: exact, however often it was killed
	if want := fmt.Sprint("book ", talking+waiting, min(talking+kills, talking+waiting), 0, kills); lastBook(told) != want {
		t.Errorf("the statistics say %q, want %q", lastBook(told), want)
	}
}

// lastBook is the last line of the statistics.
func lastBook(told []string) string {
	for _, line := range slices.Backward(told) {
		if strings.HasPrefix(line, "book ") {
			return line
		}
	}
	return ""
}

// ready waits until a life serves, and returns what it has told until then.
func (h *hall) ready(l *life) (told []string) {
	h.Helper()
	return h.says(l, "ready")
}

// says waits until a life says something that begins so, and returns all that it has told until then.
func (h *hall) says(l *life, what string) (told []string) {
	h.Helper()
	for ctx := within(h); ; {
		select {
		case line, ok := <-l.lines:
			if told = append(told, line); strings.HasPrefix(line, what) {
				return told
			}
			if !ok {
				h.Fatalf("the program has ended: %q", told)
			}
		case <-ctx.Done():
			h.Fatalf("the program does not say %q but %q", what, told)
		}
	}
}

// settled waits until everybody is where they belong.
func (h *hall) settled(callers []string, talking int) {
	h.Helper()
	ctx, problem := within(h), "?"
	for problem != "" {
		if problem = h.wrong(callers, talking); ctx.Err() != nil {
			h.Fatal(problem)
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// wrong says what is not as it should be: the first callers talk, each with one leg, the others wait.
func (h *hall) wrong(callers []string, talking int) string {
	h.Helper()
	waiting, talks := h.lineUp()
	for i, id := range callers {
		switch {
		case i < talking && talks[id] != 2:
			return fmt.Sprintf("%s talks with %d legs", id, talks[id])
		case i >= talking && !waiting[id]:
			return id + " does not wait"
		}
	}
	channels, err := h.client.Channels().List(within(h))
	must(h, err)
	legs := 0
	for _, ch := range channels {
		if strings.HasPrefix(ch.ID, "asterism-agent-") && !strings.HasSuffix(ch.Name, ";2") {
			legs++
		}
	}
	if legs != min(talking, len(callers)) {
		return fmt.Sprintf("%d legs to agents", legs)
	}
	return ""
}

// nobodyDropped checks that all callers are still there.
func (h *hall) nobodyDropped(callers []string) {
	h.Helper()
	for _, id := range callers {
		if ch, err := h.client.Channels().Get(within(h), id); err != nil || ch.Dialplan.AppName != "Stasis" {
			h.Errorf("%s is dropped: %+v, %v", id, ch, err)
		}
	}
}
