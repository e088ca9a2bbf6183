package calls

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// celStory makes of the rows of a channel event log the events that would have told the same, so that there is one state
// machine. What rows do not say is read from other rows of the same channels, so they must be complete.
//
// Rows say nothing of ringing, of holds, of who rings whom, of the members of a queue and of a queue that rang nobody, of
// spies, recordings and menus. Who rings whom is concluded: the channel with the same Linkedid whose application names the
// endpoint.
type celStory struct {
	channels map[string]*celChannel // by Uniqueid
	names    map[string]*celChannel // by name, the last one
	linked   map[string][]*celChannel
	rooms    map[string]string // of conferences, by bridge
	settings settings
	blames   bool // rows say who has hung up
	events   []celEvent
	talks    map[string][]Conversation // of all calls, by channel
}

type celEvent struct {
	message ami.Message
	at      time.Time
}

// celChannel is what rows say of a channel.
type celChannel struct {
	id, name, endpoint, linkedid string

	started, ended time.Time
	begun          bool // by CHAN_START
	apps           []celApp
	dialed, queued bool // rung, by Dial or the like, or by Queue
	originated     bool // rung by the system
	placing        bool
	rings          bool        // it is the source of another one
	source         *celChannel // who rings it; nil for the system
	dialString     string
	began          string // the extension of its first row
	exten, number  string // of the last row
	dialExten      string // where its source was when it dialled
	dialStatus     string // of its last Dial
	sent           string // where it was transferred to
	shown          string // the caller id that was set for who is rung
	answered       time.Time
	bridged        bool // ever
	hangsUp        bool // by itself
	requested      bool // that was told
	up, over       bool
}

// celApp is an application that a channel ran.
type celApp struct{ name, data string }

// newCELStory reads the rows, in order of time.
func newCELStory(cfg Config, rows []CELRow) *celStory {
	s := &celStory{
		settings: newSettings(cfg), channels: map[string]*celChannel{}, names: map[string]*celChannel{}, linked: map[string][]*celChannel{},
		rooms: map[string]string{}, talks: map[string][]Conversation{},
	}
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b CELRow) int { return a.At.Compare(b.At) })
	for i := 1; i < len(rows); i++ { // tables may have whole seconds: keep the order
		if !rows[i].At.After(rows[i-1].At) {
			rows[i].At = rows[i-1].At.Add(time.Microsecond)
		}
	}
	for i := range rows {
		s.survey(&rows[i])
	}
	s.followMe()
	for i := range rows { // in order
		if ch := s.channels[rows[i].Uniqueid]; ch != nil && ch.dialed && ch.source == nil {
			s.findSource(ch)
		}
	}
	for i := range rows {
		s.tell(&rows[i])
	}
	return s
}

// survey notes what a row says of its channel.
func (s *celStory) survey(row *CELRow) {
	if row.Uniqueid == "" || row.Type == "LINKEDID_END" {
		return
	}
	ch := s.channels[row.Uniqueid]
	if ch == nil {
		ch = &celChannel{
			id: row.Uniqueid, name: row.Channel, endpoint: endpointOf(row.Channel), linkedid: cmp.Or(row.Linkedid, row.Uniqueid),
			began: row.Exten, started: row.At, begun: row.Type == "CHAN_START",
		}
		ch.placing = ch.id == ch.linkedid
		s.channels[ch.id] = ch
		s.linked[ch.linkedid] = append(s.linked[ch.linkedid], ch)
	}
	ch.ended = row.At
	switch row.Application {
	case "":
	case "AppDial", "AppDial2", "AppQueue":
		if row.Exten != "" && row.Exten != "h" {
			ch.dialExten = row.Exten // it is shown that of who rings it
		}
		ch.shown = row.CallerNumber
		ch.dialed, ch.queued = true, ch.queued || row.Application == "AppQueue"
		ch.originated = ch.originated || row.Application == "AppDial2"
	default:
		if app := (celApp{row.Application, row.AppData}); !slices.Contains(ch.apps, app) {
			ch.apps = append(ch.apps, app)
		}
	}
	switch row.Type {
	case "ANSWER":
		ch.answered = row.At
	case "BRIDGE_ENTER":
		ch.bridged = true
		if row.Application == "ConfBridge" {
			room, _, _ := strings.Cut(row.AppData, ",")
			s.rooms[row.extra()["bridge_id"]] = room
		}
	case "BLINDTRANSFER":
		extra := row.extra()
		if transferee := s.channels[extra["transferee_channel_uniqueid"]]; transferee != nil {
			transferee.sent = extra["extension"]
		}
	case "HANGUP":
		extra := row.extra()
		ch.dialStatus = extra["dialstatus"]
		s.blames = s.blames || extra["hangupsource"] != ""
		ch.hangsUp = ch.name != "" && extra["hangupsource"] == ch.name
	}
}

