package directory_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

var plan = numbers.Must(numbers.Config{
	Region: "GR", Extensions: []string{"2XX"}, Trunks: map[string]numbers.Trunk{"tehran": {Region: "IR"}},
})

// scripted is a source that answers as a test says, and counts the questions.
type scripted struct {
	name   string
	answer func(ctx context.Context) ([]directory.Person, error)
	asked  atomic.Int64
}

func (s *scripted) Name() string { return s.name }

func (s *scripted) ByNumber(ctx context.Context, _ numbers.Number) ([]directory.Person, error) {
	s.asked.Add(1)
	return s.answer(ctx)
}

func (s *scripted) ByUsername(ctx context.Context, _ string) ([]directory.Person, error) {
	s.asked.Add(1)
	return s.answer(ctx)
}

func knows(name string, people ...directory.Person) *scripted {
	return &scripted{name: name, answer: func(context.Context) ([]directory.Person, error) { return people, nil }}
}

func fails(name string, err error) *scripted {
	return &scripted{name: name, answer: func(context.Context) ([]directory.Person, error) { return nil, err }}
}

// hangs does not answer until the test ends, and does not look at its context.
func hangs(t *testing.T, name string) *scripted {
	forever := make(chan struct{})
	t.Cleanup(func() { close(forever) })
	return &scripted{name: name, answer: func(context.Context) ([]directory.Person, error) {
		<-forever
		return nil, nil
	}}
}

func chainOf(sources ...directory.Source) *directory.Chain {
	c := &directory.Chain{Plan: plan}
	for _, s := range sources {
		c.Links = append(c.Links, directory.Link{Source: s})
	}
	return c
}

var (
	maria     = directory.Person{Username: "maria", Name: "Maria P.", Unit: "patra", Numbers: []string{"210 123 4567", "697 123 4567"}}
	nikos     = directory.Person{Username: "nikos", Numbers: []string{"+302101234567"}}
	abroad    = directory.Person{Username: "abroad", Numbers: []string{"+49 30 101234567"}}
	nobody    = directory.Person{Username: "else", Numbers: []string{"2310 999999"}}
	silent    = directory.Person{Username: "silent"}
	errBroken = errors.New("broken")
)

func TestChain(t *testing.T) {
	tests := []struct {
		name    string
		sources []directory.Source
		number  string
		want    string // who it is
		err     error
		others  []string // candidates
		steps   string
	}{
		{"the first knows", []directory.Source{knows("a", maria), knows("b", nikos)}, "2101234567", "maria", nil, nil, "a found"},
		{"the second knows", []directory.Source{knows("a", nobody), knows("b", maria)}, "+306971234567", "maria", nil, nil, "a not_found, b found"},
		{"none knows", []directory.Source{knows("a"), knows("b", nobody)}, "2101234567", "", directory.ErrNotFound, nil, "a not_found, b not_found"},
		{"one fails, another knows", []directory.Source{fails("a", errBroken), knows("b", maria)}, "2101234567", "maria", nil, nil, "a failed, b found"},
		{"one fails, none knows", []directory.Source{fails("a", errBroken), knows("b")}, "2101234567", "", errBroken, nil, "a failed, b not_found"},
		{"two share it", []directory.Source{knows("a", maria, nikos)}, "2101234567", "", directory.ErrAmbiguous, []string{"maria", "nikos"}, "a ambiguous"},
		{"two entries of one", []directory.Source{knows("a", maria, maria)}, "2101234567", "maria", nil, nil, "a found"},
		{"last digits only", []directory.Source{knows("a", abroad)}, "2101234567", "", directory.ErrAmbiguous, []string{"abroad"}, "a ambiguous"},
		{"last digits, then sure", []directory.Source{knows("a", abroad), knows("b", maria)}, "2101234567", "maria", nil, nil, "a ambiguous, b found"},
		{"last digits, then sure, together", []directory.Source{knows("a", abroad, maria)}, "2101234567", "maria", nil, nil, "a found"},
		{"candidates of several", []directory.Source{knows("a", abroad), knows("b", maria, nikos)}, "2101234567", "", directory.ErrAmbiguous, []string{"maria", "nikos", "abroad"}, "a ambiguous, b ambiguous"},
		{"candidates and a failure", []directory.Source{knows("a", abroad), fails("b", errBroken)}, "2101234567", "", errBroken, []string{"abroad"}, "a ambiguous, b failed"},
		{"the source's word", []directory.Source{knows("a", silent)}, "2101234567", "silent", nil, nil, "a found"},
		{"withheld", []directory.Source{knows("a", silent)}, "anonymous", "", directory.ErrNotFound, nil, ""},
		{"an extension", []directory.Source{knows("a", directory.Person{Username: "desk", Numbers: []string{"204"}})}, "204", "desk", nil, nil, "a found"},
		{"too many", []directory.Source{fails("a", fmt.Errorf("x: %w", directory.ErrTooMany))}, "2101234567", "", directory.ErrAmbiguous, nil, "a ambiguous"},
		{"no sources", nil, "2101234567", "", directory.ErrNotFound, nil, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			answer, err := chainOf(test.sources...).ByNumber(t.Context(), plan.Parse("", test.number))
			if !errors.Is(err, test.err) || (test.err == nil) != (err == nil) || answer.Person.Username != test.want {
				t.Errorf("it is %q, %v; want %q, %v", answer.Person.Username, err, test.want, test.err)
			}
			if errors.Is(test.err, errBroken) != errors.Is(err, directory.ErrUnavailable) {
				t.Errorf("error is %v", err)
			}
			if got := usernames(answer.Candidates); !slices.Equal(got, test.others) {
				t.Errorf("candidates are %v, want %v", got, test.others)
			}
			if got := told(answer.Steps); got != test.steps {
				t.Errorf("steps are %q, want %q", got, test.steps)
			}
			if err == nil && answer.Person.Source == "" {
				t.Error("nobody says which source knew")
			}
		})
	}
}

