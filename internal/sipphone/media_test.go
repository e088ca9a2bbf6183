package sipphone

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
)

// testMedia is audio that goes to a port where nobody listens.
func testMedia(t *testing.T) *media {
	t.Helper()
	m, err := newMedia(0, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.close)
	return m
}

func TestDigitsNeedTelephoneEvents(t *testing.T) {
	m := testMedia(t)
	m.connect(session{audio: netip.MustParseAddrPort("127.0.0.1:9"), direction: sendrecv})
	if err := m.sendDigits(t.Context(), "1"); err == nil || !strings.Contains(err.Error(), "telephone-events") {
		t.Errorf("error %v, want that the peer takes none", err)
	}
}

func TestHoldTakenBack(t *testing.T) {
	m := testMedia(t)
	m.connect(session{audio: netip.MustParseAddrPort("127.0.0.1:9"), direction: sendrecv})
	undo := m.hold(true)
	if m.talking || m.local().direction != sendonly {
		t.Error("the hold has no effect")
	}
	undo()
	if !m.talking || m.local().direction != sendrecv {
		t.Error("a hold that was refused stays")
	}
}

// A re-INVITE without an offer is answered by ours, and the ACK brings the peer's answer.
func TestLateAnswer(t *testing.T) {
	c := &Call{media: testMedia(t), acked: newEvent()}
	ack := sip.NewRequest(sip.ACK, sip.Uri{Scheme: "sip", Host: "127.0.0.1"})
	want := netip.MustParseAddrPort("127.0.0.1:4002")
	ack.SetBody(session{audio: want, direction: sendrecv}.offer(1))
	c.acknowledged(ack)
	if c.AudioTo() != want || !c.acked.happened() {
		t.Errorf("audio goes to %v, acknowledged: %v", c.AudioTo(), c.acked.happened())
	}
}

// What a transfer's news say is not lost when the call's BYE has overtaken them.
func TestNewsAfterTheEnd(t *testing.T) {
	p := &Phone{transfers: map[string]*Call{}}
	c := &Call{id: "a", refer: make(chan StatusError, 1)}
	p.follow(c, true)
	p.transferNews("a", "SIP/2.0 486 Busy Here\r\n")
	select {
	case got := <-c.refer:
		if got.Code != 486 {
			t.Errorf("news %v", got)
		}
	default:
		t.Error("no news")
	}
	p.follow(c, false)
	p.transferNews("a", "SIP/2.0 200 OK\r\n")
	if len(c.refer) > 0 {
		t.Error("news for a transfer that is over")
	}
}
