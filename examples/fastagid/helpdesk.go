package main

import (
	"context"
	"strings"

	"github.com/asterism-go/asterism/agi"
)

// deskVariable is the channel variable in which the dialplan finds the desk.
const deskVariable = "DESK"

// area is where callers are from, by how their numbers begin.
type area struct {
	prefix string
	desk   string
}

// areas is the table of the help desk. The longest prefix that fits decides, so the order does not matter.
var areas = []area{
	{"21", "athens"},
	{"231", "thessaloniki"},
	{"261", "patras"},
}

// otherwise is the desk of callers who withhold their number or whose area has no desk.
const otherwise = "athens"

// deskFor returns the desk for a caller's number.
func deskFor(number string) string {
	desk, longest := otherwise, 0
	for _, a := range areas {
		if len(a.prefix) > longest && strings.HasPrefix(number, a.prefix) {
			desk, longest = a.desk, len(a.prefix)
		}
	}
	return desk
}

// helpdesk answers the dialplan's AGI(agi://.../helpdesk): it sets DESK to the desk for the caller.
func helpdesk(ctx context.Context, s *agi.Session) error {
	return s.SetVariable(ctx, deskVariable, deskFor(s.Env().CallerID))
}
