package sipphone

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
)

// Transfer sends the other side to another number without asking anybody there (blind transfer, RFC 3515), and returns
// when the server says how that went: Asterisk says so as soon as it rings there. A refusal is a [*StatusError]; the call
// goes on then.
func (c *Call) Transfer(ctx context.Context, number string) error {
	to := c.phone.uri(c.phone.cfg.Server, number)
	return c.referTo(ctx, "<"+to.String()+">")
}

// TransferTo connects the other sides of this call and of a consultation that the same phone has placed (attended
// transfer, RFC 3891). The consultation may still ring; who is called then rings for the other side of this call.
func (c *Call) TransferTo(ctx context.Context, consultation *Call) error {
	consultation.mu.Lock()
	replaces := fmt.Sprintf("%s;to-tag=%s;from-tag=%s", consultation.id, consultation.tags.remote, consultation.tags.local)
	target := consultation.remote
	consultation.mu.Unlock()
	return c.referTo(ctx, fmt.Sprintf("<%s?Replaces=%s>", target.String(), url.QueryEscape(replaces)))
}

// referTo asks the peer to call an address, and waits for the final news about that. The call ends by the peer's BYE, or
// by ours.
func (c *Call) referTo(ctx context.Context, address string) error {
	if err := c.mustBeAnswered(ctx); err != nil {
		return err
	}
	news := make(chan StatusError, 8)
	c.mu.Lock()
	c.refer = news
	c.mu.Unlock()
	c.phone.follow(c, true)
	defer c.phone.follow(c, false)
	req := c.inDialog(sip.REFER)
	req.AppendHeader(sip.NewHeader("Refer-To", address))
	req.AppendHeader(sip.NewHeader("Referred-By", "<"+c.local.String()+">"))
	if _, err := c.ask(ctx, req); err != nil {
		return err
	}
	done := c.done
	var late <-chan time.Time
	for {
		select {
		case status := <-news:
			switch {
			case status.Code >= 300:
				return &status
			case status.Code >= 200:
				return c.Hangup(ctx)
			}
		case <-done: // the server's BYE, which may overtake its news
			done, late = nil, time.After(lateNews)
		case <-late:
			return errors.New("sipphone: the call has ended, and the server does not say how the transfer went")
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// lateNews is how long the news of a transfer may come after the BYE. Asterisk sends them before it; but sipgo serves each
// request in a goroutine of its own.
const lateNews = 5 * time.Second

// transferred takes news of a transfer.
func (c *Call) transferred(code int, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case c.refer <- StatusError{Code: code, Reason: reason}:
	default: // nobody waits
	}
}

// follow says whether news of a transfer of the call are waited for, though it may have ended.
func (p *Phone) follow(c *Call, follows bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if follows {
		p.transfers[c.id] = c
		return
	}
	delete(p.transfers, c.id)
}

// onNotify takes the news of a transfer, a status line of SIP (RFC 3515, section 2.4.5), and what the phone is asked to do.
func (p *Phone) onNotify(req *sip.Request, tx sip.ServerTransaction) {
	p.respond(req, tx, response{code: sip.StatusOK, reason: "OK"})
	if id := req.CallID(); id != nil {
		p.transferNews(id.Value(), string(req.Body()))
	}
	p.remote(req)
}

// transferNews gives news to whoever waits for those of the call; to nobody if they are about something else.
func (p *Phone) transferNews(callID, fragment string) {
	p.mu.Lock()
	c := p.transfers[callID]
	p.mu.Unlock()
	code, reason, ok := parseFragment(fragment)
	if c != nil && ok {
		c.transferred(code, reason)
	}
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
