package routing

import (
	"cmp"
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

// DefaultBudget is how long the directory may take for one decision if nothing else is said.
const DefaultBudget = 500 * time.Millisecond

// Config says what a [Router] knows beside the rules. The zero value decides by numbers and times only.
type Config struct {
	// Directory knows callers. One that does not return at the end of its context is not waited for.
	Directory directory.Directory
	// Budget is how long a caller waits for the directory at most, for each decision and each username that he types.
	// Default: DefaultBudget.
	Budget time.Duration
	// Memory knows which desk served a caller last. Nil: nobody does.
	Memory Memory
	// Load knows how much desks have to do. Nil: nobody does.
	Load Loads
	// Queues knows how much queues have to do: it is asked about a desk that is a queue if Load knows nothing of it. Package
	// queueload has one for the queues of Asterisk. Nil: nobody does.
	Queues Queues
	// Names knows the usernames that keys on a telephone can mean, for questions with the keypad t9.
	Names *Names
	// Logger, if not nil, is told each decision in a line.
	Logger *slog.Logger
	// Metrics, if not nil, counts decisions.
	Metrics *Metrics
}

// Memory tells which desk served a caller last, and when. It must answer at once, from memory: see [Recent].
type Memory interface {
	Last(caller numbers.Number) (desk string, at time.Time, known bool)
}

// Loads tells how much a desk has to do. It must answer at once, from memory, such as a model fed by events.
type Loads interface {
	Load(desk string) (load Load, known bool)
}

// Load is how much a desk has to do.
type Load struct {
	// Waiting is how many callers wait for an agent, Agents how many agents are logged in.
	Waiting, Agents int
}

// Queues tells how much a queue has to do. It must answer at once, as [Loads].
type Queues interface {
	Queue(name string) (load Load, known bool)
}

// busy is how much the desks of a set have to do.
type busy struct {
	set    *Set
	loads  Loads
	queues Queues
}

// load is what Loads says about a desk, else what Queues says about its queue.
func (b *busy) load(desk string) (Load, bool) {
	if b.loads != nil {
		if load, known := b.loads.Load(desk); known {
			return load, true
		}
	}
	i, there := b.set.byName[desk]
	if !there || b.queues == nil || b.set.desks[i].target.Kind != Queue {
		return Load{}, false
	}
	return b.queues.Queue(b.set.desks[i].target.Data)
}

// Router decides where calls go. It may be used by several goroutines at once.
type Router struct {
	cfg Config
	set atomic.Pointer[busy]
}

// New returns a router.
func New(set *Set, cfg Config) *Router {
	cfg.Budget = cmp.Or(cfg.Budget, DefaultBudget)
	cfg.Directory = newPatient(cfg.Directory)
	r := &Router{cfg: cfg}
	r.Use(set)
	return r
}

// Use replaces the rule set, at once and as a whole. Decisions that have begun end with the old one.
func (r *Router) Use(set *Set) {
	r.set.Store(&busy{set: set, loads: r.cfg.Load, queues: r.cfg.Queues})
	r.cfg.Metrics.rules(set.Len())
}

// Set is the rule set in use.
func (r *Router) Set() *Set { return r.set.Load().set }

// Request is a call to decide about.
type Request struct {
	// From is the caller's number, Dialled the one that was called, as they came; empty if there is none.
	From, Dialled string
	// Trunk is the name of the trunk in [Rules].Numbers whose way of writing numbers it is.
	Trunk string
	// Language is the channel's.
	Language string
	// At is when the call came. Zero: now.
	At time.Time
	// Username is who the caller says he is. It goes before what the directory says about the number.
	Username string
	// Asked are the questions that the caller has been asked already.
	Asked []string

	identity *identity // of Username, if that was looked up already
	number   *identity // of From, likewise
	before   []Step    // what has been tried before
}

// Route decides about a call. It changes nothing, and asks nobody but the directory: the same request gets the same
// decision as long as the directory, memory and load say the same. It returns within the budget.
func (r *Router) Route(ctx context.Context, req Request) Decision {
	d := r.decide(ctx, req)
	r.observe(ctx, &d)
	return d
}

// observe counts and logs a decision.
func (r *Router) observe(ctx context.Context, d *Decision) {
	r.cfg.Metrics.decision(d)
	if r.cfg.Logger != nil {
		r.cfg.Logger.LogAttrs(ctx, slog.LevelInfo, "routed", d.attributes()...)
	}
}
