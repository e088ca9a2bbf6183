package stats

import (
	"time"

	"github.com/asterism-go/asterism/queue/acd"
)

// Queue is what has become of the callers of a queue. The zero value is that of none.
type Queue struct {
	// Joined is how many came in, those who were moved here included. Refused were not let in, by the outcome's name.
	Joined  int            `json:"joined"`
	Refused map[string]int `json:"refused,omitempty"`
	// Answered have talked to an agent, or do. AnsweredInGoal of them have waited for no longer than the goal.
	Answered       int `json:"answered"`
	AnsweredInGoal int `json:"answered_in_goal"`
	// Left have not, by the outcome's name; Moved went to another queue. LeftInGoal were gone before the goal was missed.
	Left       map[string]int `json:"left,omitempty"`
	LeftInGoal int            `json:"left_in_goal"`
	Moved      int            `json:"moved"`
	// Missed counts offers that ended otherwise than with a talk, by the cause's name.
	Missed map[string]int `json:"missed,omitempty"`
	// Callbacks is how many have asked to be called back, Recalls how often customers were dialled, Reached how many of them have
	// answered. Who is called back in vain is in Left.
	Callbacks int `json:"callbacks,omitempty"`
	Recalls   int `json:"recalls,omitempty"`
	Reached   int `json:"reached,omitempty"`
	// Messages is how many have left one.
	Messages int `json:"messages,omitempty"`
	// Wait is that of those who were answered, LostWait of those who left, Talk of the talks that are over, Ring of the
	// telephones that were answered.
	Wait     Distribution `json:"wait"`
	LostWait Distribution `json:"lost_wait"`
	Talk     Distribution `json:"talk"`
	Ring     Distribution `json:"ring"`
}

// add counts a transition.
func (q *Queue) add(t acd.Transition, goal time.Duration) {
	switch t.Kind {
	case acd.Joined, acd.Moved:
		q.Joined++
	case acd.NotJoined:
		count(&q.Refused, t.Outcome.String())
	case acd.Began:
		q.Answered++
		if t.Wait <= goal {
			q.AnsweredInGoal++
		}
		q.Wait.Add(t.Wait)
		q.Ring.Add(t.Ring)
	case acd.Left:
		count(&q.Left, t.Outcome.String())
		if t.Wait <= goal {
			q.LeftInGoal++
		}
		q.LostWait.Add(t.Wait)
	case acd.Finished:
		q.Talk.Add(t.Talk)
	case acd.CallbackAsked:
		q.Callbacks++
	case acd.CallbackDue:
		q.Recalls++
	case acd.CallbackReached:
		q.Reached++
	case acd.MessageLeft:
		q.Messages++
	case acd.OfferEnded:
		count(&q.Missed, t.Cause.String())
	default:
	}
}

func count(m *map[string]int, key string) {
	if *m == nil {
		*m = map[string]int{}
	}
	(*m)[key]++
}

// LeftAll is how many have left without a talk.
func (q *Queue) LeftAll() (n int) {
	for _, left := range q.Left {
		n += left
	}
	return n
}

// Abandoned is how many have hung up.
func (q *Queue) Abandoned() int { return q.Left[acd.Abandoned.String()] }

// ServiceLevel is the share of callers who were answered within the goal, of those who were answered or have missed it: who
// left before the goal counts neither way. 1 if there were none.
func (q *Queue) ServiceLevel() float64 {
	return ratio(q.AnsweredInGoal, q.Answered+q.LeftAll()-q.LeftInGoal, 1)
}

// ServiceLevelOfAll is the share of all whose waiting is over who were answered within the goal. 1 if there were none.
func (q *Queue) ServiceLevelOfAll() float64 {
	return ratio(q.AnsweredInGoal, q.Answered+q.LeftAll(), 1)
}

// AbandonRate is the share of all whose waiting is over who have hung up. 0 if there were none.
func (q *Queue) AbandonRate() float64 { return ratio(q.Abandoned(), q.Answered+q.LeftAll(), 0) }

func ratio(part, all int, none float64) float64 {
	if all == 0 {
		return none
	}
	return float64(part) / float64(all)
}

// Agent is what an agent has done. The zero value is nothing.
type Agent struct {
	// Calls were answered; Missed offers ended otherwise, by the cause's name.
	Calls  int            `json:"calls"`
	Missed map[string]int `json:"missed,omitempty"`
	// Time is by state; Pauses is that of state paused, by reason.
	Time   map[acd.AgentState]time.Duration `json:"time,omitempty"`
	Pauses map[string]time.Duration         `json:"pauses,omitempty"`
	Talk   Distribution                     `json:"talk"`
}

func (a *Agent) add(t acd.Transition) {
	switch t.Kind {
	case acd.Began:
		a.Calls++
	case acd.Finished:
		a.Talk.Add(t.Talk)
	case acd.OfferEnded:
		count(&a.Missed, t.Cause.String())
	default:
	}
}

// spend counts time in a state.
func (a *Agent) spend(state acd.AgentState, reason string, d time.Duration) {
	if a.Time == nil {
		a.Time = map[acd.AgentState]time.Duration{}
	}
	a.Time[state] += d
	if state != acd.Paused {
		return
	}
	if a.Pauses == nil {
		a.Pauses = map[string]time.Duration{}
	}
	a.Pauses[reason] += d
}

// Work is the time with callers: ringing, talking and what follows.
func (a *Agent) Work() time.Duration {
	return a.Time[acd.Ringing] + a.Time[acd.Screening] + a.Time[acd.Talking] + a.Time[acd.WrapUp]
}

// Occupancy is the share of the work of the time in which the agent works or waits for work. 0 if there was none.
func (a *Agent) Occupancy() float64 {
	work := a.Work()
	if all := work + a.Time[acd.Idle]; all > 0 {
		return float64(work) / float64(all)
	}
	return 0
}
