package ari_test

import (
	"context"
	"errors"
	"io"
	"iter"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// What our API makes of the pitfalls of a real Asterisk has a test for each of them, called by its number: TestPitfall01 to
// TestPitfall17, here and in pitfalls_channels_test.go.
//
//	 1 an inbound websocket is lost: events are missing, nobody says so
//	 2 an outbound one is not: TestPitfall02OutboundWebsocketReplays, TestDeploys
//	 3 a reader that stands still for 100 ms is cut off
//	 4 music on hold does not come back after a play; a holding bridge cannot be played to
//	 5 a playback that fails in the middle of a list is called done
//	 6 a recording that holds nothing is called done; 500 without a folder; names that lead elsewhere
//	 7 subscribeAll doubles events
//	 8 a second websocket takes the application over in silence
//	 9 the other end of a Local channel is listed as if it were in the application; ids can be used once
//	10 an originated channel is in the application after the answer only; causes of hangups mislead
//	11 a channel that is down refuses most, one outside the application everything
//	12 a bridge changes its technology; adding moves; 400 for a channel that is gone
//	13 a snoop ends with its target, and needs a direction
//	14 a move to nowhere is accepted; reasons are a closed list
//	15 external media: the id of the connection is a variable; 500 for a port that is closed
//	16 lists cost what there is: nothing polls
//	17 variables in one request: since 22.10 only

// cutter is a transport whose connections can be cut.
type cutter struct {
	*http.Transport
	mu    sync.Mutex
	conns []net.Conn
}

func newCutter() *cutter {
	c := &cutter{Transport: &http.Transport{}}
	c.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		if err == nil {
			c.mu.Lock()
			c.conns = append(c.conns, conn)
			c.mu.Unlock()
		}
		return conn, err
	}
	return c
}

func (c *cutter) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.conns {
		conn.Close()
	}
	c.conns = nil
}

// Pitfall 1: Asterisk forgets the events of a websocket that it does not have. The channels stay, the App comes back, says
// that events are missing, and what has gone meanwhile.
func TestPitfall01InboundWebsocketLost(t *testing.T) {
	t.Parallel()
	_, client := asterisk(t, asterisktest.Config{})
	other := &ari.Client{URL: client.URL, Username: client.Username, Password: client.Password}
	defer other.Close()
	network := newCutter()
	client.Transport = network
	app := application(t, &ari.App{Client: client, ReconnectWait: 10 * time.Millisecond})
	ctx := within(t)
	for round := range 5 {
		a, b := call(t, app, "quiet"), call(t, app, "quiet")
		events := app.Events(ctx)
		network.cut()
		must(t, other.Channels().Hangup(ctx, b.ID(), ari.ChannelHangupParams{}))
		await(t, b.Done()) // by an event, or because it is found gone
		waitFor(t, events, func(e ari.Event) bool { return e.Mark == ari.ResyncEnd })
		if a.Err() != nil {
			t.Fatalf("round %d: %v", round, a.Err())
		}
		must(t, a.Play(ctx, "sound:beep"))
		must(t, a.Hangup(ctx))
		await(t, a.Done())
	}
	network.CloseIdleConnections()
}

// Pitfall 3: Asterisk cuts off a reader that stands still for websocket_write_timeout. A consumer that does, while more comes
// than the buffers of a socket hold, loses nothing and holds up nobody.
func TestPitfall03SlowReaderIsCut(t *testing.T) {
	t.Parallel()
	_, client := asterisk(t, asterisktest.Config{})
	app := application(t, &ari.App{Client: client, ReconnectWait: -1})
	ctx := within(t)
	slow, quick := app.Events(ctx), app.Events(ctx)
	const n = 3000
	text := strings.Repeat("x", 5000)
	for i := range n {
		must(t, client.Events().UserEvent(ctx, "e", ari.UserEventParams{Application: "test", Variables: ari.Variables{"i": i, "text": text}}))
	}
	for _, events := range []iter.Seq2[ari.Event, error]{quick, slow} { // all have come to the one before the other takes any
		got := 0
		waitFor(t, events, func(e ari.Event) bool {
			if e.Type == "ChannelUserevent" {
				got++
			}
			return got == n
		})
	}
}

