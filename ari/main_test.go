package ari_test

import (
	"context"
	"fmt"
	"iter"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// TestMain fails if a test leaves a goroutine behind. The test binary is also the program that tests start and kill.
func TestMain(m *testing.M) {
	if address := os.Getenv(programVariable); address != "" {
		if err := runProgram(address); err != nil {
			fmt.Fprintln(os.Stderr, "ari program:", err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

const dialplan = `
[default]
exten => echo,1,Answer()
 same => n,Echo()
exten => quiet,1,Answer()
 same => n,Wait(600)
exten => music,1,Answer()
 same => n,MusicOnHold()
exten => digit,1,Answer()
 same => n,SendDTMF(7)
 same => n,Wait(600)
exten => ring,1,Ringing()
 same => n,Wait(600)
exten => busy,1,Busy(20)
exten => app,1,Answer()
 same => n,Stasis(test,one,two)
 same => n,Set(GLOBAL(LAST)=${ARI_STATUS}-${STASISSTATUS})
 same => n,Set(DB(test/last)=${ARI_STATUS}-${STASISSTATUS})
 same => n,Wait(600)
exten => back,1,Answer()
 same => n,Set(GLOBAL(LAST)=back)
 same => n,Wait(600)
`

// asterisk starts an Asterisk, and a client of it.
func asterisk(t testing.TB, cfg asterisktest.Config) (*asterisktest.Asterisk, *ari.Client) {
	t.Helper()
	if cfg.Files == nil {
		cfg.Files = map[string]string{}
	}
	if cfg.Files["extensions.conf"] == "" {
		cfg.Files["extensions.conf"] = dialplan
	}
	cfg.Files["ari.conf"] = "[general](+)\nwebsocket_write_timeout = 5000\n" + cfg.Files["ari.conf"]
	a := asterisktest.Start(t, cfg)
	c := clientOf(a)
	t.Cleanup(func() { c.Close() })
	return a, c
}

func clientOf(a *asterisktest.Asterisk) *ari.Client {
	return &ari.Client{
		URL: "http://" + a.HTTP.String() + "/ari", Username: asterisktest.Username, Password: asterisktest.Secret,
		Timeout: 30 * time.Second,
	}
}

// application connects the application test.
func application(t testing.TB, app *ari.App) *ari.App {
	t.Helper()
	if app.Name == "" {
		app.Name = "test"
	}
	if err := app.Connect(within(t)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { app.Close() })
	return app
}

// patience is how long a test waits for what is there in a moment, if the machine has nothing else to do.
const patience = time.Minute

// within is a context that ends long after everything should be over.
func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// call makes a Local channel whose one end is in the application and answered, and whose other is in the dialplan.
func call(t testing.TB, app *ari.App, exten string) *ari.Channel {
	t.Helper()
	ctx := within(t)
	ch, err := app.Originate(ctx, ari.ChannelOriginateParams{Endpoint: "Local/" + exten + "@default/n"})
	if err != nil {
		t.Fatal(err)
	}
	if err := ch.Wait(ctx); err != nil {
		t.Fatal(err)
	}
	return ch
}

// eventually asks every few milliseconds until it is so. It fails when ctx ends: that bounds all that a test waits for.
func eventually(ctx context.Context, t testing.TB, what string, is func() bool) {
	t.Helper()
	for !is() {
		if breathe(ctx) != nil {
			t.Fatalf("not after all that time: %s", what)
		}
	}
}

// breathe waits a moment before something is asked once more; the error is that of ctx.
func breathe(ctx context.Context) error {
	timer := time.NewTimer(5 * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	return ctx.Err()
}

// await takes what comes, or learns that nothing more does. It fails if that takes too long.
func await[T any](t testing.TB, from <-chan T) (v T) {
	t.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case v = <-from:
	case <-timer.C:
		t.Fatal("nothing comes")
	}
	return v
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func get[T any](t testing.TB) func(T, error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		must(t, err)
		return v
	}
}

// waitFor takes events until one is as wanted.
func waitFor(t testing.TB, events iter.Seq2[ari.Event, error], wanted func(ari.Event) bool) ari.Event {
	t.Helper()
	for e, err := range events {
		must(t, err)
		if wanted(e) {
			return e
		}
	}
	return ari.Event{}
}

// is16 reports whether the Asterisk is of the series 16, which lacks some.
func is16(a *asterisktest.Asterisk) bool { return len(a.Version) > 2 && a.Version[:2] == "16" }
