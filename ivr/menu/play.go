package menu

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/asterism-go/asterism/ivr"
)

// part is sounds in one language.
type part struct {
	language string
	sounds   []string
}

// play plays a prompt. Digits stop it unless it is deaf. What cannot be played is left out, noted and counted.
func (r *Session) play(ctx context.Context, p Prompt, deaf bool) error {
	for _, part := range r.parts(ctx, p) {
		if !deaf && r.call.Keys().Pending() != "" {
			break
		}
		if err := r.playPart(ctx, part, deaf); err != nil {
			return err
		}
	}
	return context.Cause(ctx)
}

func (r *Session) playPart(ctx context.Context, p part, deaf bool) error {
	r.visit.Prompts = append(r.visit.Prompts, p.sounds...)
	for len(p.sounds) > 0 {
		err := r.call.Play(ctx, ivr.Playback{Sounds: p.sounds, Language: p.language, Deaf: deaf})
		var missing *ivr.SoundError
		if !errors.As(err, &missing) {
			return err
		}
		r.missing(ctx, missing.Sound, p.language)
		p.sounds = p.sounds[max(slices.Index(p.sounds, missing.Sound), 0)+1:]
		if !deaf && r.call.Keys().Pending() != "" {
			return nil
		}
	}
	return nil
}

// missing notes a sound that cannot be played.
func (r *Session) missing(ctx context.Context, sound, language string) {
	r.visit.Missing = append(r.visit.Missing, sound)
	r.engine.metrics.missing(r.node)
	r.log().WarnContext(ctx, "menu: a sound cannot be played", "node", r.node, "sound", sound, "language", language)
}

// parts are the sounds of a prompt, those together that are in one language.
func (r *Session) parts(ctx context.Context, p Prompt) []part {
	var list []part
	for i := range p {
		one := r.part(ctx, &p[i])
		if n := len(list); n > 0 && list[n-1].language == one.language {
			list[n-1].sounds = append(list[n-1].sounds, one.sounds...)
		} else if len(one.sounds) > 0 {
			list = append(list, one)
		}
	}
	return list
}

func (r *Session) part(ctx context.Context, s *Segment) part {
	language := or(s.Language, r.call.Language())
	switch {
	case s.Sound != "":
		return r.soundOf(ctx, s, r.set.chain(language))
	case s.Text != nil:
		return r.spoken(ctx, s, r.set.chain(language))
	case s.Recording != "":
		return part{language, []string{ivr.RecordingPrefix + fill(s.Recording, r.values)}}
	}
	return r.said(ctx, s, r.set.chain(language))
}

// said is a value in the first of some languages in which it can be said with sounds that there are.
func (r *Session) said(ctx context.Context, s *Segment, chain []string) part {
	piece, err := r.piece(s)
	if err != nil {
		r.log().WarnContext(ctx, "menu: cannot say a value", "node", r.node, "error", err)
		r.missing(ctx, "value", chain[0])
		return part{}
	}
	var first part
	for _, language := range chain {
		sounds, err := ivr.SoundsBy(r.engine.cfg.Sayer, language, piece)
		if err != nil {
			continue
		}
		if r.has(language, sounds) {
			return part{language, sounds}
		}
		if first.sounds == nil {
			first = part{language, sounds}
		}
	}
	if first.sounds == nil {
		r.missing(ctx, "value", chain[0])
	}
	return first
}

// has tells whether there are all of some sounds, as far as that is known.
func (r *Session) has(language string, sounds []string) bool {
	library := r.engine.cfg.Sounds
	return library == nil || !slices.ContainsFunc(sounds, func(sound string) bool { return !library.Has(language, sound) })
}

// soundOf is a sound in the first of some languages that has it, or else its text.
func (r *Session) soundOf(ctx context.Context, s *Segment, chain []string) part {
	if r.engine.cfg.Sounds == nil {
		if s.Text != nil && r.engine.cfg.Speaker != nil {
			return r.spoken(ctx, s, chain)
		}
		return part{chain[0], []string{s.Sound}}
	}
	for _, language := range chain {
		if r.engine.cfg.Sounds.Has(language, s.Sound) {
			return part{language, []string{s.Sound}}
		}
	}
	if s.Text != nil {
		return r.spoken(ctx, s, chain)
	}
	r.missing(ctx, s.Sound, chain[0])
	return part{}
}

// spoken is a text as a sound.
func (r *Session) spoken(ctx context.Context, s *Segment, chain []string) part {
	text, language, ok := s.Text.in(chain)
	if !ok || r.engine.cfg.Speaker == nil {
		r.missing(ctx, "text", chain[0])
		return part{}
	}
	sound, err := r.engine.cfg.Speaker.Speak(ctx, language, fill(text, r.values))
	if err != nil {
		r.log().WarnContext(ctx, "menu: a text cannot be spoken", "node", r.node, "language", language, "error", err)
		r.missing(ctx, "text", language)
		return part{}
	}
	return part{language, []string{sound}}
}

// piece is what a segment says of a value.
func (r *Session) piece(s *Segment) (ivr.Piece, error) {
	switch {
	case s.Digits != "":
		return ivr.SayDigits(fill(s.Digits, r.values)), nil
	case s.Number != "":
		n, err := strconv.ParseInt(fill(s.Number, r.values), 10, 64)
		return ivr.SayNumber(n), err
	case s.Money != "":
		n, err := hundredths(fill(s.Money, r.values))
		return ivr.SayMoney(n, s.Currency), err
	}
	t, err := parseTime(fill(or(s.Date, s.Time), r.values), r.engine.now(), r.set.zone)
	if s.Date != "" {
		return ivr.SayDate(t), err
	}
	return ivr.SayTime(t), err
}

var errMoney = errors.New("an amount such as 12.50 is wanted")

// hundredths reads an amount such as 12, 12.5 or -12.50.
func hundredths(text string) (int64, error) {
	units, part, _ := strings.Cut(text, ".")
	if len(part) > 2 || strings.ContainsAny(part, "+-") {
		return 0, errMoney
	}
	n, err := strconv.ParseInt(units+(part + "00")[:2], 10, 64)
	if err != nil {
		return 0, errMoney
	}
	return n, nil
}