func usernames(candidates []directory.Candidate) []string {
	var names []string
	for _, c := range candidates {
		names = append(names, c.Person.Username)
	}
	return names
}

func told(steps []directory.Step) string {
	var text []string
	for _, s := range steps {
		text = append(text, s.Source+" "+string(s.Result))
	}
	return strings.Join(text, ", ")
}

func TestByUsername(t *testing.T) {
	c := chainOf(knows("a", nikos, maria))
	for _, name := range []string{"maria", "MARIA", " maria\n"} {
		if answer, err := c.ByUsername(t.Context(), name); err != nil || answer.Person.Username != "maria" {
			t.Errorf("%q: %v, %v", name, answer, err)
		}
	}
	for _, name := range []string{"", " ", "mar", "*", strings.Repeat("m", directory.MaxUsername+1)} {
		if answer, err := c.ByUsername(t.Context(), name); !errors.Is(err, directory.ErrNotFound) {
			t.Errorf("%q: %v, %v; want ErrNotFound", name, answer, err)
		}
	}
}

func TestTrunkOfALink(t *testing.T) {
	c := chainOf(knows("a", directory.Person{Username: "reza", Numbers: []string{"021 8877 6655"}}))
	c.Links[0].Trunk = "tehran"
	if answer, err := c.ByNumber(t.Context(), plan.Parse("", "+982188776655")); err != nil || answer.Person.Username != "reza" {
		t.Errorf("%v, %v", answer, err)
	}
}

func TestDeadlineAndBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := chainOf(hangs(t, "a"), hangs(t, "b"), knows("c", maria))
		c.Links[0].Deadline = 100 * time.Millisecond
		c.Budget = 250 * time.Millisecond
		start := time.Now()
		answer, err := c.ByNumber(t.Context(), plan.Parse("", "2101234567"))
		if took := time.Since(start); took != c.Budget || answer.Took != c.Budget {
			t.Errorf("it took %v and says %v, want the budget of %v", took, answer.Took, c.Budget)
		}
		if !errors.Is(err, directory.ErrUnavailable) || told(answer.Steps) != "a timeout, b timeout, c skipped" {
			t.Errorf("%v, %v", told(answer.Steps), err)
		}
		if answer.Steps[0].Took != 100*time.Millisecond || answer.Steps[1].Took != 150*time.Millisecond {
			t.Errorf("the steps took %v and %v", answer.Steps[0].Took, answer.Steps[1].Took)
		}
	})
}

func TestCallerGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := hangs(t, "a")
		c := chainOf(source)
		hangup := errors.New("hung up")
		for range 2 * directory.RestAfter {
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(10*time.Millisecond, func() { cancel(hangup) })
			answer, err := c.ByNumber(ctx, plan.Parse("", "2101234567"))
			if !errors.Is(err, hangup) || told(answer.Steps) != "a cancelled" {
				t.Fatalf("%v, %v: callers who hang up are no reason to rest", told(answer.Steps), err)
			}
		}
	})
}

func TestRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := fails("a", errBroken)
		c := chainOf(source)
		c.Links[0].Rest = time.Minute
		ask := func() string {
			answer, _ := c.ByNumber(t.Context(), plan.Parse("", "2101234567"))
			return told(answer.Steps)
		}
		for i := range directory.RestAfter {
			if got := ask(); got != "a failed" {
				t.Fatalf("question %d: %s", i, got)
			}
		}
		for range 3 {
			if got := ask(); got != "a skipped" || source.asked.Load() != directory.RestAfter {
				t.Fatalf("after %d failures: %s, asked %d times", directory.RestAfter, got, source.asked.Load())
			}
		}
		<-time.After(time.Minute)
		if got := ask(); got != "a failed" {
			t.Errorf("after the rest: %s, want one question", got)
		}
		if got := ask(); got != "a skipped" {
			t.Errorf("after that one has failed: %s", got)
		}
		<-time.After(time.Minute)
		source.answer = knows("a", maria).answer
		for range 3 {
			if got := ask(); got != "a found" {
				t.Errorf("when it is well again: %s", got)
			}
		}
	})
}

func TestOneProbeAfterRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := fails("a", errBroken)
		c := chainOf(source)
		for range directory.RestAfter {
			_, _ = c.ByUsername(t.Context(), "x")
		}
		<-time.After(directory.DefaultRest)
		source.answer = hangs(t, "a").answer
		results := make(chan string)
		for range 10 {
			go func() {
				answer, _ := c.ByUsername(t.Context(), "x")
				results <- told(answer.Steps)
			}()
		}
		count := map[string]int{}
		for range 10 {
			count[<-results]++
		}
		if count["a timeout"] != 1 || count["a skipped"] != 9 {
			t.Errorf("ten questions after the rest: %v, want one to ask and nine to rest on", count)
		}
	})
}

func TestManyOpenQuestions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := hangs(t, "a")
		c := chainOf(source)
		c.Links[0].Rest = -1
		for range directory.MaxOpen + 10 {
			_, _ = c.ByUsername(t.Context(), "x")
		}
		if got := source.asked.Load(); got != directory.MaxOpen {
			t.Errorf("a source that never answers was asked %d times, want %d", got, directory.MaxOpen)
		}
	})
}

func TestTooManyIsNoFailure(t *testing.T) {
	source := fails("a", directory.ErrTooMany)
	c := chainOf(source)
	for range 2 * directory.RestAfter {
		if _, err := c.ByUsername(t.Context(), "x"); !errors.Is(err, directory.ErrAmbiguous) {
			t.Fatal(err)
		}
	}
}

func TestPanic(t *testing.T) {
	source := &scripted{name: "a", answer: func(context.Context) ([]directory.Person, error) { panic("nil map") }}
	answer, err := chainOf(source, knows("b", maria)).ByUsername(t.Context(), "maria")
	if err != nil || told(answer.Steps) != "a failed, b found" {
		t.Errorf("%v, %v", told(answer.Steps), err)
	}
}

func TestAnswerTells(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &scripted{name: "csv", answer: func(context.Context) ([]directory.Person, error) {
			<-time.After(2100 * time.Microsecond)
			return []directory.Person{maria}, nil
		}}
		answer, err := chainOf(fails("ldap", errBroken), slow).ByNumber(t.Context(), plan.Parse("", "2101234567"))
		if err != nil {
			t.Fatal(err)
		}
		const want = "Maria P. (maria, patra) by csv, exact; ldap: failed in 0s (broken); csv: found in 2.1ms"
		if answer.String() != want {
			t.Errorf("it tells %q\nwant     %q", answer, want)
		}
		text, err := json.Marshal(answer)
		if err != nil {
			t.Fatal(err)
		}
		const wantJSON = `{"person":{"username":"maria","name":"Maria P.","unit":"patra","numbers":["210 123 4567","697 123 4567"],"source":"csv"},` +
			`"match":"exact","steps":[{"source":"ldap","result":"failed","took_ns":0,"error":"broken"},` +
			`{"source":"csv","result":"found","took_ns":2100000,"people":1}],"took_ns":2100000}`
		if string(text) != wantJSON {
			t.Errorf("JSON is %s\nwant    %s", text, wantJSON)
		}
	})
}

func TestAnswerTellsCandidates(t *testing.T) {
	answer, err := chainOf(knows("a", nikos, abroad, maria)).ByNumber(t.Context(), plan.Parse("", "2101234567"))
	text := answer.String()
	if !errors.Is(err, directory.ErrAmbiguous) ||
		!strings.HasPrefix(text, "one of: nikos by a, exact, Maria P. (maria, patra) by a, exact, abroad by a, last digits; a: ambiguous in ") {
		t.Errorf("it tells %q, %v", text, err)
	}
	answer, _ = chainOf(knows("a")).ByUsername(t.Context(), "x")
	if !strings.HasPrefix(answer.String(), "nobody; a: not found in ") {
		t.Errorf("it tells %q", answer)
	}
}

func TestSecret(t *testing.T) {
	const secret = directory.Secret("hunter2")
	text, err := json.Marshal(struct{ S directory.Secret }{secret})
	all := fmt.Sprintf("%v %s %+v %#v %q %s %v", secret, secret, secret, secret, secret, text, secret.LogValue())
	if err != nil || strings.Contains(all, "hunter2") || string(secret) != "hunter2" {
		t.Errorf("it prints %s, %v", all, err)
	}
}
