package record

import (
	"cmp"
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// DefaultFormat is that of a recording for which none is said.
const DefaultFormat = "wav"

// Sides is who of the two is in a file: the one at the channel that is recorded (received), or what it hears (sent).
type Sides uint8

// The sides.
const (
	Mixed    Sides = iota // both, in one file
	Received              // what comes from the channel
	Sent                  // what the channel hears
	Apart                 // both, in a file each: its name ends in -in for what is received, and in -out for what is sent
)

// Request says which channel is recorded, and what its file is called; see [ParseTemplate]. All but Channel may be of any text.
type Request struct {
	// Channel is the name or the Uniqueid of the channel for [AMI], its id for [ARI], which is the same as the Uniqueid.
	Channel string
	// Direction, Number, Exten, Queue, Agent, Uniqueid and Linkedid are those of the call, as far as the template has them.
	Direction, Number, Exten, Queue, Agent, Uniqueid, Linkedid string
}

// Plan is what an [Engine] records. All of it has been checked.
type Plan struct {
	Channel string
	// Files are the names, relative to Asterisk's folder, with the Format as their extension. One of two sides is received first.
	Files  []string
	Sides  Sides
	Format string
	// Beep lets a beep be heard at the beginning, and BeepEvery from time to time, if it is not zero.
	Beep      bool
	BeepEvery time.Duration
}

// Engine is a way to record: [AMI] or [ARI].
type Engine interface {
	// Start begins to record, and returns when that has begun.
	Start(ctx context.Context, plan Plan) (Tape, error)
}

// Tape is a recording under way. Its methods are called one at a time, and in an order that makes sense; [ErrEnded] says that the
// channel has gone.
type Tape interface {
	// Pause leaves out what comes, Mask has silence instead; on false that ends.
	Pause(ctx context.Context, on bool) error
	Mask(ctx context.Context, on bool) error
	// Stop ends it. When it returns, the file is complete. That the channel has ended is no error.
	Stop(ctx context.Context) error
}

// Entry is something that was done with a recording, for the audit.
type Entry struct {
	At      time.Time
	Verb    Verb
	Channel string
	Files   []string
	// State is what it was in afterwards.
	State State
	// Err is why it was refused or has failed; nil if it was done.
	Err error
}

// Recorder records calls. Set its fields, which must not change afterwards; its methods may be called by several goroutines
// at once. A Recorder must not be copied.
type Recorder struct {
	// Engine records.
	Engine Engine
	// Template makes the names; see [ParseTemplate]. Default: [DefaultTemplate].
	Template string
	// Format is a format of Asterisk that is also the extension of its files: wav, WAV (GSM in WAV), gsm, ulaw, alaw, sln, g722.
	// Default: [DefaultFormat].
	Format string
	// Sides says who is in the file. Default: Mixed.
	Sides Sides
	// Zone is where the dates in names are those of. Default: [time.Local].
	Zone *time.Location
	// Beep lets all who talk hear a beep when a recording begins, and BeepEvery from time to time, if it is not zero; at least
	// a second.
	Beep      bool
	BeepEvery time.Duration
	// Consent, if not nil, is asked before a recording begins; it may play a prompt and wait for a key. If it says no the error is
	// [ErrNoConsent]. Nothing is recorded while it asks.
	Consent func(ctx context.Context, r Request) (bool, error)
	// Audit, if not nil, is told of all that is done. It must not block.
	Audit func(Entry)
	// Logger, if not nil, is told of it too.
	Logger *slog.Logger

	mu    sync.Mutex
	names map[string]time.Time // until when they are taken
}

// Start begins to record a channel. A recording that is not stopped ends with its channel.
func (r *Recorder) Start(ctx context.Context, req Request) (*Recording, error) {
	rec := &Recording{recorder: r, channel: req.Channel}
	err := r.start(ctx, req, rec)
	r.told(ctx, rec, Entry{Verb: Start, Err: err})
	if err != nil {
		return nil, err
	}
	return rec, nil
}

func (r *Recorder) start(ctx context.Context, req Request, rec *Recording) error {
	plan, err := r.plan(req, time.Now())
	if err != nil {
		return err
	}
	rec.files = plan.Files
	if r.Consent != nil {
		agreed, err := r.Consent(ctx, req)
		if err != nil {
			return err
		}
		if !agreed {
			return ErrNoConsent
		}
	}
	if err := r.take(plan.Files[0]); err != nil {
		return err
	}
	rec.tape, err = r.Engine.Start(ctx, plan)
	return err
}

// plan checks what was asked for, and names the files.
func (r *Recorder) plan(req Request, now time.Time) (Plan, error) {
	if err := checkChannel(req.Channel); err != nil {
		return Plan{}, err
	}
	template, err := ParseTemplate(cmp.Or(r.Template, DefaultTemplate))
	if err != nil {
		return Plan{}, err
	}
	plan := Plan{Channel: req.Channel, Format: cmp.Or(r.Format, DefaultFormat), Sides: r.Sides, Beep: r.Beep, BeepEvery: r.BeepEvery}
	if len(plan.Format) > 8 || strings.ContainsFunc(plan.Format, func(r rune) bool { return !isPlain(r) || r == '.' || r == '-' }) {
		return Plan{}, &ValueError{"Format", "is not the name of a format"}
	}
	if plan.BeepEvery != 0 && plan.BeepEvery < time.Second {
		return Plan{}, &ValueError{"BeepEvery", "is less than a second"}
	}
	zone := r.Zone
	if zone == nil {
		zone = time.Local //nolint:gosmopolitan // the PBX is here unless it is said where
	}
	name := template.Name(req, now.In(zone))
	for _, side := range map[Sides][]string{Mixed: {""}, Received: {""}, Sent: {""}, Apart: {"-in", "-out"}}[r.Sides] {
		plan.Files = append(plan.Files, name+side+"."+plan.Format)
	}
	if len(plan.Files) == 0 {
		return Plan{}, &ValueError{"Sides", "are none"}
	}
	return plan, nil
}

// checkChannel lets through what names and Uniqueids of channels are made of.
func checkChannel(channel string) error {
	if channel == "" || len(channel) > 200 {
		return &ValueError{"Channel", "is empty or over 200 bytes"}
	}
	if strings.ContainsFunc(channel, func(r rune) bool { return !isPlain(r) && !strings.ContainsRune("/@;:*#", r) }) {
		return &ValueError{"Channel", "has a character that no channel has"}
	}
	return nil
}

// taken is for how long a name is not used again: names differ by the second, or by chance.
const taken = 2 * time.Minute

func (r *Recorder) take(name string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.names == nil {
		r.names = map[string]time.Time{}
	}
	now := time.Now()
	for n, until := range r.names {
		if now.After(until) {
			delete(r.names, n)
		}
	}
	if _, ok := r.names[name]; ok {
		return ErrNameTaken
	}
	r.names[name] = now.Add(taken)
	return nil
}

// told tells the audit.
func (r *Recorder) told(ctx context.Context, rec *Recording, e Entry) {
	e.At, e.Channel, e.Files = time.Now(), rec.channel, rec.files
	if r.Audit != nil {
		r.Audit(e)
	}
	if r.Logger != nil {
		r.Logger.InfoContext(ctx, "record", "verb", e.Verb, "channel", e.Channel, "files", e.Files, "state", e.State, "error", e.Err)
	}
}
