package sipphone

import (
	"context"
	"sync"

	"github.com/emiago/sipgo/sip"
)

// Call is one call of a phone. Its methods may be called by several goroutines at once.
type Call struct {
	phone    *Phone
	id       string // Call-ID
	number   int    // of the phone's calls, from 1
	invite   *sip.Request
	media    *media
	incoming bool

	rang     event
	answered event
	acked    event
	decided  event // an incoming call has got its final response
	done     chan struct{}

	changing sync.Mutex // held by a re-INVITE

	mu       sync.Mutex
	err      error
	over     bool
	deciding bool    // somebody has begun to give an incoming call its final response
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

// newCall makes a call that the phone does not know of yet: add tells it when the call is complete.
func (p *Phone) newCall(id string) (*Call, error) {
	m, err := newMedia(p.cfg.Tone, p.cfg.Tones)
	if err != nil {
		return nil, err
	}
	return &Call{
		phone: p, id: id, media: m,
		rang: newEvent(), answered: newEvent(), acked: newEvent(), decided: newEvent(), done: make(chan struct{}),
	}, nil
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

// WaitRinging waits until the other side rings (180 Ringing), or has answered, which it may without ringing.
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
	case !c.incoming:
		c.cancel()
		return c.waitEnded(ctx)
	case c.decide() == nil:
		return c.refuse(response{code: sip.StatusGlobalDecline, reason: reasons[sip.StatusGlobalDecline]})
	}
	// another goroutine answers or refuses it just now
	select {
	case <-c.decided.ch:
	case <-c.done:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if c.answered.happened() {
		return c.bye(ctx)
	}
	return c.waitEnded(ctx)
}

func (c *Call) waitEnded(ctx context.Context) error {
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
