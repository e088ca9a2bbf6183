package ari

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// The defaults of [App].
const (
	DefaultKeepalive        = 15 * time.Second
	DefaultKeepaliveTimeout = 10 * time.Second
	DefaultReconnectWait    = 500 * time.Millisecond
	DefaultMaxReconnectWait = 30 * time.Second
	DefaultMaxEventSize     = 16 << 20
)

// App is a Stasis application: the other end of Stasis(name) in the dialplan. Set its fields, then call [App.Connect]; a zero
// field means its default. The fields must not change after that, and an App must not be copied. All methods may be called by
// several goroutines at once, also from inside a range over [App.Events].
//
// When its websocket is lost, the App makes another by itself, again and again until it succeeds; what it cannot mend it says.
// Channels stay in the application meanwhile. A range over Events goes on, with a mark [Disconnected] where events are
// missing and one [ResyncEnd] where the state of Asterisk is known again. [App.States] tells it all.
//
// The life ends with Close, or when another websocket takes the application over. [App.Done] is closed then, [App.Err] says
// why, and every range over Events ends with the same error.
type App struct {
	// Client sends the requests.
	Client *Client
	// Name is that of the application.
	Name string
	// Outbound says that Asterisk connects to us (outbound websockets in ari.conf, since 20.15 and 22.5): the App does not dial
	// but takes the websocket that comes to its ServeHTTP. "What a restart loses" in the package's documentation says what this
	// keeps, and of what Asterisk 22.10.1 may die.
	Outbound bool
	// AcceptUsername and AcceptPassword are what Asterisk must present to ServeHTTP: username and password in
	// websocket_client.conf. Empty: anybody who can reach it may be Asterisk.
	AcceptUsername, AcceptPassword string
	// Listen, if not nil, has the events in place of a websocket: for a program that has another client of the same application
	// already, see package cycore. It is called for each connect.
	Listen func(ctx context.Context) (Feed, error)
	// SubscribeAll has Asterisk send the events of everything, not only of what the application has to do with.
	SubscribeAll bool
	// Subscriptions are what the application gets events of besides its own channels, such as "endpoint:PJSIP/100",
	// "bridge:id" or "deviceState:": see [Applications.Subscribe]. They are made again after each reconnect.
	Subscriptions []string
	// Filter, if not nil, says which events come. It is set again after each reconnect, as Asterisk forgets it. It must
	// leave the types that handles wait for: leave out what is many and of no use, such as ChannelVarset and ChannelDialplan.
	Filter *EventFilter
	// Snapshots chooses what of the state of Asterisk is read after each connect and put into the stream of [App.Events]
	// between the marks [ResyncBegin] and [ResyncEnd]. Default: none; then the marks come after a reconnect only.
	Snapshots Snapshots
	// QueueSize is how many events may wait for one consumer until some are lost; see Events. The Snapshots come all at once, so
	// it must be larger than they are many. Default: [DefaultQueueSize].
	QueueSize int
	// MaxEventSize is the largest event in bytes that is taken; a larger one ends the connection. Default: [DefaultMaxEventSize].
	MaxEventSize int64
	// Keepalive is how often the websocket is tried with a ping, KeepaliveTimeout how long the answer may take until the
	// connection counts as lost. Negative Keepalive: never. Defaults: [DefaultKeepalive], [DefaultKeepaliveTimeout].
	Keepalive, KeepaliveTimeout time.Duration
	// ReconnectWait is how long the App waits before it makes another connection; the wait doubles with each attempt that
	// fails, up to MaxReconnectWait, and up to a half of it is left out by chance. Negative: it does not reconnect but ends.
	// Defaults: [DefaultReconnectWait], [DefaultMaxReconnectWait].
	ReconnectWait, MaxReconnectWait time.Duration

	once    sync.Once
	done    chan struct{}
	offered chan *session // websockets that came to ServeHTTP
	running sync.WaitGroup
	closing sync.WaitGroup // of websockets
	router  router
	losses  losses
	counts  eventCounts
	server  atomic.Pointer[Server]
	calls   calls
	reading chan struct{} // holds a token while a Resync reads
	order   sync.Mutex    // held while something is told, so that what is told of lists fits the events
	past    past          // guarded by order
	fencing sync.Mutex    // held by who waits for the fence
	fence   atomic.Pointer[fence]

	mu       sync.Mutex
	state    State
	why      error // the App is in this state
	watchers map[*stateWatcher]bool
	session  *session                // while Up
	cancel   context.CancelCauseFunc // of everything that the App does by itself
	err      error                   // of the end
}

