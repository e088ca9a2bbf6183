package ari

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// ErrInBridge says that a channel is in a bridge, where Asterisk does not record it: record the bridge, or a [Channel.Snoop].
var ErrInBridge = errors.New("ari: a channel in a bridge cannot be recorded: record the bridge, or a snoop of the channel")

// RecordingError says that a recording has failed, or that nothing is in it.
type RecordingError struct {
	// Name is that of the recording.
	Name string
	// Cause is Asterisk's reason.
	Cause string
}

func (e *RecordingError) Error() string { return fmt.Sprintf("ari: recording %q: %s", e.Name, e.Cause) }

// Recording is a handle of a recording that is being made.
type Recording struct {
	app    *App
	name   string
	queue  *queue
	stop   func()
	thrown atomic.Bool // Discard was called
}

// DefaultFormat is that of a recording for which none is given.
const DefaultFormat = "wav"

// beep is what is played before a recording with a Beep: as a playback of its own, for a Stop that comes during Asterisk's own
// beep has no effect, neither has a second one.
const beep = "sound:beep"

// Record records what comes from the channel, and returns when it has begun; what the channel plays already comes first. If
// Name is empty it gets one of our own, and Format is wav. A name that leads out of the folder of recordings is refused with an
// [*InvalidRequestError], a channel that is in a bridge with [ErrInBridge].
//
// Asterisk answers 500 to every recording if its folder for them is missing, as it is in Debian's package: see [Client.Diagnose].
// The handle must be waited for, or closed with Close.
func (ch *Channel) Record(ctx context.Context, p ChannelRecordParams) (*Recording, error) {
	if ch.Bridge() != "" {
		return nil, ErrInBridge
	}
	p.Name, p.Format = orDefault(p.Name, newID()), orDefault(p.Format, DefaultFormat)
	if err := checkName(opChannelsRecord, p.Name); err != nil {
		return nil, err
	}
	ctx, cancel := ch.within(ctx)
	defer cancel()
	if p.Beep {
		p.Beep = false
		if err := ch.Play(ctx, beep); err != nil {
			return nil, err
		}
	}
	return ch.app.record(ctx, p.Name, func(ctx context.Context) error {
		_, err := ch.app.Client.Channels().Record(ctx, ch.id, p)
		return err
	})
}

// Record records what is heard in the bridge; see [Channel.Record].
func (b *Bridge) Record(ctx context.Context, p BridgeRecordParams) (*Recording, error) {
	p.Name, p.Format = orDefault(p.Name, newID()), orDefault(p.Format, DefaultFormat)
	if err := checkName(opBridgesRecord, p.Name); err != nil {
		return nil, err
	}
	if p.Beep {
		p.Beep = false
		if err := b.Play(ctx, beep); err != nil {
			return nil, err
		}
	}
	return b.app.record(ctx, p.Name, func(ctx context.Context) error {
		_, err := b.app.Client.Bridges().Record(ctx, b.id, p)
		return err
	})
}

// checkName refuses what is no name of a recording. It is a path below Asterisk's folder of recordings: one that leads out of that,
// which Asterisk answers with 500, or that is another one's in disguise, is none.
func checkName(op int, name string) error {
	var problem string
	switch {
	case !fs.ValidPath(name) || name == ".":
		problem = "is no path below the folder of recordings"
	case strings.IndexFunc(name, func(r rune) bool { return r < 0x20 || r == 0x7f || r == '\\' }) >= 0:
		problem = "holds a character that no file should be called by"
	case len(name) > maxName:
		problem = fmt.Sprintf("is over %d bytes", maxName)
	default:
		return nil
	}
	return &InvalidRequestError{Operation: operations[op].String(), Param: "name", Problem: problem}
}

// maxName is how long the name of a recording may be: that of a file, with its suffix, has 255 bytes.
const maxName = 240

// record makes a handle that misses nothing, and waits until the recording has begun.
func (a *App) record(ctx context.Context, name string, request func(context.Context) error) (*Recording, error) {
	r := &Recording{app: a, name: name}
	r.queue, r.stop = a.router.watch(subject{aboutRecording, name})
	ctx, end := a.Client.span(ctx, "ari.record", trace.SpanKindInternal, attrApp.String(a.Name))
	discard := func(ctx context.Context) { r.Discard(ctx) } //nolint:errcheck // the error of the request counts
	err := creation(ctx, request, discard)
	if err == nil {
		if err = r.begun(ctx); err == nil {
			end(nil)
			return r, nil
		}
		if ctx.Err() != nil {
			cleanup(ctx, discard)
		}
	}
	r.stop()
	end(err)
	return nil, err
}

