package callplay_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/calls"
	"github.com/asterism-go/asterism/internal/asterisktest"
	"github.com/asterism-go/asterism/internal/sipphone"
)

// room is a real Asterisk with phones, and the calls that a Tracker tells of it.
type room struct {
	pbx    *asterisktest.Asterisk
	client *ami.Client // for actions
	lanes  []*lane
	tones  map[float64]*station

	mu       sync.Mutex
	calls    map[string]*told
	channels map[string]string // by Call-ID
	asked    map[string]bool   // channels that were asked for digits
	mark     string            // the last value of [marker]
	stalled  []time.Time
	errs     []error
	events   []string
	used     int
}

// told is a call as it was told last.
type told struct {
	calls.Call
	finished, absorbed bool
}

// lane is four extensions and a trunk that one scene at a time plays with.
type lane struct {
	index int // from 1
	ext   []*station
	trunk *station
}

// station is a phone and its incoming calls.
type station struct {
	*sipphone.Phone
	number, endpoint string
	tone             float64
	trunk            int          // from 1; 0: an extension
	refuses          atomic.Int32 // a status, if it refuses all calls without ringing
	in               chan *sipphone.Call

	mu     sync.Mutex
	dialed map[string]chan *sipphone.Call // of a trunk
}

func openRoom(t *testing.T, lanes int) *room {
	t.Helper()
	pbx := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{
		"extensions.conf": dialplan, "pjsip.conf": pjsip(lanes), "queues.conf": "[general]\nlog_membername_as_agent = no\n" + queues(lanes),
		"res_parking.conf": parking(),
	}})
	r := &room{pbx: pbx, tones: map[float64]*station{}, calls: map[string]*told{}, channels: map[string]string{}, asked: map[string]bool{}}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	t.Cleanup(func() { cancel(); running.Wait() })
	r.client = dialIn(t, pbx)
	cfg := calls.Config{Extensions: map[string]calls.Identity{}, OutboundPrefixes: []string{"9", "0"}}
	tones := sipphone.Frequencies()[:lanes*(laneSize+1)]
	for i := range lanes {
		l := &lane{index: i + 1}
		for j := range laneSize {
			number := strconv.Itoa(firstNumber + i*laneSize + j)
			cfg.Extensions["PJSIP/"+number] = calls.Identity{Number: number, Name: "Desk " + number}
			l.ext = append(l.ext, r.station(t, number, tones, 0))
		}
		l.trunk = r.station(t, fmt.Sprintf("trunk%d", i+1), tones, i+1)
		cfg.Trunks = append(cfg.Trunks, l.trunk.endpoint)
		r.lanes = append(r.lanes, l)
		r.do(t, ami.Action{Name: "Setvar"}.With("Variable", fmt.Sprintf("TRUNK%d", i+1)).With("Value", l.trunk.Addr().String()))
	}
	changes := calls.Follow(ctx, dialIn(t, pbx), calls.NewTracker(cfg))
	names := r.client.Events(ctx)
	running.Go(func() {
		for change, err := range changes {
			r.note(change, err)
		}
	})
	running.Go(func() {
		for event, err := range names {
			if err == nil && event.Event() == "Newchannel" && strings.HasPrefix(event.Get("Channel"), "PJSIP/") {
				running.Go(func() { r.askCallID(ctx, event.Get("Channel")) })
			}
			r.record(event)
		}
	})
	running.Go(func() { r.watchClock(ctx) })
	return r
}

func dialIn(t *testing.T, pbx *asterisktest.Asterisk) *ami.Client {
	t.Helper()
	client := &ami.Client{
		Addr: pbx.AMI.String(), Username: asterisktest.Username, Secret: asterisktest.Secret, EventMask: "call,agent,dialplan,system,dtmf",
	}
	if err := client.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

func (r *room) do(t *testing.T, a ami.Action) {
	t.Helper()
	if _, err := r.client.Do(t.Context(), a); err != nil {
		t.Fatal(err)
	}
}

func (r *room) station(t *testing.T, user string, tones []float64, trunk int) *station {
	t.Helper()
	s := &station{
		number: user, endpoint: "PJSIP/" + user, tone: tones[len(r.tones)], trunk: trunk,
		in: make(chan *sipphone.Call, 100), dialed: map[string]chan *sipphone.Call{},
	}
	cfg := sipphone.Config{Server: r.pbx.SIP, User: user, Tone: s.tone, Tones: tones, OnInvite: s.invited}
	if trunk == 0 {
		cfg.Password = "pw" + user
	} else {
		s.number = strconv.Itoa(trunkNumbers + trunk)
	}
	phone, err := sipphone.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := phone.Close(); err != nil {
			t.Log(err)
		}
	})
	s.Phone = phone
	r.tones[s.tone] = s
	return s
}

