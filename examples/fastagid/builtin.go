package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/internal/yamlfile"
)

// or returns the duration, or another one if it is not given.
func or(d yamlfile.Duration, otherwise time.Duration) time.Duration {
	if d == 0 {
		return otherwise
	}
	return time.Duration(d)
}

const defaultSilence = 10 * time.Second

// ServeAGI says back every digit until # or a silence.
func (e *echoRoute) ServeAGI(ctx context.Context, s *agi.Session) error {
	if err := s.Answer(ctx); err != nil {
		return err
	}
	for {
		digit, err := s.WaitForDigit(ctx, or(e.Silence, defaultSilence))
		if err != nil || digit == "" || digit == "#" {
			return err
		}
		if _, err := s.SayDigits(ctx, digit, ""); err != nil {
			return err
		}
	}
}

// ServeAGI plays the files until the end or an escape digit, which is in DIGIT.
func (p *playbackRoute) ServeAGI(ctx context.Context, s *agi.Session) error {
	if err := s.Answer(ctx); err != nil {
		return err
	}
	for _, file := range p.Files {
		played, err := s.StreamFile(ctx, file, p.Escape)
		if err != nil {
			return err
		}
		if played.Digit != "" {
			return s.SetVariable(ctx, "DIGIT", played.Digit)
		}
	}
	return nil
}

const defaultLongest = 5 * time.Minute

// ServeAGI records the caller. The file is named after the channel's unique id, made safe for a path.
func (r *recordRoute) ServeAGI(ctx context.Context, s *agi.Session) error {
	if err := s.Answer(ctx); err != nil {
		return err
	}
	file := r.Directory + "/" + safeName(s.Env().Uniqueid)
	_, err := s.RecordFile(ctx, agi.Recording{
		File: file, Format: r.Format, Escape: "#", Beep: r.Beep,
		Longest: or(r.Longest, defaultLongest), Silence: time.Duration(r.Silence),
	})
	// the caller ends a message by hanging up as often as not: the recording is there all the same
	said := s.Dead().SetVariable(context.WithoutCancel(ctx), "RECORDING", file+"."+r.Format)
	return errors.Join(err, said)
}

// safeName replaces whatever does not belong into a file name.
func safeName(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-', r == '_':
			return r
		}
		return '_'
	}, strings.TrimLeft(text, "."))
}

// ServeAGI puts the desk into the variable.
func (h *helpdeskRoute) ServeAGI(ctx context.Context, s *agi.Session) error {
	return s.SetVariable(ctx, h.Variable, h.deskFor(s.Env().CallerID))
}

// deskFor returns the desk for a caller's number: that of the longest prefix that fits.
func (h *helpdeskRoute) deskFor(number string) string {
	desk, longest := h.Default, 0
	for _, a := range h.Desks {
		if len(a.Prefix) > longest && strings.HasPrefix(number, a.Prefix) {
			desk, longest = a.Desk, len(a.Prefix)
		}
	}
	return desk
}

// callerList is a CSV file of callers, ready for lookups.
type callerList struct {
	digits  int
	callers map[string]map[string]string // by the digits of the number that count
}

func newCallerList(l *lookupRoute) (*callerList, error) {
	rows, err := readCallers(l.File)
	if err != nil {
		return nil, err
	}
	d := &callerList{digits: l.Digits, callers: make(map[string]map[string]string, len(rows))}
	for _, row := range rows {
		d.callers[d.key(row["number"])] = row
	}
	return d, nil
}

// key is what counts of a number: its digits, or the last of them. A number with fewer digits than count is found only by
// itself.
func (d *callerList) key(number string) string {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, number)
	if d.digits > 0 && len(digits) > d.digits {
		digits = digits[len(digits)-d.digits:]
	}
	return digits
}

// ServeAGI puts what is known of the caller into variables.
func (d *callerList) ServeAGI(ctx context.Context, s *agi.Session) error {
	key := d.key(s.Env().CallerID)
	row, found := d.callers[key]
	if key == "" || !found {
		return s.SetVariable(ctx, "FOUND", "0")
	}
	for column, value := range row {
		if column == "number" {
			continue
		}
		if err := s.SetVariable(ctx, strings.ToUpper(column), value); err != nil {
			return err
		}
	}
	return s.SetVariable(ctx, "FOUND", "1")
}

// errNotReady makes the health route fail.
var errNotReady = errors.New("fastagid: not ready")

// health answers whether the daemon is ready.
type health struct{ ready func() error }

// ServeAGI fails while the daemon is not ready.
func (h health) ServeAGI(context.Context, *agi.Session) error {
	if err := h.ready(); err != nil {
		return errors.Join(errNotReady, err)
	}
	return nil
}
