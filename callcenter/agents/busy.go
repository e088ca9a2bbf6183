package agents

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/asterism-go/asterism/ami"
)

// BusyReason is the reason of the pause that [Desk.Busy] makes.
const BusyReason = "busy"

// Busy makes a telephone busy for the queues, or ends that: its custom device (Desk.DND and the number) is BUSY, and it is
// paused in all queues for [BusyReason]. A queue whose member is known by a hint that has the device too, such as
// "hint:101@default" with the hint PJSIP/101&Custom:DND101, sees the telephone itself busy, and so does everybody who watches
// the hint. When it ends, pauses for other reasons stay.
//
// number is the extension; empty: there is no such device, and the pause must do. It is no error if the telephone is in no
// queue.
func (d *Desk) Busy(ctx context.Context, endpoint, number string, busy bool) ([]Done, error) {
	c := Command{Verb: Unpause, Interface: endpoint}
	if busy {
		c.Verb, c.Reason = Pause, BusyReason
	}
	fail := func(err error) error { return &CommandError{Verb: c.Verb, Interface: endpoint, Err: err} }
	if err := c.Validate(); err != nil {
		return nil, fail(err)
	}
	if number != "" {
		if err := d.setDND(ctx, number, busy); err != nil {
			return nil, fail(err)
		}
	}
	if busy {
		done, err := d.Carry(ctx, c)
		if errors.Is(err, ErrNotMember) {
			return done, nil
		}
		return done, err
	}
	return d.endBusy(ctx, c)
}

// endBusy ends the pauses that Busy has made.
func (d *Desk) endBusy(ctx context.Context, c Command) ([]Done, error) {
	queues := &AppQueue{Client: d.Client, Timeout: d.Timeout}
	there, err := queues.members(ctx, c)
	if errors.Is(err, ErrNotMember) {
		return nil, nil
	}
	if err != nil {
		return nil, &CommandError{Verb: c.Verb, Interface: c.Interface, Err: err}
	}
	var all []Done
	for _, place := range there {
		if !place.Paused || place.PausedReason != BusyReason {
			all = append(all, Done{Member: place})
			continue
		}
		c.Queue = place.Queue
		done, err := d.Carry(ctx, c)
		all = append(all, done...)
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

// setDND sets the custom device of an extension and waits until that was told (func_devstate: DEVICE_STATE(Custom:...)).
func (d *Desk) setDND(ctx context.Context, number string, on bool) error {
	if strings.ContainsFunc(number, notInNumber) || len(number) > maxText {
		return &InvalidError{Field: "number", Problem: "is not an extension"}
	}
	device := cmp.Or(d.DND, DefaultDND) + number
	function, want := "DEVICE_STATE("+device+")", NotInUse
	if on {
		want = DeviceBusy
	}
	w := newWatch(ctx, d.Client, cmp.Or(d.Timeout, DefaultTimeout))
	defer w.stop()
	is, err := d.Client.Do(ctx, ami.Action{Name: "Getvar"}.With("Variable", function))
	if err != nil {
		return err
	}
	now := parseDeviceState(is.Get("Value"))
	if now == want || !on && !dndOn(now) {
		return nil
	}
	if _, err := d.Client.Do(ctx, ami.Action{Name: "Setvar"}.With("Variable", function).With("Value", want.String())); err != nil {
		return err
	}
	return w.each(func(event ami.Message) bool {
		told := event.Event() == "DeviceStateChange" && strings.EqualFold(event.Get("Device"), device)
		return !told || parseDeviceState(event.Get("State")) != want
	})
}

// notInNumber tells whether a character cannot be part of an extension here: what a function's argument or a list would end
// at.
func notInNumber(r rune) bool {
	letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	return !letter && (r < '0' || r > '9') && !strings.ContainsRune("*#+_.-", r)
}
