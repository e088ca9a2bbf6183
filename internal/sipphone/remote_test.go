package sipphone

import (
	"testing"

	"github.com/emiago/sipgo/sip"
)

// TestAbout: a NOTIFY of a dialog is about its call, another about the newest.
func TestAbout(t *testing.T) {
	p := &Phone{calls: map[string]*Call{}}
	for i, id := range []string{"first", "second", "third"} {
		p.calls[id] = &Call{id: id, number: i + 1}
	}
	for id, want := range map[string]string{"second": "second", "unknown": "third"} {
		req := sip.NewRequest(sip.NOTIFY, sip.Uri{Host: "127.0.0.1"})
		callID := sip.CallIDHeader(id)
		req.AppendHeader(&callID)
		if got := first(p.about(req), func(*Call) bool { return true }); got == nil || got.id != want {
			t.Errorf("%s is about %+v", id, got)
		}
	}
	if first(nil, (*Call).Held) != nil {
		t.Error("there is a call")
	}
}
