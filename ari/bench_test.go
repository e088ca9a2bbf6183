package ari_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	cycore "github.com/CyCoreSystems/ari/v5"
	"github.com/CyCoreSystems/ari/v5/client/native"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// BenchmarkREST asks a real Asterisk for little, eight at once: by this package, by a plain HTTP client that
// is tuned and decodes nothing, and by CyCoreSystems/ari.
func BenchmarkREST(b *testing.B) {
	_, client := asterisk(b, asterisktest.Config{})
	address := client.URL + "/asterisk/ping"
	plain := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	defer plain.CloseIdleConnections()
	theirs := native.New(&native.Options{Application: "bench", URL: client.URL, Username: client.Username, Password: client.Password})
	for name, ask := range map[string]func() error{
		"ours": func() error {
			_, err := client.Asterisk().Ping(b.Context())
			return err
		},
		"plain": func() error {
			req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, address, http.NoBody)
			if err != nil {
				return err
			}
			req.SetBasicAuth(client.Username, client.Password)
			resp, err := plain.Do(req)
			if err != nil {
				return err
			}
			defer resp.Body.Close()
			_, err = io.Copy(io.Discard, resp.Body)
			return err
		},
		"CyCoreSystems": func() error {
			_, err := theirs.Asterisk().Variables().Get(cycore.NewKey(cycore.VariableKey, "ENTITYID"))
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetParallelism(4) // times the processors
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := ask(); err != nil && name != "CyCoreSystems" {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}

// BenchmarkCalls makes calls through the application: originate, answer, play, hang up, a hundred at once, which is what Asterisk
// can do. It reports the CPU time that a call costs us and Asterisk, and our part of Asterisk's: with all events, and with the
// Filter that a program of some size has.
func BenchmarkCalls(b *testing.B) {
	for name, filter := range map[string]*ari.EventFilter{
		"all":      nil,
		"filtered": {Disallowed: []string{"ChannelVarset", "ChannelDialplan", "ChannelHangupRequest", "ChannelStateChange"}},
	} {
		b.Run(name, func(b *testing.B) {
			a, client := asterisk(b, asterisktest.Config{})
			app := application(b, &ari.App{Client: client, Filter: filter})
			ours, theirs := ownCPU(b), asteriskCPU(b, a)
			b.SetParallelism(50) // times the processors
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := playedCall(b.Context(), app); err != nil {
						b.Error(err)
						return
					}
				}
			})
			ours, theirs = ownCPU(b)-ours, asteriskCPU(b, a)-theirs
			b.ReportMetric(float64(ours.Microseconds())/float64(b.N), "our-µs/call")
			b.ReportMetric(float64(theirs.Microseconds())/float64(b.N), "asterisk-µs/call")
			b.ReportMetric(100*float64(ours)/float64(theirs), "%ours")
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
		})
	}
}

func playedCall(ctx context.Context, app *ari.App) error {
	ch, err := app.Originate(ctx, ari.ChannelOriginateParams{Endpoint: "Local/quiet@default/n", Formats: "ulaw"})
	if err != nil {
		return err
	}
	if err := ch.Wait(ctx); err != nil {
		return err
	}
	if err := ch.Play(ctx, "sound:beep"); err != nil {
		return err
	}
	if err := ch.Hangup(ctx); err != nil {
		return err
	}
	select {
	case <-ch.Done():
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// ownCPU is the CPU time of this process.
func ownCPU(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// asteriskCPU is that of an Asterisk, from proc(5).
func asteriskCPU(b *testing.B, a *asterisktest.Asterisk) time.Duration {
	b.Helper()
	pid, err := os.ReadFile(filepath.Join(a.Dir, "run", "asterisk.pid"))
	must(b, err)
	stat, err := os.ReadFile(filepath.Join("/proc", strings.TrimSpace(string(pid)), "stat"))
	must(b, err)
	fields := strings.Fields(string(stat[strings.LastIndex(string(stat), ")")+1:]))
	ticks := 0
	for _, field := range fields[11:13] {
		n, err := strconv.Atoi(field)
		must(b, err)
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}
