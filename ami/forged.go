package ami

import "strings"

// Suspicious says why an event of [Client.Events] may not be Asterisk's own, or "" if it looks as Asterisk makes it.
//
// What callers choose gets into events: names and numbers of callers, dialled digits, SIP headers that a dialplan reads,
// channel variables, the arguments of applications (AppData of Newexten and CEL), and everything in a UserEvent and in
// OriginateResponse. Asterisk escapes only some of it, see [Message.Raw]. The rest may hold CR LF, and what stands behind it
// looks like more headers or, after an empty line, like another event.
//
// A genuine event that is broadcast has the Privilege that is needed to see it as its second header (manager_event_sock in
// main/manager.c); this checks that it has, and that the class is the one that the event has in Asterisk's documentation. It
// also finds the torn rest that a forgery leaves behind. A forger who knows all this can add the right Privilege: an event
// that is not suspicious is not proven. Do not let an action depend on the text of a Newexten, a UserEvent or a variable.
func (m Message) Suspicious() string {
	if m.mark != Live {
		return ""
	}
	name := m.Event()
	switch {
	case name == "":
		return "it is neither an event nor an answer"
	case !plainName(name):
		return "its name is not one of Asterisk's"
	case m.Len() < 2 || m.key(1) != "Privilege":
		if _, item := m.Lookup("ActionID"); item {
			return "" // of a list that somebody asked for
		}
		return "its second header is not Privilege"
	}
	if class := classOf(name); class != "" && !hasClass(m.raw(1), class) {
		return "its Privilege is not " + class
	}
	if m.repeats("Event") || m.repeats("Privilege") {
		return "it has the headers of two events"
	}
	return ""
}

// hasClass reports whether a Privilege, such as "call,all", names the class.
func hasClass(privilege, class string) bool {
	for name := range strings.SplitSeq(privilege, ",") {
		if strings.EqualFold(name, class) { // "Call" in the items of Status
			return true
		}
	}
	return false
}

func (m Message) repeats(key string) bool {
	n := 0
	for i := range m.Len() {
		if m.hasKey(i, key) {
			n++
		}
	}
	return n > 1
}
