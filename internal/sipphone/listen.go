package sipphone

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Heard tells which tones the call has heard so far, in the order in which they began.
func (c *Call) Heard() []Heard { return c.media.ears.heard(time.Now()) }

// listenEvery is how often the waits below look.
const listenEvery = 10 * time.Millisecond

// WaitHears waits until a tone is heard. It must be one of the tones that the phone listens for.
func (c *Call) WaitHears(ctx context.Context, tone float64) error {
	if err := c.listen(ctx, tone, true); err != nil {
		return fmt.Errorf("sipphone: %s does not hear %g Hz: %w", c.phone.cfg.User, tone, err)
	}
	return nil
}

// WaitSilent waits until a tone is not heard any more. It must be one of the tones that the phone listens for.
func (c *Call) WaitSilent(ctx context.Context, tone float64) error {
	if err := c.listen(ctx, tone, false); err != nil {
		return fmt.Errorf("sipphone: %s still hears %g Hz: %w", c.phone.cfg.User, tone, err)
	}
	return nil
}

func (c *Call) listen(ctx context.Context, tone float64, want bool) error {
	if !slices.Contains(c.phone.cfg.Tones, tone) {
		return fmt.Errorf("it listens for other tones only: %v", c.phone.cfg.Tones)
	}
	tick := time.NewTicker(listenEvery)
	defer tick.Stop()
	for c.media.ears.hears(tone, time.Now()) != want {
		select {
		case <-tick.C:
		case <-c.done:
			if !want {
				return nil // nothing is heard any more
			}
			return errEnded
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// SendDTMF sends digits (0 to 9, *, #, A to D) and returns when the last one has been sent. Digits wait while this side
// sends no audio, as on hold; those that are not sent when ctx ends are dropped.
func (c *Call) SendDTMF(ctx context.Context, text string) error { return c.media.sendDigits(ctx, text) }

// Digits returns the digits that have come so far.
func (c *Call) Digits() string { return c.media.digits() }
