package main

// deskVariable is the channel variable in which the demo's dialplan finds the desk.
const deskVariable = "DESK"

// helpDesk is the table of the demo: where callers are from, by how their numbers begin. Who withholds his number, or calls
// from where there is no desk, gets Athens.
var helpDesk = &helpdeskRoute{
	Variable: deskVariable,
	Default:  "athens",
	Desks: []areaOfADesk{
		{"21", "athens"},
		{"231", "thessaloniki"},
		{"261", "patras"},
	},
}