// Pitfall 4: what is played in a holding bridge is played to its channels; to the bridge itself it is an error.
func TestPitfall04MusicInHoldingBridge(t *testing.T) {
	t.Parallel()
	_, client := asterisk(t, asterisktest.Config{})
	app := application(t, &ari.App{Client: client})
	ctx := within(t)
	ch := call(t, app, "quiet")
	b := get[*ari.Bridge](t)(app.CreateBridge(ctx, ari.BridgeCreateParams{Type: "holding"}))
	must(t, b.Add(ctx, ch))
	must(t, b.StartMusic(ctx, ""))
	must(t, ch.Play(ctx, "sound:beep"))
	var failed *ari.PlaybackError
	if err := b.Play(ctx, "sound:beep"); !errors.As(err, &failed) {
		t.Errorf("got %v", err)
	}
	must(t, b.Destroy(ctx))
	must(t, ch.Hangup(ctx))
}

// Pitfall 6: recordings that Asterisk calls done and that hold nothing, formats that it cannot write, names that there are,
// and no folder.
func TestPitfall06Recordings(t *testing.T) {
	t.Parallel()
	a, client := asterisk(t, asterisktest.Config{})
	app := application(t, &ari.App{Client: client})
	ctx := within(t)
	ch := call(t, app, "music")
	rec := get[*ari.Recording](t)(ch.Record(ctx, ari.ChannelRecordParams{Name: "empty", Format: "siren14", MaxDuration: time.Second}))
	var failed *ari.RecordingError
	if _, err := rec.Wait(ctx); !errors.As(err, &failed) {
		t.Errorf("an empty file: %v", err)
	}
	var refused *ari.Error
	if _, err := ch.Record(ctx, ari.ChannelRecordParams{Format: "mp3"}); !errors.As(err, &refused) || refused.Status != 422 {
		t.Errorf("a format that there is not: %v", err)
	}
	if _, err := ch.Record(ctx, ari.ChannelRecordParams{Name: "empty", Format: "siren14"}); !errors.As(err, &refused) || refused.Status != 409 {
		t.Errorf("a name that there is: %v", err)
	}
	rec = get[*ari.Recording](t)(ch.Record(ctx, ari.ChannelRecordParams{}))
	must(t, ch.Hangup(ctx))
	get[*ari.LiveRecording](t)(rec.Wait(ctx)) // a hangup ends it well

	if findings, err := client.Diagnose(ctx, "en"); err != nil || len(findings) != 0 {
		t.Errorf("of a good Asterisk: %v, %v", findings, err)
	}
	folder := filepath.Join(a.Dir, "spool", "recording")
	must(t, os.Rename(folder, folder+"-away")) // Asterisk may still write there
	findings, err := client.Diagnose(ctx, "xx")
	must(t, err)
	if len(findings) != 2 || !strings.Contains(findings[0].Problem, `"xx"`) || !strings.Contains(findings[1].Problem, "folder") {
		t.Errorf("findings %+v", findings)
	}
	if left := get[[]ari.BridgeSnapshot](t)(client.Bridges().List(ctx)); len(left) > 1 {
		t.Errorf("left: %+v", left)
	}
}

