package ldapdir

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-ldap/ldap/v3"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

// Source asks LDAP servers. It is made by [New] and may be used by several goroutines at once.
type Source struct {
	cfg     Config
	servers []*server
}

var _ directory.Source = (*Source)(nil)

// New makes a source. It does not connect; an error is about the configuration.
func New(cfg Config) (*Source, error) {
	cfg.setDefaults()
	if err := cfg.check(); err != nil {
		return nil, fmt.Errorf("ldapdir: %w", err)
	}
	s := &Source{cfg: cfg}
	for i, url := range cfg.URLs {
		server, err := newServer(&s.cfg, url)
		if err != nil {
			return nil, fmt.Errorf("ldapdir: URLs[%d]: %w", i, err)
		}
		s.servers = append(s.servers, server)
	}
	return s, nil
}

// Name implements [directory.Source].
func (s *Source) Name() string { return s.cfg.Name }

// Close closes the connections. Questions that are open go on to their end; later ones work, but keep no connection.
func (s *Source) Close() error {
	for _, server := range s.servers {
		server.close()
	}
	return nil
}

// ByNumber implements [directory.Source].
func (s *Source) ByNumber(ctx context.Context, number numbers.Number) ([]directory.Person, error) {
	filter := s.cfg.numberFilter(number)
	if filter == "" {
		return nil, nil
	}
	return s.find(ctx, filter)
}

// ByUsername implements [directory.Source].
func (s *Source) ByUsername(ctx context.Context, username string) ([]directory.Person, error) {
	return s.find(ctx, s.cfg.usernameFilter(username))
}

// find returns the people who meet the filter, with their groups.
func (s *Source) find(ctx context.Context, filter string) ([]directory.Person, error) {
	var people []directory.Person
	err := s.ask(ctx, func(ctx context.Context, c *conn) error {
		entries, err := c.search(ctx, s.request(s.cfg.BaseDN, filter, s.cfg.Mapping.wanted()))
		tooMany := isTooMany(err)
		if err != nil && !tooMany {
			return err
		}
		people = s.people(entries)
		if s.cfg.GroupBaseDN != "" && len(entries) > 0 && !tooMany {
			return s.addGroups(ctx, c, people, entries)
		}
		return err
	})
	if isTooMany(err) {
		return people, fmt.Errorf("%w (%d)", directory.ErrTooMany, s.cfg.MaxResults)
	}
	if err != nil {
		return nil, err
	}
	return people, nil
}

func isTooMany(err error) bool {
	return ldap.IsErrorWithCode(err, ldap.LDAPResultSizeLimitExceeded) || errors.Is(err, ldap.ErrSizeLimitExceeded)
}

func (s *Source) request(base, filter string, attributes []string) *ldap.SearchRequest {
	return &ldap.SearchRequest{
		BaseDN: base, Scope: ldap.ScopeWholeSubtree, DerefAliases: ldap.NeverDerefAliases,
		SizeLimit: s.cfg.MaxResults, EnforceSizeLimit: true, Filter: filter, Attributes: attributes,
	}
}

// search asks for entries. The server is told how long it is of interest.
func (c *conn) search(ctx context.Context, request *ldap.SearchRequest) ([]*ldap.Entry, error) {
	if deadline, ok := ctx.Deadline(); ok {
		request.TimeLimit = int(max(time.Until(deadline), 0)/time.Second) + 1
	}
	result, err := c.Search(request)
	if result == nil {
		return nil, err
	}
	return result.Entries, err
}

// ask runs a step at the first server that can take it.
func (s *Source) ask(ctx context.Context, step func(ctx context.Context, c *conn) error) error {
	order := s.order(time.Now())
	var failures []error
	for i, server := range order {
		err := s.attempt(ctx, server, len(order)-i, step)
		switch {
		case err == nil:
			server.setDown(time.Time{})
			return nil
		case isTooMany(err):
			return err
		case ctx.Err() != nil:
			return errors.Join(append(failures, fmt.Errorf("%s: %w", server.address, context.Cause(ctx)))...)
		}
		failures = append(failures, fmt.Errorf("%s: %w", server.address, err))
		if !elsewhere(err) {
			break
		}
		server.setDown(time.Now().Add(s.cfg.DownFor))
	}
	return errors.Join(failures...)
}

var errAttempt = errors.New("no answer in time")

// attempt runs a step at a server, in its share of the time that is left: others are to be tried after it.
func (s *Source) attempt(ctx context.Context, server *server, left int, step func(ctx context.Context, c *conn) error) error {
	share := s.cfg.Timeout
	if deadline, ok := ctx.Deadline(); ok && left > 1 {
		share = min(share, time.Until(deadline)/time.Duration(left))
	}
	ctx, cancel := context.WithTimeoutCause(ctx, share, errAttempt)
	defer cancel()
	return server.try(ctx, func(c *conn) error { return step(ctx, c) })
}

// order returns the servers in the order in which they are to be tried: those that have failed lately at the end.
func (s *Source) order(now time.Time) []*server {
	up := make([]*server, 0, len(s.servers))
	var down []*server
	for _, server := range s.servers {
		if server.isDown(now) {
			down = append(down, server)
			continue
		}
		up = append(up, server)
	}
	return append(up, down...)
}
