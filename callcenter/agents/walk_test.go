package agents_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/agents"
	"github.com/asterism-go/asterism/internal/sipphone"
)

// steps is how long the random walk is; ASTERISM_AGENT_STEPS makes it longer, ASTERISM_AGENT_SEED another one.
const steps = 500

// TestRandomWalk lets agents do at random what agents do: log in and out, pause, change penalties, be busy, switch phones off
// and on, refuse, answer, hold, let it ring; others do it for them behind the Desk's back; and the connection breaks. After
// every step the Model, known by its changes alone, equals QueueStatus, and every agent is in the state that the walk knows
// it to be in.
func TestRandomWalk(t *testing.T) { randomWalk(t, true) }

// TestRandomWalkByDevices is the same for a Model that is not told of calls: the states of the devices must do.
func TestRandomWalkByDevices(t *testing.T) { randomWalk(t, false) }

func randomWalk(t *testing.T, withCalls bool) {
	t.Helper()
	seed, length := number(t, "ASTERISM_AGENT_SEED", uint64(time.Now().UnixNano())), int(number(t, "ASTERISM_AGENT_STEPS", steps))
	t.Logf("seed %d", seed)
	h := openHall(t, agents.Config{Calls: withCalls, WrapUp: map[string]time.Duration{"support": wrapUp}})
	w := &walk{hall: h, rand: rand.New(rand.NewPCG(seed, seed)), dnd: map[string]bool{}, off: map[string]bool{}, refuses: map[string]bool{}}
	counts := map[string]int{}
	for i := range length {
		name := w.step(i%150 == 149)
		counts[name]++
		h.eventually(fmt.Sprintf("seed %d, step %d, %s", seed, i, name), w.check)
	}
	for _, move := range moves {
		if length >= steps && counts[move.name] == 0 {
			t.Errorf("%s was never done", move.name)
		}
	}
	if length >= steps && counts["break"] == 0 {
		t.Error("the connection was never lost")
	}
	t.Logf("%d steps: %v", length, counts)
}

