package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"sync"
	"time"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/ldapdir"
	"github.com/asterism-go/asterism/callcenter/routing"
	"github.com/asterism-go/asterism/callcenter/routing/agiroute"
)

// helpDesks are the routes that decide by rules, over reloads: what is known of callers is kept while the directory's
// configuration stays as it is.
type helpDesks struct {
	log       *slog.Logger
	decisions *routing.Metrics
	lookups   *directory.Metrics
	memory    *routing.Recent
	queues    routing.Queues // nil: nobody knows how much they have to do

	mu   sync.Mutex
	open *openDesks
}

// openDesks are the routes of one configuration, by path.
type openDesks struct {
	handlers map[string]agi.Handler
	people   map[string]*people
	fresh    []*people // those that were opened for it
}

func newHelpDesks(pbx string, log *slog.Logger) *helpDesks {
	return &helpDesks{
		log: log, decisions: routing.NewMetrics(pbx), lookups: directory.NewMetrics(pbx), memory: &routing.Recent{},
		open: &openDesks{},
	}
}

// prepare makes the routes of a configuration. They are to be used, or to be discarded.
func (h *helpDesks) prepare(cfg config) (*openDesks, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	next := &openDesks{handlers: map[string]agi.Handler{}, people: map[string]*people{}}
	for i := range cfg.Routes {
		r := &cfg.Routes[i]
		if r.Helpdesk == nil || r.Helpdesk.Rules == "" {
			continue
		}
		set, err := routing.Read(r.Helpdesk.Rules)
		if err != nil {
			next.discard()
			return nil, err
		}
		key := peopleKey{cfg.Directory, set.Numbers(), time.Duration(r.Helpdesk.Names)}
		known := h.open.people[r.Path]
		if known == nil || !reflect.DeepEqual(known.key, key) {
			if known, err = openPeople(key, set, h.lookups, h.log); err != nil {
				next.discard()
				return nil, err
			}
			next.fresh = append(next.fresh, known)
		}
		next.people[r.Path] = known
		next.handlers[r.Path] = r.Helpdesk.handler(known.router(set, h))
	}
	return next, nil
}

// use replaces the routes, and closes what only the old ones need.
func (h *helpDesks) use(next *openDesks) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for path, p := range h.open.people {
		if next.people[path] != p {
			p.close()
		}
	}
	next.fresh = nil
	h.open = next
}

func (h *helpDesks) close() { h.use(&openDesks{}) }

func (o *openDesks) discard() {
	for _, p := range o.fresh {
		p.close()
	}
}

func (r *helpdeskRoute) handler(router *routing.Router, memory *routing.Recent) agi.Handler {
	handler := &agiroute.Handler{Router: router, Trunk: r.Trunk, ShowName: r.ShowName}
	if c := r.Connect; c != nil {
		handler.Connect = &agiroute.Connect{
			External: c.External, Ring: time.Duration(c.Ring), Wait: time.Duration(c.Wait), Memory: memory,
		}
	}
	return handler
}

// peopleKey is all that a directory is made of.
type peopleKey struct {
	cfg     directoryConfig
	numbers routing.Numbers
	names   time.Duration
}

// people is the directory of a route.
type people struct {
	key     peopleKey
	sources []closableSource
	cache   *directory.Cache // nil without sources
	names   *routing.Names
	stop    context.CancelFunc
	reading sync.WaitGroup
}

func openPeople(key peopleKey, set *routing.Set, metrics *directory.Metrics, log *slog.Logger) (*people, error) {
	p := &people{key: key, names: routing.NewNames(nil), stop: func() {}}
	chain := &directory.Chain{Plan: set.Plan(), Budget: time.Duration(key.cfg.Budget), Metrics: metrics}
	for i := range key.cfg.Sources {
		s := &key.cfg.Sources[i]
		source, err := s.open(set.Plan())
		if err != nil {
			p.close()
			return nil, fmt.Errorf("directory: source %d: %w", i+1, err)
		}
		p.sources = append(p.sources, source)
		chain.Links = append(chain.Links, directory.Link{Source: source, Deadline: time.Duration(s.Deadline), Trunk: s.Trunk})
	}
	if len(p.sources) == 0 {
		return p, nil
	}
	p.cache = &directory.Cache{
		Directory: chain, TTL: time.Duration(key.cfg.TTL), NegativeTTL: time.Duration(key.cfg.NegativeTTL),
		StaleFor: time.Duration(key.cfg.StaleFor), Metrics: metrics,
	}
	if key.names > 0 {
		ctx, cancel := context.WithCancel(context.Background())
		p.stop = cancel
		p.reading.Go(func() { p.readNames(ctx, log) })
	}
	return p, nil
}

func (p *people) close() {
	p.stop()
	p.reading.Wait()
	for _, s := range p.sources {
		s.Close()
	}
}

// router returns a router over these people.
func (p *people) router(set *routing.Set, h *helpDesks) (*routing.Router, *routing.Recent) {
	cfg := routing.Config{
		Budget: time.Duration(p.key.cfg.Budget), Memory: h.memory, Queues: h.queues, Names: p.names, Logger: h.log, Metrics: h.decisions,
	}
	if p.cache != nil {
		cfg.Directory = p.cache
	}
	return routing.New(set, cfg), h.memory
}

// namesTimeout bounds one reading of all usernames, namesRetry is the wait after one that has failed.
const (
	namesTimeout = 5 * time.Minute
	namesRetry   = 30 * time.Second
)

// readNames reads the usernames of the LDAP servers again and again. Until it has, and while that fails, those of before
// are known.
func (p *people) readNames(ctx context.Context, logger *slog.Logger) {
	for {
		wait := p.key.names
		names, err := p.allNames(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			wait = min(wait, namesRetry)
			logger.Warn("the usernames that callers may type were not read", "error", err)
		default:
			p.names.Replace(names)
			logger.Info("usernames that callers may type", "count", len(names))
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
	}
}

func (p *people) allNames(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, namesTimeout)
	defer cancel()
	var names []string
	for _, s := range p.sources {
		ldap, ok := s.(*ldapdir.Source)
		if !ok {
			continue
		}
		for person, err := range ldap.People(ctx) {
			if err != nil {
				return nil, err
			}
			names = append(names, person.Username)
		}
	}
	if names == nil {
		return nil, errors.New("no source tells all its people: only ldap does")
	}
	return names, nil
}
