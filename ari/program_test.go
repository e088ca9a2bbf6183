package ari_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// What makes the test binary play a program that has the calls of an application: the address at which Asterisk finds it,
// Asterisk's, and the file in which the program notes what it hears.
const (
	programVariable = "ARITEST_PROGRAM"
	urlVariable     = "ARITEST_URL"
	ledgerVariable  = "ARITEST_LEDGER"
)

// runProgram is a program with an application to which Asterisk connects. It notes every event that counts in its ledger, at
// once, so that a kill loses nothing that it has heard. SIGTERM ends it in order.
func runProgram(address string) error {
	ledger, err := os.OpenFile(os.Getenv(ledgerVariable), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer ledger.Close()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	client := &ari.Client{
		URL: os.Getenv(urlVariable), Username: asterisktest.Username, Password: asterisktest.Secret,
		Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
	}
	app := outboundApp(client)
	events := app.Events(context.Background())
	note := func(line string) { ledger.WriteString(line + "\n") } //nolint:errcheck // the test would miss it
	handler := func(ctx context.Context, ch *ari.Channel) error { return takeUp(ctx, ch, note) }
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: app, ReadHeaderTimeout: 10 * time.Second}
	go server.Serve(l) //nolint:errcheck // until the program ends
	go func() {
		s := &ari.Server{App: app, Handler: handler, Resume: handler}
		fmt.Fprintln(os.Stderr, "ari program:", s.Serve(ctx))
		app.Close() // with a farewell; what comes before that of Asterisk still counts
	}()
	for e, err := range events {
		if err != nil {
			break
		}
		if line := entry(e); line != "" {
			note(line)
		}
	}
	return nil
}

// entry is what the ledger says of an event.
func entry(e ari.Event) string {
	at := e.Time().UnixMicro()
	switch e.Type {
	case "StasisStart", "StasisEnd":
		return fmt.Sprint(e.Type, " ", e.Channel, " ", e.Mark, " ", at)
	case "ChannelDtmfReceived":
		if d, err := e.Decode(); err == nil {
			return fmt.Sprint(e.Type, " ", e.Channel, " ", d.(*ari.ChannelDtmfReceived).Digit, " ", at)
		}
	case "ChannelUserevent":
		if d, err := e.Decode(); err == nil {
			return fmt.Sprint(e.Type, " ", d.(*ari.ChannelUserevent).EventName)
		}
	case "ApplicationRegistered", "Disconnected":
		return e.Type
	}
	return ""
}

// outboundApp is the application test to which Asterisk connects.
func outboundApp(client *ari.Client) *ari.App {
	return &ari.App{Client: client, Name: "test", Outbound: true, AcceptUsername: "asterisk", AcceptPassword: "secret of ours"}
}

// takeUp has a call be in the state that its first argument names, and notes that; a program that is started again finds the
// state in a variable.
func takeUp(ctx context.Context, ch *ari.Channel, note func(string)) error {
	if args := ch.Args(); len(args) > 0 {
		if err := ch.SetVar(ctx, "STATE", args[0]); err != nil {
			return err
		}
		if err := begin(ctx, ch, args[0]); err != nil {
			return err
		}
		note("in " + ch.ID() + " " + args[0])
	} else {
		state, err := ch.Var(ctx, "STATE")
		if err != nil {
			return err
		}
		note("again " + ch.ID() + " " + state)
	}
	<-ctx.Done()
	return context.Cause(ctx)
}

// begin has a call be in a state.
func begin(ctx context.Context, ch *ari.Channel, state string) error {
	switch state {
	case "playing":
		p, err := ch.StartPlay(ctx, ari.ChannelPlayParams{Media: []string{"tone:1004"}})
		if err == nil {
			p.Close()
		}
		return err
	case "recording":
		r, err := ch.Record(ctx, ari.ChannelRecordParams{})
		if err == nil {
			r.Close()
		}
		return err
	case "bridged", "holding":
		kind := map[string]string{"bridged": "mixing", "holding": "holding"}[state]
		b, err := ch.App().CreateBridge(ctx, ari.BridgeCreateParams{Type: kind, Name: state})
		if err != nil {
			return err
		}
		return b.Add(ctx, ch)
	case "held":
		return ch.Hold(ctx)
	case "dialling":
		return ch.App().Client.Channels().Dial(ctx, ch.ID(), ari.ChannelDialParams{})
	case "music":
		return ch.StartMusic(ctx, "")
	}
	return nil
}

// child is a program in a process of its own.
type child struct {
	*exec.Cmd
	ledger string
}

// startChild starts the test binary as the program.
func startChild(t *testing.T, address, url, ledger string) *child {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), programVariable+"="+address, urlVariable+"="+url, ledgerVariable+"="+ledger)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	must(t, cmd.Start())
	c := &child{cmd, ledger}
	t.Cleanup(func() { c.end(syscall.SIGKILL) })
	return c
}

// end ends the process, if it is there.
func (c *child) end(sig syscall.Signal) {
	if c.ProcessState == nil {
		_ = c.Process.Signal(sig)
		_ = c.Wait()
	}
}

// lines is what the programs have noted so far.
func lines(t *testing.T, ledger string) []string {
	t.Helper()
	text, err := os.ReadFile(ledger)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}
