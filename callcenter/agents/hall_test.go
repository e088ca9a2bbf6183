package agents_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/agents"
	"github.com/asterism-go/asterism/callcenter/calls"
	"github.com/asterism-go/asterism/internal/asterisktest"
	"github.com/asterism-go/asterism/internal/sipphone"
)

// hall is a real Asterisk with queues and phones, and what a Model tells of it.
type hall struct {
	rapid.TB            // is told what is wrong: the test, or a walk of it
	test     *testing.T // the whole test
	patience time.Duration
	ctx      context.Context //nolint:containedctx // bounds one test, as the testing.T that it comes from does
	pbx      *asterisktest.Asterisk
	admin    *ami.Client // another one than the Model's
	desk     *agents.Desk
	model    *agents.Model
	phones   map[string]*station
	caller   *station

	mu      sync.Mutex
	told    map[string]agents.Agent // by the changes alone
	conn    net.Conn                // of the Model's client
	losses  int
	errs    []error
	changed chan struct{}
	edits   chan agents.Edit
}

// station is a phone; its incoming calls wait for the test.
type station struct {
	*sipphone.Phone
	number, endpoint string
	in               chan *sipphone.Call
}

// The queues: support has a wrap-up time, sales has a member of the configuration, night rings a phone for a second only.
const (
	wrapUp     = time.Second
	queuesConf = `[general]
persistentmembers = no
shared_lastcall = no
[support]
strategy = ringall
ringinuse = no
timeout = 30
retry = 1
wrapuptime = 1
[sales]
strategy = ringall
ringinuse = no
timeout = 30
retry = 1
member => PJSIP/104,5,Dora,hint:104@default
[night]
strategy = ringall
ringinuse = no
timeout = 1
retry = 1
`
	dialplan = `[default]
exten => _10X,1,Dial(PJSIP/${EXTEN},30)
exten => _6.,1,Answer()
 same => n,Queue(${EXTEN:1})
 same => n,Hangup()
exten => 101,hint,PJSIP/101&Custom:DND101
exten => 102,hint,PJSIP/102&Custom:DND102
exten => 103,hint,PJSIP/103&Custom:DND103
exten => 104,hint,PJSIP/104
`
)

var numbers = []string{"101", "102", "103", "104"}

// openHall starts Asterisk, registers the phones and follows. cfg is the Model's.
func openHall(t *testing.T, cfg agents.Config) *hall {
	t.Helper()
	return openHallAt(t, startHall(t), cfg)
}

func startHall(t *testing.T) *asterisktest.Asterisk {
	t.Helper()
	var pjsip strings.Builder
	for _, number := range append(numbers, "201") {
		pjsip.WriteString(sipphone.PJSIPConfig(number, "pw"+number, "callerid = Desk "+number+" <"+number+">"))
	}
	return asterisktest.Start(t, asterisktest.Config{Files: map[string]string{
		"pjsip.conf": pjsip.String(), "queues.conf": queuesConf, "extensions.conf": dialplan,
	}})
}

// openHallAt is openHall with an Asterisk that runs.
func openHallAt(t *testing.T, pbx *asterisktest.Asterisk, cfg agents.Config) *hall {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	t.Cleanup(cancel)
	h := &hall{
		TB: t, test: t, patience: 30 * time.Second, ctx: ctx, pbx: pbx,
		phones: map[string]*station{}, told: map[string]agents.Agent{}, changed: make(chan struct{}, 1),
		edits: make(chan agents.Edit), model: agents.NewModel(cfg),
	}
	h.admin = h.connect(nil, nil)
	h.desk = &agents.Desk{Client: h.admin, Timeout: 30 * time.Second}
	for _, number := range numbers {
		h.phones[number] = h.register(number)
	}
	h.caller = h.register("201")
	h.follow(cfg.Calls)
	return h
}

// connect makes a client that hears the events of these names only, or all.
func (h *hall) connect(dial func(ctx context.Context, network, addr string) (net.Conn, error), names []string) *ami.Client {
	h.Helper()
	client := &ami.Client{
		Addr: h.pbx.AMI.String(), Username: asterisktest.Username, Secret: asterisktest.Secret, Dial: dial, Subscribe: names,
		ReconnectWait: 20 * time.Millisecond, MaxReconnectWait: 100 * time.Millisecond,
	}
	if err := client.Connect(h.ctx); err != nil {
		h.Fatal(err)
	}
	h.test.Cleanup(func() { client.Close() })
	return client
}

