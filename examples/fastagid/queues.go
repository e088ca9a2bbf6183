package main

import (
	"context"
	"log/slog"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/routing/queueload"
)

// queueWatch knows how much the queues of Asterisk have to do while its Manager can be reached.
type queueWatch struct {
	queueload.Model
	client *ami.Client
	ended  chan struct{}
}

// watchQueues begins to watch. It does not wait for the Manager: calls are served without it.
func watchQueues(ctx context.Context, cfg *managerConfig, log *slog.Logger) (*queueWatch, error) {
	client, err := cfg.client()
	if err != nil {
		return nil, err
	}
	client.Logger = log
	w := &queueWatch{client: client, ended: make(chan struct{})}
	if err := client.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(w.ended)
		w.Follow(context.WithoutCancel(ctx), client) //nolint:errcheck // it ends when the client is closed
	}()
	return w, nil
}

func (w *queueWatch) close() {
	w.client.Close()
	<-w.ended
}
