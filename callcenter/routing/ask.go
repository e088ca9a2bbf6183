package routing

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"time"
)

// The limits of questions.
const (
	DefaultAttempts  = 2
	DefaultTimeout   = 5 * time.Second
	DefaultMaxDigits = 32
	maxAttempts      = 10
	maxTyped         = 128
)

// Voice is what a call must be able to do to be asked: package agiroute has that of AGI. An error ends the conversation;
// it is of a call that is over, or of a connection that is lost.
type Voice interface {
	// Play plays a sound file to its end.
	Play(ctx context.Context, file string) error
	// Digits plays a sound file and returns what the caller types, up to #, to most digits, or to a pause of the timeout.
	Digits(ctx context.Context, file string, timeout time.Duration, most int) (string, error)
	// Header returns a header of the call's INVITE, or "" if there is none. The name is letters, digits and hyphens.
	Header(ctx context.Context, name string) (string, error)
}

// question is a [Question] made ready.
type question struct {
	name, header, keypad, prompt, wrong string
	attempts, maxDigits                 int
	timeout                             time.Duration
}

func newQuestion(name string, q Question) *question {
	return &question{
		name: name, header: q.Header, keypad: q.Keypad, prompt: q.Prompt, wrong: q.Wrong,
		attempts: cmp.Or(q.Attempts, DefaultAttempts), maxDigits: cmp.Or(q.MaxDigits, DefaultMaxDigits), timeout: cmp.Or(time.Duration(q.Timeout), DefaultTimeout),
	}
}

// Converse decides about a call, and asks the caller what rules want to be asked. The decision is good with an error too: it
// says where the call would have gone.
func (r *Router) Converse(ctx context.Context, req Request, voice Voice) (Decision, error) {
	if req.At.IsZero() {
		req.At = time.Now()
	}
	d := r.decide(ctx, req)
	var failed error
	for d.Ask != "" && failed == nil {
		conversation := conversation{r: r, question: d.set.questions[d.Ask], voice: voice, last: time.Now()}
		if failed = conversation.hold(ctx); failed != nil {
			conversation.step("", GaveUp)
		}
		if req.number == nil && req.Username == "" && d.byNumber != "" {
			req.number = &identity{d.Identify, d.Unidentified, d.byNumber}
		}
		req.Asked = append(req.Asked[:len(req.Asked):len(req.Asked)], d.Ask)
		req.before = conversation.after(d.Steps)
		if conversation.found != nil {
			req.Username, req.identity = conversation.username, conversation.found
		}
		took := d.Took
		d = r.decide(ctx, req)
		d.Took += took
	}
	if failed != nil {
		r.cfg.Metrics.steps(&d) // the call goes nowhere any more
		return d, failed
	}
	r.observe(ctx, &d)
	return d, nil
}

// conversation is a question that a caller is being asked.
type conversation struct {
	r        *Router
	question *question
	voice    Voice
	steps    []Step
	last     time.Time
	username string
	found    *identity // what the directory said of the username, if it knows it or does not answer
}

// after are the steps before a decision that the caller was asked after: those of the decision before it without its end.
func (c *conversation) after(before []Step) []Step {
	var steps []Step
	for _, s := range before {
		if s.What == Identify || s.What == AskStep || s.Result == Asked {
			steps = append(steps, s)
		}
	}
	return append(steps, c.steps...)
}

// hold asks the caller until somebody is found, or there were enough attempts, or the directory does not answer. Nobody
// types in vain more often than that.
func (c *conversation) hold(ctx context.Context) error {
	q := c.question
	if q.header != "" {
		text, err := c.voice.Header(ctx, q.header)
		if err != nil {
			return err
		}
		if user := headerUser(text); user != "" && c.look(ctx, "header", []string{user}) {
			return nil
		}
	}
	if q.keypad == "" {
		return nil
	}
	for attempt := 1; attempt <= q.attempts; attempt++ {
		typed, err := c.voice.Digits(ctx, q.prompt, q.timeout, q.maxDigits)
		if err != nil {
			return err
		}
		names := []string{""}
		if typed != "" {
			names = decoders[q.keypad](typed, c.r.cfg.Names)
		}
		if c.look(ctx, "attempt "+strconv.Itoa(attempt), names) {
			return nil
		}
		if q.wrong == "" {
			continue
		}
		if err := c.voice.Play(ctx, q.wrong); err != nil {
			return err
		}
	}
	return nil
}

// headerUser is the user in a header's value, which may be a name, an address or a name-addr: "Maria" <sip:maria@host>.
func headerUser(text string) string {
	if _, inside, ok := strings.Cut(text, "<"); ok {
		text, _, _ = strings.Cut(inside, ">")
	}
	text = strings.TrimSpace(text)
	for _, scheme := range []string{"sip:", "sips:"} {
		if rest, ok := strings.CutPrefix(text, scheme); ok {
			text, _, _ = strings.Cut(rest, "@")
		}
	}
	return text
}

// maxNames is how many usernames are looked up that the same keys mean; more are too many to tell who is meant.
const maxNames = 5

// look looks usernames up and reports whether that is the end of the question.
func (c *conversation) look(ctx context.Context, how string, names []string) bool {
	budget := &budget{Context: ctx, end: time.Now().Add(c.r.cfg.Budget)}
	defer budget.release()
	result := Nothing
	var found *identity
	if len(names) > maxNames {
		c.step(how, Ambiguous)
		return false
	}
	for _, name := range names {
		if strings.TrimSpace(name) == "" {
			continue
		}
		id := c.r.byUsername(budget, name)
		switch {
		case id.result == Unavailable:
			c.username, c.found = name, id
			c.step(how, id.result)
			return true
		case id.result == Found && found != nil:
			c.step(how, Ambiguous)
			return false
		case id.result == Found:
			found, c.username, result = id, name, Found
		case found == nil:
			result = id.result
		}
	}
	if len(names) == 0 {
		result = NotFound
	}
	c.found = found
	c.step(how, result)
	return found != nil
}

func (c *conversation) step(how string, result Result) {
	now := time.Now()
	c.steps = append(c.steps, Step{What: AskStep, Name: c.question.name, Result: result, Detail: how, Took: now.Sub(c.last)})
	c.last = now
}
