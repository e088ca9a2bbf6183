package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/callcenter"
	"github.com/asterism-go/asterism/callcenter/agents"
	"github.com/asterism-go/asterism/callcenter/calls"
	"github.com/asterism-go/asterism/callcenter/control"
)

// session is one command and what it is carried out with.
type session struct {
	center *callcenter.Center
	desk   *control.Desk
	seats  *agents.Desk
	phone  string
	args   []string
	out    io.Writer
}

// verb is a command: the names of its arguments, and what it does.
type verb struct {
	args string
	do   func(ctx context.Context, s *session) (result any, err error)
}

// arg is an argument by its number.
func (s *session) arg(i int) string { return s.args[i] }

var verbs = map[string]verb{
	"list":     {"", func(_ context.Context, s *session) (any, error) { return nil, s.list() }},
	"dial":     {"NUMBER", dial},
	"hangup":   {"CHANNEL", func(ctx context.Context, s *session) (any, error) { return nil, s.desk.Hangup(ctx, s.arg(0), 0) }},
	"answer":   {"CHANNEL", func(ctx context.Context, s *session) (any, error) { return nil, s.desk.Answer(ctx, s.arg(0)) }},
	"hold":     {"CHANNEL", func(ctx context.Context, s *session) (any, error) { return nil, s.desk.Hold(ctx, s.arg(0)) }},
	"resume":   {"CHANNEL", func(ctx context.Context, s *session) (any, error) { return nil, s.desk.Resume(ctx, s.arg(0)) }},
	"spy":      {"CHANNEL MODE", listen},
	"transfer": {"CHANNEL NUMBER", transfer},
	"voicemail": {"CHANNEL MAILBOX", func(ctx context.Context, s *session) (any, error) {
		got, err := s.desk.ToVoicemail(ctx, s.arg(0), s.arg(1))
		return got.Result, err
	}},
	"consult": {"CHANNEL NUMBER", consult},
	"park": {"CHANNEL", func(ctx context.Context, s *session) (any, error) {
		parked, err := s.desk.Park(ctx, s.arg(0), s.phone)
		return parked.Slot, err
	}},
	"retrieve": {"SLOT", func(ctx context.Context, s *session) (any, error) {
		return nil, s.desk.Retrieve(ctx, s.arg(0), s.phone)
	}},
	"pickup": {"CHANNEL", func(ctx context.Context, s *session) (any, error) { return nil, s.desk.Pickup(ctx, s.arg(0), s.phone) }},
	"invite": {"CHANNEL NUMBER", func(ctx context.Context, s *session) (any, error) {
		call, err := s.desk.Invite(ctx, s.arg(0), s.arg(1))
		return call.ID, err
	}},
	"digits": {"CHANNEL DIGITS", func(ctx context.Context, s *session) (any, error) {
		return nil, s.desk.SendDigits(ctx, s.arg(0), s.arg(1))
	}},
	"mute": {"CHANNEL", func(ctx context.Context, s *session) (any, error) {
		return nil, s.desk.Mute(ctx, s.arg(0), control.In, true)
	}},
	"unmute": {"CHANNEL", func(ctx context.Context, s *session) (any, error) {
		return nil, s.desk.Mute(ctx, s.arg(0), control.In, false)
	}},
	"play": {"CHANNEL SOUND", func(ctx context.Context, s *session) (any, error) {
		return nil, s.desk.PlayTo(ctx, s.arg(0), s.arg(1))
	}},
	"login": {"QUEUE", func(ctx context.Context, s *session) (any, error) {
		return s.seats.Login(ctx, agents.Command{Verb: agents.LogIn, Queue: s.arg(0), Interface: s.phone})
	}},
	"logout":  {"QUEUE", func(ctx context.Context, s *session) (any, error) { return s.seats.Logout(ctx, s.phone, s.arg(0)) }},
	"pause":   {"REASON", func(ctx context.Context, s *session) (any, error) { return s.seats.Pause(ctx, s.phone, "", s.arg(0)) }},
	"unpause": {"", func(ctx context.Context, s *session) (any, error) { return s.seats.Unpause(ctx, s.phone, "") }},
}

