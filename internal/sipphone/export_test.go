package sipphone

import "net/netip"

// AudioTo is where the call sends its audio.
func (c *Call) AudioTo() netip.AddrPort {
	c.media.mu.Lock()
	defer c.media.mu.Unlock()
	return c.media.remote.audio
}

// AudioFrom is where the call's audio comes from.
func (c *Call) AudioFrom() netip.AddrPort { return c.media.local().audio }
