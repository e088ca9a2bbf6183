package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// headerTimeout bounds how long a peer of the HTTP server may take to send its request, shutdownTimeout how long the
// requests that are being answered may take when it ends.
const (
	headerTimeout   = 5 * time.Second
	shutdownTimeout = 2 * time.Second
)

// observatory serves /metrics and /healthz.
type observatory struct {
	addr   string
	server *http.Server
	failed chan error
}

// sights are what an observatory shows.
type sights struct {
	registry *prometheus.Registry
	healthy  func() error // nil is 200, an error 503
	pages    []page
}

// observe starts to serve.
func observe(ctx context.Context, addr string, show sights) (*observatory, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("http %s: %w: choose another address, or port 0 for any free one", addr, err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(show.registry, promhttp.HandlerOpts{Registry: show.registry}))
	mux.HandleFunc("GET /healthz", opinion(show.healthy))
	for _, p := range show.pages {
		mux.HandleFunc(p.pattern, p.serve)
	}
	o := &observatory{
		addr:   listener.Addr().String(),
		server: &http.Server{Handler: mux, ReadHeaderTimeout: headerTimeout},
		failed: make(chan error, 1),
	}
	go func() { o.failed <- o.server.Serve(listener) }()
	return o, nil
}

// opinion is a page that says what a check finds: nil is 200, an error 503.
func opinion(check func() error) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if err := check(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		say(w, "ok")
	}
}

func (o *observatory) close() error {
	if o.server == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	err := o.server.Shutdown(ctx)
	if served := <-o.failed; !errors.Is(served, http.ErrServerClosed) {
		return errors.Join(err, served)
	}
	return err
}
