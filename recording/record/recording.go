package record

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// Recording is a recording of a [Recorder]. Its methods may be called by several goroutines at once; they wait for each other.
type Recording struct {
	recorder *Recorder
	channel  string
	files    []string
	tape     Tape

	doing sync.Mutex // one verb at a time
	mu    sync.Mutex
	state State
	marks []Mark
}

// Mark says from when on a recording was in a state.
type Mark struct {
	At    time.Time
	State State
}

// Files are the names of what is recorded, relative to Asterisk's folder: one, or two if the sides are apart.
func (r *Recording) Files() []string { return slices.Clone(r.files) }

// Channel is what is recorded.
func (r *Recording) Channel() string { return r.channel }

// State is what becomes of what is said now, as far as was ordered here.
func (r *Recording) State() State {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state
}

// Marks are the changes of the state since the beginning, which was [Recorded].
func (r *Recording) Marks() []Mark {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.marks)
}

// Pause leaves out of the file what comes until Resume.
func (r *Recording) Pause(ctx context.Context) error { return r.do(ctx, Pause) }

// Resume ends Pause. A recording that is masked is not resumed: [ErrMasked].
func (r *Recording) Resume(ctx context.Context) error { return r.do(ctx, Resume) }

// Mask has silence in the file until Unmask. If it fails, what is said may be recorded.
func (r *Recording) Mask(ctx context.Context) error { return r.do(ctx, Mask) }

// Unmask ends Mask.
func (r *Recording) Unmask(ctx context.Context) error { return r.do(ctx, Unmask) }

// Stop ends the recording; when it returns, the file is complete. That it has ended already is no error.
func (r *Recording) Stop(ctx context.Context) error { return r.do(ctx, Stop) }

// Masked does something while the recording is masked. If it cannot be masked, it is not done. It is unmasked also if ctx ends
// or do panics; one that was masked before remains so.
func (r *Recording) Masked(ctx context.Context, do func(ctx context.Context) error) (err error) {
	before := r.State()
	if err := r.Mask(ctx); err != nil {
		return err
	}
	if before != Masked && before != PausedMasked {
		defer func() {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), unmaskTimeout)
			defer cancel()
			if ended := r.Unmask(ctx); !errors.Is(ended, ErrEnded) {
				err = errors.Join(err, ended)
			}
		}()
	}
	return do(ctx)
}

const unmaskTimeout = 10 * time.Second

// do does what the table says.
func (r *Recording) do(ctx context.Context, verb Verb) error {
	r.doing.Lock()
	defer r.doing.Unlock()
	row := transitions[verb][r.State()]
	err := row.err
	for _, step := range row.do {
		if err == nil {
			err = r.step(ctx, step)
		}
	}
	switch {
	case errors.Is(err, ErrEnded) && r.State() != Stopped:
		r.tape.Stop(ctx) //nolint:errcheck // there is nothing left but to tidy up
		r.become(Stopped)
	case err == nil:
		r.become(row.to)
	}
	r.recorder.told(ctx, r, Entry{Verb: verb, State: r.State(), Err: err})
	return err
}

func (r *Recording) step(ctx context.Context, step Verb) error {
	switch step {
	case Pause, Resume:
		return r.tape.Pause(ctx, step == Pause)
	case Mask, Unmask:
		return r.tape.Mask(ctx, step == Mask)
	default:
		return r.tape.Stop(ctx)
	}
}

func (r *Recording) become(s State) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s == r.state {
		return
	}
	r.state = s
	r.marks = append(r.marks, Mark{At: time.Now(), State: s})
	if s == Stopped {
		r.recorder.free(r.files[0])
	}
}
