package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/queue/acd"
	"github.com/asterism-go/asterism/queue/stats"
)

// Queue is a queue: how it is served, and what its callers hear.
type Queue struct {
	acd.Queue
	// Music is the class of the music on hold; empty: the default one. Who has come by an Overflow goes on hearing that of the
	// queue before.
	Music string
	// AnnounceEvery is how often callers are told their position, at the earliest after that time. Zero: never. It is told only
	// if it has become better.
	AnnounceEvery time.Duration
	// AnnounceWait tells the expected wait too, in minutes, as soon as it is known from calls that are over.
	AnnounceWait bool
	// AgentHears is played to the agent before the caller is connected, such as "sound:queue-support".
	AgentHears []string
	// AcceptKey is what the agent must press to take the caller, RefuseKey refuses. Empty AcceptKey: who answers takes the call.
	AcceptKey, RefuseKey string
	// AcceptWithin is how long the agent may think. Default: 10 s.
	AcceptWithin time.Duration
	// Ear is what else callers hear, and what they can do.
	Ear
}

// Agent is an agent, and the telephone.
type Agent struct {
	acd.Agent
	// Endpoint is dialled, such as PJSIP/anna.
	Endpoint string
	// Device is what Asterisk calls the telephone: while it is in a call that is not of a queue the agent is [acd.Busy], and is
	// offered nothing. Default: Endpoint, if that is a plain one such as PJSIP/anna. [NoDevice]: none is followed, and SetBusy of
	// [Server.Do] says it.
	Device string
	// LoggedIn logs the agent in at the start, if the Store knows nothing of the agent.
	LoggedIn bool
	// Number and PIN are what the agent types to log in by telephone: see [Phone]. Without a PIN that is not possible.
	Number string
	PIN    PIN
}

// Server serves queues. Its fields must not change after Serve, and it must not be copied. Its methods may be called by several
// goroutines at once; those but Serve and Ready need a Serve that is running, and are [ErrNotServing] otherwise.
type Server struct {
	// App is the application, which nobody has connected. Serve closes it.
	App *ari.App
	// Queues and Agents are those that there are.
	Queues []Queue
	Agents []Agent
	// Phone, if not nil, has agents log in by telephone.
	Phone *Phone
	// Store keeps what has to survive the program. Default: nothing survives.
	Store Store
	// Book, if not nil and empty, has the statistics: each transition is added to it, and it is stored with the Store, in the
	// same step as the calls, so that it goes on over a restart. Nobody but Server.Do may touch it while Serve runs.
	Book *stats.Book
	// Seed is that of the strategies that use chance.
	Seed uint64
	// Observe, if not nil, is told each transition once it is stored, in order, such as stats.Collector.Add and
	// queuelog.Writer.Add. It must not call methods of the Server.
	Observe func(acd.Transition)
	// Restored, if not nil, is told what the Store had, before the first transition: for what counts who is there, such as
	// stats.Collector.Restore.
	Restored func(Records)
	// Logger, if not nil, is told what goes wrong.
	Logger *slog.Logger

	once     sync.Once
	commands chan command
	serving  atomic.Bool
	stopped  chan struct{}
	counted  chan struct{} // closed when takeOver knows who is there
	decides  chan struct{} // closed when takeOver is done
	counting sync.Mutex    // held while it is counted who is there
	counts   atomic.Uint64 // how often it was to be counted
	fences   fences
	holds    holdings
	locks    lockouts
	tasks    sync.WaitGroup

	// owned by the goroutine of own
	state     *acd.State
	ready     bool // it decides
	queues    map[string]*Queue
	agents    map[string]*Agent
	callers   map[string]*caller
	legs      map[string]string // channel of the agent: caller
	lines     lines
	customers map[string]string  // channel of who is called back: caller
	ours      map[string]int     // how many lines, by agent
	changes   map[string]int     // how many events of a device there were
	ended     map[string]*caller // who has left while it was not known who is there
	rings     map[ringKey]context.CancelCauseFunc
	unsaved   unsaved
	cut       time.Time       // when the connection was lost the last time
	startup   time.Time       // since when Asterisk runs
	life      context.Context //nolint:containedctx // of offers and talks: that of Serve
}

// ErrNotServing says that no Serve is running.
var ErrNotServing = errors.New("queue: the server is not running")

// ringKey is one agent in one offer.
type ringKey struct {
	reservation uint64
	agent       string
}

// caller is a caller who is here.
type caller struct {
	id       string
	leg      string         // channel of the agent, once they talk
	held     chan struct{}  // closed when the caller is in the bridge of the queue: not before that into another one
	over     chan struct{}  // closed when the caller has left the queue
	how      acd.Transition // how, after over
	quiet    func()         // ends what is being said, and waits for that
	spoken   sync.Mutex     // held while something is said
	hush     func()         // ends it without waiting
	dialog   bool           // keys belong to what is said
	asked    chan struct{}  // has a token when the key of the call-back was pressed
	language string
	callback *CallbackRecord // nil unless the caller has asked for it
	attempt  *attempt        // to reach the customer, while it lasts
	vain     error           // why the last one was in vain, until the next one is planned
}

