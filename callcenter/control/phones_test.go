package control_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/callcenter/calls"
	"github.com/asterism-go/asterism/callcenter/control"
	"github.com/asterism-go/asterism/internal/sipphone"
)

// TestNotifyPhones answers, holds and resumes from the screen, by NOTIFY.
func TestNotifyPhones(t *testing.T) {
	o := openOffice(t)
	o.ctl.Phones = &control.NotifyPhones{Client: o.ctl.Client}
	o.answerHoldResume(within(t))
}

// answerHoldResume has a telephone that nobody touches do all that it can be told to.
func (o *office) answerHoldResume(ctx context.Context) {
	t := o.t
	t.Helper()
	caller, callee := o.phone("101"), o.phone("102")
	customer, err := caller.Dial(ctx, "102")
	must(t, err)
	agent := callee.rings(ctx, t)
	desk, leg := o.agent("102"), o.leg(ctx, "102")
	var invalid *control.ValueError
	if err := desk.Hold(ctx, leg); !errors.As(err, &invalid) {
		t.Errorf("held while it rings: %v", err)
	}
	must(t, desk.Answer(ctx, leg))
	must(t, customer.WaitAnswered(ctx))
	o.hear(ctx, hearing{customer, "102"}, hearing{agent, "101"})
	if err := desk.Answer(ctx, leg); !errors.As(err, &invalid) {
		t.Errorf("answered again: %v", err)
	}
	must(t, o.ctl.Wait(ctx, func(all []calls.Call) bool { return len(all) > 0 && len(all[0].Conversations) > 0 })) // told a moment later
	if err := desk.Resume(ctx, leg); !errors.As(err, &invalid) {
		t.Errorf("resumed while nobody is held: %v", err)
	}
	must(t, desk.Hold(ctx, leg))
	o.talks(ctx, leg, false)
	must(t, customer.WaitSilent(ctx, o.phone("102").tone))
	must(t, agent.WaitSilent(ctx, o.phone("101").tone))
	if err := desk.Hold(ctx, leg); !errors.As(err, &invalid) {
		t.Errorf("held again: %v", err)
	}
	must(t, desk.Resume(ctx, leg))
	o.talks(ctx, leg, true)
	o.hear(ctx, hearing{customer, "102"}, hearing{agent, "101"})
	must(t, customer.Hangup(ctx))
	<-agent.Done()
	must(t, o.ctl.Wait(ctx, func(all []calls.Call) bool { return len(all) == 0 || !all[0].Ended.IsZero() }))
	if err := desk.Resume(ctx, leg); !errors.Is(err, control.ErrGone) {
		t.Errorf("resumed when it had gone: %v", err)
	}
}

// talks finds in the calls, without waiting, whether a leg talks: that is what a command has said.
func (o *office) talks(ctx context.Context, leg string, want bool) {
	o.t.Helper()
	must(o.t, o.ctl.Wait(ctx, func(all []calls.Call) bool {
		for _, call := range all {
			for _, c := range call.Conversations {
				if c.End.IsZero() && (c.A == leg || c.B == leg) != want {
					o.t.Errorf("talks: %v", !want)
				}
			}
		}
		return true
	}))
}

// TestPhoneThatIsDeaf takes the NOTIFY and does nothing: what is said is not that it has answered.
func TestPhoneThatIsDeaf(t *testing.T) {
	o := openOffice(t)
	ctx := within(t)
	o.ctl.Phones, o.ctl.Confirm = &control.NotifyPhones{Client: o.ctl.Client}, 500*time.Millisecond
	o.deaf = true
	o.phone("102")
	customer, err := o.phone("101").Dial(ctx, "102")
	must(t, err)
	agent := o.phone("102").rings(ctx, t)
	var unconfirmed *control.UnconfirmedError
	if err := o.agent("102").Answer(ctx, o.leg(ctx, "102")); !errors.As(err, &unconfirmed) {
		t.Error(err)
	}
	if agent.State() != sipphone.Ringing {
		t.Error(agent.State())
	}
	must(t, customer.Hangup(ctx))
}

