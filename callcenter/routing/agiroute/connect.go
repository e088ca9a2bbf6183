package agiroute

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/callcenter/routing"
)

// The defaults of Connect.
const (
	DefaultRing = 30 * time.Second
	DefaultWait = 5 * time.Minute
)

// Connect says how a handler carries decisions out:
//
//   - a queue by Queue(), an extension by Dial(Local/...), an external number by Dial(): if nobody answers, the call goes to
//     the next fallback;
//   - a context and a menu as the place where the dialplan goes on after AGI();
//   - an announcement by playing it and hanging up.
//
// When nobody has answered, not even the default, the dialplan goes on after AGI().
type Connect struct {
	// External is what Dial() calls for an external number, with %s in its place, e.g. "PJSIP/%s@provider". Without it
	// such a desk counts as one that does not answer.
	External string
	// Ring is how long a desk may ring, Wait how long a caller may wait in a queue, in whole seconds. Default: DefaultRing
	// and DefaultWait.
	Ring, Wait time.Duration
	// Memory, if not nil, is told which desk has served whom. Give it to the router too.
	Memory *routing.Recent
}

// connect carries a decision out, and its fallbacks until somebody has answered.
func (h *Handler) connect(ctx context.Context, s *agi.Session, d routing.Decision) error {
	v := &voice{s: s}
	for {
		for _, file := range d.Prompts {
			if err := v.Play(ctx, file); err != nil {
				return err
			}
		}
		why, err := h.reach(ctx, v, &d)
		if err != nil || why == "" {
			return err
		}
		next, ok := d.Next(why)
		if !ok {
			return nil
		}
		d = next
		if err := h.tell(ctx, s, &d); err != nil {
			return err
		}
	}
}

// reach calls a desk. why says why nobody has answered, if so.
func (h *Handler) reach(ctx context.Context, v *voice, d *routing.Decision) (why string, err error) {
	switch d.Target.Kind {
	case routing.Queue:
		return h.queue(ctx, v.s, d)
	case routing.Extension:
		return h.dial(ctx, v.s, d, "Local/"+d.Target.Data)
	case routing.External:
		if h.Connect.External == "" {
			return "there is no way to call " + d.Target.Data, nil
		}
		return h.dial(ctx, v.s, d, strings.ReplaceAll(h.Connect.External, "%s", d.Target.Data))
	case routing.Context:
		return "", goTo(ctx, v.s, strings.Split(d.Target.Data, ","))
	case routing.IVR:
		return "", goTo(ctx, v.s, []string{d.Target.Data, "s", "1"})
	case routing.Announcement:
		if err := v.Play(ctx, d.Target.Data); err != nil {
			return "", err
		}
		return "", v.s.HangupCall(ctx)
	}
	return "it is nowhere", nil
}

// goTo lets the dialplan go on at a context, an extension and a priority.
func goTo(ctx context.Context, s *agi.Session, place []string) error {
	if err := s.SetContext(ctx, place[0]); err != nil {
		return err
	}
	if err := s.SetExtension(ctx, place[1]); err != nil {
		return err
	}
	return s.SetPriority(ctx, place[2])
}

// attempt is an application that calls a desk, the variable that tells how that ended, and its values if somebody has
// answered.
type attempt struct {
	application, options, status string
	answered                     []string
}

// noApplication is the result of EXEC for an application that is not loaded.
const noApplication = "-2"

// dial calls what Dial() understands (DIALSTATUS in apps/app_dial.c).
func (h *Handler) dial(ctx context.Context, s *agi.Session, d *routing.Decision, what string) (why string, err error) {
	options := what + "," + wholeSeconds(h.Connect.Ring, DefaultRing)
	return h.attempt(ctx, s, d, attempt{"Dial", options, "DIALSTATUS", []string{"ANSWER"}})
}

// queue lets the caller wait for an agent. QUEUESTATUS says why nobody has answered; else it is empty, unless the dialplan
// is to go on after the agent has hung up (set_queue_result in apps/app_queue.c). ABANDONED says that the caller has.
func (h *Handler) queue(ctx context.Context, s *agi.Session, d *routing.Decision) (why string, err error) {
	options := d.Target.Data + ",,,," + wholeSeconds(h.Connect.Wait, DefaultWait)
	return h.attempt(ctx, s, d, attempt{"Queue", options, "QUEUESTATUS", []string{"", "CONTINUE"}})
}

// patience bounds what is asked after the caller has hung up.
const patience = 2 * time.Second

// attempt calls a desk and takes note if it has answered. why is empty then, and if the call is over.
func (h *Handler) attempt(ctx context.Context, s *agi.Session, d *routing.Decision, a attempt) (why string, err error) {
	for _, name := range []string{a.status, "ABANDONED"} { // of an attempt before
		if err := s.SetVariable(ctx, name, ""); err != nil {
			return "", err
		}
	}
	_, failed := s.Exec(ctx, a.application, a.options)
	var result *agi.ResultError
	if errors.As(failed, &result) && result.Result == noApplication {
		return a.application + "() is not loaded", nil
	}
	if failed = forgive(failed); failed != nil && !s.Hungup() {
		return "", failed
	}
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	status, err := s.Dead().Evaluate(after, "${"+a.status+"}${ABANDONED}")
	if err != nil {
		return "", errors.Join(failed, err)
	}
	answered := slices.Contains(a.answered, status)
	if answered && h.Connect.Memory != nil {
		h.Connect.Memory.Served(d.Caller, d.Desk, d.At)
	}
	if answered || s.Hungup() {
		return "", failed
	}
	return "nobody answered (" + cmp.Or(status, "no status") + ")", nil
}

func wholeSeconds(d, otherwise time.Duration) string {
	return strconv.Itoa(max(int(cmp.Or(d, otherwise)/time.Second), 1))
}
