package sipphone

import (
	"strconv"
	"strings"

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

// add reports whether a call may be taken; not so when the phone is closing.
func (p *Phone) add(c *Call) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.calls[c.id] = c
	return true
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

// onNotify takes the news of a transfer: a status line of SIP (RFC 3515, section 2.4.5).
func (p *Phone) onNotify(req *sip.Request, tx sip.ServerTransaction) {
	p.respond(req, tx, response{code: sip.StatusOK, reason: "OK"})
	c := p.call(req)
	code, reason, ok := parseFragment(string(req.Body()))
	if c == nil || !ok {
		return
	}
	c.transferred(code, reason)
}

// parseFragment reads "SIP/2.0 200 OK".
func parseFragment(body string) (code int, reason string, ok bool) {
	line, _, _ := strings.Cut(body, "\r\n")
	fields := strings.SplitN(strings.TrimSpace(line), " ", 3)
	if len(fields) < 2 || fields[0] != "SIP/2.0" {
		return 0, "", false
	}
	code, err := strconv.Atoi(fields[1])
	if len(fields) == 3 {
		reason = fields[2]
	}
	return code, reason, err == nil
}
