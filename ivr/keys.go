package ivr

import (
	"context"
	"strings"
	"sync"
	"time"
)

// maxKeys is how many digits are kept that nobody has taken; of more the latest are forgotten, as in a telephone exchange.
const maxKeys = 256

// AllDigits are all that a telephone can send, those included that only test sets have.
const AllDigits = "0123456789*#ABCD"

// Keys are the digits that a caller has pressed and that nobody has taken yet, in order. The zero value is ready, and all
// methods may be called by several goroutines at once.
type Keys struct {
	mu      sync.Mutex
	digits  []byte
	pressed int
	changed chan struct{} // closed when a digit comes; nil if nobody waits
}

// Press adds a digit; that is for those who implement a [Channel]. What is none of [AllDigits] is left out.
func (k *Keys) Press(digit byte) {
	if strings.IndexByte(AllDigits, digit) < 0 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.pressed++
	if len(k.digits) < maxKeys {
		k.digits = append(k.digits, digit)
	}
	if k.changed != nil {
		close(k.changed)
		k.changed = nil
	}
}

// Pending returns the digits that are there, without taking them.
func (k *Keys) Pending() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return string(k.digits)
}

// Pressed is how many digits the caller has pressed since the call began.
func (k *Keys) Pressed() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.pressed
}

// Forget throws away the digits that are there, and returns them.
func (k *Keys) Forget() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	digits := string(k.digits)
	k.digits = nil
	return digits
}

// Take returns the first digit, or ok false if there is none.
func (k *Keys) Take() (digit byte, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.digits) == 0 {
		return 0, false
	}
	digit, k.digits = k.digits[0], k.digits[1:]
	return digit, true
}

// Next waits up to wait for a digit and takes it. None within that time is ok false and no error. The error is the cause of
// the end of ctx; a digit that is there comes first.
func (k *Keys) Next(ctx context.Context, wait time.Duration) (digit byte, ok bool, err error) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		changed := k.Changed()
		if digit, ok := k.Take(); ok {
			return digit, true, nil
		}
		select {
		case <-changed:
		case <-timer.C:
			return 0, false, nil
		case <-ctx.Done():
			return 0, false, context.Cause(ctx)
		}
	}
}

// Changed returns a channel that is closed when the next digit comes. Ask for it before looking whether there is one.
func (k *Keys) Changed() <-chan struct{} {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.changed == nil {
		k.changed = make(chan struct{})
	}
	return k.changed
}
