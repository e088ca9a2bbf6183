package queue

import (
	"context"
	"time"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/ivr"
	"github.com/asterism-go/asterism/queue/acd"
)

// LanguageKey is a key with which callers choose their language before they join. Asterisk's CHANNEL(language) is set to it.
type LanguageKey struct {
	Key      string
	Language string
	// Prompt are the sounds that offer it, played in that language.
	Prompt []string
}

// Offer tells callers before they join how long they would wait, if that is long, and has them choose.
type Offer struct {
	// Over is how long the expected wait (in half of all cases) must be. What is not known is not told.
	Over time.Duration
	// Prompt says which keys there are.
	Prompt []string
	// Stay joins, and so does who presses nothing. Callback agrees on a call-back, Voicemail takes a message, Leave goes on in the
	// dialplan, with QUEUE_OUTCOME exitkey and QUEUE_TO from LeaveTo. Empty: there is no such key.
	Stay, Callback, Voicemail, Leave string
	LeaveTo                          string
}

// wish is what a caller has chosen before joining.
type wish struct {
	number string // to be called back
	// left says that the caller does not join, and how.
	left bool
	how  acd.Transition
}

// enter has a caller choose the language, and what to do about a long wait. It returns the language.
func (s *Server) enter(ctx context.Context, call *ari.Channel, c acd.Caller, language string) (string, wish, error) {
	q := s.queues[c.Queue]
	if q == nil || len(q.Languages) == 0 && q.Offer == nil {
		return language, wish{}, nil
	}
	var w wish
	err := s.converse(ctx, call, language, func(ctx context.Context, talk *ivr.Call) (err error) {
		if language, err = q.chooseLanguage(ctx, talk, language); err != nil || q.Offer == nil {
			return err
		}
		w, err = s.offerWait(ctx, talk, q, c)
		return err
	})
	return language, w, err
}

// chooseLanguage offers all languages, each in itself.
func (q *Queue) chooseLanguage(ctx context.Context, talk *ivr.Call, language string) (string, error) {
	if len(q.Languages) == 0 {
		return language, nil
	}
	for _, l := range q.Languages {
		if err := talk.PlayPrompt(ctx, ivr.Prompt{Pieces: or(l.Prompt, nil), Language: l.Language}); err != nil {
			return language, err
		}
	}
	got, err := talk.Collect(ctx, ivr.Digits{Max: 1})
	if err != nil {
		return language, err
	}
	for _, l := range q.Languages {
		if l.Key == got.Digits {
			return l.Language, talk.SetLanguage(ctx, l.Language)
		}
	}
	return language, nil
}

// offerWait tells a long wait, and asks what to do.
func (s *Server) offerWait(ctx context.Context, talk *ivr.Call, q *Queue, c acd.Caller) (w wish, err error) {
	var expected acd.Expected
	known := false
	err = s.look(ctx, func(state *acd.State) error {
		expected, known = state.Expect(c.Queue)
		return nil
	})
	if err != nil || !known || expected.P50 <= q.Offer.Over {
		return w, err
	}
	if err := q.prompt(ctx, talk, append(q.Sounds.wait(expected.P50), or(q.Offer.Prompt, nil)...)); err != nil {
		return w, err
	}
	got, err := talk.Collect(ctx, ivr.Digits{Max: 1})
	if err != nil || got.Digits == "" {
		return w, err
	}
	left := acd.Transition{Queue: c.Queue, Caller: c.ID, CallerInfo: c, Outcome: acd.ExitKey, Key: got.Digits}
	switch o := q.Offer; got.Digits {
	case o.Stay:
	case o.Callback:
		if q.Callback != nil {
			w.number, err = q.askNumber(ctx, talk, c.Number)
		}
	case o.Voicemail:
		if q.Voicemail != nil {
			left.To = toVoicemail
			w.left, w.how = true, left
		}
	case o.Leave:
		left.To = o.LeaveTo
		w.left, w.how = true, left
	}
	return w, err
}