func (h *hall) register(number string) *station {
	h.Helper()
	s := &station{number: number, endpoint: "PJSIP/" + number, in: make(chan *sipphone.Call, 16)}
	phone, err := sipphone.New(h.ctx, sipphone.Config{
		Server: h.pbx.SIP, User: number, Password: "pw" + number,
		OnInvite: func(c *sipphone.Call) {
			s.in <- c
			<-c.Done()
		},
	})
	if err != nil {
		h.Fatal(err)
	}
	s.Phone = phone
	h.test.Cleanup(func() { phone.Close() })
	return s
}

// follow runs the Model in a goroutine of its own; only its changes are looked at.
func (h *hall) follow(withCalls bool) {
	h.Helper()
	var names []string
	if !withCalls {
		names = agents.EventNames()
	}
	client := h.connect(func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		h.mu.Lock()
		h.conn = conn
		h.mu.Unlock()
		return conn, err
	}, names)
	ctx, cancel := context.WithCancel(h.ctx)
	sources := agents.Sources{Edits: h.edits}
	if withCalls {
		tracker := calls.NewTracker(calls.Config{})
		sources.Calls = func(ctx context.Context) iter.Seq2[calls.Change, error] { return calls.Follow(ctx, client, tracker) }
	}
	changes := agents.FollowWith(ctx, client, h.model, sources)
	var running sync.WaitGroup
	running.Go(func() {
		for change, err := range changes {
			h.note(change, err)
		}
	})
	h.test.Cleanup(func() {
		cancel()
		running.Wait()
		h.checkEnd()
	})
}

func (h *hall) note(change agents.Change, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err != nil {
		h.errs = append(h.errs, err)
		return
	}
	if change.Kind == agents.Gone {
		delete(h.told, change.Agent.ID)
	} else {
		h.told[change.Agent.ID] = change.Agent
	}
	if change.Kind == agents.StateChanged && change.Agent.State == agents.Unknown {
		h.losses++
	}
	select {
	case h.changed <- struct{}{}:
	default:
	}
}

// checkEnd finds what the changes have made to be what the Model has.
func (h *hall) checkEnd() {
	for _, err := range h.errs {
		var action *ami.ActionError // a list was asked for when the connection broke
		if errors.Is(err, context.Canceled) || errors.As(err, &action) && h.losses > 0 {
			continue
		}
		h.Error(err)
	}
	is := h.model.Agents()
	if len(is) != len(h.told) {
		h.Errorf("the Model has %d agents, the changes have told of %d", len(is), len(h.told))
	}
	for _, a := range is {
		if diff := difference(h.told[a.ID], a); diff != "" {
			h.Errorf("%s as told is not what the Model has: %s", a.ID, diff)
		}
	}
}

// cut breaks the connection of the Model's client.
func (h *hall) cut() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.conn.Close()
}

func (h *hall) picture() map[string]agents.Agent {
	h.mu.Lock()
	defer h.mu.Unlock()
	return maps.Clone(h.told)
}

// eventually waits until a check says nothing any more.
func (h *hall) eventually(what string, check func() string) {
	h.Helper()
	ctx, cancel := context.WithTimeout(h.ctx, h.patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		wrong := check()
		if wrong == "" {
			return
		}
		select {
		case <-h.changed:
		case <-tick.C:
		case <-ctx.Done():
			show, err := h.pbx.CLI(h.ctx, "queue show")
			h.Fatalf("%s: %s\n%s%v", what, wrong, show, err)
		}
	}
}

// waitState waits until an agent is in a state.
func (h *hall) waitState(id string, want agents.State) agents.Agent {
	h.Helper()
	var a agents.Agent
	h.eventually("waiting for "+id+" to be "+want.String(), func() string {
		if a = h.picture()[id]; a.State == want {
			return ""
		}
		return fmt.Sprintf("is %v (%s), phone %+v", a.State, a.Reason, a.Phone)
	})
	return a
}

// dial places a call from a phone and returns when it rings or is answered.
func (h *hall) dial(from *station, number string) *sipphone.Call {
	h.Helper()
	c, err := from.Dial(h.ctx, number)
	if err != nil {
		h.Fatal(err)
	}
	return c
}

// ok fails the test on an error.
func (h *hall) ok(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// drain waits until calls that nobody has taken are over.
func (s *station) drain() {
	for {
		select {
		case c := <-s.in:
			<-c.Done()
		default:
			return
		}
	}
}

// rung returns the next call that reaches a phone.
func (h *hall) rung(s *station) *sipphone.Call {
	h.Helper()
	ctx, cancel := context.WithTimeout(h.ctx, h.patience)
	defer cancel()
	for {
		select {
		case c := <-s.in:
			if c.State() != sipphone.Ended {
				return c
			}
		case <-ctx.Done():
			show, err := h.pbx.CLI(h.ctx, "queue show")
			h.Fatalf("%s is not rung\n%s%v", s.number, show, err)
		}
	}
}