// followMe: those whom the application FollowMe rings do not say so, as those of Dial and Queue do.
func (s *celStory) followMe() {
	follows := func(app celApp) bool { return app.name == "FollowMe" }
	for _, ch := range s.channels {
		root := s.channels[ch.linkedid]
		if strings.HasSuffix(ch.name, ";1") && !ch.dialed && len(ch.apps) == 0 && root != nil && slices.ContainsFunc(root.apps, follows) {
			ch.dialed = true
		}
	}
}

// findSource finds who rings a channel: the last one before it that was there and whose application names its endpoint.
// A row of that application may never come. Then it is one that was transferred to the extension that it is rung from, one
// that is in that extension, one that the system has rung and that is up, the last Local half that rings nobody yet, or the
// one that placed the call, in this order.
func (s *celStory) findSource(dest *celChannel) {
	var spare, there, sent *celChannel
	for _, ch := range s.linked[dest.linkedid] {
		if ch == dest || ch.started.After(dest.started) || ch.ended.Before(dest.started) || otherHalf(ch.name) == dest.name {
			continue
		}
		if part := ch.dials(dest); part != "" {
			dest.source, dest.dialString = ch, part
		}
		connects := ch.originated && !ch.answered.IsZero() && !ch.answered.After(dest.started)
		half := strings.HasSuffix(ch.name, ";2")
		if (ch.placing && spare == nil) || connects || (half && !ch.rings) {
			spare = ch
		}
		if dest.dialExten == "" {
			continue
		}
		if (ch.placing || half) && ch.began == dest.dialExten {
			there = ch
		}
		if ch.sent == dest.dialExten {
			sent = ch
		}
	}
	if dest.source == nil && !dest.originated {
		dest.source = cmp.Or(sent, there, spare)
	}
	if dest.source != nil {
		dest.source.rings = true
	}
}

// dials returns the arguments with which a channel rings another one.
func (ch *celChannel) dials(dest *celChannel) (part string) {
	for _, app := range ch.apps {
		if app.name == "Queue" {
			if dest.queued {
				part = app.data
			}
			continue
		}
		if found := dialPart(app.data, dest.endpoint); found != "" {
			part = found
		}
	}
	return part
}

// otherHalf is the name of the other half of a Local channel.
func otherHalf(name string) string {
	if stem, ok := strings.CutSuffix(name, ";1"); ok {
		return stem + ";2"
	}
	if stem, ok := strings.CutSuffix(name, ";2"); ok {
		return stem + ";1"
	}
	return ""
}

// dialPart is the part of Dial's arguments that rings an endpoint: PJSIP/number@endpoint, PJSIP/endpoint, DAHDI/g1/number.
func dialPart(data, endpoint string) string {
	technology, name, ok := strings.Cut(endpoint, "/")
	if !ok || name == "" {
		return ""
	}
	for part := range strings.FieldsFuncSeq(data, func(r rune) bool { return r == '&' || r == ',' || r == '^' }) {
		tech, rest, ok := strings.Cut(part, "/")
		if !ok || !strings.EqualFold(tech, technology) {
			continue
		}
		_, host, _ := strings.Cut(rest, "@")
		first, _, _ := strings.Cut(rest, "/")
		if rest == name || host == name || first == name {
			return part
		}
		if before, _, _ := strings.Cut(name, "@"); technology == "Local" && strings.HasPrefix(rest, before) {
			return part
		}
	}
	return ""
}

// calls plays the events to a Tracker. Calls that have not ended by the last row are told as they are then.
func (s *celStory) calls(cfg Config) []Call {
	t := NewTracker(cfg)
	t.requests = s.blames
	var told []Call
	take := func(changes []Change) {
		for _, change := range changes {
			if change.Kind == Finished {
				told = append(told, change.Call)
			}
		}
	}
	for _, event := range s.events {
		take(t.Feed(event.message, event.at))
	}
	take(t.Flush())
	told = append(told, t.Live()...)
	slices.SortFunc(told, func(a, b Call) int { return cmp.Or(a.Started.Compare(b.Started), cmp.Compare(a.ID, b.ID)) })
	for i := range told {
		for _, v := range told[i].Conversations {
			s.talks[v.A] = append(s.talks[v.A], v)
			s.talks[v.B] = append(s.talks[v.B], v)
		}
	}
	return told
}

// CELCalls makes calls of the rows of a channel event log alone. They have what rows tell: who placed a call, who was rung,
// who answered, who talked with whom in which bridge, transfers, pickups, parking, conferences, voicemail and who hung up. Rows tell
// nothing of ringing, holds (a hold counts as talk), spies, recordings and menus, and of a queue only those visits in
// which it rang somebody.
func CELCalls(cfg Config, rows []CELRow) []Call { return newCELStory(cfg, rows).calls(cfg) }
