package queue

import (
	"context"

	"github.com/asterism-go/asterism/ari"
)

// play has the music of a bridge of those who wait begin again if somebody has come into it who is alone: Asterisk ends it when the
// last one leaves (the channel that plays it is one that does not stay lonely, main/core_unreal.c), and says so to nobody. Nobody
// else may be let in meanwhile.
func (s *Server) play(ctx context.Context, b *ari.Bridge, queue string) error {
	now, err := b.Snapshot(ctx)
	if err != nil || len(now.Channels) > 1 {
		return err
	}
	return b.StartMusic(ctx, s.queues[queue].Music)
}

// show has the one who is dialled see a number.
func show(ctx context.Context, call *ari.Channel, number string) error {
	if number == "" {
		return nil
	}
	for _, v := range [...][2]string{{"CALLERID(num)", number}, {"CONNECTEDLINE(num-pres,i)", "allowed"}, {"CONNECTEDLINE(num,i)", number}} {
		if err := call.SetVar(ctx, v[0], v[1]); err != nil {
			return err
		}
	}
	return nil
}
