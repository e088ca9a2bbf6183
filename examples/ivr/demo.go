package main

import (
	"context"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"log/slog"
	"math"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/asterism-go/asterism/internal/asterisktest"
	"github.com/asterism-go/asterism/internal/sipphone"
	"github.com/asterism-go/asterism/ivr/menu"
)

//go:embed extensions.conf
var dialplan string

// The numbers of the help desk in the lab: the same menus both ways.
const (
	overAGI = "600"
	overARI = "601"
)

// weekday is when callers of the lab call: the office is open.
var weekday = time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)

// lab is the help desk with an Asterisk of its own.
type lab struct {
	pbx  *asterisktest.Asterisk
	stop func() error // ends the desk

	mu      sync.Mutex
	callers map[string]*caller // by number
}

// caller is somebody with a telephone.
type caller struct {
	phone *sipphone.Phone
	paths chan menu.Path // of his calls that are over
}

// openLab starts it all. Texts are tones, unless o has a command that speaks them.
func openLab(ctx context.Context, o options, log *slog.Logger) (*lab, error) {
	l := &lab{callers: map[string]*caller{}}
	if err := l.open(ctx, o, log); err != nil {
		return nil, errors.Join(err, l.close())
	}
	return l, nil
}

func (l *lab) open(ctx context.Context, o options, log *slog.Logger) error {
	var err error
	l.pbx, err = asterisktest.Run(ctx, asterisktest.Config{Logger: log, Files: map[string]string{
		"extensions.conf": dialplan, "pjsip.conf": sipphone.PJSIPTrunk("trunk"),
		// for a machine that does much else: Asterisk waits longer for its slow ARI client, and for the rest of a digit, which
		// it otherwise takes for two (dtmftimeout, in samples); and it notes what it makes of digits
		"ari.conf":    "[general](+)\nwebsocket_write_timeout = 5000\n",
		"logger.conf": asterisktest.LogDigits,
		"rtp.conf":    "[general]\nrtpstart = 10000\nrtpend = 29999\ndtmftimeout = 64000\n",
	}})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(l.pbx.Dir, "spool", "recording"), 0o700); err != nil {
		return err
	}
	o.agi, o.ari, o.user = "127.0.0.1:0", "http://"+l.pbx.HTTP.String()+"/ari", asterisktest.Username
	o.spoken = filepath.Join(l.pbx.Dir, "spoken")
	d := &desk{options: o, log: log, now: func() time.Time { return weekday }, env: labEnv, notify: l.over}
	if o.speak == "" {
		d.voice = tones{}
	}
	return l.start(ctx, d)
}

// caller gives somebody with a number a telephone.
func (l *lab) caller(ctx context.Context, number string) (*caller, error) {
	phone, err := sipphone.New(ctx, sipphone.Config{Server: l.pbx.SIP, User: number, Tone: 500})
	if err != nil {
		return nil, err
	}
	c := &caller{phone, make(chan menu.Path, 100)}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.callers[number] = c
	return c, nil
}

// over is told of calls that are over.
func (l *lab) over(p menu.Path) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c := l.callers[p.Caller]; c != nil {
		c.paths <- p
	}
}

// start has the desk serve, and tells Asterisk where.
func (l *lab) start(ctx context.Context, d *desk) error {
	address, served := make(chan net.Addr, 1), make(chan error, 1)
	d.ready = func(a net.Addr) { address <- a }
	serving, cancel := context.WithCancel(context.WithoutCancel(ctx))
	go func() { served <- errors.Join(d.serve(serving), d.close()) }()
	l.stop = func() error { cancel(); return <-served }
	select {
	case a := <-address:
		_, err := l.pbx.CLI(ctx, "dialplan set global HELPDESK_AGI "+a.String())
		return err
	case err := <-served:
		served <- nil
		return err
	}
}

// labEnv is the environment of the desk in the lab.
func labEnv(name string) string {
	return map[string]string{"HELPDESK_PINS": "1234,0007", "ASTERISM_ARI_PASSWORD": asterisktest.Secret}[name]
}

// close ends the parts: telephone, desk, Asterisk.
func (l *lab) close() error {
	var errs []error
	for _, c := range l.callers {
		errs = append(errs, c.phone.Close())
	}
	if l.stop != nil {
		errs = append(errs, l.stop())
	}
	if l.pbx != nil {
		errs = append(errs, l.pbx.Stop())
	}
	return errors.Join(errs...)
}

