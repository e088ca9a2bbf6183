package control_test

import (
	"cmp"
	"context"
	"sync"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/control"
	"github.com/asterism-go/asterism/internal/sipphone"
)

// TestDialOutcomes dials with a click, straight and through a Local channel, in every way that it may go.
func TestDialOutcomes(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	ctx := within(t)
	agent, callee := o.phone("101"), o.phone("102")
	cases := []struct {
		name   string
		order  control.Dial
		agent  func(c *sipphone.Call)
		callee func(c *sipphone.Call)
		want   control.DialOutcome
	}{
		{"answered", control.Dial{Number: "102"}, answer(ctx), answer(ctx), control.Answered},
		{"agent does not answer", control.Dial{Number: "102", AgentTimeout: time.Second}, nil, nil, control.AgentNoAnswer},
		{"agent is busy", control.Dial{Number: "102"}, reject(486), nil, control.AgentBusy},
		{"agent refuses", control.Dial{Number: "102"}, reject(603), nil, control.AgentBusy},
		{"callee is busy", control.Dial{Number: "102"}, answer(ctx), reject(486), control.CalleeBusy},
		{"callee refuses", control.Dial{Number: "102"}, answer(ctx), reject(603), control.CalleeNoAnswer},
		{"callee does not answer", control.Dial{Number: "102", CalleeTimeout: time.Second}, answer(ctx), nil, control.CalleeNoAnswer},
		{"congestion", control.Dial{Number: "8001"}, answer(ctx), nil, control.Congestion},
		{"an application", control.Dial{Application: "Wait", Data: "1", ShownNumber: "8002"}, answer(ctx), nil, control.Answered},
	}
	for _, c := range cases {
		for _, through := range []string{"", "101"} {
			name := c.name
			if through != "" {
				name += ", Local"
			}
			t.Run(name, func(t *testing.T) {
				order := c.order
				order.AgentExten = through
				dialing, err := o.agent("101").Dial(ctx, order)
				must(t, err)
				agentCall := agent.rings(ctx, t)
				if c.agent != nil {
					c.agent(agentCall)
				}
				var calleeCall *sipphone.Call
				if c.agent != nil && (c.callee != nil || c.order.CalleeTimeout > 0) {
					calleeCall = callee.rings(ctx, t)
					if c.callee != nil {
						c.callee(calleeCall)
					}
				}
				outcome, err := dialing.Wait(ctx)
				must(t, err)
				if outcome.Outcome != c.want {
					t.Errorf("%s, want %s: %+v", outcome.Outcome, c.want, outcome.Call.Legs)
				}
				if number, name := agentCall.Remote(); number != cmp.Or(c.order.ShownNumber, c.order.Number) {
					t.Errorf("the telephone shows %q %q", number, name)
				}
				if calleeCall != nil {
					if number, _ := calleeCall.Remote(); number != "101" {
						t.Errorf("the callee sees %q", number)
					}
				}
				agentCall.Hangup(ctx) //nolint:errcheck // Asterisk may end it at the same moment
				<-agentCall.Done()
				o.nothingLeft(ctx, t)
			})
		}
	}
}

func answer(ctx context.Context) func(*sipphone.Call) {
	return func(c *sipphone.Call) { c.Answer(ctx) } //nolint:errcheck // the outcome shows it
}

func reject(status int) func(*sipphone.Call) {
	return func(c *sipphone.Call) { c.Reject(context.Background(), status) } //nolint:errcheck // the outcome shows it
}

// nothingLeft waits until Asterisk has no channel any more.
func (o *office) nothingLeft(ctx context.Context, t *testing.T) {
	t.Helper()
	for {
		list, err := o.ctl.Client.List(ctx, ami.Action{Name: "CoreShowChannels"})
		must(t, err)
		if len(list.Items) == 0 {
			return
		}
	}
}

// TestDialCancelled cancels as soon as the order is taken, and while the telephone and the number ring.
func TestDialCancelled(t *testing.T) {
	o := openOffice(t)
	ctx := within(t)
	agent, callee := o.phone("101"), o.phone("102")
	for _, when := range []string{"at once", "telephone", "number"} {
		t.Run(when, func(t *testing.T) {
			dialing, err := o.agent("101").Dial(ctx, control.Dial{Number: "102"})
			must(t, err)
			if when != "at once" {
				call := agent.rings(ctx, t)
				if when == "number" {
					must(t, call.Answer(ctx))
					callee.rings(ctx, t)
				}
			}
			must(t, dialing.Cancel(ctx))
			outcome, err := dialing.Wait(ctx)
			must(t, err)
			if outcome.Outcome != control.Cancelled {
				t.Errorf("%s", outcome.Outcome)
			}
			o.nothingLeft(ctx, t)
		})
	}
}

// TestDialKey sends the same request ten times at once: one call.
func TestDialKey(t *testing.T) {
	o := openOffice(t)
	ctx := within(t)
	agent := o.phone("101")
	var wg sync.WaitGroup
	ids := make([]string, 10)
	for i := range ids {
		wg.Go(func() {
			dialing, err := o.agent("101").Dial(ctx, control.Dial{Number: "600", Key: "the same"})
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = dialing.ID
		})
	}
	wg.Wait()
	call := agent.answers(ctx, t)
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("calls %v", ids)
			break
		}
	}
	must(t, call.Hangup(ctx))
	o.nothingLeft(ctx, t)
	if len(agent.in) > 0 {
		t.Error("the telephone rang more than once")
	}
}

// TestDialUnreachable: a telephone that is not registered.
func TestDialUnreachable(t *testing.T) {
	o := openOffice(t)
	ctx := within(t)
	dialing, err := o.agent("108").Dial(ctx, control.Dial{Number: "102"})
	must(t, err)
	outcome, err := dialing.Wait(ctx)
	must(t, err)
	if outcome.Outcome != control.AgentUnreachable {
		t.Errorf("%s", outcome.Outcome)
	}
}

// TestDialShows: what the telephone shows, what the number sees, and how a telephone is asked to answer by itself.
func TestDialShows(t *testing.T) {
	o := openOffice(t)
	ctx := within(t)
	agent, line := o.phone("101"), o.phone("109")
	dialing, err := o.agent("101").Dial(ctx, control.Dial{
		Number: "2101234567", Prefix: "9", ShownName: "Παπαδοπούλου, Ελένη", LineNumber: "2109999999", LineName: "Help, desk",
		AutoAnswer: control.CallInfo, Account: "crm", Variables: []ami.Header{{Key: "CRM_ID", Value: "a,b=c"}},
	})
	must(t, err)
	call := agent.rings(ctx, t)
	if number, name := call.Remote(); number != "2101234567" || name != "Παπαδοπούλου, Ελένη" {
		t.Errorf("the telephone shows %q %q", number, name)
	}
	if got := call.Header("Call-Info"); got != "<sip:asterisk>;answer-after=0" {
		t.Errorf("Call-Info %q", got)
	}
	must(t, call.Answer(ctx))
	out := line.answers(ctx, t)
	if number, name := out.Remote(); number != "2109999999" || name != "Help, desk" {
		t.Errorf("the line sees %q %q", number, name)
	}
	outcome, err := dialing.Wait(ctx)
	must(t, err)
	if outcome.Outcome != control.Answered || outcome.Call.Callee.Number == "" {
		t.Errorf("%s %+v", outcome.Outcome, outcome.Call.Callee)
	}
	must(t, call.Hangup(ctx))
}
