package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/asterism-go/asterism/callcenter/calls"
)

// sentenceOf says a change in words; nothing if there is nothing to say.
func sentenceOf(change *calls.Change) string {
	c, at := &change.Call, change.At
	switch change.Kind {
	case calls.Started:
		return fmt.Sprintf("%s calls %s.", party(c.Caller), orNobody(c.Dialed))
	case calls.Ringing:
		return legAt(c, at, func(l *calls.Leg) time.Time { return l.Ringing }) + " rings."
	case calls.Connected:
		return who(c, c.AnsweredBy) + " answers."
	case calls.Talking:
		return talkAt(c, at, "%s and %s talk.", func(v *calls.Conversation) time.Time { return v.Start })
	case calls.TalkingEnd:
		return talkAt(c, at, "%s and %s do not hear each other any more.", func(v *calls.Conversation) time.Time { return v.End })
	case calls.Held:
		return "A party is put on hold."
	case calls.Resumed:
		return "The hold is over."
	case calls.Queued, calls.Unqueued:
		return queued(c)
	case calls.Transferred:
		return transferred(c, at)
	case calls.SpyChanged:
		return spyChanged(c, at)
	case calls.Merged:
		return "From now on it is part of call " + c.MergedInto + "."
	case calls.Ended:
		return ended(c)
	case calls.LegEnded:
		return "One telephone is free again, and the call goes on."
	case calls.Finished:
		return finished(c)
	default:
		return "It is " + strings.ReplaceAll(change.Kind.String(), "_", " ") + "."
	}
}

func party(p calls.Party) string {
	switch {
	case p.Kind == calls.SystemParty:
		return "The telephone system"
	case p.Name != "" && p.Number != "":
		return p.Name + " (" + p.Number + ")"
	}
	return orNobody(p.Name + p.Number)
}

func orNobody(text string) string {
	if text == "" {
		return "somebody"
	}
	return text
}

// who names the owner of a channel.
func who(c *calls.Call, channel string) string {
	for _, leg := range c.Legs {
		if leg.Channel == channel {
			return party(calls.Party{Number: leg.Number, Name: leg.Name})
		}
	}
	return orNobody(channel)
}

func legAt(c *calls.Call, at time.Time, when func(*calls.Leg) time.Time) string {
	for i := range c.Legs {
		if when(&c.Legs[i]).Equal(at) {
			return who(c, c.Legs[i].Channel)
		}
	}
	return "A telephone"
}

func talkAt(c *calls.Call, at time.Time, format string, when func(*calls.Conversation) time.Time) string {
	for i := range c.Conversations {
		if v := &c.Conversations[i]; when(v).Equal(at) {
			return fmt.Sprintf(format, who(c, v.A), who(c, v.B))
		}
	}
	return ""
}

func queued(c *calls.Call) string {
	if len(c.Queues) == 0 {
		return ""
	}
	v := c.Queues[len(c.Queues)-1]
	if v.Outcome == "" {
		return "The caller waits in the queue " + v.Queue + "."
	}
	return fmt.Sprintf("The caller leaves the queue %s after %.1f s.", v.Queue, v.Waited(v.Left).Seconds())
}

func transferred(c *calls.Call, at time.Time) string {
	for _, x := range c.Transfers {
		if x.At.Equal(at) {
			by := "Somebody outside the call"
			if x.By != "" {
				by = who(c, x.By)
			}
			return fmt.Sprintf("%s transfers %s to %s (%s).", by, who(c, x.Transferee), orNobody(x.Number), x.Type)
		}
	}
	return ""
}

func spyChanged(c *calls.Call, at time.Time) string {
	does := map[calls.SpyMode]string{calls.Listen: "only listens", calls.Whisper: "whispers", calls.Barge: "barges in"}
	for _, s := range c.Spies {
		if n := len(s.Changes); n > 0 && s.Changes[n-1].At.Equal(at) {
			return fmt.Sprintf("%s, who spies on %s, %s from now on.", s.Channel, who(c, s.Target), does[s.Changes[n-1].Mode])
		}
	}
	return ""
}

func ended(c *calls.Call) string {
	if c.HangupBy == calls.System || c.HangupBy == "" {
		return "The telephone system ends the call."
	}
	return who(c, c.HangupBy) + " hangs up."
}

func finished(c *calls.Call) string {
	text := fmt.Sprintf("In short: %s, %s", c.Direction, strings.ReplaceAll(string(c.Result), "_", " "))
	if c.TalkTime > 0 {
		text += fmt.Sprintf(", talked for %.1f s", c.TalkTime.Seconds())
	}
	if len(c.Uncertain) > 0 {
		text += "; uncertain: " + strings.Join(c.Uncertain, ", ")
	}
	var legs []string
	for _, leg := range c.Legs {
		legs = append(legs, fmt.Sprintf("%s %s", who(c, leg.Channel), strings.ReplaceAll(string(leg.Outcome), "_", " ")))
	}
	return text + " (" + strings.Join(legs, ", ") + ")."
}
