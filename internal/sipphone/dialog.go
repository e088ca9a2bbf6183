package sipphone

import (
	"context"
	"errors"
	"fmt"

	"github.com/emiago/sipgo/sip"
)

// inDialog makes a request of the call (RFC 3261, section 12.2.1.1).
func (c *Call) inDialog(method sip.RequestMethod) *sip.Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	req := c.phone.request(method, c.target)
	req.AppendHeader(&sip.FromHeader{Address: c.local, Params: tag(c.tags.local)})
	req.AppendHeader(&sip.ToHeader{Address: c.remote, Params: tag(c.tags.remote)})
	id := sip.CallIDHeader(c.id)
	req.AppendHeader(&id)
	if method != sip.ACK {
		c.sequence++
	}
	req.AppendHeader(&sip.CSeqHeader{SeqNo: c.sequence, MethodName: method})
	hops := sip.MaxForwardsHeader(70)
	req.AppendHeader(&hops)
	req.AppendHeader(&c.phone.contact)
	return req
}

// nextSession numbers our session descriptions: each must have a greater version than the one before (RFC 4566, 5.2).
func (c *Call) nextSession() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.session++
	return c.session
}

// ask sends a request of the call and returns its final response, which is a success.
func (c *Call) ask(ctx context.Context, req *sip.Request) (*sip.Response, error) {
	if !c.phone.begin() {
		return nil, errClosed
	}
	defer c.phone.work.Done()
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	res, err := c.phone.client.Do(ctx, req)
	if err == nil && c.challenge(res) {
		res, err = c.phone.client.DoDigestAuth(ctx, req, res, c.phone.digest())
		c.mu.Lock()
		c.sequence = max(c.sequence, req.CSeq().SeqNo)
		c.mu.Unlock()
	}
	if err != nil {
		return nil, fmt.Errorf("sipphone: %s: %w", req.Method, err)
	}
	return res, refusal(res)
}

// bye hangs up. A peer that knows nothing of the call any more has hung up itself. The called side must have its answer
// acknowledged before (RFC 3261, section 15).
func (c *Call) bye(ctx context.Context) error {
	if c.incoming {
		err := c.wait(ctx, &c.acked)
		if c.ended() {
			return nil
		}
		if err != nil {
			return err
		}
	}
	_, err := c.ask(ctx, c.inDialog(sip.BYE))
	var refused *StatusError
	if errors.As(err, &refused) {
		err = nil
	}
	c.end(err)
	return err
}

// Hold keeps the other side on hold: this phone stops sending, and tells so by a re-INVITE. It waits until the call is
// answered.
func (c *Call) Hold(ctx context.Context) error { return c.reinvite(ctx, true) }

// Resume ends the hold.
func (c *Call) Resume(ctx context.Context) error { return c.reinvite(ctx, false) }

func (c *Call) reinvite(ctx context.Context, hold bool) error {
	if err := c.mustBeAnswered(ctx); err != nil {
		return err
	}
	c.changing.Lock() // there is one INVITE at a time (RFC 3261, section 14.1)
	defer c.changing.Unlock()
	ctx, cancel := c.whileItLasts(ctx)
	defer cancel()
	undo := c.media.hold(hold)
	req := c.inDialog(sip.INVITE)
	c.describe(req)
	res, err := c.ask(ctx, req)
	if err != nil {
		undo()
		return err
	}
	c.ack(req.CSeq().SeqNo)
	remote, err := parseSession(res.Body())
	if err != nil {
		return err
	}
	c.media.connect(remote)
	return nil
}

// whileItLasts returns a context that ends with the call.
func (c *Call) whileItLasts(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-c.done:
			cancel(errEnded)
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}

// mustBeAnswered waits until the call is answered, which Asterisk may know before the phone does, and is nil then while the
// call goes on.
func (c *Call) mustBeAnswered(ctx context.Context) error {
	if c.ended() {
		return errEnded
	}
	return c.WaitAnswered(ctx)
}

// renegotiate takes a re-INVITE or an UPDATE: the audio goes elsewhere, or one side holds the other.
func (c *Call) renegotiate(req *sip.Request, tx sip.ServerTransaction) {
	remote, err := parseSession(req.Body())
	switch {
	case len(req.Body()) == 0: // an INVITE without an offer asks for ours
		remote = session{}
	case err != nil:
		c.phone.respond(req, tx, response{code: sip.StatusNotAcceptableHere, reason: "Not Acceptable Here"})
		return
	}
	local := c.media.local()
	if remote.audio.IsValid() {
		if local.direction == sendrecv {
			local.direction = remote.direction.answer()
		}
		c.media.connect(remote)
	}
	c.phone.respond(req, tx, response{code: sip.StatusOK, reason: "OK", body: local.offer(c.nextSession())})
}
