package main

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/agi/program"
	"github.com/asterism-go/asterism/agi/webhook"
)

// table serves sessions by the routes of the configuration. A reload replaces the routes at once; sessions that have begun
// go on with the old ones.
type table struct {
	current atomic.Pointer[agi.Mux]
	ready   func() error
	log     *slog.Logger
	desks   *helpDesks
}

// ServeAGI serves a session by the routes of now.
func (t *table) ServeAGI(ctx context.Context, s *agi.Session) error {
	return t.current.Load().ServeAGI(ctx, s)
}

// load makes the routes of a configuration that was checked.
func (t *table) load(cfg config) error {
	mux := agi.NewMux()
	mux.Use(t.summarize)
	desks, err := t.desks.prepare(cfg)
	if err != nil {
		return err
	}
	for i := range cfg.Routes {
		r := &cfg.Routes[i]
		handler, err := t.handler(r, desks)
		if err != nil {
			desks.discard()
			return err
		}
		if r.Timeout > 0 {
			handler = agi.Within(time.Duration(r.Timeout))(handler)
		}
		if r.Sessions > 0 {
			handler = agi.AtMost(r.Sessions)(handler)
		}
		if err := mux.Add(r.Path, handler); err != nil {
			desks.discard()
			return err
		}
	}
	t.current.Store(mux)
	t.desks.use(desks)
	return nil
}

func (t *table) handler(r *route, desks *openDesks) (agi.Handler, error) {
	switch {
	case r.Echo != nil:
		return r.Echo, nil
	case r.Playback != nil:
		return r.Playback, nil
	case r.Record != nil:
		return r.Record, nil
	case r.Lookup != nil:
		return newCallerList(r.Lookup)
	case r.Helpdesk != nil && r.Helpdesk.Rules != "":
		return desks.handlers[r.Path], nil
	case r.Helpdesk != nil:
		return r.Helpdesk, nil
	case r.Health != nil:
		return health{t.ready}, nil
	case r.Exec != nil:
		return t.program(r.Exec), nil
	}
	handler := &webhook.Handler{URL: r.Webhook.URL, Timeout: time.Duration(r.Webhook.Timeout)}
	if r.Webhook.SecretFile == "" {
		return handler, nil
	}
	secret, err := readSecret(r.Webhook.SecretFile)
	handler.Secret = secret
	return handler, err
}

func (t *table) program(e *execRoute) agi.Handler {
	handler := &program.Handler{Path: e.Program, Args: e.Args, Logger: t.log}
	for name, value := range e.Env {
		handler.Env = append(handler.Env, name+"="+value)
	}
	return handler
}

// summarize logs one line for each session, with what finds it in Asterisk's own records.
func (t *table) summarize(next agi.Handler) agi.Handler {
	return agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		began := time.Now()
		linkedid, err := s.Evaluate(ctx, "${CHANNEL(linkedid)}")
		if err == nil {
			err = next.ServeAGI(ctx, s)
		}
		level, outcome := slog.LevelInfo, "ok"
		switch {
		case errors.Is(err, agi.ErrHangup):
			outcome = "hangup"
		case err != nil:
			level, outcome = slog.LevelWarn, "failure"
		}
		t.log.Log(ctx, level, "session", "route", s.Route(), "outcome", outcome, "seconds", time.Since(began).Seconds(),
			"uniqueid", s.Env().Uniqueid, "linkedid", linkedid, "channel", s.Env().Channel, "error", errorText(err))
		return err
	})
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