const defaultAcceptWithin = 10 * time.Second

func (s *Server) setup() {
	s.once.Do(func() {
		s.commands, s.stopped = make(chan command), make(chan struct{})
		s.counted, s.decides = make(chan struct{}), make(chan struct{})
		s.queues, s.agents, s.callers = map[string]*Queue{}, map[string]*Agent{}, map[string]*caller{}
		s.ended, s.lines, s.ours, s.changes = map[string]*caller{}, lines{}, map[string]int{}, map[string]int{}
		s.legs, s.rings = map[string]string{}, map[ringKey]context.CancelCauseFunc{}
		s.customers = map[string]string{}
	})
}

// Serve takes over the calls that there are, and serves the queues until ctx or the App ends. All calls stay in Asterisk then.
// It can be called once.
func (s *Server) Serve(ctx context.Context) error {
	s.setup()
	if s.state != nil {
		return errors.New("queue: Serve can be called once")
	}
	if s.Store == nil {
		s.Store = NewMemory()
	}
	if err := s.load(); err != nil {
		return err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	s.life = ctx
	events := s.App.Events(ctx)
	owned, served := make(chan struct{}), make(chan error, 1)
	s.serving.Store(true)
	go func() { defer close(owned); s.own(ctx) }()
	s.tasks.Go(func() { s.listen(events) })
	go func() {
		server := &ari.Server{App: s.App, Handler: s.staying(s.arrive), Resume: s.staying(s.resume)}
		err := server.Serve(context.WithoutCancel(ctx))
		stop(err)
		served <- err
	}()
	err := s.takeOver(ctx)
	if err == nil {
		select {
		case <-ctx.Done():
			err = context.Cause(ctx)
		case <-s.App.Done():
			err = s.App.Err()
		}
	}
	stop(err)
	s.App.Close() // before the handlers end, so that they leave the calls where they are
	if end := <-served; err == nil {
		err = end
	}
	<-owned
	s.tasks.Wait()
	return err
}

// staying is a handler that leaves the call where it is when the server ends.
func (s *Server) staying(handle ari.Handler) ari.Handler {
	return func(ctx context.Context, call *ari.Channel) error {
		err := handle(ctx, call)
		if errors.Is(err, ErrNotServing) {
			<-ctx.Done() // the App is about to be closed
		}
		return err
	}
}

func (s *Server) log() *slog.Logger {
	if s.Logger != nil {
		return s.Logger
	}
	return slog.New(slog.DiscardHandler)
}

// load makes the state of the configuration and of what was stored. Callers count as there until takeOver knows better.
func (s *Server) load() error {
	s.state = acd.New(s.Seed)
	s.state.Hold(true) // until takeOver is done
	s.state.Advance(time.Now())
	for i := range s.Queues {
		q := &s.Queues[i]
		if err := q.prepareEar(); err != nil {
			return err
		}
		if err := s.state.SetQueue(q.Queue); err != nil {
			return err
		}
		s.queues[q.Name] = q
		if s.Book != nil && q.ServiceGoal > 0 {
			s.Book.SetGoal(q.Name, q.ServiceGoal)
		}
	}
	for i := range s.Agents {
		a := &s.Agents[i]
		if a.Endpoint == "" {
			return fmt.Errorf("queue: agent %q has no endpoint", a.ID)
		}
		if err := s.state.SetAgent(a.Agent); err != nil {
			return err
		}
		s.agents[a.ID] = a
	}
	records, err := s.Store.Load()
	if err != nil {
		return err
	}
	if s.Restored != nil {
		s.Restored(records)
	}
	return s.restore(records)
}

// restore puts everybody back who was stored.
func (s *Server) restore(records Records) error {
	s.startup = records.Asterisk
	if s.Book != nil {
		for _, e := range records.Stats {
			s.Book.Put(e)
		}
	}
	for id, a := range s.agents {
		if r, ok := records.Agents[id]; ok {
			if err := s.state.RestoreAgent(r); err != nil {
				return err
			}
		} else if a.LoggedIn {
			if err := s.state.Login(id); err != nil {
				return err
			}
		}
	}
	for id, r := range records.Callers {
		if err := s.state.RestoreCaller(r.Caller); err != nil {
			s.log().Warn("queue: a caller cannot be restored", "caller", id, "error", err)
			continue
		}
		s.callers[id] = newCaller(id, r.Leg)
		s.recallCallback(s.callers[id], r)
		close(s.callers[id].held)
		if r.Leg != "" {
			s.legs[r.Leg] = id
			if strings.HasPrefix(r.Leg, legPrefix) { // otherwise the agent has transferred the caller
				s.line(r.Leg, r.Caller.Agent)
			}
		}
	}
	for name, r := range records.Queues {
		if err := s.state.RestoreQueue(r); err != nil {
			s.log().Info("queue: a queue is not there any more", "queue", name)
		}
	}
	s.state.Restored()
	return nil
}

func newCaller(id, leg string) *caller {
	return &caller{
		id: id, leg: leg, held: make(chan struct{}), over: make(chan struct{}), quiet: func() {}, hush: func() {},
		asked: make(chan struct{}, 1),
	}
}
