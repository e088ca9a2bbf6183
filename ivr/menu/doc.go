// Package menu is IVR menus: nodes in Go or in a YAML file, and the engine that takes calls through them.
//
// A file says what the menus are; a program says the same with the types of this package:
//
//	start: main
//	nodes:
//	  main:
//	    menu:
//	      prompt: helpdesk/welcome
//	      no_input: [helpdesk/are-you-there, helpdesk/please-press]
//	      options: {1: sales, 2: {goto: support, label: Support}}
//	      default: sales
//	  sales: {queue: {name: sales, context: queues}}
//	  support: {play: {prompt: helpdesk/closed, next: hangup}}
//
// [Read] reads it strictly: whatever is wrong is told with file, line and column, also a node that nobody can reach, and a loop
// that a caller who presses nothing would never leave. An [Engine] serves calls over any [ivr.Channel]:
//
//	set, err := menu.Read("helpdesk.yaml")
//	engine, err := menu.New(set, menu.Config{Metrics: metrics, Logger: logger})
//	...
//	err = channel.Serve(ctx, engine.Serve) // agichannel, arichannel or ivrtest
//
// [Engine.Replace] has new calls take other menus, and [Engine.Watch] does it whenever the file changes; calls in progress finish on
// theirs. Each call leaves a [Path], counted in [Metrics] and in [Engine.Counts].
//
// Menus are bounded so that no caller can break them: how often one is asked, how many nodes a call may come to ([MaxVisits]), how
// long texts and digits are. What callers enter goes to the dialplan only where it is a plain extension, never to a shell, a URL
// or a function of Asterisk. PINs are compared in constant time, are in no path and no log, and lock the account after some
// wrong ones. The requests of webhooks are signed and go to the servers that the file names, whatever these answer.
package menu
