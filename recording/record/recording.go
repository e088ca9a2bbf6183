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

	doing   sync.Mutex // one verb at a time
	ordered bool       // Mask was called
	within  int        // how many Masked are under way
	mu      sync.Mutex
	state   State
	marks   []Mark
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
func (r *Recording) Pause(ctx context.Context) error { return r.alone(ctx, Pause) }

// Resume ends Pause. A recording that is masked is not resumed: [ErrMasked].
func (r *Recording) Resume(ctx context.Context) error { return r.alone(ctx, Resume) }

// Stop ends the recording; when it returns, the file is complete. That it has ended already is no error.
func (r *Recording) Stop(ctx context.Context) error { return r.alone(ctx, Stop) }

// Mask has silence in the file until Unmask. If it fails, what is said may be recorded.
func (r *Recording) Mask(ctx context.Context) error {
	r.doing.Lock()
	defer r.doing.Unlock()
	err := r.do(ctx, Mask)
	r.ordered = r.ordered || err == nil
	return err
}

// Unmask ends Mask. While a [Recording.Masked] is under way the silence goes on until that is over.
func (r *Recording) Unmask(ctx context.Context) error {
	r.doing.Lock()
	defer r.doing.Unlock()
	if r.within > 0 && r.ordered {
		r.ordered = false
		return nil
	}
	if r.within > 0 {
		return ErrNotNow
	}
	err := r.do(ctx, Unmask)
	if err == nil {
		r.ordered = false
	}
	return err
}

// Masked does something while the recording is masked. If it cannot be masked, it is not done. It is unmasked also if ctx ends
// or do panics, but not before all are over that are under way at once, nor if Mask was called besides.
func (r *Recording) Masked(ctx context.Context, do func(ctx context.Context) error) (err error) {
	if err := r.enter(ctx); err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), unmaskTimeout)
		defer cancel()
		if ended := r.leave(ctx); !errors.Is(ended, ErrEnded) {
			err = errors.Join(err, ended)
		}
	}()
	return do(ctx)
}

func (r *Recording) enter(ctx context.Context) error {
	r.doing.Lock()
	defer r.doing.Unlock()
	err := r.do(ctx, Mask)
	if err == nil {
		r.within++
	}
	return err
}

func (r *Recording) leave(ctx context.Context) error {
	r.doing.Lock()
	defer r.doing.Unlock()
	if r.within--; r.within > 0 || r.ordered {
		return nil
	}
	return r.do(ctx, Unmask)
}

const unmaskTimeout = 10 * time.Second

func (r *Recording) alone(ctx context.Context, verb Verb) error {
	r.doing.Lock()
	defer r.doing.Unlock()
	return r.do(ctx, verb)
}

// do does what the table says. The caller holds doing.
func (r *Recording) do(ctx context.Context, verb Verb) error {
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
}