func (r *Recording) begun(ctx context.Context) error {
	for {
		e, err := r.queue.next(ctx)
		switch {
		case err != nil:
			return err
		case e.Type == "RecordingStarted":
			return nil
		case e.Type == "RecordingFailed", e.Type == "RecordingFinished":
			_, err := r.over(e)
			return err
		case e.Mark == ResyncEnd:
			_, err := r.app.Client.Recordings().GetLive(ctx, r.name)
			if IsNotFound(err) {
				return ErrOutcomeUnknown
			}
			return err
		}
	}
}

// Name is that of the recording.
func (r *Recording) Name() string { return r.name }

// Wait waits until the recording is over: by Stop, by its limits, by a digit or by the hangup, and checks that there is
// something in it, which Asterisk does not. After Discard it checks nothing. If ctx ends before, it is stopped; what was recorded is kept.
func (r *Recording) Wait(ctx context.Context) (*LiveRecording, error) {
	defer r.stop()
	ctx, end := r.app.Client.span(ctx, "ari.record.wait", trace.SpanKindInternal, attrApp.String(r.app.Name))
	over, err := r.wait(ctx)
	end(err)
	return over, err
}

func (r *Recording) wait(ctx context.Context) (*LiveRecording, error) {
	for {
		e, err := r.queue.next(ctx)
		switch {
		case err != nil && ctx.Err() != nil:
			cleanup(ctx, func(ctx context.Context) { r.Stop(ctx) }) //nolint:errcheck // the end of ctx counts
			return nil, err
		case err != nil:
			return nil, err
		case e.Type == "RecordingFinished", e.Type == "RecordingFailed":
			over, err := r.over(e)
			if err == nil && !r.thrown.Load() { // Asterisk calls it done all the same
				err = r.check(ctx)
			}
			return over, err
		case e.Mark == ResyncEnd:
			if _, err := r.app.Client.Recordings().GetLive(ctx, r.name); IsNotFound(err) {
				return &LiveRecording{Name: r.name}, r.check(ctx)
			}
		}
	}
}

// over says what the end of a recording means.
func (r *Recording) over(e Event) (*LiveRecording, error) {
	decoded, err := e.Decode()
	if err != nil {
		return nil, err
	}
	switch d := decoded.(type) {
	case *RecordingFinished:
		return &d.Recording, nil
	case *RecordingFailed:
		return &d.Recording, &RecordingError{Name: r.name, Cause: orDefault(d.Recording.Cause, "failed")}
	}
	return nil, nil //nolint:nilnil // it is called with these two only
}

// check finds files with nothing in them: Asterisk calls a recording done whose format it cannot write.
func (r *Recording) check(ctx context.Context) error {
	file, err := r.app.Client.Recordings().GetStoredFile(ctx, r.name)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := io.ReadFull(file, make([]byte, 1)); errors.Is(err, io.EOF) {
		return &RecordingError{Name: r.name, Cause: "the file is empty: can Asterisk write the format?"}
	}
	return nil
}

// Stop ends the recording and keeps it. One that is over already is no error.
func (r *Recording) Stop(ctx context.Context) error {
	return ignoreGone(r.app.Client.Recordings().Stop(ctx, r.name))
}

// Discard ends the recording and throws it away. A moment after its beginning, before Asterisk has made the file, Asterisk
// ends it but answers 500, and the file stays (recording_cancel in res/res_stasis_recording.c): then it is deleted here.
func (r *Recording) Discard(ctx context.Context) error {
	r.thrown.Store(true)
	recordings := r.app.Client.Recordings()
	err := recordings.Cancel(ctx, r.name)
	var refused *Error
	if !errors.As(err, &refused) || refused.Status != http.StatusInternalServerError {
		return ignoreGone(err)
	}
	for {
		if _, err := recordings.GetLive(ctx, r.name); IsNotFound(err) {
			return ignoreGone(recordings.DeleteStored(ctx, r.name))
		}
		if !pause(ctx, discardPoll) {
			return context.Cause(ctx)
		}
	}
}

// discardPoll is how often Discard looks whether a recording is over: no event says that its file may be deleted.
const discardPoll = 20 * time.Millisecond

// Pause leaves out what comes until Resume.
func (r *Recording) Pause(ctx context.Context) error {
	return r.app.Client.Recordings().Pause(ctx, r.name)
}

// Resume ends Pause.
func (r *Recording) Resume(ctx context.Context) error {
	return r.app.Client.Recordings().Unpause(ctx, r.name)
}

// Close frees the handle of a recording that is not waited for. It goes on.
func (r *Recording) Close() { r.stop() }

// Open returns the file of a recording that is over.
func (r *Recording) Open(ctx context.Context) (io.ReadCloser, error) {
	return r.app.Client.Recordings().GetStoredFile(ctx, r.name)
}

func ignoreGone(err error) error {
	if IsNotFound(err) {
		return nil
	}
	return err
}
