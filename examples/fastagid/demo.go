package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"text/template"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/calls"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

//go:embed demo
var demoFiles embed.FS

// pbxName is the label pbx of the demo's metrics.
const pbxName = "demo"

// demo is everything that runs. Its parts are opened in the order of the fields, and closed in the reverse one.
type demo struct {
	log   *slog.Logger
	agi   *agi.Server
	pbx   *asterisktest.Asterisk
	ami   *ami.Client
	calls *follower
	stack []func() error // what is to be closed, the last one first
	ended chan error     // a part that has ended by itself
}

// runDemo runs the demo until ctx ends, or for the duration of the options. Only what ended it before that is an error.
func runDemo(ctx context.Context, opts options, stdout io.Writer, log *slog.Logger) error {
	d := &demo{log: log, ended: make(chan error, 3)}
	err := d.run(ctx, opts, stdout)
	for i := len(d.stack) - 1; i >= 0; i-- {
		err = errors.Join(err, d.stack[i]())
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func (d *demo) run(ctx context.Context, opts options, stdout io.Writer) error {
	agiAddr, err := d.serveAGI(ctx)
	if err != nil {
		return err
	}
	if err := d.startAsterisk(ctx, agiAddr); err != nil {
		return err
	}
	metrics := calls.NewMetrics(pbxName)
	if err := d.follow(ctx, metrics, stdout); err != nil {
		return err
	}
	page, err := observe(ctx, opts.http, sights{registry: d.registry(metrics), healthy: d.healthy})
	if err != nil {
		return err
	}
	d.closeLater(page.close)
	office, err := openOffice(ctx, d.pbx.SIP, d.log)
	if err != nil {
		return err
	}
	d.closeLater(office.close)
	d.log.Info("the help desk is open",
		"asterisk", d.pbx.Version, "fastagi", "agi://"+agiAddr, "ami", d.pbx.AMI,
		"metrics", "http://"+page.addr+"/metrics", "health", "http://"+page.addr+"/healthz")
	return d.play(ctx, office, opts.duration)
}

func (d *demo) closeLater(f func() error) { d.stack = append(d.stack, f) }

// serveAGI starts the FastAGI server on a free port.
func (d *demo) serveAGI(ctx context.Context) (addr string, err error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	mux := agi.NewMux()
	mux.Handle("helpdesk", helpDesk)
	d.agi = &agi.Server{Handler: mux, Logger: d.log}
	go func() {
		if err := d.agi.Serve(listener); !errors.Is(err, agi.ErrServerClosed) {
			d.ended <- fmt.Errorf("FastAGI server: %w", err)
		}
	}()
	d.closeLater(d.agi.Close)
	return listener.Addr().String(), nil
}

func (d *demo) startAsterisk(ctx context.Context, agiAddr string) error {
	files, err := asteriskFiles(agiAddr)
	if err != nil {
		return err
	}
	d.pbx, err = asterisktest.Run(ctx, asterisktest.Config{Files: files, Logger: d.log})
	if err != nil {
		return err
	}
	d.closeLater(d.pbx.Stop)
	return nil
}

// asteriskFiles are the demo's configuration files of Asterisk.
func asteriskFiles(agiAddr string) (map[string]string, error) {
	templates, err := template.ParseFS(demoFiles, "demo/*.conf")
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for _, t := range templates.Templates() {
		var text strings.Builder
		values := struct {
			AGI   string
			Desks []desk
		}{agiAddr, desks}
		if err := t.Execute(&text, values); err != nil {
			return nil, err
		}
		files[t.Name()] = text.String()
	}
	return files, nil
}

// follow connects to the manager and starts to make calls of its events.
func (d *demo) follow(ctx context.Context, metrics *calls.Metrics, stdout io.Writer) error {
	d.ami = &ami.Client{Addr: d.pbx.AMI.String(), Username: asterisktest.Username, Secret: asterisktest.Secret, Logger: d.log}
	d.calls = newFollower(callsConfig(), metrics, stdout, d.log)
	if err := d.ami.Connect(ctx); err != nil {
		return err
	}
	followed := make(chan struct{})
	go func() {
		defer close(followed)
		// it ends with the client, after the last call
		if err := d.calls.follow(context.WithoutCancel(ctx), d.ami); err != nil {
			d.ended <- err
		}
	}()
	d.closeLater(func() error {
		err := d.ami.Close()
		<-followed
		return err
	})
	return nil
}

// callsConfig says who is who in the demo.
func callsConfig() calls.Config {
	cfg := calls.Config{
		Trunks:     []string{"PJSIP/provider"},
		Extensions: map[string]calls.Identity{},
		Variables:  []string{deskVariable},
	}
	for _, desk := range desks {
		cfg.Extensions["PJSIP/"+desk.Name] = calls.Identity{Number: desk.Number, Name: desk.Title}
	}
	return cfg
}

func (d *demo) registry(metrics *calls.Metrics) *prometheus.Registry {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		agi.NewCollector(pbxName, d.agi), ami.NewCollector(pbxName, d.ami), metrics,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return registry
}

func (d *demo) healthy() error {
	if state := d.ami.State(); state != ami.Up {
		return fmt.Errorf("the manager connection is %v", state)
	}
	return nil
}

// play lets the callers call until it is time to stop, then lets the last calls end.
func (d *demo) play(ctx context.Context, office *office, duration time.Duration) error {
	playing, stop := context.WithCancel(ctx)
	defer stop()
	if duration > 0 {
		playing, stop = context.WithTimeout(ctx, duration)
		defer stop()
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		office.callUntil(playing)
	}()
	var failed error
	select {
	case <-playing.Done():
	case failed = <-d.ended:
		stop()
	}
	<-over
	waitIdle(d.ami)
	return failed
}
