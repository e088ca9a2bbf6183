package sipphone_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/asterism-go/asterism/internal/sipphone"
)

func TestRedirect(t *testing.T) {
	x := start(t)
	alice, bob, carol := x.phone("101", 500), x.phone("102", 650), x.phone("103", 800)
	caller := alice.dial("102")
	x.must(bob.rings().Redirect(x.ctx, "103"))
	callee := carol.rings()
	x.must(callee.Answer(x.ctx))
	x.must(caller.WaitAnswered(x.ctx))
	x.hearEachOther(caller, 500, callee, 800)
}

func TestBlindTransfer(t *testing.T) {
	x := start(t)
	alice, bob, carol := x.phone("101", 500), x.phone("102", 650), x.phone("103", 800)
	caller, callee := x.talk(alice, "102", bob)
	transferred := make(chan error, 1)
	go func() { transferred <- callee.Transfer(x.ctx, "103") }()
	target := carol.rings()
	x.must(target.Answer(x.ctx))
	x.must(<-transferred)
	ended(t, callee)
	x.hearEachOther(caller, 500, target, 800)
	if slices.Contains(tones(callee), 800) || slices.Contains(tones(target), 650) {
		t.Errorf("who transferred heard %v, target %v", tones(callee), tones(target))
	}
}

func TestBlindTransferToNobody(t *testing.T) {
	x := start(t)
	alice, bob := x.phone("101", 500), x.phone("102", 650)
	caller, callee := x.talk(alice, "102", bob)
	var refused *sipphone.StatusError
	if err := callee.Transfer(x.ctx, "999"); !errors.As(err, &refused) {
		t.Errorf("transfer to a number that does not exist: %v", err)
	}
	x.hearEachOther(caller, 500, callee, 650)
}

func TestAttendedTransfer(t *testing.T) {
	x := start(t)
	alice, bob, carol := x.phone("101", 500), x.phone("102", 650), x.phone("103", 800)
	caller, callee := x.talk(alice, "102", bob)
	x.must(callee.Hold(x.ctx))
	x.must(caller.WaitSilent(x.ctx, 650))
	consultation, target := x.talk(bob, "103", carol)
	x.must(callee.TransferTo(x.ctx, consultation))
	ended(t, callee)
	ended(t, consultation)
	x.hearEachOther(caller, 500, target, 800)
	x.must(target.WaitSilent(x.ctx, 650))
	if slices.Contains(tones(callee), 800) {
		t.Errorf("the held call heard %v", tones(callee))
	}
}