// Connect makes the websocket, so that Asterisk knows the application; if Asterisk makes it, Connect waits for that. When it
// returns nil, events come and calls can. If it fails, nothing is left, and it may be called again; a wrong password is an
// [*Error] with the status 401.
func (a *App) Connect(ctx context.Context) error {
	if err := a.check(); err != nil {
		return err
	}
	life, cancel := context.WithCancelCause(context.Background())
	if err := a.begin(cancel); err != nil {
		cancel(nil)
		return err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	defer context.AfterFunc(life, func() { stop(context.Cause(life)) })()
	s, err := a.open(ctx)
	if err == nil {
		err = a.adopt(ctx, s)
	}
	if err != nil {
		cancel(nil)
		a.abort()
		return err
	}
	go a.keep(life, s)
	return nil
}

// Start is Connect for those who do not wait: it returns at once, and the App tries to connect until it succeeds, as it does
// after the loss of a connection. [App.Ready] waits for that. The error says only that it cannot be started.
func (a *App) Start() error {
	if err := a.check(); err != nil {
		return err
	}
	life, cancel := context.WithCancelCause(context.Background())
	if err := a.begin(cancel); err != nil {
		cancel(nil)
		return err
	}
	go a.keep(life, nil)
	return nil
}

func (a *App) check() error {
	switch {
	case a.Client == nil:
		return errors.New("ari: App.Client is nil")
	case a.Name == "" || strings.ContainsAny(a.Name, ",\x00"):
		return fmt.Errorf("ari: App.Name %q is none: it must not be empty, and Asterisk splits names at commas", a.Name)
	}
	a.setup()
	a.Client.setup()
	return a.Client.badURL
}

func (a *App) setup() {
	a.once.Do(func() {
		a.done = make(chan struct{})
		a.offered, a.reading = make(chan *session, 1), make(chan struct{}, 1)
		a.router.bound, a.router.losses = orDefault(a.QueueSize, DefaultQueueSize), &a.losses
	})
}

// begin makes the App Connecting.
func (a *App) begin(cancel context.CancelCauseFunc) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch a.state {
	case Idle:
		a.cancel = cancel
		a.become(Connecting, nil)
		a.running.Add(1) // until abort, or the end of keep
		return nil
	case Ended:
		return a.err
	default:
		return fmt.Errorf("ari: Connect of an application that is %v", a.state)
	}
}

// abort makes an App whose Connect has failed Idle again.
func (a *App) abort() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.state == Connecting {
		a.become(Idle, nil)
	}
	a.cancel = nil
	a.running.Done()
}

// Close ends the application: its websocket is closed, ranges over Events end with [ErrClosed] and so does what waits for
// events. Its channels stay where they are, and Asterisk hangs up on those that are new: see [Server.Shutdown] for an end
// that waits. When Close returns, no goroutine of the App is left; if Asterisk does not answer the farewell of the websocket,
// that takes some seconds. It always returns nil, and may be called more than once.
func (a *App) Close() error {
	a.end(ErrClosed)
	a.running.Wait()
	a.closing.Wait()
	return nil
}

// Done returns a channel that is closed when the application has ended.
func (a *App) Done() <-chan struct{} {
	a.setup()
	return a.done
}

// Err returns nil until the application has ended, then why: [ErrClosed], [ErrReplaced], or an error that wraps [ErrConnectionLost].
func (a *App) Err() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.err
}

func (a *App) end(why error) {
	a.setup()
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.err != nil {
		return
	}
	a.err = why
	if a.Client != nil {
		a.become(Ended, why)
		a.log().Info("ari: ended", "app", a.Name, "error", why)
	}
	close(a.done)
	if a.cancel != nil {
		a.cancel(why)
	}
	if a.session != nil {
		a.session.fail(why)
	}
	select {
	case s := <-a.offered:
		s.fail(why)
	default:
	}
	a.router.end(why)
	a.calls.end(why)
}

func (a *App) log() *slog.Logger { return a.Client.log() }

// Events returns the events from now on, in the order in which Asterisk sends them:
//
//	for event, err := range app.Events(ctx) {
//		if errors.Is(err, ari.ErrSlowConsumer) {
//			// events are missing here; more come
//			continue
//		}
//		if err != nil {
//			return err
//		}
//		fmt.Println(event.Type, event.Channel)
//	}
//
// From now on means from this call, not from the start of the range: every event that comes after it is kept until the range
// takes it. Called before a request, it misses none of the events that the request causes.
//
// Each call has a queue of its own, so consumers do not slow each other down, nor the connection. If QueueSize events are
// waiting, later ones are lost until the consumer has worked off half of them. The loss is yielded in its place as a
// [*GapError], once, with the exact count; after it the events go on.
//
// A lost connection does not end the range: see [Mark]. The last thing that it yields is an error: the cause of ctx, or why
// the application has ended. Breaking out of the loop ends it too. Events can be ranged over once. Until that range, ctx or
// the application ends, they are kept.
func (a *App) Events(ctx context.Context) iter.Seq2[Event, error] {
	a.setup()
	q := a.router.join()
	stop := context.AfterFunc(ctx, func() { a.router.leave(q) })
	return func(yield func(Event, error) bool) {
		defer a.router.leave(q)
		defer stop()
		for {
			e, err := q.next(ctx)
			var gap *GapError
			if !yield(e, err) || err != nil && !errors.As(err, &gap) {
				return
			}
		}
	}
}
