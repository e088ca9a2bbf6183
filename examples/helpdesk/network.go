package main

import (
	"context"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"os"
	"path/filepath"
	"strings"
	"text/template"
	"time"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/ldapdir"
	"github.com/asterism-go/asterism/callcenter/routing"
	"github.com/asterism-go/asterism/callcenter/routing/agiroute"
	"github.com/asterism-go/asterism/internal/asterisktest"
	"github.com/asterism-go/asterism/internal/slapd"
)

//go:embed helpdesk.yaml
var rulesFile string

//go:embed extensions.conf
var dialplanFile string

// budget is how long a caller waits for the directory at most. It is for a laptop that does much else; a help desk's own
// is shorter.
const budget = 2 * time.Second

// The tones of the prompts, in Hz: by them the callers know what they hear.
const (
	usernameTone = 2900
	unknownTone  = 2700
)

// network is all that runs. It is closed in the reverse order.
type network struct {
	log    *slog.Logger
	out    io.Writer
	school slapd.School
	at     time.Time

	ldap   *slapd.Server
	router *routing.Router
	memory *routing.Recent
	pbx    *asterisktest.Asterisk
	office *office
	stack  []func() error
}

func (n *network) closeLater(f func() error) { n.stack = append(n.stack, f) }

func (n *network) close() {
	for i := len(n.stack) - 1; i >= 0; i-- {
		if err := n.stack[i](); err != nil {
			n.log.Warn("at the end", "error", err)
		}
	}
}

// openDirectory starts the LDAP server and makes the router over it.
func (n *network) openDirectory(ctx context.Context) error {
	var err error
	if n.ldap, err = slapd.Run(ctx, slapd.Config{LDIF: n.school.LDIF(), SizeLimit: slapd.MaxUsers, Logger: n.log}); err != nil {
		return err
	}
	n.closeLater(n.ldap.Stop)
	set, err := n.rules()
	if err != nil {
		return err
	}
	source, err := ldapdir.New(ldapdir.Config{
		URLs: []string{n.ldap.URL()}, BindDN: n.school.ServiceDN(), Password: slapd.Password,
		BaseDN: "ou=people," + slapd.DefaultSuffix, Timeout: time.Minute,
	})
	if err != nil {
		return err
	}
	n.closeLater(source.Close)
	var names []string
	for person, err := range source.People(ctx) {
		if err != nil {
			return fmt.Errorf("the names that callers may type: %w", err)
		}
		names = append(names, person.Username)
	}
	n.memory = &routing.Recent{}
	n.router = routing.New(set, routing.Config{
		Directory: &directory.Cache{Directory: &directory.Chain{
			Plan: set.Plan(), Budget: budget, Links: []directory.Link{{Source: source, Deadline: budget}},
		}},
		Budget: budget, Memory: n.memory, Names: routing.NewNames(names), Logger: slog.New(&teller{out: n.out}),
	})
	return nil
}

// rules reads the rules, with the prompts that are made here.
func (n *network) rules() (*routing.Set, error) {
	dir, err := os.MkdirTemp("", "asterism-helpdesk-")
	if err != nil {
		return nil, err
	}
	n.closeLater(func() error { return os.RemoveAll(dir) })
	prompts := map[string]string{}
	for name, prompt := range map[string]struct {
		tone float64
		long time.Duration
	}{"Username": {usernameTone, 10 * time.Second}, "Unknown": {unknownTone, time.Second}} {
		prompts[name] = filepath.Join(dir, strings.ToLower(name))
		if err := os.WriteFile(prompts[name]+".sln", hum(prompt.tone, prompt.long), 0o600); err != nil {
			return nil, err
		}
	}
	text, err := fill(rulesFile, prompts)
	if err != nil {
		return nil, err
	}
	return routing.Parse("helpdesk.yaml", []byte(text))
}

func fill(text string, values any) (string, error) {
	t, err := template.New("").Parse(text)
	if err != nil {
		return "", err
	}
	var filled strings.Builder
	err = t.Execute(&filled, values)
	return filled.String(), err
}

// hum is a tone as signed linear samples at 8 kHz.
func hum(tone float64, long time.Duration) []byte {
	const rate, amplitude = 8000, 4000
	var samples []byte
	for i := range int(long.Seconds() * rate) {
		sample := int16(amplitude * math.Sin(2*math.Pi*tone*float64(i)/rate))
		samples = binary.LittleEndian.AppendUint16(samples, uint16(sample))
	}
	return samples
}

// openDesks starts the FastAGI server, Asterisk and the telephones of the desks.
func (n *network) openDesks(ctx context.Context) error {
	addr, err := n.serveAGI(ctx)
	if err != nil {
		return err
	}
	dialplan, err := fill(dialplanFile, map[string]string{"AGI": addr})
	if err != nil {
		return err
	}
	n.pbx, err = asterisktest.Run(ctx, asterisktest.Config{Logger: n.log, Files: map[string]string{
		"extensions.conf": dialplan, "pjsip.conf": pjsipConf(), "queues.conf": queuesConf(),
	}})
	if err != nil {
		return err
	}
	n.closeLater(n.pbx.Stop)
	n.office, err = openOffice(ctx, n.pbx, n.log)
	n.closeLater(n.office.close)
	return err
}

func (n *network) serveAGI(ctx context.Context) (addr string, err error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	mux := agi.NewMux()
	mux.Handle("helpdesk", &agiroute.Handler{
		Router: n.router, ShowName: true, Now: func() time.Time { return n.at },
		Connect: &agiroute.Connect{Memory: n.memory, Ring: 20 * time.Second, Wait: time.Minute},
	})
	srv := &agi.Server{Handler: mux, Logger: n.log}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(listener) }()
	n.closeLater(func() error {
		err := srv.Close()
		if why := <-served; !errors.Is(why, agi.ErrServerClosed) {
			err = errors.Join(err, why)
		}
		return err
	})
	return listener.Addr().String(), nil
}
