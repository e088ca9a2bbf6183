package connpool_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/internal/connpool"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// conn is a connection to nobody.
type conn struct {
	mu  sync.Mutex
	why error
}

func (c *conn) Kill(why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.why == nil {
		c.why = why
	}
}

func (c *conn) Why() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.why
}

// pool makes two connections at most, and counts them.
func pool() (p *connpool.Pool[*conn], made *int) {
	made = new(int)
	p = connpool.New(2, time.Minute, func(context.Context) (*conn, error) {
		*made++
		c := &conn{}
		return c, p.Add(c)
	})
	return p, made
}

func get(t *testing.T, p *connpool.Pool[*conn], fresh, reused bool) *conn {
	t.Helper()
	c, was, err := p.Get(t.Context(), fresh)
	if err != nil || was != reused {
		t.Fatalf("reused %v, %v", was, err)
	}
	return c
}

// TestPool uses again what lives, and nothing else, and makes no more than it may.
func TestPool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, made := pool()
		first := get(t, p, false, false)
		p.Put(first)
		if get(t, p, false, true) != first {
			t.Error("another one is used again")
		}
		second := get(t, p, false, false)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, _, err := p.Get(ctx, false); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a third one: %v", err)
		}
		p.Put(second)
		p.Put(first)
		third := get(t, p, true, false) // ends all that were kept
		if first.Why() == nil || second.Why() == nil || *made != 3 {
			t.Errorf("%v, %v, %d made", first.Why(), second.Why(), *made)
		}
		p.Put(third)
		<-time.After(time.Minute + time.Second)
		if third.Why() == nil {
			t.Error("it is kept for ever")
		}
		fourth := get(t, p, false, false)
		fourth.Kill(errors.New("cut"))
		p.Put(fourth)
		p.Put(get(t, p, false, false))
	})
}

// TestClose ends what is kept, what is used, and what is just made.
func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _ := pool()
		kept, used := get(t, p, false, false), get(t, p, false, false)
		p.Put(kept)
		p.Close()
		for _, c := range []*conn{kept, used} {
			if !errors.Is(c.Why(), recording.ErrClosed) {
				t.Errorf("ended by %v", c.Why())
			}
		}
		p.Put(used)
		if _, _, err := p.Get(t.Context(), false); !errors.Is(err, recording.ErrClosed) {
			t.Error(err)
		}
		late := &conn{}
		if err := p.Add(late); !errors.Is(err, recording.ErrClosed) || !errors.Is(late.Why(), recording.ErrClosed) {
			t.Errorf("%v, ended by %v", err, late.Why())
		}
	})
}
