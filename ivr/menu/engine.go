package menu

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"github.com/asterism-go/asterism/ivr"
	"github.com/asterism-go/asterism/ivr/names"
)

// Library knows which sounds there are: [prompts.Library] does, of package ivr/prompts.
type Library interface {
	// Has tells whether there is a sound in a language. It must not take long.
	Has(language, sound string) bool
}

// Speaker speaks texts: the one of package ivr/prompts does, by a command or a server, with a cache.
type Speaker interface {
	// Speak returns the name of a sound that says a text. What is in the text comes from menus and from values.
	Speak(ctx context.Context, language, text string) (sound string, err error)
}

// Action is a function for [Do] nodes. The result says where to go on, by the Targets of the node.
type Action func(ctx context.Context, s *Session) (result string, err error)

// PINs returns the PINs that are right for an account; none if there is no such account.
type PINs func(ctx context.Context, account string) ([]string, error)

// Wish is the wish to be called back.
type Wish struct {
	// Number is where, as the caller entered it or as it came with the call. Topic is what about.
	Number, Topic string
	// Caller is the caller's number, Language his language, At when he wished it.
	Caller, Language string
	At               time.Time
}

// Message is a recording of a caller.
type Message struct {
	// Name is that of the recording, Node where it was made.
	Name, Node string
	// Duration is how long it is, as far as the transport tells.
	Duration time.Duration
	// Caller is the caller's number, Language his language, At when it was made.
	Caller, Language string
	At               time.Time
}

// Config is what menus need of the world around them. The zero value works for menus that name nothing of it.
type Config struct {
	// Sounds, if not nil, says which sounds there are, for fallbacks; see [Set.Missing] for a check at the start. nil: that is
	// not known, so what has a text too is spoken, and every other sound is asked for in the caller's language.
	Sounds Library
	// Speaker speaks texts. nil: they are left out.
	Speaker Speaker
	// Sayer, if not nil, says numbers, digits, dates and times by its rules, in the languages for which it has some: sayconf.Read reads
	// those of a say.conf.
	Sayer ivr.Sayer
	// Actions are the functions of Do nodes, PINs those of PIN nodes, by name.
	Actions map[string]Action
	PINs    map[string]PINs
	// People are directories apart from those of the menus. [Engine.SetPeople] replaces one while calls go on.
	People map[string]*names.Index
	// Queue, if not nil, has callers wait in a queue. It returns nil when the queue gives the call back, ivr.ErrContinued when
	// the call has gone elsewhere. nil: the call goes on in the dialplan at the queue's name in the Context of the node.
	Queue func(ctx context.Context, s *Session, queue string) error
	// Callback takes wishes to be called back, Recorded takes recordings, also those that a hangup ended. ctx does not end with
	// the call, but after [HookDeadline].
	Callback func(ctx context.Context, w Wish) error
	Recorded func(ctx context.Context, m Message) error
	// Env returns the value of an environment variable, for keys and PINs. Default: os.Getenv.
	Env func(name string) string
	// HTTP asks the servers of webhooks. Default: one that goes by no proxy. It is used without its redirects.
	HTTP *http.Client
	// Now is the time, for hours. Default: time.Now.
	Now func() time.Time
	// Metrics, if not nil, counts.
	Metrics *Metrics
	// Paths, if not nil, is told the path of each call when it is over. It must not keep the call waiting.
	Paths func(p Path)
	// Logger, if not nil, is told of what goes wrong, and at debug level of each node.
	Logger *slog.Logger
}

// HookDeadline is how long the functions Callback and Recorded of a [Config] may take.
const HookDeadline = 30 * time.Second

// Engine runs menus. Its methods may be called by several goroutines at once.
type Engine struct {
	cfg     Config
	log     *slog.Logger
	metrics *Metrics
	client  *http.Client
	locks   lockouts
	counts  counts
	set     atomic.Pointer[Set]
	people  atomic.Pointer[map[string]*names.Index]
}

