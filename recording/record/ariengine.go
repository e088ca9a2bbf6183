package record

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/asterism-go/asterism/ari"
)

// ARI records with snoops of the channel: any channel, whether or not it is in the application, and whether or not it is in a
// bridge. Files are in Asterisk's folder for recordings, and ARI can list, fetch and delete them.
type ARI struct {
	// App is connected.
	App *ari.App
}

var _ Engine = (*ARI)(nil)

// snooped is a recording of snoops: one, or one for each side.
type snooped struct {
	app     *ari.App
	snoops  []*ari.Channel
	records []*ari.Recording
	beeping sync.WaitGroup
	silence context.CancelFunc // ends the beeps
}

// directions are those of a snoop, for each file.
var directions = map[Sides][]ari.SnoopDirection{
	Mixed: {ari.SnoopDirectionBoth}, Received: {ari.SnoopDirectionIn}, Sent: {ari.SnoopDirectionOut},
	Apart: {ari.SnoopDirectionIn, ari.SnoopDirectionOut},
}

// Start implements [Engine].
func (a *ARI) Start(ctx context.Context, plan Plan) (Tape, error) {
	s := &snooped{app: a.App, silence: func() {}}
	err := s.start(ctx, plan)
	if err != nil {
		s.abandon(ctx)
		return nil, err
	}
	return s, nil
}

func (s *snooped) start(ctx context.Context, plan Plan) error {
	channel := s.app.Channel(plan.Channel)
	for _, direction := range directions[plan.Sides] {
		snoop, err := channel.Snoop(ctx, ari.SnoopChannelParams{Spy: direction})
		if err != nil {
			return goneARI(err)
		}
		s.snoops = append(s.snoops, snoop)
	}
	for i, file := range plan.Files {
		record, err := s.snoops[i].Record(ctx, ari.ChannelRecordParams{Name: strings.TrimSuffix(file, "."+plan.Format), Format: ariFormat(plan.Format)})
		if err != nil {
			return goneARI(err)
		}
		s.records = append(s.records, record)
	}
	if plan.Beep || plan.BeepEvery > 0 {
		return s.beep(ctx, channel, plan)
	}
	return nil
}

// ariFormat is what ARI calls a format whose files have that extension.
func ariFormat(extension string) string {
	if extension == "WAV" {
		return "wav49"
	}
	return extension
}

// goneARI says of an answer that there is no such channel or recording.
func goneARI(err error) error {
	if ari.IsNotFound(err) {
		return fmt.Errorf("%w: %w", ErrEnded, err)
	}
	return err
}

// beep lets both sides hear a beep: a snoop of its own whispers it, for one that records cannot play.
func (s *snooped) beep(ctx context.Context, channel *ari.Channel, plan Plan) error {
	whisper, err := channel.Snoop(ctx, ari.SnoopChannelParams{Whisper: ari.SnoopDirectionBoth})
	if err != nil {
		return goneARI(err)
	}
	s.snoops = append(s.snoops, whisper)
	if plan.Beep {
		if err := whisper.Play(ctx, beepSound); err != nil {
			return goneARI(err)
		}
	}
	if plan.BeepEvery == 0 {
		return nil
	}
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.silence = cancel
	s.beeping.Go(func() {
		ticker := time.NewTicker(plan.BeepEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				whisper.Play(life, beepSound) //nolint:errcheck // it ends with the channel
			case <-whisper.Done():
				return
			case <-life.Done():
				return
			}
		}
	})
	return nil
}

const beepSound = "sound:beep"

// each does something with all recordings, the second also if the first has failed.
func (s *snooped) each(do func(name string) error) error {
	var errs []error
	for _, record := range s.records {
		errs = append(errs, goneARI(do(record.Name())))
	}
	return errors.Join(errs...)
}

// Pause implements [Tape].
func (s *snooped) Pause(ctx context.Context, on bool) error {
	recordings := s.app.Client.Recordings()
	return s.each(func(name string) error {
		if on {
			return recordings.Pause(ctx, name)
		}
		return recordings.Unpause(ctx, name)
	})
}

// Mask implements [Tape].
func (s *snooped) Mask(ctx context.Context, on bool) error {
	recordings := s.app.Client.Recordings()
	return s.each(func(name string) error {
		if on {
			return recordings.Mute(ctx, name)
		}
		return recordings.Unmute(ctx, name)
	})
}

// Stop implements [Tape]. Asterisk has closed a file when it says that the recording has finished.
func (s *snooped) Stop(ctx context.Context) error {
	s.quiet()
	var errs []error
	for _, record := range s.records {
		if err := record.Stop(ctx); err != nil {
			errs = append(errs, err)
			continue
		}
		_, err := record.Wait(ctx)
		if errs = append(errs, err); err != nil {
			record.Close()
		}
	}
	s.hangUp(ctx)
	return errors.Join(errs...)
}

func (s *snooped) quiet() {
	s.silence()
	s.beeping.Wait()
}

func (s *snooped) hangUp(ctx context.Context) {
	for _, snoop := range s.snoops {
		snoop.Hangup(ctx) //nolint:errcheck // it may have ended with its channel
	}
}

// abandon throws away what has begun.
func (s *snooped) abandon(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	s.quiet()
	for _, record := range s.records {
		record.Discard(ctx) //nolint:errcheck // the error that led here counts
		record.Close()
	}
	s.hangUp(ctx)
}
