package control

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/callcenter/calls"
)

// Defaults of [Control].
const (
	DefaultContext        = "from-internal"
	DefaultParkingContext = "parkedcalls"
	DefaultConfirm        = 10 * time.Second
	DefaultKeyWindow      = 5 * time.Minute
)

// Control carries out commands on one Asterisk. Set its fields, then feed it with Apply; they must not change after that. All
// methods may be called by several goroutines at once. A Control must not be copied.
type Control struct {
	// Client is connected, and reads at least the classes call and dialplan.
	Client *ami.Client
	// Context is where numbers are dialled. Default: [DefaultContext].
	Context string
	// ParkingContext is where the slots of the parking lot are. Default: [DefaultParkingContext].
	ParkingContext string
	// VoicemailContext and VoicemailPrefix are where a mailbox is dialled, and what comes before its number: "*" on FreePBX.
	// Without the context, Context is used.
	VoicemailContext, VoicemailPrefix string
	// PromptContext is a context whose extension "play" answers and plays the sound that the variable ASTERISM_PROMPT names;
	// see [Desk.PlayTo]. Without it there are no prompts.
	PromptContext string
	// Confirm is how long a command waits until the calls show what it has done. Default: [DefaultConfirm].
	Confirm time.Duration
	// KeyWindow is for how long a request with the same key is the same request; see [Dial.Key]. Default: [DefaultKeyWindow].
	KeyWindow time.Duration
	// Policy says who may do what. The zero Policy lets nobody do anything.
	Policy Policy
	// Private, if not nil, tells whether nobody may listen to a call, besides those marked by [PrivateVariable].
	Private func(calls.Call) bool
	// Audit, if not nil, is told of every command when it has been carried out or refused. It must not block.
	Audit func(Entry)
	// Phones, if not nil, answers and holds at the telephones themselves, where they can be told to.
	Phones Phones
	// ARI, if not nil, does for channels in Stasis what AMI cannot: Hold, Resume, and PlayTo without PromptContext. It needs no
	// application of its own.
	ARI *ari.Client
	// Logger, if not nil, is told of every command too.
	Logger *slog.Logger

	live    board
	mu      sync.Mutex
	claimed map[string]Verb // by Uniqueid of the leg
	keys    map[string]*keyed
}

// Apply takes a change of a call. Every change must be applied, in order: what commands return is read from them.
func (c *Control) Apply(change calls.Change) { c.live.apply(change) }

// As returns the commands of somebody.
func (c *Control) As(actor Actor) *Desk { return &Desk{control: c, actor: actor} }

// Desk is the commands of one [Actor].
type Desk struct {
	control *Control
	actor   Actor
}

func (c *Control) context() string { return cmp.Or(c.Context, DefaultContext) }

func (c *Control) confirm() time.Duration { return cmp.Or(c.Confirm, DefaultConfirm) }

// carryOut checks whether the actor may do something, does it, and tells the audit.
func (d *Desk) carryOut(ctx context.Context, cmd Command, do func(ctx context.Context) error) error {
	cmd.Actor = d.actor
	began := time.Now()
	err := d.control.Policy.check(cmd)
	if err == nil {
		err = do(ctx)
	}
	return d.told(ctx, Entry{At: began, Command: cmd, Err: err})
}

// refuse tells the audit of a command that cannot be: it is about nothing that there is, so no rule applies.
func (d *Desk) refuse(ctx context.Context, cmd Command, err error) error {
	cmd.Actor = d.actor
	return d.told(ctx, Entry{At: time.Now(), Command: cmd, Err: err})
}

// told tells the audit how a command has gone, and returns its error.
func (d *Desk) told(ctx context.Context, entry Entry) error {
	c := d.control
	entry.Took = time.Since(entry.At)
	if c.Audit != nil {
		c.Audit(entry)
	}
	if c.Logger != nil {
		c.Logger.InfoContext(ctx, "control", "verb", entry.Verb, "who", d.actor.ID, "call", entry.Call.ID, "channel", entry.Leg.Channel,
			"took", entry.Took, "error", entry.Err)
	}
	return entry.Err
}

// onLeg carries out a command on a leg that lives, one at a time.
func (d *Desk) onLeg(ctx context.Context, verb Verb, channel string, do func(ctx context.Context, cmd Command) error) error {
	c := d.control
	call, leg, err := c.live.leg(channel)
	cmd := Command{Verb: verb, Call: call, Leg: leg}
	if err != nil {
		cmd.Leg.Channel = channel
		return d.refuse(ctx, cmd, err)
	}
	return d.carryOut(ctx, cmd, func(ctx context.Context) error {
		if err := c.claim(leg.Uniqueid, verb); err != nil {
			return err
		}
		defer c.release(leg.Uniqueid)
		return do(ctx, cmd)
	})
}

// claim makes sure that a leg gets one command at a time.
func (c *Control) claim(uniqueid string, verb Verb) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if busy, ok := c.claimed[uniqueid]; ok {
		return &ConflictError{Verb: verb, Busy: busy}
	}
	if c.claimed == nil {
		c.claimed = map[string]Verb{}
	}
	c.claimed[uniqueid] = verb
	return nil
}

func (c *Control) release(uniqueid string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.claimed, uniqueid)
}

// do sends an action about a leg. That Asterisk knows no such channel means that it has gone.
func (c *Control) do(ctx context.Context, a ami.Action) error {
	_, err := c.Client.Do(ctx, a)
	return goneOr(err)
}

// until waits for at most [Control.Confirm] until the calls show something.
func (c *Control) until(ctx context.Context, what string, shows func(b *board) bool) error {
	ctx, cancel := context.WithTimeoutCause(ctx, c.confirm(), &UnconfirmedError{What: what})
	defer cancel()
	return c.live.wait(ctx, shows)
}

// Leg waits until an endpoint has a call, and returns its newest leg.
func (c *Control) Leg(ctx context.Context, endpoint string) (calls.Leg, error) {
	var newest calls.Leg
	err := c.live.wait(ctx, func(b *board) bool {
		for _, call := range b.calls {
			for _, leg := range call.Legs {
				if leg.Endpoint == endpoint && leg.Ended.IsZero() && !leg.Started.Before(newest.Started) {
					newest = leg
				}
			}
		}
		return newest.Channel != ""
	})
	return newest, err
}
