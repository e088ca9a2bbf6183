package queue

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/ivr"
	"github.com/asterism-go/asterism/queue/acd"
)

// Sounds are what callers hear. Each is a list of names of sounds, below Asterisk's folder of sounds or with a path of their own;
// those that are not given are Asterisk's own as far as it has some that fit. They are played in the language of the channel.
type Sounds struct {
	// Next says that one is the next, There and Waiting are before and behind a position.
	Next, There, Waiting []string
	// HoldTime is before the expected wait, Minute behind 1 and Minutes behind another number.
	HoldTime, Minute, Minutes []string
	// Offer tells a caller who waits with which key to be called back. Default: not told.
	Offer []string
	// MyNumber is before the number to be called back, Confirm behind it: 1 is right, 2 is another one, * goes on waiting.
	MyNumber, Confirm []string
	// EnterNumber asks for a number and #, NotAllowed says that it cannot be called.
	EnterNumber, NotAllowed []string
	// CallbackTaken says that the caller will be called back, and can hang up. CalledBack is said to who is called back, NotReached
	// to the agent who has waited for that.
	CallbackTaken, CalledBack, NotReached []string
	// Message asks for a message, MessageKept says that it is kept.
	Message, MessageKept []string
}

// Asterisk's own sounds.
var defaultSounds = Sounds{
	Next: []string{"queue-youarenext"}, There: []string{"queue-thereare"}, Waiting: []string{"queue-callswaiting"},
	HoldTime: []string{"queue-holdtime"}, Minute: []string{"queue-minute"}, Minutes: []string{"queue-minutes"},
	MyNumber: []string{"vm-num-i-have"}, Confirm: []string{"if-correct-press", "digits/1"},
	EnterNumber: []string{"vm-enter-num-to-call", "vm-then-pound"}, NotAllowed: []string{"cannot-complete-as-dialed"},
	CallbackTaken: []string{"vm-tocallback", "auth-thankyou", "vm-goodbye"}, CalledBack: []string{"hello"}, NotReached: []string{"number-not-answering"},
	Message: []string{"vm-intro"}, MessageKept: []string{"vm-msgsaved"},
}

// or returns the pieces of sounds, or of others if none are given.
func or(sounds, otherwise []string) []ivr.Piece {
	if len(sounds) == 0 {
		sounds = otherwise
	}
	pieces := make([]ivr.Piece, len(sounds))
	for i, sound := range sounds {
		pieces[i] = ivr.Sound(strings.TrimPrefix(sound, "sound:"))
	}
	return pieces
}

// place says a position, and an expected wait in minutes that have begun; zero: not at all.
func (s *Sounds) place(position int, wait time.Duration) []ivr.Piece {
	var said []ivr.Piece
	if position == 1 {
		said = or(s.Next, defaultSounds.Next)
	} else {
		said = append(or(s.There, defaultSounds.There), ivr.SayNumber(int64(position)))
		said = append(said, or(s.Waiting, defaultSounds.Waiting)...)
	}
	return append(said, s.wait(wait)...)
}

// wait says an expected wait.
func (s *Sounds) wait(wait time.Duration) []ivr.Piece {
	if wait <= 0 {
		return nil
	}
	minutes := int64((wait + time.Minute - 1) / time.Minute)
	unit := or(s.Minutes, defaultSounds.Minutes)
	if minutes == 1 {
		unit = or(s.Minute, defaultSounds.Minute)
	}
	return append(append(or(s.HoldTime, defaultSounds.HoldTime), ivr.SayNumber(minutes)), unit...)
}

// fallbackLanguage is what is spoken where there is no other.
const fallbackLanguage = "en"

// languageOf is the language in which pieces can be said: the caller's, or that of the queue.
func (q *Queue) languageOf(language string, pieces []ivr.Piece) (spoken string, sounds []string, err error) {
	sounds, err = ivr.Sounds(language, pieces...)
	if err == nil {
		return language, sounds, nil
	}
	spoken = q.fallback()
	sounds, err = ivr.Sounds(spoken, pieces...)
	return spoken, sounds, err
}

func (q *Queue) fallback() string {
	if q.Language != "" {
		return q.Language
	}
	return fallbackLanguage
}

