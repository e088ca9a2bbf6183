package directory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/asterism-go/asterism/callcenter/directory/internal/recent"
	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

// The defaults of a Cache.
const (
	DefaultTTL         = 10 * time.Minute
	DefaultNegativeTTL = time.Minute
	DefaultStaleFor    = 24 * time.Hour
	DefaultRetryAfter  = 5 * time.Second
	DefaultCacheSize   = 1 << 14
)

// flightTimeout bounds a lookup that nobody may be waiting for any more. A Chain has a budget far below it.
const flightTimeout = 30 * time.Second

// Cache remembers the answers of a Directory. Lookups of the same person at the same time become one, which goes on when
// the one who asked first gives up. It may be used by several goroutines at once; its fields are not to be changed after
// the first lookup.
type Cache struct {
	// Directory answers what the cache does not know.
	Directory Directory
	// TTL is how long an answer with a Person or Candidates is good. Default: DefaultTTL.
	TTL time.Duration
	// NegativeTTL is how long ErrNotFound is good, and an answer for which a source failed that was asked before the one
	// that knew. Default: DefaultNegativeTTL.
	NegativeTTL time.Duration
	// StaleFor is for how long after that an answer is still given when a lookup ends with ErrUnavailable or does not end
	// in the caller's time. Default: DefaultStaleFor. Negative: not at all.
	StaleFor time.Duration
	// RetryAfter is how long a stale answer is given without another try. Default: DefaultRetryAfter.
	RetryAfter time.Duration
	// Size bounds the answers kept. Default: DefaultCacheSize.
	Size int
	// Metrics, if not nil, counts hits and misses.
	Metrics *Metrics

	once    sync.Once
	known   *recent.Map[cacheKey, *remembered]
	mu      sync.Mutex
	flights map[cacheKey]*flight
}

type cacheKey struct {
	username bool
	kind     numbers.Kind
	text     string
}

// remembered is an answer in the cache. It is not changed.
type remembered struct {
	answer Answer
	err    error
	found  time.Time
	fresh  time.Time // until when it is good
	retry  time.Time // until when it is given though it is not
}

// flight is a lookup under way.
type flight struct {
	done   chan struct{}
	answer Answer
	err    error
}

type ask func(ctx context.Context) (Answer, error)

// ByNumber implements [Directory].
func (c *Cache) ByNumber(ctx context.Context, number numbers.Number) (Answer, error) {
	key := cacheKey{kind: number.Kind, text: number.Key()}
	now := time.Now()
	if known, stale := c.hit(key, now); known != nil {
		return known.recall(now, stale)
	}
	return c.miss(ctx, key, func(ctx context.Context) (Answer, error) { return c.Directory.ByNumber(ctx, number) })
}

// ByUsername implements [Directory].
func (c *Cache) ByUsername(ctx context.Context, username string) (Answer, error) {
	key := cacheKey{username: true, text: strings.ToLower(strings.TrimSpace(username))}
	now := time.Now()
	if known, stale := c.hit(key, now); known != nil {
		return known.recall(now, stale)
	}
	return c.miss(ctx, key, func(ctx context.Context) (Answer, error) { return c.Directory.ByUsername(ctx, username) })
}

// Forget drops all answers, so that the next lookups ask again.
func (c *Cache) Forget() {
	c.init()
	c.known.Clear()
}

// Len is the number of answers remembered.
func (c *Cache) Len() int {
	c.init()
	return c.known.Len()
}

func (c *Cache) init() {
	c.once.Do(func() {
		c.known = recent.New[cacheKey, *remembered](cmp.Or(c.Size, DefaultCacheSize))
		c.flights = map[cacheKey]*flight{}
	})
}

// hit returns what is known and needs no asking, and whether it is stale; or nil.
func (c *Cache) hit(key cacheKey, now time.Time) (known *remembered, stale bool) {
	c.init()
	r, ok := c.known.Get(key)
	switch {
	case !ok:
	case now.Before(r.fresh):
		c.Metrics.cache(r.kind())
		return r, false
	case now.Before(r.retry):
		c.Metrics.cache(cacheStale)
		return r, true
	}
	return nil, false
}

// miss asks the directory, or waits for one who does.
func (c *Cache) miss(ctx context.Context, key cacheKey, ask ask) (Answer, error) {
	if key.text == "" || len(key.text) > MaxUsername {
		return ask(ctx) // a withheld number, an impossible username: the directory says so at once
	}
	f, first := c.board(key)
	if first {
		c.Metrics.cache(cacheMiss)
		go c.fly(context.WithoutCancel(ctx), key, f, ask)
	} else {
		c.Metrics.cache(cacheShared)
	}
	select {
	case <-f.done:
		if !errors.Is(f.err, ErrUnavailable) {
			return f.answer, f.err
		}
		return c.stale(key, f.answer, f.err)
	case <-ctx.Done():
		return c.stale(key, Answer{}, fmt.Errorf("%w: %w", ErrUnavailable, context.Cause(ctx)))
	}
}

// board joins the flight of the key, or starts one.
func (c *Cache) board(key cacheKey) (f *flight, first bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f, ok := c.flights[key]; ok {
		return f, false
	}
	f = &flight{done: make(chan struct{})}
	c.flights[key] = f
	return f, true
}

func (c *Cache) fly(ctx context.Context, key cacheKey, f *flight, ask ask) {
	ctx, cancel := context.WithTimeout(ctx, flightTimeout)
	defer cancel()
	f.answer, f.err = ask(ctx)
	c.remember(key, f)
	c.mu.Lock()
	delete(c.flights, key)
	c.mu.Unlock()
	close(f.done)
}

// remember keeps what a flight has brought. A failure keeps what was known before it.
func (c *Cache) remember(key cacheKey, f *flight) {
	now := time.Now()
	if errors.Is(f.err, ErrUnavailable) {
		if old, ok := c.known.Get(key); ok && c.usable(old, now) {
			again := *old
			again.retry = now.Add(cmp.Or(c.RetryAfter, DefaultRetryAfter))
			c.known.Put(key, &again)
		}
		return
	}
	ttl := cmp.Or(c.TTL, DefaultTTL)
	if errors.Is(f.err, ErrNotFound) || f.answer.hasFailure() {
		ttl = cmp.Or(c.NegativeTTL, DefaultNegativeTTL)
	}
	c.known.Put(key, &remembered{answer: f.answer, err: f.err, found: now, fresh: now.Add(ttl)})
}

// stale returns what was known before the failure, else the failure.
func (c *Cache) stale(key cacheKey, answer Answer, err error) (Answer, error) {
	now := time.Now()
	old, ok := c.known.Get(key)
	if !ok || !c.usable(old, now) {
		return answer, err
	}
	c.Metrics.cache(cacheStale)
	return old.recall(now, true)
}

func (c *Cache) usable(r *remembered, now time.Time) bool {
	return now.Before(r.fresh.Add(max(cmp.Or(c.StaleFor, DefaultStaleFor), 0)))
}

// recall returns the answer as one that comes from the cache.
func (r *remembered) recall(now time.Time, stale bool) (Answer, error) {
	answer := r.answer
	answer.Cached, answer.Stale, answer.Took, answer.Age = true, stale, 0, now.Sub(r.found)
	return answer, r.err
}

func (r *remembered) kind() cacheResult {
	if errors.Is(r.err, ErrNotFound) {
		return cacheNegative
	}
	return cacheHit
}

// hasFailure tells whether a source failed before another one knew.
func (a *Answer) hasFailure() bool {
	for _, step := range a.Steps {
		if step.Err != nil {
			return true
		}
	}
	return false
}
