package calls

import (
	"maps"
	"slices"
	"time"
)

// snapshot writes what is known of a call at a time into an empty Call. What nearly every call has, and has not changed since
// it was told last, is shared with what was told then.
func (t *Tracker) snapshot(out *Call, c *call, at time.Time) {
	out.ID, out.Variables = c.id, maps.Clone(c.variables)
	out.Gaps, out.Uncertain = append(out.Gaps, c.gaps...), append(out.Uncertain, c.uncertain...)
	if len(c.legs) == 0 {
		out.Dialed = c.dialedNumber
		return
	}
	out.Dialed = c.dialed()
	out.Direction, out.Kind, out.Result = t.direction(c), c.kind(), t.result(c)
	out.Missed = out.Direction == Inbound && out.Result != Answered && out.Result != Automated
	out.Caller, out.Callee = c.callerParty(), t.calleeParty(c)
	out.Started = c.legs[0].started
	if by, when := c.answer(); by != nil {
		out.Answered, out.AnsweredBy = when, by.name
	}
	if c.merged != nil {
		out.MergedInto = c.merged.root().id
	}
	c.toldLegs = t.tellLegs(c, at)
	out.Legs = c.toldLegs
	out.TalkTime = out.Legs[0].TalkTime
	c.toldTalks = t.tellTalks(c, at)
	out.Conversations = c.toldTalks
	t.snapshotMoves(c, out)
	t.snapshotRest(c, out)
	c.snapshotConferences(out, at)
	if !c.lives() {
		out.HangupBy = System
		var by *channel
		if out.Ended, by = c.ending(); by != nil {
			out.HangupBy = by.name
		}
	}
}

// tellLegs are the legs of a call at a time: those that were told last, if nothing has changed.
func (t *Tracker) tellLegs(c *call, at time.Time) []Leg {
	last := c.toldLegs
	same := len(last) == len(c.legs) // as far as they have been looked at
	var legs []Leg
	for i, ch := range c.legs {
		leg := t.leg(c, ch, at)
		if same && leg == last[i] {
			continue
		}
		if legs == nil {
			legs = append(make([]Leg, 0, len(c.legs)), last[:i]...)
		}
		same = false
		legs = append(legs, leg)
	}
	if same {
		return last
	}
	return legs
}

// tellTalks are the conversations of a call at a time, in the same way.
func (t *Tracker) tellTalks(c *call, at time.Time) []Conversation {
	t.talked = c.conversations(t.talked[:0], at)
	switch {
	case len(t.talked) == 0:
		return nil
	case slices.Equal(t.talked, c.toldTalks):
		return c.toldTalks
	}
	return slices.Clip(slices.Clone(t.talked))
}

func (c *call) kind() Kind {
	switch {
	case c.spiesOn != nil:
		return Spying
	case c.consultation():
		return Consultation
	}
	return Ordinary
}

func (t *Tracker) snapshotMoves(c *call, out *Call) {
	for _, x := range c.transfers {
		if t.parks(c, x) {
			continue
		}
		to, result := x.outcome()
		told := Transfer{
			Type: x.kind, By: x.by.label(), Transferee: x.transferee.label(), To: to.label(), Number: x.number, At: x.at,
			Result: result,
		}
		if x.consulted != nil {
			told.Consultation = x.consulted.id
		}
		out.Transfers = append(out.Transfers, told)
	}
	slices.SortStableFunc(out.Transfers, func(a, b Transfer) int { return a.At.Compare(b.At) })
	for _, v := range c.visits {
		out.Queues = append(out.Queues, t.queueVisit(v))
	}
	for _, p := range c.parkings {
		out.Parking = append(out.Parking, Parking{
			Lot: p.lot, Slot: p.slot, Parkee: p.parkee.name, ParkedBy: p.parkedBy, At: p.at, Left: p.left, Outcome: p.outcome,
			By: p.by.label(),
		})
	}
	for _, p := range c.pickups {
		out.Pickups = append(out.Pickups, Pickup{By: p.by.name, Ringing: p.ringing.name, At: p.at})
	}
}

func (t *Tracker) snapshotRest(c *call, out *Call) {
	for _, r := range c.recordings {
		out.Recordings = append(out.Recordings, Recording{Files: slices.Clone(r.files), Start: r.start, End: r.end, By: r.by})
	}
	for _, s := range c.spies {
		out.Spies = append(out.Spies, s.told(t.keys, slices.Concat(c.gaps, s.by.call.gaps)))
	}
	for _, m := range c.menus {
		out.Menus = append(out.Menus, Menu{Entered: m.entered, Left: m.left, Digits: m.digits, Chosen: m.chosen})
	}
	if c.voicemail != nil {
		voicemail := *c.voicemail
		out.Voicemail = &voicemail
	}
}

func (t *Tracker) queueVisit(v *visit) QueueVisit {
	out := QueueVisit{
		Queue: v.queue, Entered: v.entered, Left: v.left, Outcome: t.visitOutcome(v), Agent: v.agent().label(), Key: v.key,
	}
	for _, a := range v.attempts {
		phone := best(a.dest.phones())
		told := Attempt{Channel: phone.label(), Member: a.member, Agent: a.agent, Offered: a.at}
		if phone != nil {
			told.Outcome = t.outcome(phone)
			if told.Outcome == "" && !phone.answered.IsZero() {
				told.Outcome = LegAnswered
			}
		}
		out.Attempts = append(out.Attempts, told)
	}
	return out
}

