package sipphone

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/emiago/sipgo/sip"
)

// incoming takes an INVITE and serves its transaction until the call is decided.
func (p *Phone) incoming(req *sip.Request, tx sip.ServerTransaction) {
	remote, err := parseSession(req.Body())
	if err != nil {
		p.respond(req, tx, response{code: sip.StatusNotAcceptableHere, reason: "Not Acceptable Here"})
		return
	}
	c, err := p.newCall(req.CallID().Value())
	if err != nil {
		p.respond(req, tx, response{code: sip.StatusTemporarilyUnavailable, reason: "Temporarily Unavailable"})
		return
	}
	c.incoming, c.invite = true, req
	c.local, c.remote = req.To().Address, req.From().Address
	c.tags.local = newTag()
	c.tags.remote, _ = req.From().Params.Get("tag")
	c.target = c.remote
	if contact := req.Contact(); contact != nil {
		c.target = *contact.Address.Clone()
	}
	c.respond = c.responder(tx)
	c.media.connect(session{audio: remote.audio, direction: inactive, event: remote.event}) // until we answer
	if err := p.add(c); err != nil {
		p.respond(req, tx, response{code: sip.StatusTemporarilyUnavailable, reason: "Temporarily Unavailable"})
		return
	}
	defer p.work.Done()
	if !tx.OnCancel(func(*sip.Request) { c.canceled() }) {
		c.canceled()
		return
	}
	p.respond(req, tx, response{code: sip.StatusTrying, reason: "Trying"})
	p.work.Go(func() {
		p.cfg.OnInvite(c)
		if !c.rang.happened() && !c.answered.happened() {
			c.Reject(context.Background(), sip.StatusTemporarilyUnavailable) //nolint:errcheck // decided already, perhaps
		}
	})
	select {
	case <-c.decided.ch:
	case <-c.done:
		return
	}
	if c.answered.happened() {
		c.repeatUntilAcked()
	}
}

// response is one to the INVITE of an incoming call.
type response struct {
	code    int
	reason  string
	body    []byte
	contact *sip.ContactHeader // nil: the phone's own
}

// responder sends responses to the INVITE, which all have the same tag.
func (c *Call) responder(tx sip.ServerTransaction) func(response) error {
	return func(r response) error {
		res := sip.NewResponseFromRequest(c.invite, r.code, r.reason, r.body)
		res.To().Params.Remove("tag")
		res.To().Params.Add("tag", c.tags.local)
		if r.contact == nil {
			r.contact = &c.phone.contact
		}
		res.AppendHeader(r.contact)
		if r.body != nil {
			res.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
		}
		return tx.Respond(res)
	}
}

// canceled: the caller has given up, and has been answered.
func (c *Call) canceled() {
	c.decided.happen()
	c.end(nil)
}

// Ring tells the caller that the phone rings.
func (c *Call) Ring(context.Context) error {
	if err := c.undecided(); err != nil {
		return err
	}
	if err := c.respond(response{code: sip.StatusRinging, reason: "Ringing"}); err != nil {
		return fmt.Errorf("sipphone: 180: %w", err)
	}
	c.rang.happen()
	return nil
}

// Answer answers the call and returns when the caller has acknowledged that.
func (c *Call) Answer(ctx context.Context) error {
	if !c.incoming {
		return errPlaced
	}
	remote, err := parseSession(c.invite.Body())
	if err != nil {
		return err
	}
	if err := c.decide(); err != nil {
		return err
	}
	c.media.connect(remote)
	c.repeat = response{code: sip.StatusOK, reason: "OK", body: c.media.local().offer(c.nextSession())}
	if err := c.respond(c.repeat); err != nil { // the caller has given up
		err = fmt.Errorf("sipphone: 200: %w", err)
		c.end(err)
		return err
	}
	c.answered.happen()
	c.decided.happen()
	return c.wait(ctx, &c.acked)
}

// Reject refuses the call with a status of 400 to 699, such as 486 (busy) or 603 (decline).
func (c *Call) Reject(_ context.Context, code int) error {
	if code < 400 || code > 699 {
		return fmt.Errorf("sipphone: %d is no refusal: want 400 to 699", code)
	}
	if err := c.decide(); err != nil {
		return err
	}
	return c.refuse(response{code: code, reason: reasons[code]})
}

func (c *Call) refuse(r response) error {
	err := c.respond(r)
	c.decided.happen()
	c.end(nil)
	if err != nil {
		return fmt.Errorf("sipphone: %d: %w", r.code, err)
	}
	return nil
}

// reasons are the phrases of the refusals that phones use.
var reasons = map[int]string{
	404: "Not Found", 480: "Temporarily Unavailable", 486: "Busy Here", 488: "Not Acceptable Here",
	500: "Server Internal Error", 503: "Service Unavailable", 600: "Busy Everywhere", 603: "Decline",
}

// Redirect sends the caller to another number of the server (302 Moved Temporarily).
func (c *Call) Redirect(_ context.Context, number string) error {
	if err := c.decide(); err != nil {
		return err
	}
	elsewhere := sip.ContactHeader{Address: c.phone.uri(c.phone.cfg.Server, number)}
	return c.refuse(response{code: sip.StatusMovedTemporarily, reason: "Moved Temporarily", contact: &elsewhere})
}

// errPlaced is the error of what only the called side can do.
var errPlaced = errors.New("sipphone: this phone placed the call")

// undecided is nil while an incoming call can still be answered.
func (c *Call) undecided() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.undecidedLocked()
}

func (c *Call) undecidedLocked() error {
	switch {
	case !c.incoming:
		return errPlaced
	case c.over:
		return errEnded
	case c.deciding:
		return errors.New("sipphone: the call is answered already")
	}
	return nil
}

// decide claims the final response to an incoming call. Only the first who asks gets it: there is one such response.
func (c *Call) decide() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	err := c.undecidedLocked()
	c.deciding = c.deciding || err == nil
	return err
}

// acknowledged takes an ACK. It carries the peer's answer if the offer was ours (RFC 3261, section 13.2.2.4).
func (c *Call) acknowledged(req *sip.Request) {
	if remote, err := parseSession(req.Body()); err == nil {
		c.media.connect(remote)
	}
	c.acked.happen()
}

// repeatEvery is how often a 200 is repeated until it is acknowledged (RFC 3261, section 13.3.1.4), ackTimeout for how
// long.
const (
	repeatEvery = 500 * time.Millisecond
	ackTimeout  = 32 * time.Second
)

func (c *Call) repeatUntilAcked() {
	tick := time.NewTicker(repeatEvery)
	defer tick.Stop()
	timeout := time.NewTimer(ackTimeout)
	defer timeout.Stop()
	for {
		select {
		case <-c.acked.ch:
			return
		case <-c.done:
			return
		case <-timeout.C:
			c.end(errors.New("sipphone: the answer was never acknowledged"))
			return
		case <-tick.C:
			if err := c.respond(c.repeat); err != nil {
				return
			}
		}
	}
}
