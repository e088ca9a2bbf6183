package agents_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/agents"
	"github.com/asterism-go/asterism/internal/sipphone"
)

// moves are what may be done, and how often.
var moves = []struct {
	name   string
	weight int
	do     func(*walk)
}{
	{"login", 7, (*walk).login},
	{"logout", 4, (*walk).logout},
	{"pause", 7, (*walk).pause},
	{"unpause", 5, (*walk).unpause},
	{"penalty", 5, (*walk).penalty},
	{"busy", 4, (*walk).busy},
	{"feature code", 2, (*walk).featureCode},
	{"behind the back", 6, (*walk).behindTheBack},
	{"switch", 3, (*walk).switchOne},
	{"call", 3, (*walk).call},
	{"hold", 1, (*walk).hold},
	{"hang up", 2, (*walk).hangUp},
	{"refuse", 2, (*walk).refuse},
	{"give up", 2, (*walk).giveUp},
	{"no answer", 1, (*walk).noAnswer},
	{"break", 1, (*walk).breakConnection},
}

func (w *walk) intN(n int) int { return rapid.IntRange(0, n-1).Draw(w.T, "n") }

func pick[T any](w *walk, all ...T) T { return rapid.SampledFrom(all).Draw(w.T, "of") }

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
		Queue: w.queue(), Interface: endpoint, Name: "Agent " + endpoint, Penalty: w.intN(5), Paused: w.intN(3) == 0,
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
	_, err := w.desk.SetPenalty(w.ctx, w.endpoint(), pick(w, "", w.queue()), w.intN(9))
	w.tolerate(err)
}

func (w *walk) busy() {
	number, on := pick(w, "101", "102", "103"), w.intN(2) == 0
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
		ami.Action{Name: "QueuePenalty"}.With("Penalty", strconv.Itoa(w.intN(9))).With("Queue", w.queue()),
	)
	// Asterisk may refuse: not there, already there
	if _, err := w.admin.Do(w.ctx, a.With("Interface", w.endpoint())); err != nil && !isRefusal(err) {
		w.Fatal(err)
	}
}

func (w *walk) switchOne() { w.seen(w.switchPhone()) }

// seen waits until the Model has seen a phone switched: one that is on again soon may be told as if nothing had been.
func (w *walk) seen(number string) {
	w.eventually("the phone is switched", func() string {
		device := w.picture()["PJSIP/"+number].Phone.Device
		if (device == agents.Unavailable) != w.off[number] {
			return number + " is " + device.String()
		}
		return ""
	})
}

func (w *walk) switchPhone() string {
	number := pick(w, "101", "102", "103", "104")
	switch {
	case w.talk != nil && w.talk.number == number:
	case w.off[number]:
		w.phones[number] = w.register(number)
		w.off[number] = false
	default:
		w.ok(w.phones[number].Close())
		w.off[number], w.refuses[number] = true, false
	}
	return number
}

func (w *walk) switchOff(number string) {
	w.ok(w.phones[number].Close())
	w.off[number], w.refuses[number] = true, false
	w.seen(number)
}

func (w *walk) switchOn(number string) {
	w.phones[number] = w.register(number)
	w.off[number] = false
	w.seen(number)
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

// unsettled names a member whose phone's state has not reached the queue yet; "" if there is none.
func (w *walk) unsettled() string {
	for key, b := range w.queueStatus() {
		number, hint := b.endpoint[len("PJSIP/"):], strings.HasPrefix(b.state, "hint:")
		want := agents.NotInUse
		switch {
		case w.talk != nil && w.talk.number == number, w.off[number] && hint && number != "104":
			continue
		case w.off[number]:
			want = agents.Unavailable
		case hint && w.dnd[number]:
			want = agents.DeviceBusy
		}
		if b.status != int(want) {
			return fmt.Sprintf("%s has %d, want %d", key, b.status, want)
		}
	}
	return ""
}

// ringQueue calls a queue and returns when those who are free are rung.
func (w *walk) ringQueue(queue string) (out *sipphone.Call, in map[string]*sipphone.Call) {
	w.eventually("the queues have seen the phones", w.unsettled)
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
		if one == "" || w.intN(2) == 0 {
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
	out, in := w.ringQueue(pick(w, "support", "sales"))
	if out == nil {
		w.T.Skip("nobody is free")
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
		w.T.Skip("nobody talks")
	}
	if w.talk.held = !w.talk.held; w.talk.held {
		w.ok(w.talk.in.Hold(w.ctx))
		return
	}
	w.ok(w.talk.in.Resume(w.ctx))
}

func (w *walk) hangUp() {
	if w.talk == nil {
		w.T.Skip("nobody talks")
	}
	w.endTalk(pick(w, w.talk.in, w.talk.out))
}

// hangUpAny ends the call that there is.
func (w *walk) hangUpAny() {
	if w.talk != nil {
		w.endTalk(w.talk.in)
	}
}

func (w *walk) endTalk(side *sipphone.Call) {
	w.ok(side.Hangup(w.ctx))
	<-w.talk.in.Done()
	<-w.talk.out.Done()
	w.talk = nil
}

// refuse: one of those rung says that it is busy, then the caller gives up.
func (w *walk) refuse() {
	out, in := w.ringQueue(pick(w, "support", "sales"))
	if out == nil {
		w.T.Skip("nobody is free")
	}
	one := w.ringBut(in)
	before := w.picture()["PJSIP/"+one].Stats.NoAnswer
	w.ok(in[one].Reject(w.ctx, 486))
	w.refuses[one] = true
	w.untaken(one, before)
	w.end(out, in)
}

// untaken waits until it is told that somebody has not taken a call.
func (w *walk) untaken(number string, before int) {
	w.eventually("a call that was not taken is told", func() string {
		if w.picture()["PJSIP/"+number].Stats.NoAnswer == before {
			return "not told"
		}
		return ""
	})
}

// noAnswer: all ring until the queue has had enough, then the caller gives up.
func (w *walk) noAnswer() {
	if w.unanswered {
		w.T.Skip("once is enough")
	}
	out, in := w.ringQueue("night")
	if out == nil {
		w.T.Skip("nobody is free")
	}
	w.unanswered = true
	before := w.picture()
	for number, c := range in {
		c.Ring(w.ctx) //nolint:errcheck // its second may be over
		w.refuses[number] = false
	}
	for number := range in {
		w.untaken(number, before["PJSIP/"+number].Stats.NoAnswer)
	}
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
	out, in := w.ringQueue(pick(w, "support", "sales"))
	if out == nil {
		w.T.Skip("nobody is free")
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