// TestHTTPPhones does the same by the web interface of a telephone, which here stands before a real one.
func TestHTTPPhones(t *testing.T) {
	o := openOffice(t)
	ctx := within(t)
	asked := make(chan string, 10)
	current := make(chan *sipphone.Call, 1)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.String()
		if user, password, _ := r.BasicAuth(); user != "admin" || password != "s3cret&" {
			http.Error(w, "who?", http.StatusUnauthorized)
			return
		}
		c := <-current
		current <- c
		do := map[string]func(context.Context) error{"ASW": c.Answer, "HOLD": c.Hold, "UNHOLD": c.Resume}[r.FormValue("key")]
		if err := do(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
		}
	}))
	t.Cleanup(web.Close)
	o.ctl.Phones = &control.HTTPPhones{Find: func(_ context.Context, endpoint string) (control.HTTPPhone, error) {
		if endpoint != "PJSIP/102" {
			return control.HTTPPhone{}, control.ErrNoPhones
		}
		return control.HTTPPhone{
			Host: strings.TrimPrefix(web.URL, "http://"), Commands: control.YealinkCommands, Username: "admin", Password: "s3cret&",
		}, nil
	}}
	o.seen = func(c *sipphone.Call) {
		if number, _ := c.Remote(); number == "101" {
			current <- c
		}
	}
	o.phone("102")
	o.answerHoldResume(ctx)
	close(asked)
	for _, want := range []string{"ASW", "HOLD", "UNHOLD"} {
		if got := <-asked; got != "/servlet?key="+want {
			t.Errorf("%q", got)
		}
	}
	if more, ok := <-asked; ok {
		t.Errorf("%q too", more)
	}
}

// TestHTTPPhoneAddresses: values are escaped, credentials are in no error, redirects and other hosts are not gone to.
func TestHTTPPhoneAddresses(t *testing.T) {
	const secret = "p&w=1#/x"
	asked := make(chan *http.Request, 1)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r
		http.Redirect(w, r, "http://127.0.0.1:1/elsewhere", http.StatusFound)
	}))
	host := strings.TrimPrefix(web.URL, "http://")
	phone := control.HTTPPhone{Host: host, Username: "u", Password: secret, Commands: control.PhoneCommands{
		Answer: "http://{host}/do?user={username}&p={password}&n={number}&c={channel}",
	}}
	phones := &control.HTTPPhones{Find: func(context.Context, string) (control.HTTPPhone, error) { return phone, nil }}
	leg := calls.Leg{Channel: "PJSIP/102-1&x=2", Endpoint: "PJSIP/102", Number: "1 2&p=3"}
	err := phones.Answer(t.Context(), leg)
	var refused *control.PhoneError
	if !errors.As(err, &refused) || refused.Status != http.StatusFound || strings.Contains(err.Error(), "w=1") {
		t.Errorf("%v", err)
	}
	got := <-asked
	for key, want := range map[string]string{"user": "u", "p": secret, "n": leg.Number, "c": leg.Channel} {
		if value := got.URL.Query().Get(key); value != want {
			t.Errorf("%s is %q", key, value)
		}
	}
	if got.Header.Get("Authorization") != "" {
		t.Error("the password is sent twice")
	}
	if err := phones.Hold(t.Context(), leg); !errors.Is(err, control.ErrNoPhones) {
		t.Errorf("no command: %v", err)
	}
	web.Close()
	if err := phones.Answer(t.Context(), leg); !errors.As(err, &refused) || refused.Err == nil || strings.Contains(err.Error(), "p%26") {
		t.Errorf("nobody there: %v", err)
	}
	for _, bad := range []string{"", "a/b", "u:p@h", "h?x", "h#", "h\r\nX: y", "a b", "%41"} {
		phone.Host = bad
		var invalid *control.ValueError
		if err := phones.Answer(t.Context(), leg); !errors.As(err, &invalid) {
			t.Errorf("host %q: %v", bad, err)
		}
	}
	phone.Host, phone.Commands.Answer = host, "http://other/{host}?p={password}"
	if err := phones.Answer(t.Context(), leg); err == nil || strings.Contains(err.Error(), "w=1") {
		t.Errorf("another host: %v", err)
	}
}

// TestNotifyOnlyPJSIP: a telephone of another technology cannot be told so.
func TestNotifyOnlyPJSIP(t *testing.T) {
	phones := &control.NotifyPhones{}
	if err := phones.Answer(t.Context(), calls.Leg{Channel: "SIP/101-1"}); !errors.Is(err, control.ErrNoPhones) {
		t.Error(err)
	}
}