func usage() error {
	var b strings.Builder
	b.WriteString("which verb?")
	for _, name := range slices.Sorted(maps.Keys(verbs)) {
		fmt.Fprintf(&b, "\n  %s %s", name, verbs[name].args)
	}
	return errors.New(b.String())
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("callctl", flag.ContinueOnError)
	addr := flags.String("addr", ami.DefaultAddr, "`host:port` of the Manager")
	user := flags.String("user", "", "`name` of the user in manager.conf; the secret is in ASTERISM_AMI_SECRET")
	role := flags.String("role", string(control.Admin), "agent, supervisor or admin")
	phone := flags.String("phone", "", "your telephone, as in PJSIP/101")
	dialplan := flags.String("context", control.DefaultContext, "the `context` in which numbers are dialled")
	prompts := flags.String("prompts", "", "the `context` that plays sounds; see control.Control")
	rest := flags.String("ari", "", "`URL` of ARI, to hold and play for channels in Stasis; the password of -user is in ASTERISM_ARI_PASSWORD")
	notify := flags.Bool("notify", false, "answer, hold and resume at the telephones, by SIP")
	if err := flags.Parse(args); err != nil {
		return err
	}
	v, ok := verbs[flags.Arg(0)]
	if !ok {
		return usage()
	}
	if wants := len(strings.Fields(v.args)); flags.NArg()-1 != wants {
		return fmt.Errorf("%s takes: %s", flags.Arg(0), cmp.Or(v.args, "nothing"))
	}
	client := &ami.Client{Addr: *addr, Username: *user, Secret: os.Getenv("ASTERISM_AMI_SECRET")}
	if err := client.Connect(ctx); err != nil {
		return err
	}
	defer client.Close()
	ctl := &control.Control{Policy: control.DefaultPolicy(), Context: *dialplan, PromptContext: *prompts}
	if *notify {
		ctl.Phones = &control.NotifyPhones{Client: client}
	}
	if *rest != "" {
		ctl.ARI = &ari.Client{URL: *rest, Username: *user, Password: os.Getenv("ASTERISM_ARI_PASSWORD")}
		defer ctl.ARI.Close()
	}
	s := &session{
		center: &callcenter.Center{Client: client, Control: ctl}, seats: &agents.Desk{Client: client}, phone: *phone,
		args: flags.Args()[1:], out: out,
	}
	s.desk = s.center.As(control.Actor{ID: "callctl", Role: control.Role(*role), Endpoint: *phone})
	return s.run(ctx, v)
}

func (s *session) run(ctx context.Context, v verb) error {
	following, stop := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() { s.center.Run(following) }) //nolint:errcheck // Ready tells
	defer running.Wait()
	defer stop()
	if err := s.center.Ready(ctx); err != nil {
		return err
	}
	result, err := v.do(ctx, s)
	if err != nil || result == nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "%+v\n", result)
	return err
}

func dial(ctx context.Context, s *session) (any, error) {
	dialing, err := s.desk.Dial(ctx, control.Dial{Endpoint: s.phone, Number: s.arg(0)})
	if err != nil {
		return nil, err
	}
	dialed, err := dialing.Wait(ctx)
	return dialed.Outcome, err
}

func transfer(ctx context.Context, s *session) (any, error) {
	got, err := s.desk.Transfer(ctx, s.arg(0), s.arg(1))
	return got.Result, err
}

// consult asks, and hands over when the target has answered.
func consult(ctx context.Context, s *session) (any, error) {
	asked, err := s.desk.Consult(ctx, s.arg(0), s.arg(1))
	if err != nil {
		return nil, err
	}
	_, answered, err := asked.Answered(ctx)
	if err != nil {
		return nil, err
	}
	end := asked.Complete
	if !answered {
		end = asked.Wait
	}
	got, err := end(ctx)
	return got.Result, err
}

// listen spies until the spied call ends, or the program is interrupted.
func listen(ctx context.Context, s *session) (any, error) {
	spying, err := s.desk.Spy(ctx, control.Spy{Endpoint: s.phone, Channel: s.arg(0), Mode: calls.SpyMode(s.arg(1))})
	if err != nil {
		return nil, err
	}
	if err := spying.Wait(ctx); err != nil {
		return nil, spying.Stop(context.WithoutCancel(ctx))
	}
	return nil, nil
}

// list prints the telephones that have calls, and the channels of these.
func (s *session) list() error {
	table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PHONE\tNUMBER\tDOES\tWITH\tCHANNEL")
	picture := s.center.Picture()
	for _, endpoint := range slices.Sorted(maps.Keys(picture.Extensions)) {
		e := picture.Extensions[endpoint]
		channel := ""
		for _, leg := range picture.Calls[e.Call].Legs {
			if leg.Endpoint == endpoint && leg.Ended.IsZero() {
				channel = leg.Channel
			}
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", endpoint, e.Number, e.Activity, cmp.Or(e.With.Number, e.With.Name), channel)
	}
	return table.Flush()
}
