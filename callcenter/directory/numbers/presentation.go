package numbers

import (
	"strconv"
	"strings"
)

// Hidden tells whether a caller's presentation says that the number is not to be shown, or that there is none. It takes what
// Asterisk's CALLERID(num-pres) gives, e.g. "prohib_passed_screen", and the number in agi_callingpres, e.g. "33". What is
// neither says nothing. (main/callerid.c, pres_types; the bits are those of Q.931, table 4-11: 0x60 of them are the
// presentation, 0 of which allows it.)
func Hidden(presentation string) bool {
	presentation = strings.ToLower(strings.TrimSpace(presentation))
	if bits, err := strconv.ParseUint(presentation, 0, 8); err == nil {
		return bits&0x60 != 0
	}
	return presentation == "unavailable" || strings.HasPrefix(presentation, "prohib")
}
