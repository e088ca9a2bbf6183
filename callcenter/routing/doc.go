// Package routing decides where a call goes: to which desk of a help desk that is spread over many places, by the caller's
// number, by who the caller is, by what was dialled, the time, the language and how busy desks are.
//
// The rules are written in a file (see [Rules] for all that can be in it):
//
//	numbers: {region: GR, extensions: [2XX]}
//	calendars:
//	  office: {zone: Europe/Athens, hours: ["Mon-Fri 08:00-15:00"], holidays: [12-25, orthodox-easter+1]}
//	desks:
//	  patra: {queue: patra, hours: office, fallback: [national], prompt: desks/patra}
//	  national: {queue: national}
//	questions:
//	  username: {keypad: t9, prompt: desks/type-your-username}
//	rules:
//	  - {name: patra, person: {unit: patra}, desk: patra}
//	  - {name: western Greece, caller: {prefix: ["261", "262"]}, open: office, desk: patra}
//	  - {name: who are you, caller: {kind: public}, person: {known: false}, ask: username}
//	default: national
//
// [Read] and [Compile] refuse what cannot be meant: a desk that does not exist, fallbacks in a loop, a rule that no call can
// come to. A [Router] then decides:
//
//	set, err := routing.Read("helpdesk.yaml")
//	...
//	router := routing.New(set, routing.Config{Directory: people, Budget: 300 * time.Millisecond})
//	d := router.Route(ctx, routing.Request{From: "2610123456", Dialled: "2100001000"})
//	fmt.Print(d.Target, d.Reason())
//
// and a [Decision] tells how it came about: as a value with its steps, in a line ([Decision.Reason]), as a person would
// ([Decision.Explain]) and as variables for a dialplan ([Decision.Variables]). Package agiroute decides in a dialplan.
//
// # A directory that is slow or down
//
// delays nobody more than the budget. Conditions about a person are then not met, neither that he is known nor that he is
// not; rules about numbers and times still are. A call that meets none goes to the default, with the cause
// [ByUnavailable].
//
// # Fallbacks
//
// A desk that is closed or overloaded passes its calls on to its fallbacks, and they to theirs, each desk once. A desk that
// does not answer is for whoever connects the call to find out: [Decision.Next] is the same decision for the desk after it.
//
// # Safety
//
// What a caller types or sends becomes a username to look up, and nothing else; the directory's source escapes it. What
// goes into a dialplan from the rule set was checked, and what goes into a variable holds no character that means something
// there. To know a username is no proof of being somebody: it is good enough to be sent to the right desk.
package routing
