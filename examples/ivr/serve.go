package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/ivr/agichannel"
	"github.com/asterism-go/asterism/ivr/arichannel"
	"github.com/asterism-go/asterism/ivr/graph"
	"github.com/asterism-go/asterism/ivr/menu"
	"github.com/asterism-go/asterism/ivr/prompts"
	"github.com/asterism-go/asterism/ivr/sayconf"
)

// desk is the help desk: its menus, and the ways to them. It is closed in the reverse order of its opening.
type desk struct {
	options
	log    *slog.Logger
	voice  prompts.Voice       // in place of the command, for the demo
	now    func() time.Time    // in place of the time
	notify func(menu.Path)     // is told of calls too
	ready  func(agi net.Addr)  // is told when calls can come
	env    func(string) string // in place of the environment
	reg    *prometheus.Registry
	set    *menu.Set
	engine *menu.Engine
	client *ari.Client
	stack  []func() error
}

func (d *desk) closeLater(f func() error) { d.stack = append(d.stack, f) }

func (d *desk) close() error {
	var errs []error
	for i := len(d.stack) - 1; i >= 0; i-- {
		errs = append(errs, d.stack[i]())
	}
	return errors.Join(errs...)
}

// serve serves calls until ctx ends, or a part of it.
func (d *desk) serve(ctx context.Context) error {
	if d.env == nil {
		d.env = os.Getenv
	}
	var err error
	if d.set, err = d.menus(); err != nil {
		return err
	}
	if d.ari != "" {
		d.client = &ari.Client{URL: d.ari, Username: d.user, Password: d.env("ASTERISM_ARI_PASSWORD")}
		d.closeLater(func() error { d.client.Close(); return nil })
	}
	if d.engine, err = d.newEngine(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var parts sync.WaitGroup
	defer parts.Wait()
	part := func(name string, run func(context.Context) error) {
		parts.Go(func() {
			if err := run(ctx); err != nil && ctx.Err() == nil {
				cancel(fmt.Errorf("%s: %w", name, err))
			}
		})
	}
	if err := d.open(ctx, part); err != nil {
		cancel(err)
		return err
	}
	<-ctx.Done()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// open opens the ways to the menus.
func (d *desk) open(ctx context.Context, part func(string, func(context.Context) error)) error {
	var address net.Addr
	if d.agi != "" {
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", d.agi)
		if err != nil {
			return err
		}
		address = listener.Addr()
		part("AGI", func(ctx context.Context) error { return d.serveAGI(ctx, listener) })
	}
	if d.client != nil {
		app := &ari.App{Client: d.client, Name: d.app}
		if err := app.Connect(ctx); err != nil {
			return fmt.Errorf("ARI: %w", err)
		}
		d.closeLater(func() error { app.Close(); return nil })
		part("ARI", func(ctx context.Context) error { return d.serveARI(ctx, app) })
	}
	if d.http != "" {
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", d.http)
		if err != nil {
			return err
		}
		part("HTTP", func(ctx context.Context) error { return d.serveHTTP(ctx, listener) })
	}
	if d.menu != "" {
		part("the menus", func(ctx context.Context) error { return d.engine.Watch(ctx, d.menu, 0, d.reloaded) })
	}
	if d.ready != nil {
		d.ready(address)
	}
	return nil
}

func (d *desk) reloaded(err error) {
	if err != nil {
		d.log.Error("the menus have changed and are wrong: the old ones stay", "error", err)
		return
	}
	d.log.Info("the menus have changed: new calls take them", "nodes", d.engine.Set().Nodes())
}

// newEngine makes the menus ready, and says which sounds are missing.
func (d *desk) newEngine(ctx context.Context) (*menu.Engine, error) {
	d.reg = prometheus.NewRegistry()
	cfg := menu.Config{Metrics: menu.NewMetrics("helpdesk"), Logger: d.log, Now: d.now, Env: d.env}
	d.reg.MustRegister(cfg.Metrics)
	library, err := d.library(ctx)
	if err != nil {
		return nil, err
	}
	if library != nil {
		cfg.Sounds = library
		for _, missing := range d.set.Missing(library.Has) {
			d.log.Warn("a sound is missing", "where", missing)
		}
	}
	if d.say != "" {
		if cfg.Sayer, err = sayconf.Read(d.say); err != nil {
			return nil, err
		}
	}
	if voice := d.speaker(); voice != nil {
		cfg.Speaker = &prompts.Speaker{Dir: d.spoken, Voice: voice}
	} else if d.set.Speaks() {
		d.log.Warn("the menus have texts, and nothing speaks them: callers will not hear them. Give -speak, or sounds")
	}
	notes, err := openJournal(d.journal, d.log)
	if err != nil {
		return nil, err
	}
	d.closeLater(notes.close)
	notes.into(&cfg)
	if d.notify != nil {
		add := cfg.Paths
		cfg.Paths = func(p menu.Path) { add(p); d.notify(p) }
	}
	return menu.New(d.set, cfg)
}

func (d *desk) speaker() prompts.Voice {
	if d.voice == nil && d.speak != "" {
		return prompts.Command{Args: command(d.speak)}
	}
	return d.voice
}

// library is the sounds that there are: of a folder, or of the Asterisk at ARI or at AMI. nil: it is not known.
func (d *desk) library(ctx context.Context) (*prompts.Library, error) {
	switch {
	case d.sounds != "":
		return prompts.FromFolder(os.DirFS(d.sounds), d.set.Languages()...)
	case d.client != nil:
		return prompts.FromARI(ctx, d.client)
	case d.ami != "":
		return d.fromAMI(ctx)
	}
	return nil, nil //nolint:nilnil // no library is one that is not known
}

// fromAMI asks over AMI, which is not needed for anything else.
func (d *desk) fromAMI(ctx context.Context) (*prompts.Library, error) {
	client := &ami.Client{Addr: d.ami, Username: d.amiUser, Secret: d.env("ASTERISM_AMI_SECRET"), EventMask: "off"}
	if err := client.Connect(ctx); err != nil {
		return nil, err
	}
	defer client.Close()
	return prompts.FromCLI(ctx, func(ctx context.Context, command string) (string, error) {
		answer, err := client.Do(ctx, ami.Action{Name: "Command"}.With("Command", command))
		return strings.Join(answer.Values("Output"), "\n"), err
	})
}

// serveAGI serves AGI sessions. When ctx ends, those in progress may take as long as drain.
func (d *desk) serveAGI(ctx context.Context, listener net.Listener) error {
	srv := &agi.Server{Handler: agichannel.Handler(d.engine.Serve), Logger: d.log}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.drain)
	defer cancel()
	if err := srv.Shutdown(end); err != nil {
		d.log.Warn("AGI calls were cut off", "error", err)
		srv.Close()
	}
	if err := <-served; !errors.Is(err, agi.ErrServerClosed) {
		return err
	}
	return nil
}

// serveARI serves the calls of the Stasis application. When ctx ends, those in progress may take as long as drain.
func (d *desk) serveARI(ctx context.Context, app *ari.App) error {
	srv := &ari.Server{App: app, Handler: arichannel.Handler(d.engine.Serve)}
	served := make(chan error, 1)
	calls, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	go func() { served <- srv.Serve(calls) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	end, stop := context.WithTimeout(context.WithoutCancel(ctx), d.drain)
	defer stop()
	if err := srv.Shutdown(end); err != nil {
		d.log.Warn("ARI calls were cut off", "error", err)
		cancel()
	}
	if err := <-served; !errors.Is(err, ari.ErrServerClosed) && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// serveHTTP shows the metrics at /metrics and the menus at /.
func (d *desk) serveHTTP(ctx context.Context, listener net.Listener) error {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(d.reg, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		svg, err := graph.SVG(r.Context(), d.engine.Set(), d.engine.Counts())
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "image/svg+xml")
		w.Write(svg) //nolint:errcheck // whoever asked has gone
	})
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	err := srv.Shutdown(end)
	if errors.Is(err, context.DeadlineExceeded) {
		err = srv.Close()
	}
	if served := <-served; !errors.Is(served, http.ErrServerClosed) {
		return errors.Join(err, served)
	}
	return err
}
