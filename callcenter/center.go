package callcenter

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"sync"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/agents"
	"github.com/asterism-go/asterism/callcenter/calls"
	"github.com/asterism-go/asterism/callcenter/control"
)

// Center is the call centre of one Asterisk. Set its fields, then call Run; they must not change after that. All other
// methods may be called by several goroutines at once. A Center must not be copied.
type Center struct {
	// Client is connected. It must read the classes call, agent and dialplan, and write what the commands need.
	Client *ami.Client
	// Calls says what belongs to whom. If nil, it is found out from Asterisk; see [calls.Discover].
	Calls *calls.Config
	// Agents says what cannot be seen of agents.
	Agents agents.Config
	// Control carries out the commands; its Client is set by Run, and it must not be fed by others. If nil, there is one that
	// lets nobody do anything.
	Control *control.Control
	// Logger, if not nil, is told what goes wrong.
	Logger *slog.Logger
	// QueueSize is how many changes may wait for one watcher. Default: [DefaultQueueSize].
	QueueSize int

	once  sync.Once
	edits chan agents.Edit
	live  live
}

// DefaultQueueSize is the default of [Center.QueueSize].
const DefaultQueueSize = 10_000

// ErrSlowWatcher is yielded to who watches and does not keep up: changes were lost, and only a new [Center.Watch] helps.
var ErrSlowWatcher = errors.New("callcenter: the watcher does not keep up")

func (c *Center) init() {
	c.once.Do(func() {
		if c.Control == nil {
			c.Control = &control.Control{}
		}
		c.edits = make(chan agents.Edit)
		c.live.init(c.QueueSize)
	})
}

// Run keeps the picture until ctx ends or the client does, and returns why. It is called once.
func (c *Center) Run(ctx context.Context) error {
	c.init()
	c.Control.Client = c.Client
	defer c.live.end()
	cfg, err := c.config(ctx)
	if err != nil {
		return err
	}
	c.live.extensions(cfg.Extensions)
	tracker := calls.NewTracker(*cfg)
	known := c.Agents
	known.Calls = true
	sources := agents.Sources{Edits: c.edits, Calls: func(ctx context.Context) iter.Seq2[calls.Change, error] {
		return c.tee(calls.Follow(ctx, c.Client, tracker))
	}}
	var last error
	for change, err := range agents.FollowWith(ctx, c.Client, agents.NewModel(known), sources) {
		if last = err; err != nil {
			c.warn(ctx, err)
			continue
		}
		c.live.agent(change)
	}
	return last
}

func (c *Center) config(ctx context.Context) (*calls.Config, error) {
	if c.Calls != nil {
		return c.Calls, nil
	}
	cfg, guesses, err := calls.Discover(ctx, c.Client)
	if c.Logger != nil {
		for _, guess := range guesses {
			c.Logger.InfoContext(ctx, "callcenter: guessed", "what", guess)
		}
	}
	return &cfg, err
}

// tee hands the changes of calls on, to the picture and to the commands.
func (c *Center) tee(changes iter.Seq2[calls.Change, error]) iter.Seq2[calls.Change, error] {
	return func(yield func(calls.Change, error) bool) {
		for change, err := range changes {
			if err == nil {
				c.Control.Apply(change)
				c.live.call(change)
			}
			if !yield(change, err) {
				return
			}
		}
	}
}

func (c *Center) warn(ctx context.Context, err error) {
	if c.Logger != nil && ctx.Err() == nil {
		c.Logger.WarnContext(ctx, "callcenter", "error", err)
	}
}

// As returns the commands of somebody.
func (c *Center) As(actor control.Actor) *control.Desk {
	c.init()
	return c.Control.As(actor)
}

// Assign says that a person sits at a telephone now; see [agents.Model.Assign]. It waits until Run takes it.
func (c *Center) Assign(ctx context.Context, person agents.Person, endpoint string) error {
	return c.edit(ctx, func(m *agents.Model) ([]agents.Change, error) { return m.Assign(person, endpoint, now()) })
}

// Release says that a person does not sit anywhere any more; see [agents.Model.Release].
func (c *Center) Release(ctx context.Context, id string) error {
	return c.edit(ctx, func(m *agents.Model) ([]agents.Change, error) { return m.Release(id, now()) })
}

func (c *Center) edit(ctx context.Context, change func(*agents.Model) ([]agents.Change, error)) error {
	c.init()
	done := make(chan error, 1)
	edit := func(m *agents.Model) []agents.Change {
		changes, err := change(m)
		done <- err
		return changes
	}
	select {
	case c.edits <- edit:
		return <-done
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Picture returns everything as it is now. It is a copy.
func (c *Center) Picture() Picture {
	c.init()
	return c.live.picture()
}

// Watch returns everything as it is now, and the changes from then on. The range over them ends with [ErrSlowWatcher], with
// the cause of ctx, or with nil and no change when Run has ended. They are to be ranged over once, or ctx ended.
func (c *Center) Watch(ctx context.Context) (Picture, iter.Seq2[Change, error]) {
	c.init()
	return c.live.watch(ctx)
}
