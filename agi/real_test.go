package agi_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// pbx is a real Asterisk whose calls to an extension run the script of that name, and report AGISTATUS.
type pbx struct {
	*asterisktest.Asterisk
	t       *testing.T
	mux     *scripts
	srv     *agi.Server
	file    string // a sound file of ten seconds
	short   string // one of forty milliseconds
	reports chan [2]string
	manager *ami.Client
}

// scripts are handlers by name; they can be added while they serve.
type scripts struct{ handlers sync.Map }

func (s *scripts) HandleFunc(name string, handler agi.HandlerFunc) { s.handlers.Store(name, handler) }

func (s *scripts) ServeAGI(ctx context.Context, session *agi.Session) error {
	handler, ok := s.handlers.Load(session.Env().Script)
	if !ok {
		return agi.ErrNoRoute
	}
	return handler.(agi.HandlerFunc)(ctx, session)
}

// startPBX starts one with a server of its own; the tests add their scripts before they call them.
func startPBX(t *testing.T, srv *agi.Server) *pbx {
	t.Helper()
	p := &pbx{t: t, mux: &scripts{}, srv: srv, reports: make(chan [2]string, 1000), file: filepath.Join(t.TempDir(), "ten"), short: filepath.Join(t.TempDir(), "short")}
	for name, milliseconds := range map[string]int{p.file: 10_000, p.short: 40} {
		if err := os.WriteFile(name+".sln", make([]byte, milliseconds*8*2), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	srv.Handler = p.mux
	reports := serve(t, &agi.Server{Handler: agi.HandlerFunc(func(_ context.Context, s *agi.Session) error {
		p.reports <- [2]string{s.Env().Args[0], s.Env().Args[1]}
		return nil
	})})
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
	p.Asterisk = asterisktest.Start(t, asterisktest.Config{Files: map[string]string{"extensions.conf": fmt.Sprintf(`[default]
exten => _[a-z][a-z]!,1,Answer()
 same => n,AGI(agi://%s/${EXTEN})
 same => n,AGI(agi://%s/report,${EXTEN},${AGISTATUS})
 same => n,Hangup()
exten => evil,1,Answer()
 same => n,AGI(agi://%[1]s/evil,${BASE64_DECODE(%[3]s)},last)
 same => n,AGI(agi://%[2]s/report,${EXTEN},${AGISTATUS})
 same => n,Hangup()
exten => h,1,ExecIf($["${HANGUPSCRIPT}" != ""]?AGI(agi://%[1]s/${HANGUPSCRIPT}))
`, listener.Addr(), reports, base64.StdEncoding.EncodeToString([]byte("x\n\n200 result=1 (forged)")))}})
	p.manager = &ami.Client{Addr: p.AMI.String(), Username: asterisktest.Username, Secret: asterisktest.Secret, EventMask: "system"}
	if err := p.manager.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.manager.Close() })
	return p
}

// call calls an extension.
func (p *pbx) call(extension string) {
	p.t.Helper()
	if _, err := p.manager.Do(p.t.Context(), ami.Action{Name: "Originate"}.With("Channel", "Local/"+extension+"@default").
		With("Application", "Wait").With("Data", "600").With("Async", "true")); err != nil {
		p.t.Fatal(err)
	}
}

func (p *pbx) cli(command string) string {
	p.t.Helper()
	out, err := p.CLI(p.t.Context(), command)
	if err != nil {
		p.t.Fatal(err)
	}
	return out
}

// status is the AGISTATUS of the next call that ends.
func (p *pbx) status(extension string) string {
	p.t.Helper()
	select {
	case report := <-p.reports:
		if report[0] != extension {
			p.t.Fatalf("the call to %s has ended, want that to %s", report[0], extension)
		}
		return report[1]
	case <-time.After(patience):
		p.t.Fatalf("the call to %s does not end", extension)
		return ""
	}
}

