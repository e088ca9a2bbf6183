package callcenter

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/calls"
)

// readyStep is after how long the list of channels is asked for again: one of it may have ended unseen.
const readyStep = 500 * time.Millisecond

// ErrEnded is returned when Run has ended.
var ErrEnded = errors.New("callcenter: Run has ended")

// Ready waits until every telephone that is in a call by Asterisk's own list is in the picture too. Commands that are given
// right after the start need it.
func (c *Center) Ready(ctx context.Context) error {
	c.init()
	select {
	case <-c.live.begun:
	case <-c.live.over:
		return ErrEnded
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	for {
		list, err := c.Client.List(ctx, ami.Action{Name: "CoreShowChannels"})
		if err != nil {
			return err
		}
		var wanted []string
		for _, item := range list.Items {
			if !calls.IsPlumbing(item.Get("Channel")) {
				wanted = append(wanted, item.Get("Uniqueid"))
			}
		}
		step, cancel := context.WithTimeout(ctx, readyStep)
		err = c.Control.Wait(step, func(all []calls.Call) bool { return knows(all, wanted) })
		cancel()
		if err == nil || ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
}

func knows(all []calls.Call, wanted []string) bool {
	for i := range all {
		for j := range all[i].Legs {
			if at := slices.Index(wanted, all[i].Legs[j].Uniqueid); at >= 0 {
				wanted = slices.Delete(slices.Clone(wanted), at, at+1)
			}
		}
	}
	return len(wanted) == 0
}
