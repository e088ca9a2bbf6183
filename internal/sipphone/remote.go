package sipphone

import (
	"context"
	"slices"

	"github.com/emiago/sipgo/sip"
)

// remote does what the server asks the phone to do by a NOTIFY with Event: talk or hold, as Yealink, Snom, Polycom and
// Grandstream phones do it when they are set up so. talk answers the call that rings, or else ends the hold of the one that is
// held; hold holds the one that talks. A NOTIFY of a call's dialog is about that call, any other about the phone's newest.
func (p *Phone) remote(req *sip.Request) {
	if p.cfg.Deaf {
		return
	}
	event := req.GetHeader("Event")
	if event == nil {
		return
	}
	var c *Call
	do := (*Call).Answer
	switch about := p.about(req); event.Value() {
	case "talk":
		if c = first(about, (*Call).answerable); c == nil {
			c, do = first(about, (*Call).Held), (*Call).Resume
		}
	case "hold":
		c, do = first(about, (*Call).talks), (*Call).Hold
	}
	if c == nil || !p.begin() {
		return
	}
	go func() {
		defer p.work.Done()
		ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
		defer cancel()
		if err := do(c, ctx); err != nil {
			p.cfg.Logger.Debug("sipphone: asked by NOTIFY", "user", p.cfg.User, "event", event.Value(), "error", err)
		}
	}()
}

// about are the calls that a NOTIFY may be about, the newest first.
func (p *Phone) about(req *sip.Request) []*Call {
	if c := p.call(req); c != nil {
		return []*Call{c}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make([]*Call, 0, len(p.calls))
	for _, c := range p.calls {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *Call) int { return b.number - a.number })
	return all
}

// first is the first call that is as wanted, or nil.
func first(calls []*Call, wanted func(*Call) bool) *Call {
	if i := slices.IndexFunc(calls, wanted); i >= 0 {
		return calls[i]
	}
	return nil
}

// Held reports whether this phone holds the other side.
func (c *Call) Held() bool { return c.State() == Answered && c.media.local().direction != sendrecv }

func (c *Call) talks() bool { return c.State() == Answered && !c.Held() }

func (c *Call) answerable() bool { return c.undecided() == nil }