func number(t *testing.T, variable string, standard uint64) uint64 {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return standard
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// walk is where a random walk is.
type walk struct {
	*hall
	rand              *rand.Rand
	dnd, off, refuses map[string]bool // by number
	talk              *talk
}

// talk is a call that goes on between two steps.
type talk struct {
	in, out *sipphone.Call
	number  string
	held    bool
}

// moves are what may be done, and how often.
var moves = []struct {
	name   string
	weight int
	do     func(*walk)
}{
	{"login", 14, (*walk).login},
	{"logout", 8, (*walk).logout},
	{"pause", 14, (*walk).pause},
	{"unpause", 10, (*walk).unpause},
	{"penalty", 10, (*walk).penalty},
	{"busy", 8, (*walk).busy},
	{"feature code", 4, (*walk).featureCode},
	{"behind the back", 12, (*walk).behindTheBack},
	{"switch", 6, (*walk).switchPhone},
	{"call", 6, (*walk).call},
	{"hold", 1, (*walk).hold},
	{"hang up", 6, (*walk).hangUp},
	{"refuse", 3, (*walk).refuse},
	{"give up", 4, (*walk).giveUp},
}

func (w *walk) step(cut bool) string {
	if cut {
		w.breakConnection()
		return "break"
	}
	total := 0
	for _, m := range moves {
		total += m.weight
	}
	n := w.rand.IntN(total)
	for _, m := range moves {
		if n -= m.weight; n < 0 {
			m.do(w)
			return m.name
		}
	}
	return ""
}

func pick[T any](w *walk, all ...T) T { return all[w.rand.IntN(len(all))] }

func (w *walk) endpoint() string { return "PJSIP/" + pick(w, "101", "102", "103") }
func (w *walk) queue() string    { return pick(w, "support", "sales", "night") }
func (w *walk) reason() string   { return pick(w, "lunch", "training, part 2", "Müller & Söhne", "") }

// tolerate accepts that there is nothing to do it to.
func (w *walk) tolerate(err error) {
	w.Helper()
	if err != nil && !isNotMember(err) {
		w.Fatal(err)
	}
}

func (w *walk) login() {
	endpoint := w.endpoint()
	c := agents.Command{
		Queue: w.queue(), Interface: endpoint, Name: "Agent " + endpoint, Penalty: w.rand.IntN(5), Paused: w.rand.IntN(3) == 0,
		StateInterface: pick(w, "", "hint:"+endpoint[len("PJSIP/"):]+"@default"),
	}
	if c.Paused {
		c.Reason = w.reason()
	}
	_, err := w.desk.Login(w.ctx, c)
	w.ok(err)
}

func (w *walk) logout() {
	_, err := w.desk.Logout(w.ctx, w.endpoint(), pick(w, w.queue(), w.queue(), w.queue(), ""))
	w.ok(err)
}

func (w *walk) pause() {
	_, err := w.desk.Pause(w.ctx, w.endpoint(), pick(w, "", w.queue()), w.reason())
	w.tolerate(err)
}

func (w *walk) unpause() {
	_, err := w.desk.Unpause(w.ctx, w.endpoint(), pick(w, "", w.queue()))
	w.tolerate(err)
}

func (w *walk) penalty() {
	_, err := w.desk.SetPenalty(w.ctx, w.endpoint(), pick(w, "", w.queue()), w.rand.IntN(9))
	w.tolerate(err)
}

func (w *walk) busy() {
	number, on := pick(w, "101", "102", "103"), w.rand.IntN(2) == 0
	_, err := w.desk.Busy(w.ctx, "PJSIP/"+number, number, on)
	w.ok(err)
	w.dnd[number] = on
}

func (w *walk) featureCode() {
	number := pick(w, "101", "102", "103")
	w.dnd[number] = !w.dnd[number]
	w.setDND(number, map[bool]string{true: "BUSY", false: "NOT_INUSE"}[w.dnd[number]])
}

// behindTheBack does what other programs do, whether it makes sense or not.
func (w *walk) behindTheBack() {
	a := pick(w,
		ami.Action{Name: "QueueAdd"}.With("Queue", w.queue()).With("MemberName", "X"),
		ami.Action{Name: "QueueRemove"}.With("Queue", w.queue()),
		ami.Action{Name: "QueuePause"}.With("Paused", pick(w, "true", "false")).With("Reason", w.reason()),
		ami.Action{Name: "QueuePenalty"}.With("Penalty", strconv.Itoa(w.rand.IntN(9))).With("Queue", w.queue()),
	)
	// Asterisk may refuse: not there, already there
	if _, err := w.admin.Do(w.ctx, a.With("Interface", w.endpoint())); err != nil && !isRefusal(err) {
		w.Fatal(err)
	}
}

func (w *walk) switchPhone() {
	number := pick(w, "101", "102", "103", "104")
	if w.talk != nil && w.talk.number == number {
		return
	}
	if w.off[number] = !w.off[number]; w.off[number] {
		w.ok(w.phones[number].Close())
		w.refuses[number] = false
		return
	}
	w.phones[number] = w.register(number)
}

// free are the phones that a call to the queue would ring now: those with the lowest penalty, but for who has just had one.
func (w *walk) free(queue string) []string {
	var free []string
	lowest := 0
	for _, b := range w.queueStatus() {
		recent := queue == "support" && time.Now().Unix()-b.last <= 2
		// a hint that has the custom device too does not tell that the phone is off
		if b.queue != queue || b.paused || b.status != int(agents.NotInUse) || recent || w.off[b.endpoint[len("PJSIP/"):]] {
			continue
		}
		if len(free) == 0 || b.penalty < lowest {
			free, lowest = nil, b.penalty
		}
		if b.penalty == lowest {
			free = append(free, b.endpoint[len("PJSIP/"):])
		}
	}
	slices.Sort(free)
	return free
}

// ringQueue calls a queue and returns when those who are free are rung.
func (w *walk) ringQueue() (out *sipphone.Call, in map[string]*sipphone.Call) {
	queue := pick(w, "support", "sales")
	free := w.free(queue)
	if len(free) == 0 || w.talk != nil {
		return nil, nil
	}
	for _, phone := range w.phones {
		phone.drain()
	}
	out, in = w.dial(w.caller, "6"+queue), map[string]*sipphone.Call{}
	for _, number := range free {
		in[number] = w.rung(w.phones[number])
	}
	return out, in
}

// ringBut lets all ring but one, and returns that one.
func (w *walk) ringBut(in map[string]*sipphone.Call) string {
	one := ""
	for _, number := range sortedKeys(in) {
		if one == "" || w.rand.IntN(2) == 0 {
			one = number
		}
	}
	for number, c := range in {
		if number != one {
			w.ok(c.Ring(w.ctx))
			w.refuses[number] = false
			w.waitState("PJSIP/"+number, agents.Ringing)
		}
	}
	return one
}

func (w *walk) call() {
	out, in := w.ringQueue()
	if out == nil {
		return
	}
	one := w.ringBut(in)
	w.ok(in[one].Ring(w.ctx))
	w.waitState("PJSIP/"+one, agents.Ringing)
	w.refuses[one] = false
	w.ok(in[one].Answer(w.ctx))
	w.talk = &talk{in: in[one], out: out, number: one}
	w.waitState("PJSIP/"+one, agents.Talking)
}

func (w *walk) hold() {
	if w.talk == nil {
		return
	}
	if w.talk.held = !w.talk.held; w.talk.held {
		w.ok(w.talk.in.Hold(w.ctx))
		return
	}
	w.ok(w.talk.in.Resume(w.ctx))
}

func (w *walk) hangUp() {
	if w.talk == nil {
		return
	}
	w.ok(pick(w, w.talk.in, w.talk.out).Hangup(w.ctx))
	<-w.talk.in.Done()
	<-w.talk.out.Done()
	w.talk = nil
}

// refuse: one of those rung says that it is busy, then the caller gives up.
func (w *walk) refuse() {
	out, in := w.ringQueue()
	if out == nil {
		return
	}
	one := w.ringBut(in)
	before := w.picture()["PJSIP/"+one].Stats.NoAnswer
	w.ok(in[one].Reject(w.ctx, 486))
	w.refuses[one] = true
	w.eventually("the refusal is told", func() string {
		if w.picture()["PJSIP/"+one].Stats.NoAnswer == before {
			return "not told"
		}
		return ""
	})
	w.end(out, in)
}

// end hangs a caller up whom nobody has answered.
func (w *walk) end(out *sipphone.Call, in map[string]*sipphone.Call) {
	w.ok(out.Hangup(w.ctx))
	<-out.Done()
	for _, c := range in {
		<-c.Done()
	}
}

// giveUp: all ring, then the caller gives up.
func (w *walk) giveUp() {
	out, in := w.ringQueue()
	if out == nil {
		return
	}
	one := w.ringBut(in)
	w.ok(in[one].Ring(w.ctx))
	w.refuses[one] = false
	w.waitState("PJSIP/"+one, agents.Ringing)
	w.end(out, in)
}

// breakConnection does things that the Model cannot see.
func (w *walk) breakConnection() {
	if w.talk != nil && w.talk.held { // which of its calls a telephone holds is not known after a gap (package calls)
		w.hold()
		w.waitState("PJSIP/"+w.talk.number, agents.Talking)
	}
	before := w.lossCount()
	w.cut()
	for range 5 {
		w.behindTheBack()
	}
	w.switchPhone()
	w.featureCode()
	w.eventually("the loss is told", func() string {
		if w.lossCount() == before {
			return "not told"
		}
		return ""
	})
}

func (h *hall) lossCount() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.losses
}
