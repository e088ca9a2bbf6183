package asterisktest

import (
	"os"
	"path/filepath"
	"strings"
)

// LogDigits is a logger.conf with which Asterisk notes what it makes of digits, for [Asterisk.Digits].
const LogDigits = "[logfiles](+)\ndtmf.log => dtmf\n"

// Digits tells what Asterisk's log says of the digits of a channel so far: sent are those whose beginning came over RTP, and told
// those of whose end it has told ARI and AMI. The two differ when Asterisk came to read the channel so late that two digits were
// too close together for it: it puts the second back into its queue, and tells of it once more when it takes it from there
// (__ast_read and queue_dtmf_readq in main/channel.c). The log may come a little behind. It needs [LogDigits].
func (a *Asterisk) Digits(channel string) (sent, told string) {
	text, err := os.ReadFile(filepath.Join(a.Dir, "log", "dtmf.log"))
	if err != nil {
		return "", ""
	}
	return digitsOf(string(text), channel)
}

func digitsOf(log, channel string) (sent, told string) {
	for line := range strings.Lines(log) {
		_, text, _ := strings.Cut(line, ": DTMF ")
		what, on, ok := strings.Cut(strings.TrimSpace(text), "' received on ")
		if on, _, _ = strings.Cut(on, ","); !ok || on != channel {
			continue
		}
		if digit, ok := strings.CutPrefix(what, "begin '"); ok {
			sent += digit
		}
		if digit, ok := strings.CutPrefix(what, "end '"); ok {
			told += digit
		}
	}
	return sent, told
}
