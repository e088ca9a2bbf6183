package calls

import (
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// dial is one ringing of a channel by another.
type dial struct {
	source     *channel // nil: the system dials by itself (Originate)
	dest       *channel
	begin, end time.Time
	status     string // DialStatus; empty while it rings, and if none was told
	forward    bool   // the telephone sent the call elsewhere
}

// dialBegin: Channel rings Dest (ast_channel_publish_dial in main/stasis_channels.c). The first DialBegin of a channel puts
// it into the call of who rings it. A later one, as after a transfer while it rings, changes who rings it and opens the
// dial again. Without Channel it is an Originate.
func (t *Tracker) dialBegin(event ami.Message, at time.Time) {
	dest := t.channels[event.Get("DestUniqueid")]
	if dest == nil || !dest.ended.IsZero() {
		return
	}
	sourceID := event.Get("Uniqueid")
	source := t.channels[sourceID]
	if source == nil && sourceID != "" {
		return
	}
	if dest.rung != nil && dest.rung.source == source && dest.rung.end.IsZero() {
		return // told twice
	}
	if t.pickedByDial(source, dest, at) {
		return
	}
	if dest.rung != nil && dest.rung.end.IsZero() {
		dest.rung.end = at // rung by somebody else from now on
	}
	d := dest.call.newDial()
	*d = dial{source: source, dest: dest, begin: at}
	first := !dest.dialed
	dest.rung, dest.dialed = d, true
	dest.gaveUp = false // it refused before Asterisk told that it was rung
	if first && dest.external {
		dest.party = Party{Number: strings.Clone(dialedNumber(event.Get("DialString"))), Kind: External}
	}
	if source == nil {
		dest.originated = true
		dest.shown = strings.Clone(known(event.Get("DestConnectedLineNum")))
		return
	}
	source.dials = append(source.dials, d)
	replace(&source.exten, event.Get("Exten"))
	if source.plumbing {
		replace(&source.shown, known(event.Get("CallerIDNum")))
	}
	t.joinsDialer(d, first, at)
	t.redirected(source, at)
}

// joinsDialer puts who is rung for the first time into the call of who rings.
func (t *Tracker) joinsDialer(d *dial, first bool, at time.Time) {
	if to := d.source.call.root(); first && d.dest.call.root() != to {
		t.moveTree(d.dest, to, at)
	}
}

// dialedNumber is the number in the dial string of a trunk: what comes before the @ of PJSIP/number@trunk, or after the
// last slash of PJSIP/trunk/sip:number@host and DAHDI/g1/number.
func dialedNumber(dialString string) string {
	s, _, _ := strings.Cut(dialString, ",")
	if i := strings.LastIndexByte(s, '/'); i >= 0 {
		s = s[i+1:]
	}
	s, _, _ = strings.Cut(s, "@")
	return strings.TrimPrefix(s, "sip:")
}

// dialEnd: the ringing is over, for the reason in DialStatus. Asterisk may say so twice, and the first one counts; or for a
// channel that was never rung, such as one that picks a call up.
func (t *Tracker) dialEnd(event ami.Message, at time.Time) {
	dest := t.channels[event.Get("DestUniqueid")]
	if dest == nil || dest.rung == nil {
		return
	}
	d := dest.rung
	if source := t.channelOf(event); source != nil && source != d.source {
		t.takesOverDial(dest, source, at)
		d = dest.rung
	}
	if d.status != "" {
		return
	}
	d.status = keepUsual(event.Get("DialStatus"))
	if d.end.IsZero() {
		d.end = at
	}
	d.forward = d.forward || event.Get("Forward") != ""
	if d.status == "ANSWER" {
		t.checkConnected(dest.call, at)
	}
}

// takesOverDial: whom the transferer rang is answered for the transferee, without a DialBegin of his (a transfer while it
// rings, DestType App of AttendedTransfer).
func (t *Tracker) takesOverDial(dest, source *channel, at time.Time) {
	if !source.placing && !source.dialed {
		return
	}
	if dest.rung.end.IsZero() {
		dest.rung.end = at
	}
	d := &dial{source: source, dest: dest, begin: dest.rung.begin}
	dest.rung = d
	source.dials = append(source.dials, d)
}

// endDial ends the ringing of a channel that has hung up before Asterisk told a status.
func (ch *channel) endDial(at time.Time) {
	if ch.rung != nil && ch.rung.end.IsZero() {
		ch.rung.end = at
	}
}

// open tells whether the channel is ringing anybody.
func (ch *channel) ringsSomebody() bool {
	for _, d := range ch.dials {
		if d.end.IsZero() {
			return true
		}
	}
	return false
}

// hopLimit bounds how many Local channels a walk goes through, so that nonsense in the stream cannot make it endless.
const hopLimit = 16

// dialer is the telephone, or the Local half that nobody rang, for whom a channel is rung: who dialled it, through any
// Local channels in between. It is nil if the system dials by itself.
func (ch *channel) dialer() *channel {
	for range hopLimit {
		if ch.rung == nil || ch.rung.source == nil {
			return nil
		}
		source := ch.rung.source
		if !source.plumbing || source.partner == nil {
			return source
		}
		if source.partner.rung == nil {
			return source.partner
		}
		ch = source.partner
	}
	return nil
}

// accepted tells whether everybody between the channel and who placed the call took the answer: a telephone that is up but
// was asked to accept the call and did not (Dial's U, M and p) has answered nothing.
func (ch *channel) accepted() bool {
	for range hopLimit {
		if ch.rung == nil {
			return false
		}
		if ch.rung.status != "ANSWER" {
			return false
		}
		source := ch.rung.source
		if source == nil || !source.plumbing || source.partner == nil || source.partner.rung == nil {
			return true
		}
		ch = source.partner
	}
	return false
}

// phones are the telephones behind a dialled channel: itself, or whom its Local partner has dialled.
func (ch *channel) phones() []*channel {
	if !ch.plumbing {
		return []*channel{ch}
	}
	budget := walkLimit
	return ch.appendPhones(nil, &budget)
}

// walkLimit bounds how many channels a walk behind Local channels looks at.
const walkLimit = 64

func (ch *channel) appendPhones(to []*channel, budget *int) []*channel {
	if *budget--; *budget < 0 {
		return to
	}
	if !ch.plumbing {
		return append(to, ch)
	}
	if ch.partner == nil {
		return to
	}
	for _, d := range ch.partner.dials {
		to = d.dest.appendPhones(to, budget)
	}
	return to
}

// best is the telephone that answered, else the first.
func best(phones []*channel) *channel {
	for _, phone := range phones {
		if !phone.answered.IsZero() {
			return phone
		}
	}
	if len(phones) > 0 {
		return phones[0]
	}
	return nil
}