// label is the name of a channel, or nothing.
func (ch *channel) label() string {
	if ch == nil {
		return ""
	}
	return ch.name
}

func (t *Tracker) leg(c *call, ch *channel, at time.Time) Leg {
	return Leg{
		Channel: ch.name, Uniqueid: ch.uniqueid, Role: c.role(ch), Spy: ch.spying, Kind: ch.party.Kind, Endpoint: ch.endpoint,
		Number: ch.party.Number, Name: ch.party.Name,
		Started: ch.started, Ringing: ch.ringing, Answered: ch.answered, Ended: ch.end(),
		Outcome: t.outcome(ch), HoldTime: ch.holdTime(at), TalkTime: ch.talkTime(at, c.live == 0), Uncertain: ch.uncertain,
	}
}

func (c *call) role(ch *channel) Role {
	switch {
	case ch.spying:
		return Listener
	case ch.retrieved:
		return Retriever
	case c.tookPart(ch):
		return Picker
	case ch == c.caller() && len(ch.seats) > 0 && c.firstRung() == nil:
		return Participant
	case ch == c.caller():
		return Caller
	}
	if source := ch.dialer(); source != nil {
		if source.lastVisit != nil && source.lastVisit.rang(ch) {
			return Agent
		}
		if source.talked(ch.started) || (source.attemptedBy(c) && source.plumbing) {
			return TransferTarget
		}
	}
	return Callee
}

func (v *visit) rang(ch *channel) bool {
	for _, a := range v.attempts {
		if slices.Contains(a.dest.phones(), ch) {
			return true
		}
	}
	return false
}

// attemptedBy tells whether the channel is the Local half of an attended transfer by feature code.
func (ch *channel) attemptedBy(c *call) bool {
	for _, x := range c.transfers {
		if x.local == ch {
			return true
		}
	}
	return false
}

// conversations appends those of the call, with those in a conference that the call's legs are the older one of.
func (c *call) conversations(out []Conversation, at time.Time) []Conversation {
	for _, tk := range c.talks {
		if tk.counts(at) {
			out = append(out, Conversation{A: tk.a.name, B: tk.b.name, Start: tk.start, End: tk.until()})
		}
	}
	for _, leg := range c.legs {
		if c.live > 0 {
			break
		}
		for _, s := range leg.seats {
			for _, other := range s.conference.seats {
				start, end, ok := s.meets(other, at)
				if !ok || !leg.older(other.member) {
					continue
				}
				if s.left.IsZero() && other.left.IsZero() {
					end = time.Time{}
				}
				out = append(out, Conversation{A: leg.name, B: other.member.name, Start: start, End: end})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Conversation) int { return a.Start.Compare(b.Start) })
	return out
}

// snapshotConferences tells the conferences that legs of the call were in, with whom they met there. What became of the
// others after the call does not belong to it.
func (c *call) snapshotConferences(out *Call, at time.Time) {
	var seen []*conference
	for _, leg := range c.legs {
		for _, s := range leg.seats {
			if slices.Contains(seen, s.conference) {
				continue
			}
			seen = append(seen, s.conference)
			told, certain := s.conference.told(c, at)
			out.Conferences = append(out.Conferences, told)
			if !certain && !slices.Contains(out.Uncertain, "conferences") {
				out.Uncertain = append(out.Uncertain, "conferences")
			}
		}
	}
}

// liveMembers is the most members of a room that a call that lives tells all of.
const liveMembers = 32

func (m *conference) told(c *call, at time.Time) (out Conference, certain bool) {
	var own []*seat
	last := time.Time{}
	for _, leg := range c.legs {
		for _, s := range leg.seats {
			if s.conference == m {
				own = append(own, s)
				last = latest(last, s.joined, earliest(at, s.left))
			}
		}
	}
	out.Name, certain = m.name, true
	seats := own
	if c.live == 0 || m.open <= liveMembers {
		seats = m.inOrder()
	}
	for _, s := range seats {
		met := slices.ContainsFunc(own, func(mine *seat) bool {
			_, _, ok := mine.meets(s, last)
			return ok || mine == s || (mine.left.IsZero() && s.left.IsZero())
		})
		if !met {
			continue
		}
		member := ConferenceMember{Channel: s.member.name, Joined: s.joined}
		if !s.left.After(last) {
			member.Left = s.left
		}
		out.Members = append(out.Members, member)
		certain = certain && !s.uncertain
	}
	return out, certain
}

// talkTime adds up the conversations of a leg. Those that overlap, because it talks with several at once, count once. Those in
// a conference are counted when the call is over: to look at all members for each who joins would cost too much.
func (ch *channel) talkTime(at time.Time, over bool) time.Duration {
	var total time.Duration
	var until time.Time // conversations are in the order in which they began
	add := func(start, end time.Time) {
		if start.Before(until) {
			start = until
		}
		if end.After(start) {
			total += end.Sub(start)
			until = end
		}
	}
	for _, tk := range ch.talks {
		if tk.counts(at) {
			add(tk.start, earliest(at, tk.until()))
		}
	}
	for _, s := range ch.seats {
		if over {
			total += s.company(at)
		}
	}
	return total
}

// company is for how long a member of a conference was not alone.
func (s *seat) company(at time.Time) time.Duration {
	var total time.Duration
	var until time.Time
	for _, other := range s.conference.inOrder() {
		start, end, ok := s.meets(other, at)
		if !ok {
			continue
		}
		start = latest(start, until)
		if end.After(start) {
			total += end.Sub(start)
			until = end
		}
	}
	return total
}