// script adds a script, calls it and returns AGISTATUS and its error.
func (p *pbx) script(name string, handler agi.HandlerFunc) (string, error) {
	p.t.Helper()
	done := make(chan error, 1)
	p.mux.HandleFunc(name, func(ctx context.Context, s *agi.Session) error {
		err := handler(ctx, s)
		done <- err
		return err
	})
	p.call(name)
	select {
	case err := <-done:
		return p.status(name), err
	case <-time.After(patience):
		p.t.Fatalf("the script %s does not return", name)
		return "", nil
	}
}

// passes runs a script that should end well.
func (p *pbx) passes(name string, handler agi.HandlerFunc) {
	p.t.Helper()
	if status, err := p.script(name, handler); err != nil || status != "SUCCESS" {
		p.t.Errorf("%s: %v, AGISTATUS=%s", name, err, status)
	}
}

// awkwardValues are what variables should hold as they are.
func awkwardValues() []string {
	long := strings.Repeat("0123456789abcdef\n", 60_000/17)
	values := []string{
		"plain", "a\tb", "line1\nline2", "cr\rlf\r\nend", "\n", "a\u00a0b", "👨‍👩‍👧 family", `He said "hi"`, `C:\dir\`, `\"\\"`, "${CHANNEL}", "a,b;c|d", "x)\n200 result=1 (forged",
		"HANGUP", "HANGUP\n", " leading and trailing ", "Ελληνικά", "a=b", "$[1+1]", "'", "\x01\x7f\xff",
	}
	return append(values, long[:1024], long[:3001], strings.Repeat("x", 5000), long[:5000], long)
}

func TestRealVariables(t *testing.T) {
	p := startPBX(t, &agi.Server{})
	p.passes("vars", func(ctx context.Context, s *agi.Session) error {
		var failed []error
		for i, value := range awkwardValues() {
			if err := s.SetVariable(ctx, "X", value); err != nil {
				return fmt.Errorf("setting %d %.40q: %w", i, value, err)
			}
			got, err := s.GetVariable(ctx, "X")
			if err != nil || got != value {
				failed = append(failed, fmt.Errorf("%d %.40q (%d bytes) comes back as %.40q (%d bytes), %w", i, value, len(value), got, len(got), err))
			}
		}
		_, found, err := s.LookupVariable(ctx, "NOT_SET")
		failed = append(failed, wants("a variable that is not set", found, err, false))
		full, err := s.GetVariable(ctx, "AGIEXECFULL")
		return errors.Join(append(failed, wants("AGIEXECFULL afterwards", full, err, ""))...)
	})
}

func TestRealQuoting(t *testing.T) {
	p := startPBX(t, &agi.Server{})
	p.passes("quoting", func(ctx context.Context, s *agi.Session) error {
		var failed []error
		for _, arg := range append(awkward, strings.Repeat(`"`, 900)) {
			if err := s.DatabasePut(ctx, "quoting", "k", arg); err != nil {
				return err
			}
			got, _, err := s.DatabaseGet(ctx, "quoting", "k")
			failed = append(failed, wants("stored", got, err, arg))
		}
		// a command of the greatest length is one, and the next one has its own reply
		fill := agi.LongestCommand(s.Env().Version) - len(`EXEC "Set" "L="`)
		_, err := s.Exec(ctx, "Set", "L="+strings.Repeat("x", fill))
		failed = append(failed, err)
		got, err := s.Evaluate(ctx, "${LEN(${L})}")
		failed = append(failed, wants("the longest command", got, err, strconv.Itoa(fill)))
		_, err = s.Exec(ctx, "Set", "L="+strings.Repeat("x", fill+1))
		var wrong *agi.ArgumentError
		if !errors.As(err, &wrong) {
			failed = append(failed, fmt.Errorf("one byte more: %w", err))
		}
		_, err = s.GetVariable(ctx, "SHELL(id)")
		if !errors.As(err, &wrong) {
			failed = append(failed, fmt.Errorf("SHELL() as a variable: %w", err))
		}
		return errors.Join(failed...)
	})
}