// utter plays pieces in the caller's language. If that has not all of them, all are played in the language of the queue.
func (q *Queue) utter(ctx context.Context, call *ari.Channel, language string, pieces []ivr.Piece) error {
	if len(pieces) == 0 {
		return nil
	}
	spoken, sounds, err := q.languageOf(language, pieces)
	if err != nil {
		return err
	}
	err = call.PlayWith(ctx, ari.ChannelPlayParams{Media: mediaOf(sounds), Lang: spoken})
	var failed *ari.PlaybackError
	if !errors.As(err, &failed) || spoken == q.fallback() || call.HangupRequested() {
		return err
	}
	if sounds, err = ivr.Sounds(q.fallback(), pieces...); err != nil {
		return err
	}
	return call.PlayWith(ctx, ari.ChannelPlayParams{Media: mediaOf(sounds), Lang: q.fallback()})
}

func mediaOf(sounds []string) []string {
	media := make([]string, len(sounds))
	for i, sound := range sounds {
		media[i] = "sound:" + sound
	}
	return media
}

// speech is what is said to a caller who waits. It ends when an agent takes the caller, and, unless it is a dialog, when the
// caller presses a key.
type speech struct {
	// dialog says that keys belong to it.
	dialog bool
	// fits looks whether there is anything to say.
	fits func(*acd.State, acd.CallerRecord) bool
	say  func(ctx context.Context) error
}

// speak says something to a caller who waits, and reports whether it was said.
func (s *Server) speak(ctx context.Context, here *caller, what speech) bool {
	saying, cancel := context.WithCancel(ctx)
	defer cancel()
	began := false
	err := s.look(ctx, func(state *acd.State) error {
		r, ok := state.Caller(here.id)
		if !ok || r.State != acd.Waiting && r.State != acd.Offered || !what.fits(state, r) {
			return nil
		}
		began = true
		here.spoken.Lock()
		here.hush, here.dialog = cancel, what.dialog
		here.quiet = func() {
			cancel()
			here.spoken.Lock() // once it is over
			defer here.spoken.Unlock()
		}
		return nil
	})
	if err != nil || !began {
		return false
	}
	err = what.say(saying)
	here.spoken.Unlock()
	if err != nil && saying.Err() == nil && !ari.IsHangup(err) && !ivr.IsOver(err) {
		s.log().Warn("queue: not announced", "caller", here.id, "error", err)
	}
	s.tell(func(*acd.State) { here.hush, here.dialog = func() {}, false })
	return true
}

// announce tells a caller the position, if it has become better. It returns what the caller knows.
func (s *Server) announce(ctx context.Context, call *ari.Channel, here *caller, known int) int {
	var pieces []ivr.Piece
	var q *Queue
	position := 0
	said := s.speak(ctx, here, speech{
		fits: func(state *acd.State, r acd.CallerRecord) bool {
			var wait time.Duration
			now, expected, _ := state.Place(here.id)
			q = s.queues[r.Caller.Queue]
			if q.AnnounceWait {
				wait = expected.P50
			}
			if now == 0 || known > 0 && now >= known {
				return false
			}
			position, pieces = now, q.Sounds.place(now, wait)
			return true
		},
		say: func(ctx context.Context) error { return q.utter(ctx, call, here.language, pieces) },
	})
	if !said {
		return known
	}
	return position
}

// periodic plays the next of what is played again and again, and returns how often that was.
func (s *Server) periodic(ctx context.Context, call *ari.Channel, here *caller, turn int) int {
	var pieces []ivr.Piece
	var q *Queue
	s.speak(ctx, here, speech{
		fits: func(_ *acd.State, r acd.CallerRecord) bool {
			q = s.queues[r.Caller.Queue]
			if n := len(q.Periodic); n > 0 {
				pieces = or(q.Periodic[turn%n], nil)
			}
			if q.Callback != nil && q.Callback.Key != "" && turn+1 >= q.Callback.OfferAfter {
				pieces = append(pieces, or(q.Sounds.Offer, nil)...)
			}
			return len(pieces) > 0
		},
		say: func(ctx context.Context) error { return q.utter(ctx, call, here.language, pieces) },
	})
	return turn + 1
}

// languageVariable is the variable of a channel that holds its language.
const languageVariable = "CHANNEL(language)"
