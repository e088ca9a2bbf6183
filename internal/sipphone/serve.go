package sipphone

import (
	"github.com/emiago/sipgo/sip"
)

// call returns the call that a request belongs to, or nil.
func (p *Phone) call(req *sip.Request) *Call {
	p.mu.Lock()
	defer p.mu.Unlock()
	if req.CallID() == nil {
		return nil
	}
	return p.calls[req.CallID().Value()]
}

// add makes a call known to the phone, unless that is closing: then the call is over. It must be complete but for what
// comes from the peer, as requests and Close find it from now on. Who adds it calls p.work.Done when nothing of it runs.
func (p *Phone) add(c *Call) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		c.media.close()
		return errClosed
	}
	p.made++
	c.number = p.made
	p.calls[c.id] = c
	p.work.Add(1)
	return nil
}

func (p *Phone) remove(c *Call) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.calls, c.id)
}

// respond answers a request. An error means that the peer will ask again, or is gone.
func (p *Phone) respond(req *sip.Request, tx sip.ServerTransaction, r response) {
	res := sip.NewResponseFromRequest(req, r.code, r.reason, r.body)
	res.AppendHeader(&p.contact)
	if r.body != nil {
		res.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	}
	if err := tx.Respond(res); err != nil {
		p.cfg.Logger.Debug("sipphone: responding", "user", p.cfg.User, "request", req.StartLine(), "error", err)
	}
}

// onInvite takes a new call, or a change of one.
func (p *Phone) onInvite(req *sip.Request, tx sip.ServerTransaction) {
	if to := req.To(); to != nil && to.Params.Has("tag") {
		c := p.call(req)
		if c == nil {
			p.respond(req, tx, response{code: sip.StatusCallTransactionDoesNotExists, reason: "Call/Transaction Does Not Exist"})
			return
		}
		c.renegotiate(req, tx)
		return
	}
	p.incoming(req, tx)
}

// onAck ends the repetition of a 200.
func (p *Phone) onAck(req *sip.Request, _ sip.ServerTransaction) {
	if c := p.call(req); c != nil {
		c.acknowledged(req)
	}
}

func (p *Phone) onBye(req *sip.Request, tx sip.ServerTransaction) {
	c := p.call(req)
	if c == nil {
		p.respond(req, tx, response{code: sip.StatusCallTransactionDoesNotExists, reason: "Call/Transaction Does Not Exist"})
		return
	}
	p.respond(req, tx, response{code: sip.StatusOK, reason: "OK"})
	c.end(nil)
}

// onOther answers what asks whether the phone is alive, or tells news that need no more.
func (p *Phone) onOther(req *sip.Request, tx sip.ServerTransaction) {
	c := p.call(req)
	if c != nil && len(req.Body()) > 0 && req.Method == sip.UPDATE {
		c.renegotiate(req, tx)
		return
	}
	p.respond(req, tx, response{code: sip.StatusOK, reason: "OK"})
}
