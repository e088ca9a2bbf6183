// Package queue is an ACD on ARI: callers wait in Asterisk's own bridges, agents are rung by us, and who gets whom is decided by
// package acd. A program that ends, however it ends, leaves everybody where they are: callers hear their music, who talks goes on
// talking, and the program that comes after it takes all of them over, with their places and waits, and agents with their
// pauses and the calls that they have had, and the statistics.
//
//	server := &queue.Server{
//		App: &ari.App{Client: client, Name: "queue"},
//		Queues: []queue.Queue{{Queue: acd.Queue{Name: "support", Strategy: acd.LongestIdle, WrapUp: 10 * time.Second}}},
//		Agents: []queue.Agent{{
//			Agent: acd.Agent{ID: "anna", Members: []acd.Member{{Queue: "support"}}}, Endpoint: "PJSIP/anna", LoggedIn: true,
//		}},
//		Store: store,
//	}
//	err := server.Serve(ctx)
//
// # In the dialplan
//
// Stasis(queue,support) brings a call into the queue; further arguments are priority=2, need=de:3 (may be repeated) and
// last=anna. When the caller leaves the queue without having talked, the call goes on behind Stasis with QUEUE_OUTCOME, such as
// timeout, exitkey or joinempty, and QUEUE_TO, where the key leads. Template is such a dialplan; it has a branch for the case
// that no program is there.
//
// # The caller's ear
//
// [Ear] is what callers hear and can do by keys: periodic announcements, the position and the expected wait in Greek, Persian and
// English by package ivr, a language to choose, a long wait that is told before they join ([Offer]), a call-back that keeps the
// place ([Callback]), and a message ([Voicemail]). Any key stops an announcement.
//
//	q.Periodic, q.PeriodicEvery = [][]string{{"queue-periodic-announce"}}, 45 * time.Second
//	q.Callback = &queue.Callback{Key: "2", Endpoint: "PJSIP/{number}@trunk", Allow: []string{"2", "69"}, Plus: "00"}
//	q.Voicemail = &queue.Voicemail{Key: "9", On: []acd.Outcome{acd.TimedOut}}
//
// Agents log in and out and pause by [Phone]: Stasis(queue,@agent,login), with a number and a PIN. Whoever is refused is told as
// a transition, AgentRefused.
//
// # How it works
//
// Each queue has one holding bridge, whose music all who wait hear; what is said to one of them is played on the channel, after
// which the music comes back by itself. One goroutine owns the state of all queues, so an agent is never offered two calls. Each
// offer has a goroutine of its own, which ends when the offer does. What has changed is stored before it is told to anybody and
// before anything is done. While the Store fails nobody is rung and nothing is told; callers hear their music, and who hangs up takes
// the other side along. It is tried again until it works, and everything is told then.
//
// An agent whose telephone is in a call that is not of a queue is offered nothing: see Agent.Device.
//
// # Transfers
//
// An agent's telephone that talks with a caller may ask somebody else and transfer the caller to them (REFER with Replaces): the talk
// goes on with the channel that takes the agent's place, over a restart of the program too, until either side hangs up. It is the
// agent's until then, who is offered nothing meanwhile. If the Store is lost during it, the caller waits again. A caller's
// telephone cannot transfer so, nor an agent's before the caller is connected: the call ends.
//
// # Survival
//
// Asterisk keeps the channels of an application whose program has gone. With App.Outbound it keeps the events too, so that
// callers who come or hang up meanwhile are not missed; without it, calls that come while there is no program go on in the
// dialplan with STASISSTATUS=FAILED. When ctx of Serve ends the App is closed and all calls stay, as after a crash. Offers that
// were under way are taken back and made again.
//
// After a lost connection, and after a restart of the program, those who are in the queue are compared with the channels of the
// application, so that nobody stays in it whose end was missed. With App.Outbound such an end counts with the time when it was;
// without it nobody knows that, and it counts as just now.
//
// A transition is stored before Observe is told of it. If the program is killed in between, Observe never is: a file of package
// queuelog lacks the lines of that moment then. The Book of the Server is right.
//
// Times are those of two clocks: when callers have come and hung up is Asterisk's, everything else the program's. If they run on two
// machines, both need NTP, or waits are wrong by what their clocks differ.
//
// If the Store is lost too, the channels themselves say what they are, in their variables ASTERISM_QUEUE_CALLER and
// ASTERISM_QUEUE_AGENT: places, waits and talks go on; the statistics, and the pauses of agents, do not.
//
// Asterisk's own restart ends all calls. It is told apart by the time since when Asterisk runs: callers leave, and talks end, with the
// outcome acd.Restart and at the time when the connection was lost, or at the latest when Asterisk began to run again.
package queue

// Template is a dialplan that sends calls into the queue whose name is the extension, as in Goto(queue,support,1). A caller who
// leaves by a key goes on at the queue's name in the context to which the key leads. If there is no program the call goes to
// app_queue, whose queue of the same name should have the same agents; so does a call with which the program cannot do anything.
const Template = `[queue]
exten => _[0-9A-Za-z]!,1,NoOp(Queue ${EXTEN})
 same => n,Set(ARI_STATUS=)
 same => n,Stasis(queue,${EXTEN})
 same => n,GotoIf($["${STASISSTATUS}" = "FAILED"]?nobody)
 same => n,GotoIf($["${ARI_STATUS}" != ""]?nobody)
 same => n,GotoIf($["${QUEUE_TO}" != ""]?${QUEUE_TO},${EXTEN},1)
 same => n,Hangup()
 same => n(nobody),Answer()
 same => n,Queue(${EXTEN})
 same => n,Hangup()
; what Asterisk itself looks for is no queue
exten => h,1,NoOp()
exten => i,1,Hangup()
exten => t,1,Hangup()
`
