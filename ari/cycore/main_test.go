package cycore_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	v5 "github.com/CyCoreSystems/ari/v5"
	"github.com/CyCoreSystems/ari/v5/client/native"
	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/ari/cycore"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// TestMain fails if a test leaves a goroutine behind, but for those of v5's own client.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/CyCoreSystems/ari/v5/client/native.(*Client).listen"),
		goleak.IgnoreAnyFunction("github.com/CyCoreSystems/ari/v5/client/native.(*Client).wsRead.func1"))
}

const dialplan = `
[default]
exten => quiet,1,Answer()
 same => n,Wait(600)
exten => app,1,Answer()
 same => n,Stasis(test)
exten => ring,1,Ringing()
 same => n,Wait(600)
exten => back,1,Answer()
 same => n,Set(GLOBAL(LAST)=back)
 same => n,Wait(600)
`

// asterisk starts an Asterisk.
func asterisk(t testing.TB) *asterisktest.Asterisk {
	t.Helper()
	return asterisktest.Start(t, asterisktest.Config{Files: map[string]string{
		"extensions.conf": dialplan, "ari.conf": "[general](+)\nwebsocket_write_timeout = 5000\n",
	}})
}

func clientOf(t testing.TB, a *asterisktest.Asterisk) *ari.Client {
	t.Helper()
	c := &ari.Client{
		URL: "http://" + a.HTTP.String() + "/ari", Username: asterisktest.Username, Password: asterisktest.Secret, Timeout: 30 * time.Second,
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// wrap makes a wrapped client of the application test.
func wrap(t testing.TB, a *asterisktest.Asterisk) *cycore.Client {
	t.Helper()
	c, err := cycore.Wrap(within(t), &ari.App{Client: clientOf(t, a), Name: "test"})
	must(t, err)
	t.Cleanup(c.Close)
	return c
}

// within is a context that ends long after everything should be over.
func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	t.Cleanup(cancel)
	return ctx
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

// eventually asks every few milliseconds until it is so.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for ctx := within(t); !is(); {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("not after all that time: %s", what)
		}
	}
}

// untilTaken asks again as long as Asterisk answers 500: it tells that it records a little before there is something that could
// be paused or cancelled (record_file in res/res_stasis_recording.c).
func untilTaken(t testing.TB, ask func() error) (err error) {
	t.Helper()
	eventually(t, "Asterisk can do it", func() bool {
		err = ask()
		return native.CodeFromError(err) != http.StatusInternalServerError
	})
	return err
}

// wait takes an event of a subscription.
func wait(t testing.TB, sub v5.Subscription) v5.Event {
	t.Helper()
	select {
	case e := <-sub.Events():
		if e == nil {
			t.Fatal("the subscription has ended")
		}
		return e
	case <-time.After(time.Minute):
		t.Fatal("no event")
		return nil
	}
}

// call makes a channel that is in the application and answered, whose other end is in the dialplan.
func call(t testing.TB, c v5.Client, exten string) *v5.ChannelHandle {
	t.Helper()
	h := get[*v5.ChannelHandle](t)(c.Channel().StageOriginate(nil, v5.OriginateRequest{
		Endpoint: "Local/" + exten + "@default/n", App: c.ApplicationName(),
	}))
	start := h.Subscribe(v5.Events.StasisStart)
	defer start.Cancel()
	must(t, h.Exec())
	wait(t, start)
	return h
}
