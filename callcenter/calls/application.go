package calls

import (
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// What an application did is told by the class dialplan only: Newexten when it starts, VarSet for what it leaves behind.
// Without that class a voicemail, a menu, the mode of a spy, the file of a recording and the key by which somebody left a
// queue are unknown.

// menu is a Menu while its channel is alive.
type menu struct {
	entered, left  time.Time
	pressed        time.Time // the last key
	digits, chosen string
}

// menuApplications ask the caller for digits.
var menuApplications = map[string]bool{
	"background": true, "backgrounddetect": true, "read": true, "waitexten": true, "speechbackground": true,
}

// newexten: a channel starts an application (ast_channel_publish_snapshot in main/pbx.c, Newexten).
func (t *Tracker) newexten(event ami.Message, at time.Time) {
	ch := t.channelOf(event)
	if ch == nil {
		return
	}
	c := ch.call
	c.dialplan = true
	application := event.Get("Application")
	if v := t.visits[ch.uniqueid]; v != nil && v.keyOpen {
		v.leftFor(event.Get("Exten"))
	}
	switch lower := strings.ToLower(application); {
	case lower == "voicemail":
		if c.voicemail == nil {
			c.voicemail = readMailbox(event.Get("AppData"), at)
		}
	case menuApplications[lower]:
		if ch.menu == nil && c.firstRungAt().IsZero() {
			ch.menu = &menu{entered: at}
			c.menus = append(c.menus, ch.menu)
		}
	case lower == "dial" || lower == "queue":
		ch.leaveMenu(strings.Clone(event.Get("AppData")), at)
	case lower == "mixmonitor" || lower == "chanspy" || lower == "extenspy":
	default:
		if len(ch.application) == 0 {
			return
		}
		ch.application, ch.appData = "", ""
		return
	}
	ch.application, ch.appData = strings.Clone(application), strings.Clone(event.Get("AppData"))
}

// readMailbox reads the arguments of VoiceMail: mailbox@context&mailbox@context,options.
func readMailbox(appData string, at time.Time) *Voicemail {
	boxes, _, _ := strings.Cut(appData, ",")
	first, _, _ := strings.Cut(boxes, "&")
	mailbox, context, _ := strings.Cut(first, "@")
	return &Voicemail{Mailbox: strings.Clone(mailbox), Context: strings.Clone(context), Entered: at}
}

func (ch *channel) leaveMenu(chosen string, at time.Time) {
	if ch.menu == nil {
		return
	}
	if ch.menu.left.IsZero() {
		ch.menu.left, ch.menu.chosen = at, chosen
	}
	ch.menu = nil
}

// dtmfEnd: a key was pressed. In a menu it is a choice, and a spy may change with it what he does.
func (t *Tracker) dtmfEnd(event ami.Message, at time.Time) {
	t.keys = true
	ch := t.channelOf(event)
	if ch == nil || event.Get("Direction") != "Received" {
		return
	}
	if ch.spying {
		t.spyKey(ch, event.Get("Digit"), at)
	}
	if ch.menu == nil || ch.menu.pressed.Equal(at) {
		return
	}
	if len(ch.menu.digits) < digitLimit {
		ch.menu.digits += event.Get("Digit")
	}
	ch.menu.pressed = at
}

// digitLimit is the most keys of a menu that are kept.
const digitLimit = 64

// varSet keeps the variables of Config.Variables, and those by which applications say what they did.
func (t *Tracker) varSet(event ami.Message, _ time.Time) {
	name := event.Get("Variable")
	switch {
	case name == "MIXMONITOR_FILENAME":
		if ch := t.channelOf(event); ch != nil {
			ch.mixFile = strings.Clone(event.Get("Value"))
		}
	case name == "QUEUESTATUS":
		if ch := t.channelOf(event); ch != nil && ch.lastVisit != nil && event.Get("Value") != "" {
			ch.lastVisit.status = strings.Clone(event.Get("Value"))
		}
	case t.settings.variables[name]:
		if ch := t.channelOf(event); ch != nil {
			ch.call.root().setVariable(strings.Clone(name), strings.Clone(event.Get("Value")))
		}
	}
}

// firstRungAt is when a telephone of the call was rung first, by whom but the system; zero if none was.
func (c *call) firstRungAt() time.Time {
	var first time.Time
	for _, leg := range c.legs {
		if leg.rung != nil && leg.rung.source != nil && (first.IsZero() || leg.started.Before(first)) {
			first = leg.started
		}
	}
	return first
}
