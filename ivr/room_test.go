package ivr_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/internal/asterisktest"
	"github.com/asterism-go/asterism/internal/sipphone"
	"github.com/asterism-go/asterism/ivr"
	"github.com/asterism-go/asterism/ivr/agichannel"
	"github.com/asterism-go/asterism/ivr/arichannel"
	"github.com/asterism-go/asterism/ivr/ivrtest"
)

// sound is a tone that a telephone can tell from the others.
type sound struct {
	tone float64
	long time.Duration
}

// sounds are all that a room has. Their names are below its folder.
var sounds = map[string]sound{
	"welcome": {500, 1500 * time.Millisecond},
	"again":   {600, time.Second},
	"sales":   {700, time.Second},
	"support": {800, time.Second},
	"bye":     {900, 600 * time.Millisecond},
	"blip":    {1000, 300 * time.Millisecond},
	"tick":    {1300, 40 * time.Millisecond},
	"notice":  {1100, 800 * time.Millisecond},
	"long":    {1200, 20 * time.Second},
}

// room is a real Asterisk with a telephone that calls programs in it over AGI and over ARI.
type room struct {
	*asterisktest.Asterisk
	app    *ari.App
	client *ari.Client
	folder string
	phone  *sipphone.Phone
	ends   chan string // what the dialplan says behind a program

	mu       sync.Mutex
	programs map[string]*program
}

// transports are the ways to a program, and what the extensions that lead there begin with.
var transports = []string{"agi", "ari"}

// newRoom starts one.
func newRoom(t testing.TB) *room {
	t.Helper()
	r := &room{folder: t.TempDir(), programs: map[string]*program{}, ends: make(chan string, 1000)}
	for name, s := range sounds {
		if err := os.WriteFile(filepath.Join(r.folder, name+".sln"), toneOf(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	address := r.serveAGI(t)
	r.Asterisk = asterisktest.Start(t, asterisktest.Config{Files: map[string]string{
		"ari.conf":   "[general](+)\nwebsocket_write_timeout = 5000\n",
		"pjsip.conf": sipphone.PJSIPTrunk("caller"), "logger.conf": asterisktest.LogDigits,
		"extensions.conf": fmt.Sprintf(`[default]
exten => _agi-.,1,AGI(agi://%[1]s/${EXTEN:4},one,two)
 same => n,AGI(agi://%[1]s/end,${CHANNEL(name)}|${AGISTATUS}|behind)
 same => n,Hangup()
exten => _ari-.,1,Stasis(ivr,one,two)
 same => n,AGI(agi://%[1]s/end,${CHANNEL(name)}|${ARI_STATUS}|behind)
 same => n,Hangup()
exten => crowd,1,Wait(2)
 same => n,SendDTMF(${CHOICE0})
 same => n,Wait(3)
 same => n,SendDTMF(${NUMBER0})
 same => n,Wait(1)
 same => n,SendDTMF(${CHOICE1}${NUMBER1})
 same => n,Wait(60)
exten => agent,1,Dial(PJSIP/caller/sip:agent@${AGENT})
 same => n,Hangup()
exten => place,1,AGI(agi://%[1]s/end,${CHANNEL(name)}|wrong priority)
 same => n,AGI(agi://%[1]s/end,${CHANNEL(name)}|${CHANNEL(language)}|place)
 same => n,Hangup()
`, address),
	}})
	if err := os.MkdirAll(filepath.Join(r.Dir, "spool", "recording"), 0o700); err != nil {
		t.Fatal(err)
	}
	r.serveARI(t)
	phone, err := sipphone.New(t.Context(), sipphone.Config{Server: r.SIP, User: "caller", Tone: 2000, Tones: tones()})
	if err != nil {
		t.Fatal(err)
	}
	r.phone = phone
	t.Cleanup(func() {
		r.Kill()
		if err := phone.Close(); err != nil {
			t.Logf("closing the telephone: %v", err)
		}
	})
	return r
}

func (r *room) serveAGI(t testing.TB) net.Addr {
	t.Helper()
	srv := &agi.Server{Handler: agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		if s.Env().Script == "end" {
			r.ends <- s.Env().Args[0]
			return nil
		}
		return r.run(s.Env().Script, func(h ivr.Handler) error { return agichannel.Handler(h).ServeAGI(ctx, s) })
	})}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(listener) }()
	t.Cleanup(func() {
		srv.Close()
		if err := <-served; !errors.Is(err, agi.ErrServerClosed) {
			t.Errorf("Serve: %v", err)
		}
	})
	return listener.Addr()
}

