// Package agents tells who answers calls, and what they do: who is logged in to which queue, ready, ringing, talking, holding,
// paused and why, in the wrap-up time, busy, or out of reach; and it lets them log in and out, pause, and be busy.
//
// # Who does what
//
// A [Model] makes agents of the events of a manager connection. [Follow] feeds it:
//
//	for change, err := range agents.Follow(ctx, client, agents.NewModel(agents.Config{})) {
//		if err != nil {
//			slog.Warn("agents", "error", err)
//			continue
//		}
//		if change.Kind == agents.StateChanged {
//			fmt.Println(change.Agent.Name, "is", change.Agent.State, change.Agent.Reason)
//		}
//	}
//
// Each [Change] holds the whole [Agent] as it is after it: whoever keeps the last one of each ID has what [Model.Agents]
// returns. [FollowWith] takes the changes of package calls in as well, with which it is known who really talks.
//
// An agent is a telephone that is a member of a queue or that a hint names, or a person who was assigned to one
// ([Model.Assign]). Its [State] is one of a table's: the first row that applies. What the telephone does comes before what
// the queues know, a pause before what hinders calls. [Stats] are for how long each state has lasted.
//
// # To log in, and to pause
//
// A [Desk] carries out commands, and returns what the events have told of them:
//
//	desk := &agents.Desk{Client: client}
//	done, err := desk.Login(ctx, agents.Command{Queue: "support", Interface: "PJSIP/101", Name: "Anna"})
//	all, err := desk.Pause(ctx, "PJSIP/101", "", "lunch")
//
// What is so already is no error. A field that Asterisk could take for something else is an [*InvalidError], and nothing is
// sent.
//
// # Queues of one's own
//
// A queue that is not app_queue's implements [Queues], and tells a Model of its members by [Model.SetMember].
//
// # What is needed
//
// The user in manager.conf needs the classes agent and call; timestampevents should be yes, or times are those of arrival.
// "Do not disturb" is a custom device (Custom:DND101) as FreePBX has it. Asterisk 13 and later are known; events of 11 are
// understood.
//
// # What is not known
//
//   - The wrap-up time of a queue is told by no event: see [Config.WrapUp]. It ends within a second of when Asterisk gives
//     calls again, which counts whole seconds.
//   - Do not disturb in the telephone itself is known only when it has refused a call, until it rings again.
//   - A hint of several devices, such as PJSIP/101&Custom:DND101, does not tell a queue that the telephone is not registered
//     while the other device is idle. The agent is [Unreachable] all the same, and the queue goes on trying.
//   - A queue with ringinuse rings who is busy, and so does one whose member is not known by the hint: the pause that
//     [Desk.Busy] makes helps against both.
package agents
