package ami

import "strings"

// escaped reports whether Asterisk escapes the value of header i as C does. The same key is escaped in one event and not
// in another: QueueEntry and OriginateResponse have a CallerIDName as it is. So the rule is where the value comes from: the
// text of a channel's snapshot, which always has ChannelStateDesc, CallerIDNum, CallerIDName, ConnectedLineNum and
// ConnectedLineName in a row (ast_manager_build_channel_state_string_prefix in main/manager_channels.c).
func (m Message) escaped(i int) bool {
	key := m.key(i)
	switch {
	case strings.HasSuffix(key, "CallerIDName"):
		return m.snapshot(i-2, strings.TrimSuffix(key, "CallerIDName"))
	case strings.HasSuffix(key, "ConnectedLineName"):
		return m.snapshot(i-4, strings.TrimSuffix(key, "ConnectedLineName"))
	case strings.HasSuffix(key, "ChanVariable"):
		return true
	case key == "Value":
		return m.Event() == "VarSet"
	case key == "Subtype", key == "Message":
		return m.Event() == "PresenceStateChange"
	}
	return false
}

// snapshot reports whether header i is the ChannelStateDesc of a channel's snapshot with this prefix.
func (m Message) snapshot(i int, prefix string) bool {
	return i >= 0 && m.hasKey(i, prefix+"ChannelStateDesc") && m.hasKey(i+1, prefix+"CallerIDNum")
}

// escapes are the letters of ast_escape_c in main/utils.c and what they stand for.
const (
	escapeLetters = `abfnrtv\'"?`
	escapeBytes   = "\a\b\f\n\r\t\v\\'\"?"
)

// unescape undoes ast_escape_c. A backslash before any other character is itself.
func unescape(value string) string {
	var b strings.Builder
	b.Grow(len(value))
	for i := 0; i < len(value); i++ {
		c := value[i]
		if c == '\\' && i+1 < len(value) {
			if at := strings.IndexByte(escapeLetters, value[i+1]); at >= 0 {
				i++
				c = escapeBytes[at]
			}
		}
		b.WriteByte(c)
	}
	return b.String()
}
