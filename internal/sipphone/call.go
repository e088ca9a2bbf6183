package sipphone

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
)

// Call is one call of a phone. Its methods may be called by several goroutines at once.
type Call struct {
	phone    *Phone
	id       string // Call-ID
	invite   *sip.Request
	media    *media
	incoming bool

	rang     event
	answered event
	acked    event
	decided  event // an incoming call has got its final response
	done     chan struct{}

	mu       sync.Mutex
	err      error
	over     bool
	local    sip.Uri // our side of the dialog
	remote   sip.Uri
	tags     struct{ local, remote string }
	target   sip.Uri          // where requests to the peer go
	sequence uint32           // of our last request
	session  uint64           // of our last session description
	refer    chan StatusError // news of a transfer that is going on

	respond func(response) error // to the INVITE of an incoming call
	repeat  response             // its 200, until it is acknowledged
	cancel  context.CancelFunc   // of the INVITE of an outgoing call
}

// event happens once.
type event struct {
	once sync.Once
	ch   chan struct{}
}

func newEvent() event { return event{ch: make(chan struct{})} }

func (e *event) happen() { e.once.Do(func() { close(e.ch) }) }

func (e *event) happened() bool {
	select {
	case <-e.ch:
		return true
	default:
		return false
	}
}

func (p *Phone) newCall(id string) (*Call, error) {
	m, err := newMedia(p.cfg.Tone, p.cfg.Tones)
	if err != nil {
		return nil, err
	}
	c := &Call{
		phone: p, id: id, media: m,
		rang: newEvent(), answered: newEvent(), acked: newEvent(), decided: newEvent(), done: make(chan struct{}),
	}
	if !p.add(c) {
		m.close()
		return nil, errors.New("sipphone: the phone is closed")
	}
	return c, nil
}

// CallID is the call's SIP Call-ID.
func (c *Call) CallID() string { return c.id }

// Remote is the number and the name of the other side: the caller of an incoming call, the number that an outgoing one
// was placed to.
func (c *Call) Remote() (number, name string) {
	if from := c.invite.From(); c.incoming && from != nil {
		return from.Address.User, from.DisplayName
	}
	return c.invite.Recipient.User, ""
}

// Header returns the value of a header of the call's INVITE, such as Alert-Info; it is empty if there is none.
func (c *Call) Header(name string) string {
	if h := c.invite.GetHeader(name); h != nil {
		return h.Value()
	}
	return ""
}

// Done is closed when the call has ended.
func (c *Call) Done() <-chan struct{} { return c.done }

// Err is why the call has ended: nil after a hangup of either side, a [*StatusError] after a refusal.
func (c *Call) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// WaitRinging waits until the other side rings (180 Ringing).
func (c *Call) WaitRinging(ctx context.Context) error { return c.wait(ctx, &c.rang) }

// WaitAnswered waits until the call is answered. A refusal is a [*StatusError].
func (c *Call) WaitAnswered(ctx context.Context) error { return c.wait(ctx, &c.answered) }

func (c *Call) wait(ctx context.Context, e *event) error {
	select {
	case <-e.ch:
		return nil
	case <-c.done:
		if e.happened() {
			return nil
		}
		if err := c.Err(); err != nil {
			return err
		}
		return errEnded
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// end says that the call has ended, and why; the first reason counts.
func (c *Call) end(why error) {
	c.mu.Lock()
	if c.over {
		c.mu.Unlock()
		return
	}
	c.over, c.err = true, why
	c.mu.Unlock()
	c.phone.remove(c)
	c.media.close()
	close(c.done) // last: then what was heard is complete
}

// Hangup ends the call: by BYE if it is answered, else by CANCEL or, from the side that is rung, by 603 Decline. It
// returns when that is done; for a call that has ended it does nothing.
func (c *Call) Hangup(ctx context.Context) error {
	switch {
	case c.ended():
		return nil
	case c.answered.happened():
		return c.bye(ctx)
	case c.incoming:
		return c.Reject(ctx, sip.StatusGlobalDecline)
	}
	c.cancel()
	select {
	case <-c.done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (c *Call) ended() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// Heard tells which tones the call has heard so far, in the order in which they began.
func (c *Call) Heard() []Heard { return c.media.ears.heard(time.Now()) }

// listenEvery is how often the waits below look.
const listenEvery = 10 * time.Millisecond

// WaitHears waits until a tone is heard.
func (c *Call) WaitHears(ctx context.Context, tone float64) error { return c.listen(ctx, tone, true) }

// WaitSilent waits until a tone is not heard any more.
func (c *Call) WaitSilent(ctx context.Context, tone float64) error { return c.listen(ctx, tone, false) }

func (c *Call) listen(ctx context.Context, tone float64, want bool) error {
	tick := time.NewTicker(listenEvery)
	defer tick.Stop()
	for c.media.ears.hears(tone, time.Now()) != want {
		select {
		case <-tick.C:
		case <-c.done:
			if !want {
				return nil // nothing is heard any more
			}
			return errEnded
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// SendDTMF sends digits (0 to 9, *, #, A to D) and returns when the last one has been sent.
func (c *Call) SendDTMF(ctx context.Context, text string) error { return c.media.sendDigits(ctx, text) }

// Digits returns the digits that have come so far.
func (c *Call) Digits() string { return c.media.digits() }
