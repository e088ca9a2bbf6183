package calls

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// conference is one meeting in a room: from the first who joins until the last has left.
type conference struct {
	name  string
	seats []*seat
	open  int
}

// seat is a member of a conference.
type seat struct {
	conference   *conference
	bridge       *bridge
	member       *channel
	joined, left time.Time
	told         seatSource // by which events
	uncertain    bool       // when it was taken or left was not seen
}

// seatSource is an event that tells that a seat was taken.
type seatSource uint8

const (
	byBridgeEnter seatSource = 1 << iota
	byConfbridgeJoin
)

// confbridgeJoin: see apps/confbridge/confbridge_manager.c. It comes before or after BridgeEnter, which tells the same.
func (t *Tracker) confbridgeJoin(event ami.Message, at time.Time) {
	ch := t.channelOf(event)
	if ch == nil || !ch.ended.IsZero() {
		return
	}
	if b := t.conferenceOf(event, ch); b != nil {
		t.takeSeat(ch, b, byConfbridgeJoin, at)
		t.dropEmpty(b)
	}
}

func (t *Tracker) confbridgeLeave(event ami.Message, at time.Time) {
	if ch := t.channelOf(event); ch != nil {
		t.leaveSeat(ch, at)
	}
}

func (t *Tracker) conferenceOf(event ami.Message, ch *channel) *bridge {
	b := t.bridgeOf(event, ch)
	if b != nil && b.conference == "" {
		b.conference, b.talks = strings.Clone(event.Get("Conference")), false
	}
	return b
}

func (t *Tracker) takeSeat(ch *channel, b *bridge, by seatSource, at time.Time) {
	member := ch.far()
	if s := t.seats[ch.uniqueid]; s != nil {
		s.told |= by
		return
	}
	if member == nil || member.satBriefly(b, by, at) {
		return
	}
	if b.meeting == nil || b.meeting.open == 0 {
		b.meeting = &conference{name: b.conference}
	}
	s := &seat{conference: b.meeting, bridge: b, member: member, joined: at, told: by, uncertain: t.guessing}
	b.meeting.open++
	b.meeting.prune(at)
	b.meeting.seats = append(b.meeting.seats, s)
	member.seats = append(member.seats, s)
	t.seats[ch.uniqueid] = s
	t.changed(Joined, member.call.root(), at)
}

// satBriefly tells whether an event is late about a seat that was left again: of a short stay, both events of one kind may
// come before those of the other.
func (ch *channel) satBriefly(b *bridge, by seatSource, at time.Time) bool {
	if len(ch.seats) == 0 {
		return false
	}
	s := ch.seats[len(ch.seats)-1]
	if s.bridge.id != b.id || s.left.IsZero() || at.Sub(s.left) > window || s.told&by != 0 {
		return false
	}
	s.told |= by
	return true
}

func (t *Tracker) leaveSeat(ch *channel, at time.Time) {
	s := t.seats[ch.uniqueid]
	if s == nil {
		return
	}
	delete(t.seats, ch.uniqueid)
	s.left = at
	s.uncertain = s.uncertain || t.guessing
	s.conference.open--
	t.dropEmpty(s.bridge)
	t.changed(Left, s.member.call.root(), at)
}

// Room is a conference that is going on.
type Room struct {
	Name string
	// Members are those who are in it, in the order in which they joined.
	Members []RoomMember
}

// RoomMember is a leg that is in a room.
type RoomMember struct {
	Channel string
	Call    string // its ID
	Joined  time.Time
}

// Rooms are the conferences in which somebody is now, by name. Two rooms on different bridges may have one name.
func (t *Tracker) Rooms() []Room {
	members := map[*conference][]*seat{}
	for _, s := range t.seats {
		members[s.conference] = append(members[s.conference], s)
	}
	rooms := make([]Room, 0, len(members))
	for m, seats := range members {
		slices.SortFunc(seats, func(a, b *seat) int {
			return cmp.Or(a.joined.Compare(b.joined), cmp.Compare(a.member.uniqueid, b.member.uniqueid))
		})
		room := Room{Name: m.name}
		for _, s := range seats {
			room.Members = append(room.Members, RoomMember{Channel: s.member.name, Call: s.member.call.root().id, Joined: s.joined})
		}
		rooms = append(rooms, room)
	}
	slices.SortFunc(rooms, func(a, b Room) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), a.Members[0].Joined.Compare(b.Members[0].Joined))
	})
	return rooms
}

// seatLimit is how many seats a conference remembers before it looks for those that nobody who is there has met.
const seatLimit = 64

func (m *conference) prune(at time.Time) {
	if len(m.seats) < seatLimit || len(m.seats) < 2*m.open {
		return
	}
	oldest := at
	for _, s := range m.seats {
		if s.left.IsZero() {
			oldest = earliest(oldest, s.joined)
		}
	}
	oldest = oldest.Add(-grace)
	kept := make([]*seat, 0, len(m.seats))
	for _, s := range m.seats {
		if s.left.IsZero() || s.left.After(oldest) {
			kept = append(kept, s)
		}
	}
	m.seats = kept
}

// meets yields when two members were in the conference together, with the time until which it is known.
func (s *seat) meets(other *seat, at time.Time) (start, end time.Time, ok bool) {
	start, end = latest(s.joined, other.joined), earliest(at, s.left, other.left)
	return start, end, s != other && end.After(start)
}

// inOrder are the seats in the order in which they were taken.
func (m *conference) inOrder() []*seat {
	seats := slices.Clone(m.seats)
	slices.SortFunc(seats, func(a, b *seat) int {
		return cmp.Or(a.joined.Compare(b.joined), cmp.Compare(a.member.uniqueid, b.member.uniqueid))
	})
	return seats
}
