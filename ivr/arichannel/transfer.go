package arichannel

import (
	"context"
	"errors"
	"time"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/ivr"
)

// Continue implements [ivr.Channel].
func (c *Channel) Continue(ctx context.Context, to ivr.Place) error {
	return c.do(ctx, func() error {
		p := ari.ChannelContinueInDialplanParams{Context: to.Context, Extension: to.Extension, Priority: to.Priority}
		if to != (ivr.Place{}) {
			p.Priority = max(p.Priority, 1)
		}
		return c.sendOn(ctx, func(ctx context.Context) error { return c.ch.Continue(ctx, p) })
	})
}

// Transfer implements [ivr.Channel]. ARI does not say how a transfer went (app_control_redirect in res/stasis/control.c throws that away):
// the caller who is gone was transferred, and the one who is still there 3 s after Asterisk has done with it was not.
func (c *Channel) Transfer(ctx context.Context, to string) error {
	return c.do(ctx, func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), transferTime)
		defer cancel()
		snapshot, err := c.ch.Snapshot(ctx)
		if err != nil {
			return err
		}
		c.leaving.Store(true)
		if err = c.ch.App().Client.Channels().Redirect(ctx, c.ch.ID(), to); err == nil {
			err = c.transferred(ctx, to, snapshot.State == ari.ChannelStateUp)
		}
		if err == nil {
			c.finish(ivr.ErrContinued)
			return nil
		}
		c.leaving.Store(false)
		var refused *ari.Error
		if errors.As(err, &refused) && !ari.IsNotFound(err) {
			return &ivr.TransferError{To: to, Problem: refused.Error()}
		}
		return err
	})
}

// transferTime is how long a transfer may take, which may be as long as a telephone rings, and stayTime how long a caller who was
// transferred may still be there.
const (
	transferTime = 2 * time.Minute
	stayTime     = 3 * time.Second
)

// transferred waits until the caller is gone. Asterisk does with a channel one thing after the other: an answer to the one that is
// answered waits until the transfer is decided.
func (c *Channel) transferred(ctx context.Context, to string, answered bool) error {
	for answered && ctx.Err() == nil && c.ch.Err() == nil {
		if c.ch.Answer(ctx) == nil {
			break
		}
		select {
		case <-time.After(settlePoll):
		case <-c.ch.Done():
		}
	}
	select {
	case <-c.ch.Done():
		return nil
	case <-time.After(stayTime):
		return &ivr.TransferError{To: to, Problem: "the caller is still here: his telephone has not done it"}
	}
}

// leaveTime is how long Asterisk may take to let a call go.
const leaveTime = 10 * time.Second

// sendOn has the call leave by a request, whose success ends ctx, maybe before the answer is there.
func (c *Channel) sendOn(ctx context.Context, request func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveTime)
	defer cancel()
	c.leaving.Store(true)
	err := request(ctx)
	if err == nil {
		c.finish(ivr.ErrContinued)
	} else {
		c.leaving.Store(false)
	}
	return err
}