// Pitfall 6: names that lead elsewhere do not leave here. Asterisk would answer 500.
func TestPitfall06NamesOfRecordings(t *testing.T) {
	client := &ari.Client{URL: "http://127.0.0.1:1/ari"}
	ch := (&ari.App{Client: client, Name: "test"}).Channel("c")
	b := (&ari.App{Client: client, Name: "test"}).Bridge("b")
	for _, name := range []string{"../x", "a/../../x", "/etc/x", "a//b", "a/", ".", "..", "a/./b", "a\\b", "a\nb", "a\x00b", "\xff", strings.Repeat("x", 300)} {
		var invalid *ari.InvalidRequestError
		if _, err := ch.Record(t.Context(), ari.ChannelRecordParams{Name: name}); !errors.As(err, &invalid) || invalid.Param != "name" {
			t.Errorf("a channel's, %q: %v", name, err)
		}
		if _, err := b.Record(t.Context(), ari.BridgeRecordParams{Name: name}); !errors.As(err, &invalid) || invalid.Param != "name" {
			t.Errorf("a bridge's, %q: %v", name, err)
		}
	}
	for _, name := range []string{"a", "calls/2026/ü b+c", "a..b", ".a"} {
		var unanswered *ari.RequestError
		if _, err := ch.Record(t.Context(), ari.ChannelRecordParams{Name: name}); !errors.As(err, &unanswered) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// Pitfall 7: with subscribeAll Asterisk sends each event about a recording twice; here it comes once.
func TestPitfall07DoubledEvents(t *testing.T) {
	t.Parallel()
	_, client := asterisk(t, asterisktest.Config{})
	app := application(t, &ari.App{Client: client, SubscribeAll: true})
	ctx := within(t)
	events := app.Events(ctx)
	ch := call(t, app, "music")
	rec := get[*ari.Recording](t)(ch.Record(ctx, ari.ChannelRecordParams{}))
	must(t, rec.Stop(ctx))
	get[*ari.LiveRecording](t)(rec.Wait(ctx))
	must(t, ch.Hangup(ctx))
	counts := map[string]int{}
	waitFor(t, events, func(e ari.Event) bool {
		counts[e.Type]++
		return e.Type == "ChannelDestroyed" && e.Channel == ch.ID()
	})
	if counts["RecordingStarted"] != 1 || counts["RecordingFinished"] != 1 {
		t.Errorf("counts %v", counts)
	}
}

// Pitfall 8: a second websocket takes the application over; the first one ends and says why.
func TestPitfall08SecondWebsocket(t *testing.T) {
	t.Parallel()
	_, client := asterisk(t, asterisktest.Config{})
	first := application(t, &ari.App{Client: client})
	second := application(t, &ari.App{Client: client})
	await(t, first.Done())
	if !errors.Is(first.Err(), ari.ErrReplaced) {
		t.Errorf("got %v", first.Err())
	}
	must(t, call(t, second, "quiet").Hangup(within(t)))
}

// What is written into an external media comes back by an echo.
func TestExternalMedia(t *testing.T) {
	t.Parallel()
	_, client := asterisk(t, asterisktest.Config{})
	app := application(t, &ari.App{Client: client})
	for _, format := range []ari.MediaFormat{ari.Ulaw, ari.Alaw} {
		t.Run(string(format), func(t *testing.T) {
			ctx := within(t)
			media, err := app.ExternalMedia(ctx, ari.MediaParams{Format: format})
			must(t, err)
			defer context.AfterFunc(ctx, func() { media.Close() })()
			echo := call(t, app, "echo")
			b := get[*ari.Bridge](t)(app.CreateBridge(ctx, ari.BridgeCreateParams{}))
			must(t, b.Add(ctx, media.Channel, echo))
			written := make(chan error, 1)
			go func() {
				for {
					if _, err := media.Write(tone()); err != nil {
						written <- err
						return
					}
				}
			}()
			buffer := make([]byte, 4096)
			loud := false
			for !loud {
				n, err := media.Read(buffer)
				must(t, err)
				loud = isLoud(format, buffer[:n])
			}
			must(t, media.Close())
			if err := await(t, written); !errors.Is(err, io.ErrClosedPipe) {
				t.Errorf("write: %v", err)
			}
			if _, err := io.ReadAll(media); err != nil {
				t.Errorf("read: %v", err)
			}
			must(t, echo.Hangup(ctx))
			must(t, b.Destroy(ctx))
		})
	}
}

// tone is 100 ms of a loud square wave, in both formats.
func tone() []byte {
	b := make([]byte, 800)
	for i := range b {
		b[i] = 0x2a | byte(i/8%2)<<7
	}
	return b
}

// isLoud reports whether the samples are not silence.
func isLoud(format ari.MediaFormat, b []byte) bool {
	for _, c := range b {
		if c &= 0x7f; format == ari.Alaw && c^0x55 > 0x40 || format == ari.Ulaw && c < 0x40 {
			return true
		}
	}
	return false
}
