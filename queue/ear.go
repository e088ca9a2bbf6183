package queue

import (
	"fmt"
	"maps"
	"strings"
	"time"
)

// Ear is what callers hear, and what they can do by keys. A key stops what is being said, and it is a key of the queue then too.
type Ear struct {
	// Language is that in which callers are spoken to whose own is none of [ivr.Languages], or has not all sounds. Default: en.
	Language string
	// Sounds are what is said.
	Sounds Sounds
	// Periodic are played one after the other, one each PeriodicEvery: each is a list of sounds. Zero PeriodicEvery: never.
	Periodic      [][]string
	PeriodicEvery time.Duration
	// Languages are offered before a caller joins. None: the language is that of the channel.
	Languages []LanguageKey
	// Offer, if not nil, tells callers of a long wait before they join.
	Offer *Offer
	// Callback, if not nil, lets callers be called back.
	Callback *Callback
	// Voicemail, if not nil, lets callers leave a message.
	Voicemail *Voicemail
}

// prepareEar checks what a queue's callers can do, and gives it its defaults.
func (q *Queue) prepareEar() error {
	var err error
	if strings.HasPrefix(q.Name, "@") {
		return fmt.Errorf("queue: %q: names of queues do not begin with @", q.Name)
	}
	if q.Callback != nil {
		if q.Callback, err = q.Callback.withDefaults(); err != nil {
			return fmt.Errorf("queue: %q: %w", q.Name, err)
		}
	}
	if q.Voicemail != nil {
		if q.Voicemail, err = q.Voicemail.withDefaults(); err != nil {
			return fmt.Errorf("queue: %q: %w", q.Name, err)
		}
	}
	return q.addKeys()
}

// addKeys makes the key of the voicemail an exit, and checks that none is used twice.
func (q *Queue) addKeys() error {
	exits := maps.Clone(q.Exits)
	if exits == nil {
		exits = map[string]string{}
	}
	if v := q.Voicemail; v != nil && v.Key != "" {
		if _, used := exits[v.Key]; used {
			return fmt.Errorf("queue: %q: the key %s is an exit and that of the voicemail", q.Name, v.Key)
		}
		exits[v.Key] = toVoicemail
	}
	if c := q.Callback; c != nil && c.Key != "" {
		if _, used := exits[c.Key]; used {
			return fmt.Errorf("queue: %q: the key %s leaves the queue and asks for a call-back", q.Name, c.Key)
		}
	}
	q.Exits = exits
	return nil
}
