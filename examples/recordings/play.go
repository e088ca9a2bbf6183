package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"
)

// play serves a page with a player of a recording until it is interrupted.
func (p *program) play(ctx context.Context, args []string) error {
	dir, err := os.MkdirTemp("", "recordings-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	pl, err := p.player(ctx, args[0], dir)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", p.config.HTTP)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: pl.handler(listener.Addr().String()), ReadHeaderTimeout: 10 * time.Second}
	fmt.Fprintf(p.out, "http://%s/\n", listener.Addr())
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
