// Package queuelog writes the transitions of queues as Asterisk's app_queue writes its queue_log, so that tools that read that
// file (QueueMetrics, Asternic) read this one:
//
//	file, err := os.OpenFile("/var/log/asterisk/queue_log", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o640)
//	log := queuelog.Writer{W: file}
//	for _, t := range state.Take() {
//		err = log.Add(t)
//	}
//
// A line is time|callid|queue|agent|event|data..., the fields being those of ast_queue_log in apps/app_queue.c (Asterisk 22).
// Where both differ in what they count, this is what differs, on purpose:
//
//   - the wait of a caller goes on over the queues that it was moved to, and the move itself is an EXITWITHTIMEOUT of the first
//     queue and an ENTERQUEUE of the second;
//   - a caller who waits in vain has one EXITWITHTIMEOUT and no ABANDON anywhere (AMI's QueueCallerAbandon comes for both there);
//   - agents whose telephone was busy or not there have a RINGNOANSWER too, with the time that it took; app_queue has none if
//     the telephone could not be dialled;
//   - who was not let in is not in the file, as in app_queue;
//   - a program that is killed between storing and telling its observer (Observe of queue.Server) never writes the lines of that moment;
//   - a pause is of an agent, in all queues at once: PAUSEALL and UNPAUSEALL, where app_queue has PAUSE of each member;
//   - a caller leaves at the end of its time; app_queue looks at that only after the retry time of an agent who has not answered, so
//     its EXITWITHTIMEOUT has some seconds more;
//   - the talk is that of the bridge. app_queue's goes on after the agent has transferred the call away if the member is a Local
//     channel with /n, and it names who was called, also if somebody else has picked the call up.
package queuelog

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/asterism-go/asterism/queue/acd"
)

// none is what app_queue writes for a missing call, queue or agent.
const none = "NONE"

// Writer writes the file. It is not safe for use by several goroutines at once; each line is written at once.
type Writer struct {
	// W is the file.
	W io.Writer
	// CallID returns the id of a caller's channel. Default: the caller's ID.
	CallID func(caller string) string
	// AgentChannel returns the id of the channel with which an agent has answered, for CONNECT. Default: empty.
	AgentChannel func(reservation uint64) string
	// AgentName returns what to call an agent. Default: the agent's ID.
	AgentName func(agent string) string
}

// Start writes that the queues have started, which tells readers that all calls before are over. Do not write it if callers have
// survived the restart.
func (w *Writer) Start(now time.Time) error {
	return w.line(now, [3]string{none, none, none}, "QUEUESTART")
}

// Add writes what a transition is in the file, if anything.
func (w *Writer) Add(t acd.Transition) error {
	caller := [3]string{w.call(t.Caller), t.Queue, none}
	agent := [3]string{caller[0], t.Queue, w.agent(t.Agent)}
	switch t.Kind {
	case acd.Joined:
		return w.line(t.Time, caller, "ENTERQUEUE", "", t.CallerInfo.Number, strconv.Itoa(t.Position))
	case acd.Moved:
		wait := t.Time.Sub(t.CallerInfo.Joined)
		err := w.line(t.Time, [3]string{caller[0], t.From, none}, "EXITWITHTIMEOUT", "1", "1", seconds(wait))
		if err != nil {
			return err
		}
		return w.line(t.Time, caller, "ENTERQUEUE", "", t.CallerInfo.Number, strconv.Itoa(t.Position))
	case acd.Began:
		return w.line(t.Time, agent, "CONNECT", seconds(t.Wait), w.channel(t.Reservation), seconds(t.Ring))
	case acd.Finished:
		event := "COMPLETECALLER"
		if t.ByAgent {
			event = "COMPLETEAGENT"
		}
		return w.line(t.Time, agent, event, seconds(t.Wait), seconds(t.Talk), strconv.Itoa(t.First))
	case acd.Left:
		return w.left(t, caller)
	case acd.OfferEnded:
		return w.offerEnded(t, agent)
	default:
		return w.desk(t)
	}
}

// left writes how a caller has left without having talked.
func (w *Writer) left(t acd.Transition, who [3]string) error {
	data := []string{strconv.Itoa(t.Position), strconv.Itoa(t.First), seconds(t.Wait)}
	switch t.Outcome {
	case acd.TimedOut:
		return w.line(t.Time, who, "EXITWITHTIMEOUT", data...)
	case acd.ExitKey:
		return w.line(t.Time, who, "EXITWITHKEY", append([]string{t.Key}, data...)...)
	case acd.LeaveEmpty:
		return w.line(t.Time, who, "EXITEMPTY", data...)
	default: // app_queue calls it so too if the channel is sent elsewhere
		return w.line(t.Time, who, "ABANDON", data...)
	}
}

// offerEnded writes why an agent has not got the caller. The times are in milliseconds, as in app_queue.
func (w *Writer) offerEnded(t acd.Transition, who [3]string) error {
	ms := strconv.FormatInt(t.Ring.Milliseconds(), 10)
	switch t.Cause {
	case acd.Unanswered, acd.LineBusy, acd.Unreachable:
		return w.line(t.Time, who, "RINGNOANSWER", ms)
	case acd.Refused:
		return w.line(t.Time, who, "AGENTDUMP")
	case acd.CallerGone, acd.Lost, acd.Withdrawn, acd.AgentGone:
		return w.line(t.Time, who, "RINGCANCELED", ms)
	default:
		return nil
	}
}

// desk writes what has become of an agent.
func (w *Writer) desk(t acd.Transition) error {
	switch t.Kind {
	case acd.AgentAdded:
		return w.line(t.Time, [3]string{none, t.Queue, w.agent(t.Agent)}, "ADDMEMBER", "")
	case acd.AgentRemoved:
		return w.line(t.Time, [3]string{none, t.Queue, w.agent(t.Agent)}, "REMOVEMEMBER", "")
	case acd.AgentChanged:
		return w.pause(t)
	default:
		return nil
	}
}

// pause writes the begin and the end of a pause, of all queues at once.
func (w *Writer) pause(t acd.Transition) error {
	paused := t.State == acd.Paused
	if was := t.Was == acd.Paused; was == paused {
		return nil
	}
	event := "UNPAUSEALL"
	if paused {
		event = "PAUSEALL"
	}
	return w.line(t.Time, [3]string{none, none, w.agent(t.Agent)}, event, t.Reason)
}

func (w *Writer) call(caller string) string {
	if w.CallID != nil {
		return w.CallID(caller)
	}
	return caller
}

func (w *Writer) agent(id string) string {
	if w.AgentName != nil {
		return w.AgentName(id)
	}
	return id
}

func (w *Writer) channel(reservation uint64) string {
	if w.AgentChannel != nil {
		return w.AgentChannel(reservation)
	}
	return ""
}

// seconds are whole ones, as in app_queue.
func seconds(d time.Duration) string { return strconv.FormatInt(int64(d/time.Second), 10) }

// line writes one line. What would break the line is taken out of its fields.
func (w *Writer) line(now time.Time, who [3]string, event string, data ...string) error {
	fields := append([]string{strconv.FormatInt(now.Unix(), 10), who[0], who[1], who[2], event}, data...)
	for i, f := range fields {
		fields[i] = harmless.Replace(f)
	}
	if _, err := io.WriteString(w.W, strings.Join(fields, "|")+"\n"); err != nil {
		return fmt.Errorf("queuelog: %s: %w", event, err)
	}
	return nil
}

var harmless = strings.NewReplacer("|", "_", "\n", " ", "\r", " ", "\x00", "")
