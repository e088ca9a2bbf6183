package asterisktest

import (
	"os"
	"path/filepath"
	"strings"
)

// LogDigits is a logger.conf with which Asterisk notes what it makes of digits, for [Asterisk.Digits].
const LogDigits = "[logfiles](+)\ndtmf.log => dtmf\n"

// Digits are those of a channel of whose end Asterisk has told ARI and AMI so far, as its log says, which may come a little behind.
// Some of them may have been pressed once and be told twice: when Asterisk came to read the channel so late that two digits were too
// close together for it, it puts the second back into its queue, and tells of it once more when it takes it from there (__ast_read
// and queue_dtmf_readq in main/channel.c; autoservice does the same). It needs [LogDigits].
func (a *Asterisk) Digits(channel string) string {
	text, err := os.ReadFile(filepath.Join(a.Dir, "log", "dtmf.log"))
	if err != nil {
		return ""
	}
	return digitsOf(string(text), channel)
}

func digitsOf(log, channel string) string {
	var told strings.Builder
	for line := range strings.Lines(log) {
		_, text, _ := strings.Cut(line, ": DTMF end '")
		digit, on, ok := strings.Cut(strings.TrimSpace(text), "' received on ")
		if on, _, _ = strings.Cut(on, ","); ok && on == channel {
			told.WriteString(digit)
		}
	}
	return told.String()
}
