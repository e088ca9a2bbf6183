package queue_test

import (
	"strings"
	"testing"

	"github.com/asterism-go/asterism/internal/sipphone"
	"github.com/asterism-go/asterism/queue"
	"github.com/asterism-go/asterism/queue/acd"
)

// An agent asks somebody else, and transfers the caller to them: caller and third hear each other, the channel that stands for the agent
// now is stored, and the talk ends when the third hangs up, whatever program there is then.
func TestAttendedTransfer(t *testing.T) {
	t.Parallel()
	h := plan(t, "carol", "anna", "boris")
	h.config.Files["extensions.conf"] = dialplan + "exten => _b.,1,Dial(PJSIP/${EXTEN:1})\n"
	h.started(t)
	store := queue.NewMemory()
	open := func() {
		h.open(&queue.Server{
			Store: store, Queues: []queue.Queue{{Queue: acd.Queue{Name: "support"}}}, Agents: []queue.Agent{agent("anna", nil, "support")},
		})
	}
	open()
	carol, asked, taken := h.phone("carol", callerTone, nil), make(chan *sipphone.Call, 1), make(chan *sipphone.Call, 1)
	anna := h.phone("anna", annaTone, answering(h, taken))
	h.phone("boris", borisTone, answering(h, asked))
	call := h.dial(carol, "qsupport")
	leg := h.take(taken)
	must(t, call.WaitHears(within(t), annaTone))
	id := h.joined(1)
	before := h.legOf(id)

	must(t, leg.Hold(within(t)))
	consultation := h.dial(anna, "bboris")
	boris := h.take(asked)
	must(t, consultation.WaitHears(within(t), borisTone))
	must(t, leg.TransferTo(within(t), consultation))
	must(t, call.WaitHears(within(t), borisTone))
	must(t, boris.WaitHears(within(t), callerTone))
	h.until("her leg is gone", func() bool { return h.isGone(before) })
	h.until("what stands for it is stored", func() bool {
		records, err := store.Load()
		must(t, err)
		r := records.Callers[id]
		return r.Leg != "" && r.Leg != before && r.Leg == h.legOf(id) && !strings.HasPrefix(r.Leg, "asterism-agent-")
	})
	if over, ok := h.find(of(acd.Finished, id)); ok {
		t.Errorf("it is over: %+v", over)
	}
	h.close()
	open()
	must(t, h.server.Ready(within(t)))
	if _, talks := h.lineUp(); talks[id] != 2 {
		t.Errorf("after a restart they talk with %d legs", talks[id])
	}
	must(t, boris.Hangup(within(t)))
	if over := h.wait("the end", of(acd.Finished, id)); over.Agent != "anna" || !over.ByAgent {
		t.Errorf("%+v", over)
	}
	h.ended(call)
}