func (r *room) serveARI(t testing.TB) {
	t.Helper()
	r.client = &ari.Client{
		URL: "http://" + r.HTTP.String() + "/ari", Username: asterisktest.Username, Password: asterisktest.Secret, Timeout: 60 * time.Second,
	}
	r.app = &ari.App{Client: r.client, Name: "ivr", Filter: quiet}
	if err := r.app.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() {
		served <- ari.Serve(ctx, r.app, func(ctx context.Context, ch *ari.Channel) error {
			name := strings.TrimPrefix(ch.Start().Channel.Dialplan.Exten, "ari-")
			return r.run(name, func(h ivr.Handler) error { return arichannel.Handler(h)(ctx, ch) })
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-served; !errors.Is(err, context.Canceled) {
			t.Errorf("Serve: %v", err)
		}
		r.app.Close()
		r.client.Close()
	})
}

// quiet leaves out what nobody waits for.
var quiet = &ari.EventFilter{Disallowed: []string{"ChannelVarset", "ChannelDialplan"}}

// program is what a room runs under a name.
type program struct {
	handler ivr.Handler
	result  chan error // what the transport was told
	channel string     // that of its last call
}

// program puts a program into the room, under a name of its own, for up to 1,000 calls. The channel has their results.
func (r *room) program(name string, h ivr.Handler) <-chan error {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := &program{handler: h, result: make(chan error, 1000)}
	r.programs[name] = p
	return p.result
}

// run runs a program by its name.
func (r *room) run(name string, transport func(ivr.Handler) error) error {
	r.mu.Lock()
	p, ok := r.programs[name]
	r.mu.Unlock()
	if !ok {
		return fmt.Errorf("no program %q", name)
	}
	err := transport(func(ctx context.Context, c *ivr.Call) error {
		r.mu.Lock()
		p.channel = c.Info().Name
		r.mu.Unlock()
		return p.handler(ctx, c)
	})
	p.result <- err
	return err
}

// told are the digits that Asterisk says it has told of the last call of a program.
func (r *room) told(name string) string {
	r.mu.Lock()
	channel := r.programs[name].channel
	r.mu.Unlock()
	return r.Digits(channel)
}

// attempts is how often a call is made whose digits Asterisk has told twice, as it does over ARI on a machine that is overloaded.
const attempts = 5

// attempt makes a call over a transport to a program, until Asterisk has told each of its digits once. call returns what was pressed, and
// says what was wrong.
func (r *room) attempt(t *testing.T, name string, call func() (pressed string, err error)) {
	t.Helper()
	for try := 1; ; try++ {
		pressed, err := call()
		if err == nil {
			return
		}
		pause(t.Context(), time.Second) //nolint:errcheck // the log comes a little behind
		told := r.told(name)
		if try == attempts || !strings.HasPrefix(name, "ari") || len(told) <= len(pressed) {
			t.Errorf("%s: %v", name, err)
			return
		}
		t.Logf("%s: Asterisk was late: of %q it told %q: once more", name, pressed, told)
	}
}

// call has the telephone call a program.
func (r *room) call(ctx context.Context, number string) (*telephone, error) {
	call, err := r.phone.Dial(ctx, number)
	if err != nil {
		return nil, err
	}
	if err := call.WaitAnswered(ctx); err != nil {
		return nil, err
	}
	return &telephone{Call: call, folder: r.folder}, nil
}

// telephone is a Caller with a real telephone.
type telephone struct {
	*sipphone.Call
	folder string
	since  time.Time // the last sound heard began then

	pressed string
}

var _ ivrtest.Caller = (*telephone)(nil)

func (p *telephone) Hear(ctx context.Context, name string) error {
	tone := sounds[filepath.Base(name)].tone
	for {
		for _, heard := range p.Heard() {
			if heard.Tone == tone && heard.From.After(p.since) {
				p.since = heard.From
				return nil
			}
		}
		if err := pause(ctx, 10*time.Millisecond); err != nil {
			return fmt.Errorf("%w; heard %v", err, p.Heard())
		}
	}
}

// Press presses digits. The last of them may end the call.
func (p *telephone) Press(ctx context.Context, digits string) error {
	err := p.SendDTMF(ctx, digits)
	p.pressed += digits
	if err != nil && strings.Contains(err.Error(), "has ended") {
		return nil
	}
	return err
}

func (p *telephone) HangUp(ctx context.Context) error { return p.Hangup(ctx) }

func (p *telephone) Ended(ctx context.Context) error {
	select {
	case <-p.Done():
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// names are what the telephone has heard, in order.
func (p *telephone) names() []string {
	var all []string
	for _, heard := range p.Heard() {
		for name, s := range sounds {
			if s.tone == heard.Tone {
				all = append(all, name)
			}
		}
	}
	return all
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func tones() []float64 {
	var all []float64
	for _, s := range sounds {
		all = append(all, s.tone)
	}
	slices.Sort(all)
	return all
}

// toneOf is a sound in Asterisk's format sln: 16 bits, 8,000 samples a second.
func toneOf(s sound) []byte {
	const rate, amplitude = 8000, 8000
	var b []byte
	for i := range int(s.long * rate / time.Second) {
		x := amplitude * math.Sin(2*math.Pi*s.tone*float64(i)/rate)
		b = binary.LittleEndian.AppendUint16(b, uint16(int16(x)))
	}
	return b
}

// durations are those of the sounds, for the channel of ivrtest.
func durations(folder string) map[string]time.Duration {
	all := map[string]time.Duration{}
	for name, s := range maps.All(sounds) {
		all[filepath.Join(folder, name)] = s.long
	}
	return all
}

// within is a context that ends long after everything should be over.
func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}
