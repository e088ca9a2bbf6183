package sipphone

import (
	"context"
	"fmt"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
	"github.com/google/uuid"
)

// Dial places a call to a number and returns as soon as that is under way. ctx bounds no more than that: the call goes on
// until one side hangs up.
func (p *Phone) Dial(ctx context.Context, number string) (*Call, error) {
	c, err := p.newCall(uuid.NewString())
	if err != nil {
		return nil, err
	}
	c.local, c.remote = p.uri(p.cfg.Server, p.cfg.User), p.uri(p.cfg.Server, number)
	c.tags.local = newTag()
	c.invite = c.newInvite()
	running, cancel := context.WithCancel(context.Background())
	c.cancel = cancel
	if err := p.add(c); err != nil {
		cancel()
		return nil, err
	}
	tx, err := p.client.TransactionRequest(ctx, c.invite)
	if err != nil {
		cancel()
		err = fmt.Errorf("sipphone: calling %s: %w", number, err)
		c.end(err)
		p.work.Done()
		return nil, err
	}
	go func() {
		defer p.work.Done()
		defer cancel()
		c.end(c.place(running, tx))
	}()
	return c, nil
}

func (c *Call) newInvite() *sip.Request {
	req := c.phone.request(sip.INVITE, c.remote)
	req.AppendHeader(&sip.FromHeader{Address: c.local, Params: tag(c.tags.local)})
	req.AppendHeader(&sip.ToHeader{Address: c.remote})
	id := sip.CallIDHeader(c.id)
	req.AppendHeader(&id)
	c.sequence = 1
	req.AppendHeader(&sip.CSeqHeader{SeqNo: c.sequence, MethodName: sip.INVITE})
	req.AppendHeader(&c.phone.contact)
	c.describe(req)
	return req
}

// describe puts our session description into a request.
func (c *Call) describe(req *sip.Request) {
	req.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	req.SetBody(c.media.local().offer(c.nextSession()))
}

// place takes the responses to the INVITE and returns when the call has ended, and why.
func (c *Call) place(ctx context.Context, tx sip.ClientTransaction) error {
	challenged := false
	canceled := ctx.Done()
	provisional := false
	giveUp := false
	for {
		var res *sip.Response
		select {
		case res = <-tx.Responses():
		case <-tx.Done():
			tx.Terminate()
			return fmt.Errorf("sipphone: the call was not answered: %w", tx.Err())
		case <-canceled:
			canceled, giveUp = nil, true
		case <-c.done:
			tx.Terminate()
			return nil
		}
		if res != nil {
			provisional = provisional || res.IsProvisional()
		}
		if giveUp && provisional {
			giveUp = false
			c.sendCancel()
		}
		switch {
		case res == nil:
		case res.IsProvisional():
			c.progress(res)
		case res.IsSuccess():
			return c.established(ctx, tx, res)
		case !challenged && c.challenge(res):
			challenged, provisional = true, false
			tx.Terminate()
			var err error
			if tx, err = c.phone.client.TransactionDigestAuth(context.WithoutCancel(ctx), c.invite, res, c.phone.digest()); err != nil {
				return err
			}
			c.mu.Lock()
			c.sequence = c.invite.CSeq().SeqNo
			c.mu.Unlock()
		default:
			tx.Terminate()
			return c.refused(ctx, res)
		}
	}
}

// refused is how a call ends that the other side does not take: with the refusal, or with nothing if we have canceled it.
func (c *Call) refused(ctx context.Context, res *sip.Response) error {
	select {
	case <-ctx.Done():
		return nil
	default:
		return refusal(res)
	}
}

func (c *Call) challenge(res *sip.Response) bool {
	return c.phone.cfg.Password != "" &&
		(res.StatusCode == sip.StatusUnauthorized || res.StatusCode == sip.StatusProxyAuthRequired)
}

// progress: the other side rings, or lets hear something already.
func (c *Call) progress(res *sip.Response) {
	if remote, err := parseSession(res.Body()); err == nil {
		c.media.connect(remote)
	}
	if early, ok := res.To().Params.Get("tag"); ok { // an early dialog: [Call.TransferTo] may name it already
		c.mu.Lock()
		c.tags.remote = early
		c.mu.Unlock()
	}
	if res.StatusCode == sip.StatusRinging {
		c.rang.happen()
	}
}

// established acknowledges a 200, and every repetition of it, and waits until the call ends.
func (c *Call) established(ctx context.Context, tx sip.ClientTransaction, res *sip.Response) error {
	c.mu.Lock()
	c.tags.remote, _ = res.To().Params.Get("tag")
	c.target = c.remote
	if contact := res.Contact(); contact != nil {
		c.target = *contact.Address.Clone()
	}
	number := c.sequence
	c.mu.Unlock()
	defer tx.Terminate()
	tx.OnRetransmission(func(*sip.Response) { c.ack(number) })
	c.ack(number)
	remote, err := parseSession(res.Body())
	if err != nil {
		c.bye(context.WithoutCancel(ctx)) //nolint:errcheck // the description is what matters
		return err
	}
	if ctx.Err() == nil {
		c.media.connect(remote)
		c.rang.happen() // WaitRinging waits no longer, however the 180 and the 200 have overtaken one another
		c.answered.happen()
	}
	select {
	case <-c.done:
		return nil
	case <-ctx.Done(): // the answer has overtaken our CANCEL
		return c.bye(context.WithoutCancel(ctx))
	}
}

// ack acknowledges a 2xx of the INVITE with this number; it has no response (RFC 3261, section 13.2.2.4).
func (c *Call) ack(number uint32) {
	if !c.phone.begin() { // the 200 comes once more, and too late
		return
	}
	defer c.phone.work.Done()
	req := c.inDialog(sip.ACK)
	req.CSeq().SeqNo = number
	if err := c.phone.client.WriteRequest(req, sipgo.ClientRequestAddVia); err != nil {
		c.phone.cfg.Logger.Debug("sipphone: ACK", "user", c.phone.cfg.User, "error", err)
	}
}

// sendCancel asks the other side to stop ringing; the INVITE is answered by 487 then (RFC 3261, section 9.1).
func (c *Call) sendCancel() {
	req := c.phone.request(sip.CANCEL, c.invite.Recipient)
	req.AppendHeader(sip.HeaderClone(c.invite.Via()))
	req.AppendHeader(sip.HeaderClone(c.invite.From()))
	req.AppendHeader(sip.HeaderClone(c.invite.To()))
	req.AppendHeader(sip.HeaderClone(c.invite.CallID()))
	req.AppendHeader(&sip.CSeqHeader{SeqNo: c.invite.CSeq().SeqNo, MethodName: sip.CANCEL})
	hops := sip.MaxForwardsHeader(70)
	req.AppendHeader(&hops)
	c.phone.work.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
		defer cancel()
		asIs := func(*sipgo.Client, *sip.Request) error { return nil }
		if _, err := c.phone.client.Do(ctx, req, asIs); err != nil {
			c.end(fmt.Errorf("sipphone: CANCEL is not answered: %w", err))
		}
	})
}