// New returns an engine for menus. What they name and cfg has not is an error.
func New(set *Set, cfg Config) (*Engine, error) {
	e := &Engine{cfg: cfg, log: cfg.Logger, metrics: cfg.Metrics}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	if e.cfg.Env == nil {
		e.cfg.Env = os.Getenv
	}
	e.client = plainClient(cfg.HTTP)
	people := maps.Clone(cfg.People)
	e.people.Store(&people)
	if err := e.Replace(set); err != nil {
		return nil, err
	}
	return e, nil
}

// Replace has calls that begin from now on take other menus. Those in progress finish on the menus they began with. Menus that
// name what the [Config] has not are refused, and the old ones stay.
func (e *Engine) Replace(set *Set) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(set.nodes)) {
		if n, ok := set.nodes[name].(needy); ok {
			if problem := n.needs(e, set); problem != "" {
				errs = append(errs, located(set.file, quoted("nodes", name)+"."+set.nodes[name].name(), problem))
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(set.servers)) {
		if _, err := signer(e.cfg.Env(set.servers[name].SecretEnv)); err != nil {
			errs = append(errs, located(set.file, quoted("webhooks", name)+".secret_env", err.Error()))
		}
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	e.set.Store(set)
	e.metrics.loaded(set)
	return nil
}

// needy is a kind that needs something of the Config. needs says what is not there.
type needy interface {
	needs(e *Engine, set *Set) string
}

// Set are the menus that new calls take.
func (e *Engine) Set() *Set { return e.set.Load() }

// SetPeople replaces a directory for calls from now on.
func (e *Engine) SetPeople(name string, index *names.Index) {
	for {
		old := e.people.Load()
		people := maps.Clone(*old)
		if people == nil {
			people = map[string]*names.Index{}
		}
		people[name] = index
		if e.people.CompareAndSwap(old, &people) {
			return
		}
	}
}

func (e *Engine) now() time.Time {
	if e.cfg.Now != nil {
		return e.cfg.Now()
	}
	return time.Now()
}

// Serve answers a call and takes it through the menus. It is an [ivr.Handler]: when it returns nil the call is hung up, unless it
// was sent on.
func (e *Engine) Serve(ctx context.Context, c *ivr.Call) error {
	set, info := e.set.Load(), c.Info()
	path := &Path{ID: info.ID, Channel: info.Name, Start: time.Now(), Caller: info.Caller}
	r := &Session{engine: e, set: set, call: c, path: path, values: map[string]string{
		"caller": info.Caller, "caller_name": info.CallerName, "dialed": info.Dialed, "id": info.ID,
	}}
	e.metrics.began()
	err := r.begin(ctx)
	if err == nil {
		err = r.run(ctx)
	}
	e.over(ctx, r, err)
	return err
}

// begin answers, and settles the language.
func (r *Session) begin(ctx context.Context) error {
	r.values["language"] = r.call.Language()
	if err := r.call.Answer(ctx); err != nil {
		return fmt.Errorf("menu: %w", err)
	}
	if list := r.set.languages; len(list) > 0 && !slices.ContainsFunc(list, func(l Language) bool { return l.Name == r.call.Language() }) {
		return r.setLanguage(ctx, list[0].Name)
	}
	return nil
}

// over tells of a call that is over.
func (e *Engine) over(ctx context.Context, r *Session, err error) {
	p := r.path
	p.Language, p.Seconds = r.call.Language(), time.Since(p.Start).Seconds()
	switch {
	case r.gone || errors.Is(err, ivr.ErrContinued):
		p.Outcome = SentOn
	case errors.Is(err, ivr.ErrHangup):
		p.Outcome = HungUp
	case err != nil:
		p.Outcome = Failed
		e.log.ErrorContext(ctx, "menu: a call failed", "call", p.ID, "node", r.node, "error", err)
	default:
		p.Outcome = Ended
	}
	e.metrics.ended(p)
	e.log.InfoContext(ctx, "menu: a call is over", "call", p.ID, "outcome", p.Outcome, "path", p.Nodes())
	if e.cfg.Paths != nil {
		e.cfg.Paths(*p)
	}
}

// left counts a visit.
func (e *Engine) left(v *Visit, took time.Duration) {
	e.metrics.visit(v, took)
	e.counts.add(v)
}

// afterCall is a context for what must be done though the call may be over.
func afterCall(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), HookDeadline)
}
