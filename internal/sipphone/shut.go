package sipphone

import (
	"bytes"
	"context"
	"time"

	"github.com/emiago/sipgo/sip"
)

// flushTimeout bounds how long the last request of a phone, to itself, may take.
const flushTimeout = time.Second

// shut ends whatever runs for the phone, in an order that leaves nothing: sipgo opens another socket, which nobody closes,
// for a request of ours, or the response to one, that finds the port closed (sipgo, TransportLayer.serverRequestConnection).
func (p *Phone) shut() {
	p.mu.Lock()
	p.closed, p.down = true, true
	p.mu.Unlock()
	p.work.Wait()
	p.flush()
	p.ua.Close()
	p.conn.Close()
	p.serving.Wait()
	p.ua.TransportLayer().Close() // what came to be all the same
}

// begin reports whether a request may still be sent. If so, p.work.Done says that it was.
func (p *Phone) begin() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.down {
		p.work.Add(1)
	}
	return !p.down
}

// flush takes no requests any more, and waits until those that have been read are answered: each has a goroutine of
// sipgo's. The phone's own request to itself comes after them.
func (p *Phone) flush() {
	p.deaf.Store(true)
	req := p.request(sip.OPTIONS, p.uri(p.Addr(), p.cfg.User))
	id := sip.CallIDHeader(p.lastID)
	req.AppendHeader(&id)
	req.SetDestination(p.Addr().String())
	ctx, cancel := context.WithTimeout(context.Background(), flushTimeout)
	defer cancel()
	if _, err := p.client.Do(ctx, req); err != nil {
		p.cfg.Logger.Debug("sipphone: closing", "user", p.cfg.User, "error", err)
	}
}

// filter drops the requests that a phone does not take any more; a datagram is dropped as nil.
func (p *Phone) filter(_ sip.TransportReadProps, datagram []byte) ([]byte, error) {
	response := bytes.HasPrefix(datagram, []byte("SIP/"))
	if p.deaf.Load() && !response && !bytes.Contains(datagram, []byte(p.lastID)) {
		return nil, nil
	}
	return datagram, nil
}