// invited lets a call ring, and hands it to whoever waits for it. A number outside ends with the trunk and the status
// that refuses it, or with 0000.
func (s *station) invited(c *sipphone.Call) {
	number := s.number
	refuses := int(s.refuses.Load())
	if s.trunk != 0 {
		_, number, _ = strings.Cut(c.Header("To"), "sip:")
		number, _, _ = strings.Cut(number, "@")
		trunk, status := number[len(number)-4:len(number)-3], number[len(number)-3:]
		if trunk == strconv.Itoa(s.trunk) {
			refuses, _ = strconv.Atoi(status)
		}
	}
	if refuses == 0 && c.Ring(context.Background()) != nil {
		return
	}
	s.queue(number) <- c
	if refuses != 0 {
		c.Reject(context.Background(), refuses) //nolint:errcheck // the caller has given up
	}
}

// queue is the incoming calls to a number.
func (s *station) queue(number string) chan *sipphone.Call {
	if s.trunk == 0 {
		return s.in
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dialed[number] == nil {
		s.dialed[number] = make(chan *sipphone.Call, 10)
	}
	return s.dialed[number]
}

func (r *room) note(change calls.Change, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.errs = append(r.errs, err)
		return
	}
	c := r.calls[change.Call.ID]
	if c == nil {
		c = &told{}
		r.calls[change.Call.ID] = c
	}
	c.Call = change.Call
	c.absorbed = c.absorbed || change.Kind == calls.Absorbed
	c.finished = c.finished || change.Kind == calls.Finished
}

// askCallID asks which of the phones' calls a channel is. Of those that are dialled the dialplan says it.
func (r *room) askCallID(ctx context.Context, channel string) {
	for {
		answer, err := r.client.Do(ctx, ami.Action{Name: "Getvar"}.With("Channel", channel).With("Variable", "CHANNEL(pjsip,call-id)"))
		if err != nil {
			return // it has gone already
		}
		if id := answer.Get("Value"); id != "" {
			r.mu.Lock()
			r.channels[id] = channel
			r.mu.Unlock()
			return
		}
	}
}

// A machine that is busy makes audio late, and what the phones hear is not the truth then.
const (
	clockStep = 20 * time.Millisecond
	stallTime = 150 * time.Millisecond
)

func (r *room) watchClock(ctx context.Context) {
	tick := time.NewTicker(clockStep)
	defer tick.Stop()
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := time.Now()
		if now.Sub(last) > stallTime {
			r.mu.Lock()
			r.stalled = append(r.stalled, now)
			r.mu.Unlock()
		}
		last = now
	}
}

// stalledSince tells whether the machine was late between two moments.
func (r *room) stalledSince(from, to time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, at := range r.stalled {
		if at.After(from) && at.Add(-time.Second).Before(to) {
			return true
		}
	}
	return false
}

// await waits until something is so.
func (r *room) await(ctx context.Context, so func() bool) error {
	tick := time.NewTicker(clockStep)
	defer tick.Stop()
	for {
		r.mu.Lock()
		done := so()
		r.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// settle waits until every call has been told to its end, and all has been read that says whose its channels are.
func (r *room) settle(ctx context.Context) error {
	mark := strconv.Itoa(r.number())
	if _, err := r.client.Do(ctx, ami.Action{Name: "Setvar"}.With("Variable", marker).With("Value", mark)); err != nil {
		return err
	}
	return r.await(ctx, func() bool {
		for _, c := range r.calls {
			if !c.finished && !c.absorbed {
				return false
			}
		}
		return r.mark == mark
	})
}

// marker is a global variable: Asterisk tells every one that is set, in order with everything else.
const marker = "PLAYED"

// record keeps what an event says of channels, and the event, which may be needed to explain a difference.
func (r *room) record(event ami.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	variable := ""
	if event.Event() == "VarSet" {
		variable = event.Get("Variable")
	}
	switch {
	case variable == "SIPCALLID":
		r.channels[event.Get("Value")] = event.Get("Channel")
	case variable == marker:
		r.mark = event.Get("Value")
	case event.Get("Application") == "WaitExten":
		r.asked[event.Get("Channel")] = true
	}
	if slices.Contains(explains, event.Event()) {
		r.events = append(r.events, event.String())
	}
}

var explains = strings.Fields(`Newchannel Newstate Hangup HangupRequest SoftHangupRequest DialBegin DialState DialEnd BridgeEnter BridgeLeave
	BlindTransfer AttendedTransfer Hold Unhold Pickup ParkedCall UnParkedCall ParkedCallTimeOut ParkedCallGiveUp QueueCallerJoin QueueCallerLeave
	QueueCallerAbandon AgentCalled AgentConnect AgentComplete AgentRingNoAnswer BridgeMerge BridgeCreate BridgeDestroy LocalBridge`)

// number is another one each time.
func (r *room) number() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.used++
	return r.used % 100
}