// step is something that a caller does while a call goes on.
type step func(ctx context.Context, call *sipphone.Call) error

// press presses digits. Some of them may end the call.
func press(digits string) step {
	return func(ctx context.Context, call *sipphone.Call) error {
		if digits == "" {
			return nil
		}
		return unlessOver(call.SendDTMF(ctx, digits))
	}
}

// hangUp hangs up.
func hangUp(ctx context.Context, call *sipphone.Call) error { return unlessOver(call.Hangup(ctx)) }

// call calls a number, does what is to be done, waits until the call is over and returns its path.
func (c *caller) call(ctx context.Context, number string, steps ...step) (menu.Path, error) {
	call, err := c.phone.Dial(ctx, number)
	if err == nil {
		err = call.WaitAnswered(ctx)
	}
	for i := 0; i < len(steps) && err == nil; i++ {
		err = steps[i](ctx, call)
	}
	if err != nil {
		return menu.Path{}, err
	}
	select {
	case <-call.Done():
	case <-ctx.Done():
		return menu.Path{}, context.Cause(ctx)
	}
	select {
	case p := <-c.paths:
		return p, nil
	case <-ctx.Done():
		return menu.Path{}, context.Cause(ctx)
	}
}

// unlessOver is an error, unless it says that the call is over already.
func unlessOver(err error) error {
	if err != nil && strings.Contains(err.Error(), "has ended") {
		return nil
	}
	return err
}

// demo has callers call both ways, and tells the paths they took.
func demo(ctx context.Context, o options, stdout io.Writer, log *slog.Logger) error {
	l, err := openLab(ctx, o, log)
	if err != nil {
		return err
	}
	return errors.Join(l.tell(ctx, stdout), l.close())
}

// tell lets the callers call, all at once and each both ways, and tells of it.
func (l *lab) tell(ctx context.Context, stdout io.Writer) error {
	told, errs := make([]strings.Builder, len(demoCalls)), make([]error, len(demoCalls))
	var calling sync.WaitGroup
	for i, c := range demoCalls {
		calling.Go(func() {
			who, err := l.caller(ctx, fmt.Sprintf("21012345%02d", i))
			for _, number := range []string{overAGI, overARI} {
				var path menu.Path
				if err == nil {
					path, err = who.call(ctx, number, press(c.digits))
				}
				fmt.Fprintf(&told[i], "%s: %s presses %s: %s; %s\n", number, c.who, c.digits, strings.Join(path.Nodes(), " "), path.Outcome)
			}
			errs[i] = err
		})
	}
	calling.Wait()
	for i := range told {
		if _, err := io.WriteString(stdout, told[i].String()); err != nil {
			return err
		}
	}
	return errors.Join(errs...)
}

// demoCalls are callers of the demo, and what they press.
var demoCalls = []struct{ who, digits string }{
	{"a teacher with a fault", "1112345671"},
	{"who got the number wrong", "111234567217654321"},
	{"a Persian who knows the PIN", "220007#"},
	{"who guesses at it", "321111#2222#3333#"},
	{"who asks for Papadopoulou", "137272#1"},
	{"who dials an extension", "34203"},
	{"who wants to be called", "351"},
	{"who changes the language", "1935*0"},
}

// tones is a voice for machines: each text is a tone of its own.
type tones struct{}

func (tones) ID() string { return "tones" }

// Speak returns a tone of 200 ms.
func (tones) Speak(_ context.Context, language, text string) ([]byte, error) {
	const rate, amplitude = 8000, 8000
	frequency := toneOf(language, text)
	b := []byte("RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data\x00\x00\x00\x00")
	for i := range rate / 5 {
		b = binary.LittleEndian.AppendUint16(b, uint16(int16(amplitude*math.Sin(2*math.Pi*frequency*float64(i)/rate)))) //nolint:gosec // the two bytes of a sample
	}
	return b, nil
}

// toneOf is the tone of a text, in Hz.
func toneOf(language, text string) float64 {
	all := sipphone.Frequencies()
	h := fnv.New32a()
	io.WriteString(h, language+text)                //nolint:errcheck // a hash takes all
	return all[1+int(h.Sum32()%uint32(len(all)-1))] //nolint:gosec // a few dozen
}
