package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/activation"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/ami"
)

// service is fastagid with a configuration.
type service struct {
	file   string
	log    *slog.Logger
	table  *table
	tracer *tracer
	agi    *agi.Server
	loads  *prometheus.CounterVec
	queues *queueWatch // nil: there is no Manager

	mu  sync.Mutex // of a reload
	cfg config
}

// serve runs the daemon until ctx ends: then it drains. A second signal ends it at once.
func serve(ctx context.Context, file string, stderr io.Writer) error {
	cfg, _, err := loadConfig(file)
	if err != nil {
		return err
	}
	log := cfg.Log.logger(stderr)
	sv := &service{file: file, log: log, cfg: cfg, tracer: newTracer(log), loads: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "fastagid_config_loads_total", Help: "Reads of the configuration, by result.",
	}, []string{"result"})}
	sv.table = &table{ready: sv.ready, log: log, desks: newHelpDesks(cfg.PBX, log)}
	defer sv.table.desks.close()
	if cfg.Manager != nil {
		if sv.queues, err = watchQueues(ctx, cfg.Manager, log); err != nil {
			return err
		}
		defer sv.queues.close()
		sv.table.desks.queues = sv.queues
	}
	if err := sv.table.load(cfg); err != nil {
		return err
	}
	sv.loads.WithLabelValues("ok").Inc()
	networks, err := cfg.networks()
	if err != nil {
		return err
	}
	sv.agi = &agi.Server{
		Handler: sv.table, Allow: networks, Logger: log, MaxSessions: cfg.Limits.Sessions, MaxPerSource: cfg.Limits.PerSource,
		EnvironmentTimeout: time.Duration(cfg.Limits.Environment),
	}
	return sv.run(ctx)
}

func (l logConfig) logger(w io.Writer) *slog.Logger {
	level, err := l.level()
	if err != nil {
		level = slog.LevelInfo // was checked
	}
	options := &slog.HandlerOptions{Level: level}
	if l.Format == "text" {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

func (sv *service) run(ctx context.Context) error {
	listener, err := sv.listen(ctx)
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- sv.agi.Serve(tapped{listener, sv.tracer}) }()
	page := &observatory{}
	if sv.cfg.HTTP != "" {
		if page, err = observe(ctx, sv.cfg.HTTP, sights{sv.registry(), sv.ready, sv.admin()}); err != nil {
			return errors.Join(err, sv.agi.Close())
		}
	}
	hups := make(chan os.Signal, 1)
	signal.Notify(hups, syscall.SIGHUP)
	defer signal.Stop(hups)
	sv.log.Info("serving", "fastagi", listener.Addr().String(), "http", page.addr, "routes", len(sv.cfg.Routes))
	tell(sv.log, "READY=1")
	stopWatchdog := watchdog(sv.log, listener.Addr())
	defer stopWatchdog()
	err = sv.wait(ctx, hups, served)
	return errors.Join(err, page.close())
}

// wait reloads at each SIGHUP, and drains when ctx ends.
func (sv *service) wait(ctx context.Context, hups <-chan os.Signal, served <-chan error) error {
	for {
		select {
		case <-hups:
			sv.reload() //nolint:errcheck // it is logged and counted, and the old routes go on
		case err := <-served:
			return fmt.Errorf("FastAGI server: %w", err)
		case <-ctx.Done():
			sv.drain()
			if err := <-served; !errors.Is(err, agi.ErrServerClosed) {
				return fmt.Errorf("FastAGI server: %w", err)
			}
			return nil
		}
	}
}

// listen takes the socket that systemd holds, or binds the address of the configuration.
func (sv *service) listen(ctx context.Context) (net.Listener, error) {
	passed, err := activation.Listeners()
	if err != nil {
		return nil, fmt.Errorf("socket activation: %w", err)
	}
	if len(passed) > 0 && passed[0] != nil {
		return passed[0], nil
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", sv.cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen %s: %w: is another fastagid running? Choose another address", sv.cfg.Listen, err)
	}
	return listener, nil
}

func (sv *service) registry() *prometheus.Registry {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		agi.NewCollector(sv.cfg.PBX, sv.agi), sv.loads, sv.table.desks.decisions, sv.table.desks.lookups,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	if sv.queues != nil {
		registry.MustRegister(ami.NewCollector(sv.cfg.PBX, sv.queues.client))
	}
	return registry
}

// ready says why no new call should come here, if so.
func (sv *service) ready() error {
	if sv.agi.Draining() {
		return errors.New("draining")
	}
	if n := sv.agi.Sessions(); n >= sv.cfg.Limits.Sessions {
		return fmt.Errorf("%d sessions, which is the limit", n)
	}
	return nil
}

// reload reads the configuration again. If anything is wrong with it, all goes on as before. What a running server cannot
// change (addresses, limits, log) takes effect at the next start.
func (sv *service) reload() error {
	sv.mu.Lock()
	defer sv.mu.Unlock()
	tell(sv.log, reloading())
	defer tell(sv.log, "READY=1")
	cfg, _, err := loadConfig(sv.file)
	if err == nil {
		err = sv.table.load(cfg)
	}
	if err != nil {
		sv.loads.WithLabelValues("error").Inc()
		sv.log.Error("the configuration was not reloaded, the old one goes on", "error", err)
		return err
	}
	sv.loads.WithLabelValues("ok").Inc()
	sv.log.Info("reloaded", "routes", len(cfg.Routes))
	return nil
}

// drain refuses new calls and lets those that are going on end.
func (sv *service) drain() {
	timeout := time.Duration(sv.cfg.Drain)
	sv.log.Info("draining", "sessions", sv.agi.Sessions(), "timeout", timeout)
	tell(sv.log, "STOPPING=1")
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := sv.agi.Shutdown(ctx); err != nil {
		sv.log.Warn("sessions were cut", "error", err)
	}
}
