package directory_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asterism-go/asterism/callcenter/directory"
)

// state is where an answer came from.
func state(a directory.Answer) string {
	switch {
	case a.Stale:
		return "stale"
	case a.Cached:
		return "cached"
	}
	return "asked"
}

func TestCacheLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := knows("a", maria)
		chain := chainOf(source)
		chain.Links[0].Rest = -1
		c := &directory.Cache{Directory: chain, TTL: time.Minute, StaleFor: time.Hour, RetryAfter: time.Second}
		ask := func(want string, wantErr error) {
			t.Helper()
			answer, err := c.ByNumber(t.Context(), plan.Parse("", "2101234567"))
			if state(answer) != want || !errors.Is(err, wantErr) || (err == nil) != (answer.Person.Username == "maria") {
				t.Fatalf("after %d questions: %s, %v; want %s, %v", source.asked.Load(), answer, err, want, wantErr)
			}
		}
		ask("asked", nil)
		ask("cached", nil)
		<-time.After(59 * time.Second)
		ask("cached", nil)
		<-time.After(time.Second)
		ask("asked", nil)
		source.answer = fails("a", errBroken).answer
		<-time.After(time.Minute)
		ask("stale", nil) // asked, failed
		if n := source.asked.Load(); n != 3 {
			t.Errorf("asked %d times, want 3", n)
		}
		ask("stale", nil) // not asked
		if n := source.asked.Load(); n != 3 {
			t.Errorf("asked %d times, want 3: a failure is not to be asked for again at once", n)
		}
		<-time.After(time.Second)
		ask("stale", nil)
		if n := source.asked.Load(); n != 4 {
			t.Errorf("asked %d times, want 4", n)
		}
		source.answer = knows("a", maria).answer
		<-time.After(time.Second)
		ask("asked", nil)
		source.answer = fails("a", errBroken).answer
		<-time.After(2 * time.Hour)
		ask("asked", directory.ErrUnavailable)
		ask("asked", directory.ErrUnavailable) // a failure is not remembered
		source.answer = knows("a", maria).answer
		ask("asked", nil)
		c.Forget()
		ask("asked", nil)
		ask("cached", nil)
	})
}

func TestCacheAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &directory.Cache{Directory: chainOf(knows("a", maria))}
		_, _ = c.ByUsername(t.Context(), "maria")
		<-time.After(42 * time.Second)
		answer, err := c.ByUsername(t.Context(), " Maria ")
		const want = "Maria P. (maria, patra) by a, exact; remembered from 42s ago; a: found in 0s"
		if err != nil || answer.Age != 42*time.Second || answer.Took != 0 || answer.String() != want {
			t.Errorf("%s, %v; want %s", answer, err, want)
		}
	})
}

func TestNegativeTTL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := knows("a")
		c := &directory.Cache{Directory: chainOf(source), NegativeTTL: 10 * time.Second, TTL: time.Hour}
		for i, wait := range []time.Duration{0, 9 * time.Second, time.Second, 0} {
			<-time.After(wait)
			answer, err := c.ByUsername(t.Context(), "maria")
			want := []string{"asked", "cached", "asked", "cached"}[i]
			if !errors.Is(err, directory.ErrNotFound) || state(answer) != want {
				t.Errorf("%d: %s, %v; want %s", i, state(answer), err, want)
			}
		}
	})
}

// TestSecondChoice has an answer of a source that is asked second, because the first is down: it is not kept for long.
func TestSecondChoice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := fails("a", errBroken)
		c := &directory.Cache{Directory: chainOf(first, knows("b", maria)), NegativeTTL: time.Second, TTL: time.Hour}
		_, _ = c.ByUsername(t.Context(), "maria")
		first.answer = knows("a", maria).answer
		<-time.After(time.Second)
		if answer, err := c.ByUsername(t.Context(), "maria"); err != nil || answer.Person.Source != "a" {
			t.Errorf("%v, %v", answer, err)
		}
	})
}

func TestSingleFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &scripted{name: "a", answer: func(context.Context) ([]directory.Person, error) {
			<-time.After(100 * time.Millisecond)
			return []directory.Person{maria}, nil
		}}
		c := &directory.Cache{Directory: chainOf(source)}
		results := make(chan error)
		short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		for i := range 100 {
			ctx := t.Context()
			if i == 0 { // the one who asks first gives up
				ctx = short
			}
			go func() {
				answer, err := c.ByUsername(ctx, "maria")
				if err == nil && answer.Person.Username != "maria" {
					err = fmt.Errorf("it is %v", answer)
				}
				results <- err
			}()
			synctest.Wait()
		}
		if err := <-results; !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, directory.ErrUnavailable) {
			t.Errorf("the one who gave up has %v", err)
		}
		for range 99 {
			if err := <-results; err != nil {
				t.Error(err)
			}
		}
		if n := source.asked.Load(); n != 1 {
			t.Errorf("the source was asked %d times", n)
		}
	})
}

func TestStaleForWhoCannotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := knows("a", maria)
		c := &directory.Cache{Directory: chainOf(source), TTL: time.Second}
		_, _ = c.ByUsername(t.Context(), "maria")
		<-time.After(time.Second)
		source.answer = hangs(t, "a").answer
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		answer, err := c.ByUsername(ctx, "maria")
		if err != nil || state(answer) != "stale" {
			t.Errorf("%v, %v", answer, err)
		}
	})
}

func TestCacheSize(t *testing.T) {
	c := &directory.Cache{Directory: chainOf(knows("a")), Size: 100}
	for i := range 1000 {
		_, _ = c.ByUsername(t.Context(), fmt.Sprint("user", i))
	}
	if n := c.Len(); n > 100 || n < 50 {
		t.Errorf("%d answers are kept, want 50 to 100", n)
	}
	c.Forget()
	for _, nothing := range []string{"", "anonymous"} {
		if _, err := c.ByNumber(t.Context(), plan.Parse("", nothing)); !errors.Is(err, directory.ErrNotFound) {
			t.Errorf("%q: %v", nothing, err)
		}
	}
	if c.Len() != 0 {
		t.Error("what is nobody's number is remembered")
	}
}

func BenchmarkCacheHit(b *testing.B) {
	c := &directory.Cache{Directory: chainOf(knows("a", maria)), Metrics: directory.NewMetrics("pbx")}
	_, _ = c.ByNumber(b.Context(), plan.Parse("", "2101234567"))
	b.ReportAllocs()
	for b.Loop() {
		if answer, err := c.ByNumber(b.Context(), plan.Parse("", "2101234567")); err != nil || !answer.Cached {
			b.Fatal(answer, err)
		}
	}
}

// BenchmarkCacheHitParallel does it in several goroutines at once.
func BenchmarkCacheHitParallel(b *testing.B) {
	c := &directory.Cache{Directory: chainOf(knows("a", maria)), Metrics: directory.NewMetrics("pbx")}
	ctx := b.Context()
	_, _ = c.ByNumber(ctx, plan.Parse("", "2101234567"))
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if answer, err := c.ByNumber(ctx, plan.Parse("", "2101234567")); err != nil || !answer.Cached {
				b.Error(answer, err)
				return
			}
		}
	})
}

func BenchmarkChainOfTable(b *testing.B) {
	c := chainOf(directory.NewTable("table", plan, []directory.Person{maria, abroad, nobody}))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.ByNumber(b.Context(), plan.Parse("", "2101234567")); err != nil {
			b.Fatal(err)
		}
	}
}
