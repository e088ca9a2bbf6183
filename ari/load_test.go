package ari_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// callsVariable says how many calls TestManyCalls has at once: 500 have been tried.
const callsVariable = "ASTERISM_CALLS"

// Many calls at once: each connects two channels and is recorded, and none is hung up before all are. Nothing is left behind.
//
// Nobody speaks, for what is measured is ARI: Asterisk has a thread for each of the 2,000 channels of 500 calls and for each
// bridge that it mixes, and 500 calls in which somebody speaks are 50,000 wake-ups a second. That alone takes two processors,
// and a request then waits for minutes.
func TestManyCalls(t *testing.T) {
	calls := number(t, callsVariable, 100)
	_, client := asterisk(t, asterisktest.Config{})
	client.Timeout = time.Minute
	app := application(t, &ari.App{Client: client})
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	var talking sync.WaitGroup
	talking.Add(calls)
	all := make(chan struct{})
	type end struct {
		recording string
		err       error
	}
	over := make(chan end, calls)
	begin := time.Now()
	for range calls {
		go func() {
			name, err := oneCall(ctx, app, talking.Done, all)
			over <- end{name, err}
		}()
	}
	wait := make(chan struct{})
	go func() {
		talking.Wait()
		close(wait)
	}()
	select {
	case <-wait:
	case <-ctx.Done():
		t.Error("the calls are not there")
	}
	t.Logf("%d calls are there after %v", calls, time.Since(begin))
	channels := get[[]ari.ChannelSnapshot](t)(client.Channels().List(ctx))
	bridges := get[[]ari.BridgeSnapshot](t)(client.Bridges().List(ctx))
	if len(channels) != 4*calls || len(bridges) != calls {
		t.Errorf("%d channels and %d bridges at once", len(channels), len(bridges))
	}
	close(all)
	var names []string
	for range calls {
		e := await(t, over)
		must(t, e.err)
		names = append(names, e.recording)
	}
	eventually(ctx, t, "nothing is left", func() bool {
		channels = get[[]ari.ChannelSnapshot](t)(client.Channels().List(ctx))
		bridges = get[[]ari.BridgeSnapshot](t)(client.Bridges().List(ctx))
		return len(channels)+len(bridges) == 0
	})
	for _, name := range names {
		if live, err := client.Recordings().GetLive(ctx, name); !ari.IsNotFound(err) {
			t.Errorf("a recording is left: %+v, %v", live, err)
		}
	}
	t.Logf("nothing is left after %v", time.Since(begin))
}

// number is that of an environment variable.
func number(t *testing.T, variable string, otherwise int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	must(t, err)
	return n
}

// oneCall connects two channels, records what they say, and goes on until all calls do.
func oneCall(ctx context.Context, app *ari.App, talking func(), all <-chan struct{}) (recording string, err error) {
	told := sync.OnceFunc(talking)
	defer told()
	b, err := app.CreateBridge(ctx, ari.BridgeCreateParams{})
	if err != nil {
		return "", err
	}
	var ends [2]*ari.Channel
	for i := range ends {
		ch, err := app.Originate(ctx, ari.ChannelOriginateParams{Endpoint: "Local/quiet@default/n", Formats: "ulaw"})
		if err != nil {
			return "", fmt.Errorf("originate: %w", err)
		}
		if err := ch.Wait(ctx); err != nil {
			return "", fmt.Errorf("wait for the answer: %w", err)
		}
		ends[i] = ch
	}
	if err := b.Add(ctx, ends[0], ends[1]); err != nil {
		return "", fmt.Errorf("bridge: %w", err)
	}
	rec, err := b.Record(ctx, ari.BridgeRecordParams{})
	if err != nil {
		return "", fmt.Errorf("record: %w", err)
	}
	told()
	<-all
	if err := rec.Stop(ctx); err != nil {
		return "", fmt.Errorf("stop: %w", err)
	}
	if _, err := rec.Wait(ctx); err != nil {
		return "", err
	}
	return rec.Name(), errors.Join(ends[0].Hangup(ctx), ends[1].Hangup(ctx), b.Destroy(ctx))
}
