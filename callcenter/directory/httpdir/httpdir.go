// Package httpdir is a source of people that asks an HTTP server for JSON, e.g. a CRM.
//
//	source, err := httpdir.New(httpdir.Config{
//		ByNumber:   "https://crm.example.org/api/contacts?phone={e164}",
//		ByUsername: "https://crm.example.org/api/contacts/{username}",
//		Header:     map[string]directory.Secret{"Authorization": "Bearer " + token},
//		Items:      "data.contacts",
//		Mapping:    map[string]string{"tel": "number", "team.name": "unit"},
//	})
//
// The answer is an object, or a list of objects, or holds them somewhere inside ([Config].Items). A 404, a null or an empty
// list means that nobody was found.
package httpdir

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/internal/record"
	"github.com/asterism-go/asterism/callcenter/directory/internal/trust"
	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

// Source asks an HTTP server. It is made by [New] and may be used by several goroutines at once.
type Source struct {
	cfg                  Config
	mapping              record.Mapping
	byNumber, byUsername []record.Piece
	client               *http.Client
}

var _ directory.Source = (*Source)(nil)

// New makes a source. It asks nothing yet; an error is about the configuration.
func New(cfg Config) (*Source, error) {
	s, err := newSource(cfg)
	if err != nil {
		return nil, fmt.Errorf("httpdir: %w", err)
	}
	return s, nil
}

func newSource(cfg Config) (*Source, error) {
	cfg.Name = cmp.Or(cfg.Name, "http")
	cfg.LastDigits = max(cmp.Or(cfg.LastDigits, numbers.DefaultLastDigits), numbers.MinLastDigits)
	cfg.Timeout = cmp.Or(cfg.Timeout, DefaultTimeout)
	cfg.MaxBody = cmp.Or(cfg.MaxBody, DefaultMaxBody)
	cfg.MaxPeople = cmp.Or(cfg.MaxPeople, DefaultMaxPeople)
	s := &Source{cfg: cfg}
	if cfg.ByNumber == "" && cfg.ByUsername == "" {
		return nil, errors.New("neither ByNumber nor ByUsername")
	}
	var err error
	if s.mapping, err = record.NewMapping(cfg.Mapping); err != nil {
		return nil, err
	}
	if s.byNumber, err = cfg.template(cfg.ByNumber, record.NumberNames); err != nil {
		return nil, fmt.Errorf("ByNumber: %w", err)
	}
	if s.byUsername, err = cfg.template(cfg.ByUsername, []string{"username"}); err != nil {
		return nil, fmt.Errorf("ByUsername: %w", err)
	}
	secure, err := trust.Config(cfg.TLS, cfg.CAFile)
	if err != nil {
		return nil, err
	}
	s.client = &http.Client{
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			TLSClientConfig:     secure,
			ForceAttemptHTTP2:   true,
			MaxConnsPerHost:     cmp.Or(cfg.MaxConns, DefaultMaxConns),
			MaxIdleConnsPerHost: cmp.Or(cfg.MaxConns, DefaultMaxConns),
			IdleConnTimeout:     90 * time.Second,
		},
		// a redirect would take the headers along, wherever it leads
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return s, nil
}

// Name implements [directory.Source].
func (s *Source) Name() string { return s.cfg.Name }

// Close closes the connections that are kept.
func (s *Source) Close() error {
	s.client.CloseIdleConnections()
	return nil
}

// ByNumber implements [directory.Source].
func (s *Source) ByNumber(ctx context.Context, number numbers.Number) ([]directory.Person, error) {
	if number.Key() == "" {
		return nil, nil
	}
	return s.ask(ctx, s.byNumber, record.Values(number, s.cfg.LastDigits))
}

// ByUsername implements [directory.Source].
func (s *Source) ByUsername(ctx context.Context, username string) ([]directory.Person, error) {
	return s.ask(ctx, s.byUsername, map[string]string{"username": username})
}

func (s *Source) ask(ctx context.Context, template []record.Piece, values map[string]string) ([]directory.Person, error) {
	address, ok := fill(template, values)
	if !ok {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errors.New("the URL is at fault") // the error would repeat it
	}
	request.Header.Set("Accept", "application/json")
	for name, value := range s.cfg.Header {
		request.Header.Set(name, string(value))
	}
	response, err := s.client.Do(request)
	if err != nil {
		return nil, bare(request.URL.Host, err)
	}
	defer response.Body.Close()
	body := io.LimitReader(response.Body, s.cfg.MaxBody+1)
	switch {
	case response.StatusCode == http.StatusNotFound:
		_, err := io.Copy(io.Discard, body) // so that the connection can be used again
		return nil, bareOrNil(request.URL.Host, err)
	case response.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%s: status %s", request.URL.Host, response.Status)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return nil, bare(request.URL.Host, err)
	}
	if int64(len(text)) > s.cfg.MaxBody {
		return nil, fmt.Errorf("%s: the answer is longer than %d bytes", request.URL.Host, s.cfg.MaxBody)
	}
	people, err := s.people(text)
	if byLast(template) {
		people = record.WithNumbers(people)
	}
	if err != nil && !errors.Is(err, directory.ErrTooMany) {
		return nil, fmt.Errorf("%s: %w", request.URL.Host, err)
	}
	return people, err
}

func byLast(template []record.Piece) bool {
	names := make([]string, len(template))
	for i, piece := range template {
		names[i] = piece.Name
	}
	return record.ByLast(names)
}

// fill puts values into a template: into its path and its query, escaped for the place. It is not ok if one is missing.
func fill(template []record.Piece, values map[string]string) (address string, ok bool) {
	var b strings.Builder
	inQuery := false
	for _, piece := range template {
		if piece.Name == "" {
			b.WriteString(piece.Text)
			inQuery = inQuery || strings.Contains(piece.Text, "?")
			continue
		}
		value := values[piece.Name]
		switch {
		case value == "" || value == "." || value == "..": // a path would lose the dots
			return "", false
		case inQuery:
			b.WriteString(url.QueryEscape(value))
		default:
			b.WriteString(url.PathEscape(value))
		}
	}
	return b.String(), len(template) > 0
}

// bare is the error of a request without its URL.
func bare(host string, err error) error {
	var whole *url.Error
	if errors.As(err, &whole) {
		err = whole.Err
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return fmt.Errorf("%s: no answer in time: %w", host, context.DeadlineExceeded)
	}
	return fmt.Errorf("%s: %w", host, err)
}

func bareOrNil(host string, err error) error {
	if err == nil {
		return nil
	}
	return bare(host, err)
}
