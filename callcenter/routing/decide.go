package routing

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

// trial is a decision on its way.
type trial struct {
	r     *Router
	set   *Set
	req   Request
	facts facts
	d     Decision
	found cursors
	looks bool // the directory was asked
	start time.Time
	last  time.Duration // when the last step had ended, from the start
	rules int           // how many rules were tried
}

// firstSteps is how many steps a decision has room for at the beginning: most have no more.
const firstSteps = 6

func (r *Router) decide(ctx context.Context, req Request) Decision {
	begin := time.Now()
	busy := r.set.Load()
	t := trial{r: r, set: busy.set, req: req, start: begin}
	t.d = Decision{
		Cause: ByDefault, Username: req.Username, At: req.At, set: t.set, load: busy, desk: t.set.fallback,
		Steps: make([]Step, len(req.before), len(req.before)+firstSteps),
	}
	copy(t.d.Steps, req.before)
	if req.At.IsZero() {
		t.d.At = begin
	}
	t.begin(busy)
	if t.set.always {
		t.identify(ctx, begin)
	}
	t.rulesInOrder(ctx, begin)
	t.d.Known, t.d.Person = t.facts.known, t.facts.person
	t.d.settle()
	t.step(Step{What: DeskStep, Name: t.d.Desk, Result: Takes})
	t.d.Took = t.last
	return t.d
}

// begin gathers the facts that need no directory.
func (t *trial) begin(busy *busy) {
	plan := t.set.plan
	t.d.Caller = plan.Parse(t.req.Trunk, t.req.From)
	if n := plan.Parse(t.req.Trunk, t.req.Dialled); n.Kind != numbers.Withheld { // nobody dials s
		t.d.Dialled = n
	}
	t.facts = facts{
		caller: t.d.Caller, dialled: t.d.Dialled, language: t.req.Language, at: t.d.At, load: busy, previous: noDesk,
	}
	if t.r.cfg.Memory == nil {
		return
	}
	name, at, known := t.r.cfg.Memory.Last(t.d.Caller)
	if desk, ok := t.set.byName[name]; ok && known {
		t.facts.previous, t.facts.previousAt = desk, at
	}
}

// step adds a step, which has taken the time since the one before it.
func (t *trial) step(s Step) {
	now := time.Since(t.start)
	s.Took = now - t.last
	t.last = now
	t.d.Steps = append(t.d.Steps, s)
}

// identify asks the directory who calls: by the username, if there is one, and by the number.
func (t *trial) identify(ctx context.Context, begin time.Time) {
	t.looks = true
	budget := &budget{Context: ctx, end: begin.Add(t.r.cfg.Budget)}
	defer budget.release()
	if t.req.Username != "" {
		id := t.req.identity
		if id == nil {
			id = t.r.byUsername(budget, t.req.Username)
		}
		t.take(id)
		t.step(Step{What: Identify, Name: t.req.Username, Result: id.result})
		if id.result == Found || id.result == Unavailable {
			return
		}
	}
	if t.req.number != nil { // it was looked up before the caller was asked
		t.take(t.req.number)
		return
	}
	id := t.r.byNumber(budget, &t.facts)
	if t.req.Username == "" || id.result == Found || id.result == Ambiguous {
		t.take(&id)
	} else {
		t.facts.told = t.facts.told && id.told()
	}
	t.d.byNumber = id.result
	t.step(Step{What: Identify, Name: t.d.Caller.String(), Result: id.result})
}

// take believes what the directory has said.
func (t *trial) take(id *identity) {
	t.d.Identify, t.d.Unidentified = id.answer, id.err
	t.facts.told = id.told()
	switch id.result {
	case Found:
		t.facts.known, t.facts.person = true, id.answer.Person
	case Ambiguous:
		t.facts.person, t.facts.shared = common(&id.answer)
	default:
	}
}

// identity is what the directory said.
type identity struct {
	answer directory.Answer
	err    error
	result Result
}

// told reports whether the directory has said whether it knows the caller.
func (id *identity) told() bool { return id.result != Unavailable }

func (r *Router) byNumber(ctx context.Context, f *facts) identity {
	switch {
	case r.cfg.Directory == nil:
		return identity{result: NoDirectory}
	case f.caller.Key() == "":
		return identity{result: Withheld}
	}
	answer, err := r.cfg.Directory.ByNumber(ctx, f.caller)
	return identity{answer, err, resultOf(err)}
}

func (r *Router) byUsername(ctx context.Context, username string) *identity {
	if r.cfg.Directory == nil {
		return &identity{result: NoDirectory}
	}
	answer, err := r.cfg.Directory.ByUsername(ctx, username)
	return &identity{answer, err, resultOf(err)}
}

func resultOf(err error) Result {
	switch {
	case err == nil:
		return Found
	case errors.Is(err, directory.ErrNotFound):
		return NotFound
	case errors.Is(err, directory.ErrAmbiguous):
		return Ambiguous
	}
	return Unavailable
}

// rulesInOrder finds the first rule that the call meets. A rule that asks is noted, and the search goes on for the desk
// that takes the call if nobody is asked.
func (t *trial) rulesInOrder(ctx context.Context, begin time.Time) {
	found := &t.found
	t.set.index.byNumbers(&t.facts, found)
	if t.facts.known || t.facts.shared {
		t.set.index.byPerson(&t.facts.person, found)
	}
	for i := int32(0); ; i++ {
		i = found.next(i)
		if !t.looks && i >= t.set.index.firstPerson { // nothing is in a bucket about people before this one
			t.identify(ctx, begin)
			if t.facts.known || t.facts.shared {
				t.set.index.byPerson(&t.facts.person, found)
			}
			i = found.next(min(i, t.set.index.firstPerson))
		}
		if i == never {
			break
		}
		if t.try(&t.set.rules[i]) {
			return
		}
	}
	if t.more() > 0 {
		t.step(Step{What: RuleStep, Result: More, Detail: strconv.Itoa(t.more())})
	}
	if t.looks && !t.facts.told {
		t.d.Cause = ByUnavailable
	}
}

func (t *trial) more() int { return max(t.rules-MaxSteps, 0) }

// try tries a rule and reports whether it decides.
func (t *trial) try(r *rule) bool {
	t.rules++
	s := Step{What: RuleStep, Name: r.name, Result: Matched, Detail: r.fails(&t.facts)}
	switch {
	case s.Detail != "":
		s.Result = NoMatch
	case r.ask != "":
		s.Result, s.Detail = t.ask(r.ask)
	}
	if s.Result != NoMatch || t.more() == 0 {
		t.step(s)
	}
	if s.Result != Matched {
		return false
	}
	desk := r.desk
	if r.toPrevious {
		desk = t.facts.previous
	}
	t.d.Cause, t.d.Rule, t.d.desk, t.d.Wanted = ByRule, r.name, desk, t.set.desks[desk].name
	return true
}

// ask notes that the caller is to be asked, unless that is of no use.
func (t *trial) ask(question string) (Result, string) {
	for _, asked := range t.req.Asked {
		if asked == question {
			return AlreadyAsked, question
		}
	}
	if t.r.cfg.Directory == nil || t.looks && !t.facts.told || t.d.Ask != "" {
		return NotAsked, question
	}
	t.d.Ask = question
	return Asked, question
}
