package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"github.com/asterism-go/asterism/internal/sipphone"
)

// publicNumber is the number of the help desk.
const publicNumber = "2100001000"

// desk is a telephone of the help desk.
type desk struct {
	Name, Title string
	Number      string
	Password    string
	Tone        float64       // Hz
	rings       time.Duration // until it answers; 0: it never does
}

// desks are the telephones of the help desk. Nobody is at the one in Patras.
var desks = []desk{
	{Name: "athens", Title: "Desk Athens", Number: "101", Password: "athens-demo", Tone: 500, rings: 600 * time.Millisecond},
	{Name: "thessaloniki", Title: "Desk Thessaloniki", Number: "102", Password: "thessaloniki-demo", Tone: 650, rings: 900 * time.Millisecond},
	{Name: "patras", Title: "Desk Patras", Number: "103", Password: "patras-demo", Tone: 800},
}

// caller is somebody outside who calls the help desk again and again.
type caller struct {
	number   string
	tone     float64       // Hz
	patience time.Duration // how long it lets ring
	talks    time.Duration // how long it talks, on average
}

var callers = []caller{
	{number: "2107654321", tone: 1000, patience: 6 * time.Second, talks: 3 * time.Second},
	{number: "2310444555", tone: 1150, patience: 6 * time.Second, talks: 4 * time.Second},
	{number: "2610222333", tone: 1300, patience: 5 * time.Second, talks: 3 * time.Second},
	{number: "2810111222", tone: 1450, patience: 6 * time.Second, talks: 2 * time.Second},
}

// pause is how long a caller waits between two calls, on average.
const pause = 1500 * time.Millisecond

// hangupTimeout bounds how long one hangup may take when the demo ends.
const hangupTimeout = 2 * time.Second

// office is all the phones of the demo.
type office struct {
	log    *slog.Logger
	desks  []*sipphone.Phone
	public []*sipphone.Phone
}

// openOffice registers the desks at Asterisk and makes the callers' phones.
func openOffice(ctx context.Context, server netip.AddrPort, log *slog.Logger) (*office, error) {
	o := &office{log: log}
	for _, d := range desks {
		phone, err := sipphone.New(ctx, sipphone.Config{
			Server: server, User: d.Name, Password: d.Password, Tone: d.Tone,
			OnInvite: func(call *sipphone.Call) { d.attend(ctx, call, log) },
		})
		if err != nil {
			return nil, errors.Join(fmt.Errorf("the phone of %s: %w", d.Title, err), o.close())
		}
		o.desks = append(o.desks, phone)
	}
	for _, c := range callers {
		phone, err := sipphone.New(ctx, sipphone.Config{Server: server, User: c.number, Tone: c.tone})
		if err != nil {
			return nil, errors.Join(fmt.Errorf("the phone of caller %s: %w", c.number, err), o.close())
		}
		o.public = append(o.public, phone)
	}
	return o, nil
}

// attend lets a call ring for a while and answers it, unless nobody is there.
func (d desk) attend(ctx context.Context, call *sipphone.Call, logger *slog.Logger) {
	err := call.Ring(ctx)
	if err == nil && d.rings > 0 && wait(ctx, call, d.rings) {
		err = call.Answer(ctx)
	}
	if err != nil {
		logger.Debug("the desk's phone could not take the call", "desk", d.Name, "error", err)
	}
}

// callUntil lets the callers call until ctx ends, and returns when the last of them has hung up.
func (o *office) callUntil(ctx context.Context) {
	var all sync.WaitGroup
	for i, c := range callers {
		all.Go(func() {
			for ctx.Err() == nil {
				if err := c.call(ctx, o.public[i]); err != nil && ctx.Err() == nil {
					o.log.Warn("a call could not be placed", "caller", c.number, "error", err)
				}
				wait(ctx, nil, about(pause))
			}
		})
	}
	all.Wait()
}

// call places one call, talks if it is answered, and hangs up.
func (c caller) call(ctx context.Context, phone *sipphone.Phone) error {
	call, err := phone.Dial(ctx, publicNumber)
	if err != nil {
		return err
	}
	patient, cancel := context.WithTimeout(ctx, c.patience)
	defer cancel()
	if err := call.WaitAnswered(patient); err == nil {
		wait(ctx, call, about(c.talks))
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), hangupTimeout)
	defer cancel()
	select {
	case <-call.Done():
		return nil
	default:
		return call.Hangup(end)
	}
}

func (o *office) close() error {
	var errs []error
	for _, phone := range append(o.public, o.desks...) {
		errs = append(errs, phone.Close())
	}
	return errors.Join(errs...)
}

// wait lets time pass and reports whether it all has: it ends early with ctx, or with the call if there is one.
func wait(ctx context.Context, call *sipphone.Call, d time.Duration) bool {
	var over <-chan struct{}
	if call != nil {
		over = call.Done()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-over:
	case <-ctx.Done():
	}
	return false
}

// about returns a duration of half to one and a half times d.
func about(d time.Duration) time.Duration {
	return d/2 + rand.N(d)
}
