package ldapdir

import (
	"context"
	"fmt"
	"iter"

	"github.com/go-ldap/ldap/v3"

	"github.com/asterism-go/asterism/callcenter/directory"
)

// People returns all people, a page at a time, e.g. to fill a [directory.Table]. Their groups are those of their entries;
// GroupBaseDN is not asked. An error is the last thing told. Each page has the Timeout of the Config; between pages the
// connection is held, so a loop should be quick.
func (s *Source) People(ctx context.Context) iter.Seq2[directory.Person, error] {
	return func(yield func(directory.Person, error) bool) {
		for _, server := range s.servers {
			told, err := s.pages(ctx, server, yield)
			if err == nil {
				return
			}
			// another server has other cookies, so only a list that has not begun goes on there
			if last := server == s.servers[len(s.servers)-1]; last || told || ctx.Err() != nil {
				yield(directory.Person{}, fmt.Errorf("%s: %w", server.address, err))
				return
			}
		}
	}
}

// pages tells people to yield; told says whether it has told any.
func (s *Source) pages(ctx context.Context, server *server, yield func(directory.Person, error) bool) (told bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	err = server.try(ctx, func(c *conn) error {
		paging := ldap.NewControlPaging(uint32(s.cfg.PageSize))
		for {
			entries, more, err := s.page(ctx, c, paging)
			if err != nil {
				return err
			}
			for _, p := range s.people(entries) {
				told = true
				if !yield(p, nil) {
					c.close() // the server forgets the rest of the list with the connection
					return nil
				}
			}
			if !more {
				return nil
			}
		}
	})
	return told, err
}

// page asks for a page and moves the control to the next (RFC 2696).
func (s *Source) page(ctx context.Context, c *conn, paging *ldap.ControlPaging) (entries []*ldap.Entry, more bool, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, s.cfg.Timeout, errAttempt)
	defer cancel()
	request := s.request(s.cfg.BaseDN, s.cfg.Filter, s.cfg.Mapping.wanted())
	request.SizeLimit, request.EnforceSizeLimit = 0, false
	request.Controls = []ldap.Control{paging}
	var result *ldap.SearchResult
	c.raw.left.Store(maxAnswer)
	err = c.watch(ctx, func() (err error) {
		result, err = c.Search(request)
		return err
	})
	if err != nil {
		return nil, false, err
	}
	next, ok := ldap.FindControl(result.Controls, ldap.ControlTypePaging).(*ldap.ControlPaging)
	if !ok || len(next.Cookie) == 0 {
		return result.Entries, false, nil
	}
	paging.SetCookie(next.Cookie)
	return result.Entries, true, nil
}
