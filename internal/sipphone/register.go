package sipphone

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
)

// register tells the server where the phone is, for how long; zero ends that.
func (p *Phone) register(ctx context.Context, lasts time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	req := p.request(sip.REGISTER, p.uri(p.cfg.Server, ""))
	req.AppendHeader(&sip.FromHeader{Address: p.uri(p.cfg.Server, p.cfg.User), Params: tag(newTag())})
	req.AppendHeader(&sip.ToHeader{Address: p.uri(p.cfg.Server, p.cfg.User)})
	req.AppendHeader(&p.contact)
	expires := sip.ExpiresHeader(lasts / time.Second)
	req.AppendHeader(&expires)
	res, err := p.client.Do(ctx, req)
	if err == nil && (res.StatusCode == sip.StatusUnauthorized || res.StatusCode == sip.StatusProxyAuthRequired) {
		res, err = p.client.DoDigestAuth(ctx, req, res, p.digest())
	}
	if err != nil {
		return fmt.Errorf("%s does not answer: %w", p.cfg.Server, err)
	}
	return refusal(res)
}

func (p *Phone) digest() sipgo.DigestAuth {
	return sipgo.DigestAuth{Username: p.cfg.User, Password: p.cfg.Password}
}

// renewal registers a phone again and again, until it is stopped.
type renewal struct {
	cancel context.CancelFunc
	work   sync.WaitGroup
}

// start begins to renew a registration that was made just now: three times in each period, so that one may be lost.
func (r *renewal) start(p *Phone) {
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	r.work.Go(func() {
		tick := time.NewTicker(p.cfg.Expires / 3)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			if err := p.register(ctx, p.cfg.Expires); err != nil && ctx.Err() == nil {
				p.cfg.Logger.Warn("sipphone: renewing the registration", "user", p.cfg.User, "error", err)
			}
		}
	})
}

// stop returns when no registration will be made any more.
func (r *renewal) stop() {
	r.cancel()
	r.work.Wait()
}
