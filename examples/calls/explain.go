package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/calls"
)

// explain tells a call as a story. Each sentence is a change of the call; below it are the events of that moment that are
// about its legs.
func explain(o options, stdout io.Writer) error {
	player, source, _, err := open(o)
	if err != nil {
		return err
	}
	s := story{call: o.explain, events: map[int64][]ami.Message{}, out: stdout}
	err = source.each(func(message ami.Message, arrived time.Time) {
		s.note(message)
		s.take(player.Feed(message, arrived))
	})
	if err != nil {
		return err
	}
	s.take(player.End())
	if !s.told {
		return fmt.Errorf("no call %s in the recording", o.explain)
	}
	return nil
}

type story struct {
	call    string
	events  map[int64][]ami.Message // by microsecond
	started time.Time
	told    bool
	out     io.Writer
}

// note keeps an event that a sentence may stand on.
func (s *story) note(message ami.Message) {
	at := message.Get("Timestamp")
	if at == "" || message.Event() == "CEL" || message.Event() == "VarSet" {
		return
	}
	s.events[micro(at)] = append(s.events[micro(at)], message)
}

// micro reads seconds.microseconds.
func micro(text string) (n int64) {
	seconds, fraction, _ := strings.Cut(text, ".")
	for _, digit := range seconds + (fraction + "000000")[:6] {
		n = n*10 + int64(digit-'0')
	}
	return n
}

func (s *story) take(changes []calls.Change) {
	for _, change := range changes {
		if change.Call.ID != s.call {
			continue
		}
		if !s.told {
			s.told, s.started = true, change.Call.Started
		}
		sentence := sentenceOf(&change)
		if sentence == "" {
			continue
		}
		fmt.Fprintf(s.out, "%8.3f s  %s\n", change.At.Sub(s.started).Seconds(), sentence)
		for _, event := range s.events[change.At.UnixMicro()] {
			if about(event, &change.Call) {
				fmt.Fprintf(s.out, "              %s\n", brief(event))
			}
		}
	}
}

// about tells whether an event is about a leg of the call.
func about(event ami.Message, call *calls.Call) bool {
	for key, value := range event.All() {
		if !strings.HasSuffix(strings.ToLower(key), "uniqueid") {
			continue
		}
		for _, leg := range call.Legs {
			if leg.Uniqueid == value {
				return true
			}
		}
	}
	return false
}

// brief is an event in a line: what it is about and what it says.
func brief(event ami.Message) string {
	var b strings.Builder
	b.WriteString(event.Event())
	for key, value := range event.All() {
		switch {
		case value == "" || value == "<unknown>":
		case strings.HasSuffix(key, "Channel"), key == "ChannelStateDesc", key == "Exten", key == "DialStatus", key == "DialString",
			key == "Cause", key == "Queue", key == "BridgeUniqueid", key == "Result", key == "Extension", key == "Interface":
			fmt.Fprintf(&b, " %s=%s", key, value)
		}
	}
	return b.String()
}
