package calls

import (
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// dialBegin: Source rings Dest. The first DialBegin of a channel puts it into the call of who rings it
// (ast_channel_publish_dial in main/stasis_channels.c). Without a source it is an Originate.
func (t *Tracker) dialBegin(event ami.Message, _ time.Time) {
	dest := t.channels[event.Get("DestUniqueid")]
	source := t.channelOf(event)
	if dest == nil || source == nil || dest.dialed {
		return
	}
	dest.dialed = true
	if dest.call != source.call {
		t.move(dest, source.call)
	}
	if dest.external {
		dest.party = Party{Number: dialedNumber(event.Get("DialString")), Kind: External}
	}
	c := dest.call
	c.open++
	c.together = max(c.together, c.open)
}

// move puts a channel that was alone so far into another call.
func (t *Tracker) move(ch *channel, to *call) {
	from := ch.call
	if from.live > 1 {
		return // a call of its own already: two calls are not made one here
	}
	for _, linkedid := range from.linkedids {
		t.linked[linkedid] = to
		to.linkedids = append(to.linkedids, linkedid)
	}
	to.add(ch)
}

// dialedNumber is the number in the dial string of a trunk: what comes before the @ of PJSIP/number@trunk, or after the
// last slash of PJSIP/trunk/sip:number@host and DAHDI/g1/number.
func dialedNumber(dialString string) string {
	s := dialString
	if i := strings.LastIndexByte(s, '/'); i >= 0 {
		s = s[i+1:]
	}
	s, _, _ = strings.Cut(s, "@")
	return strings.TrimPrefix(s, "sip:")
}

// dialEnd: the ringing is over, for the reason in DialStatus; Asterisk may say so twice, and the first one counts.
func (t *Tracker) dialEnd(event ami.Message, at time.Time) {
	if dest := t.channels[event.Get("DestUniqueid")]; dest != nil {
		t.endDial(dest, event.Get("DialStatus"), at)
	}
}

// endDial ends the ringing of a channel if it is still open. The status is empty if the channel hung up before Asterisk
// told one.
func (t *Tracker) endDial(ch *channel, status string, at time.Time) {
	if !ch.dialed || ch.dialEnded {
		return
	}
	ch.dialEnded, ch.dialStatus = true, status
	c := ch.call
	c.open--
	if status != "ANSWER" || c.answeredBy != nil || ch.plumbing {
		return
	}
	c.answeredBy = ch
	if ch.answered.IsZero() { // the DialEnd has overtaken the Newstate
		ch.answered = at
	}
	t.changed(Connected, c, at)
}
