package sipphone

import (
	"context"
	"errors"

	"github.com/emiago/sipgo/sip"
)

// onRefer takes a REFER: the other side of a call asks the phone to call somebody else (RFC 3515). [Config].OnRefer does it, and the
// phone tells by NOTIFY how that went, and hangs up if it went well.
func (p *Phone) onRefer(req *sip.Request, tx sip.ServerTransaction) {
	c, number, err := p.call(req), "", errors.New("no Refer-To")
	if to := req.GetHeader("Refer-To"); to != nil {
		var address sip.Uri
		_, err = sip.ParseAddressValue(to.Value(), &address, &sip.HeaderParams{})
		number = address.User
	}
	switch {
	case c == nil:
		p.respond(req, tx, response{code: sip.StatusCallTransactionDoesNotExists, reason: "Call/Transaction Does Not Exist"})
		return
	case err != nil:
		p.respond(req, tx, response{code: sip.StatusBadRequest, reason: "Bad Request"})
		return
	case p.cfg.OnRefer == nil || !p.begin():
		p.respond(req, tx, response{code: sip.StatusGlobalDecline, reason: "Decline"})
		return
	}
	p.respond(req, tx, response{code: sip.StatusAccepted, reason: "Accepted"})
	go func() {
		defer p.work.Done()
		c.tellRefer("active", "SIP/2.0 100 Trying\r\n")
		if err := p.cfg.OnRefer(c, number); err != nil {
			c.tellRefer("terminated;reason=noresource", "SIP/2.0 503 Service Unavailable\r\n")
			return
		}
		c.tellRefer("terminated;reason=noresource", "SIP/2.0 200 OK\r\n")
		if err := c.Hangup(context.Background()); err != nil {
			p.cfg.Logger.Debug("sipphone: hanging up after a REFER", "user", p.cfg.User, "error", err)
		}
	}()
}

// tellRefer sends news of what the other side has asked for. Nobody may want them any more.
func (c *Call) tellRefer(state, fragment string) {
	req := c.inDialog(sip.NOTIFY)
	req.AppendHeader(sip.NewHeader("Event", "refer"))
	req.AppendHeader(sip.NewHeader("Subscription-State", state))
	req.AppendHeader(sip.NewHeader("Content-Type", "message/sipfrag;version=2.0"))
	req.SetBody([]byte(fragment))
	ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
	defer cancel()
	if _, err := c.ask(ctx, req); err != nil {
		c.phone.cfg.Logger.Debug("sipphone: news of a REFER", "user", c.phone.cfg.User, "error", err)
	}
}
