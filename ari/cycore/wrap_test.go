package cycore_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	v5 "github.com/CyCoreSystems/ari/v5"
	"github.com/CyCoreSystems/ari/v5/client/native"
	"github.com/CyCoreSystems/ari/v5/ext/play"
	"github.com/CyCoreSystems/ari/v5/ext/record"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/ari/cycore"
)

// Every method of the interface of v5 does on a real Asterisk what it says.
func TestWrap(t *testing.T) {
	a := asterisk(t)
	c := wrap(t, a)
	if c.ApplicationName() != "test" || !c.Connected() || c.App().Name != "test" || c.Lost() != 0 {
		t.Errorf("%q, connected %v", c.ApplicationName(), c.Connected())
	}
	t.Run("asterisk", func(t *testing.T) { testAsterisk(t, c, a.Version) })
	t.Run("states", func(t *testing.T) { testStates(t, c) })
	t.Run("channel", func(t *testing.T) { testChannel(t, c) })
	t.Run("made channels", func(t *testing.T) { testMade(t, c) })
	t.Run("bridge", func(t *testing.T) { testBridge(t, c) })
	t.Run("media", func(t *testing.T) { testMedia(t, c) })
	t.Run("errors", func(t *testing.T) { testErrors(t, c) })
	t.Run("ext", func(t *testing.T) { testExt(t, c) })
}

func hasKey(keys []*v5.Key, id string) bool {
	return slices.ContainsFunc(keys, func(k *v5.Key) bool { return k.ID == id })
}

func wantKey(t *testing.T, id string) func([]*v5.Key, error) {
	t.Helper()
	return func(keys []*v5.Key, err error) {
		t.Helper()
		must(t, err)
		if !hasKey(keys, id) {
			t.Errorf("no %q in %d keys", id, len(keys))
		}
	}
}

func testAsterisk(t *testing.T, c v5.Client, version string) {
	info := get[*v5.AsteriskInfo](t)(c.Asterisk().Info(nil))
	if !strings.Contains(info.SystemInfo.Version, version) || info.SystemInfo.EntityID == "" {
		t.Errorf("info: %+v", info)
	}
	name := v5.NewKey(v5.VariableKey, "A+B & C")
	must(t, c.Asterisk().Variables().Set(name, "x=1&y+ä"))
	if value := get[string](t)(c.Asterisk().Variables().Get(name)); value != "x=1&y+ä" {
		t.Errorf("variable: %q", value)
	}
	module := v5.NewKey(v5.ModuleKey, "app_verbose.so", v5.WithDialog("d"))
	wantKey(t, module.ID)(c.Asterisk().Modules().List(nil))
	if keys := get[[]*v5.Key](t)(c.Asterisk().Modules().List(module)); len(keys) != 1 || keys[0].Dialog != "d" {
		t.Errorf("modules: %v", keys)
	}
	m := c.Asterisk().Modules().Get(module)
	must(t, m.Unload())
	must(t, m.Load())
	must(t, c.Asterisk().Modules().Reload(v5.NewKey(v5.ModuleKey, "res_musiconhold.so")))
	if data := get[*v5.ModuleData](t)(m.Data()); data.Status != "Running" || data.Key.Node != info.SystemInfo.EntityID {
		t.Errorf("module: %+v", data)
	}
	added := get[*v5.LogHandle](t)(c.Asterisk().Logging().Create(v5.NewKey(v5.LoggingKey, "cycore.log"), "error,warning"))
	keys := get[[]*v5.Key](t)(c.Asterisk().Logging().List(nil))
	i := slices.IndexFunc(keys, func(k *v5.Key) bool { return strings.Contains(k.ID, "cycore.log") })
	if i < 0 {
		t.Fatalf("logs: %v", keys)
	}
	if data := get[*v5.LogData](t)(c.Asterisk().Logging().Data(keys[i])); !strings.Contains(data.Levels, "WARNING") || data.Types != "File" {
		t.Errorf("log: %+v", data)
	}
	must(t, added.Delete())
	must(t, c.Asterisk().Logging().Rotate(v5.NewKey(v5.LoggingKey, "messages.log"))) // it ends those that were added
	if _, err := c.Asterisk().Logging().Data(v5.NewKey(v5.LoggingKey, "none")); err == nil {
		t.Error("a log that there is not")
	}
	aor := c.Asterisk().Config().Get(v5.NewKey("", v5.ConfigID("res_pjsip", "aor", "none")))
	if _, err := aor.Data(); native.CodeFromError(err) != 404 {
		t.Errorf("config: %v", err)
	}
	err := aor.Update([]v5.ConfigTuple{{Attribute: "max_contacts", Value: "7"}})
	if err == nil { // Asterisk 16 keeps it in memory; 22 has no wizard that can write it
		if data := get[*v5.ConfigData](t)(aor.Data()); !slices.Contains(data.Fields, v5.ConfigTuple{Attribute: "max_contacts", Value: "7"}) {
			t.Errorf("config: %+v", data)
		}
		must(t, aor.Delete())
	} else if native.CodeFromError(err) == 0 || native.CodeFromError(aor.Delete()) == 0 {
		t.Errorf("config: %v", err)
	}
}

func testStates(t *testing.T, c v5.Client) {
	app := c.Application().Get(v5.NewKey(v5.ApplicationKey, "test"))
	wantKey(t, "test")(c.Application().List(nil))
	must(t, app.Subscribe("deviceState:Stasis:lamp"))
	changed := c.Bus().Subscribe(v5.NewKey(v5.DeviceStateKey, "Stasis:lamp"), v5.Events.DeviceStateChanged)
	defer changed.Cancel()
	lamp := c.DeviceState().Get(v5.NewKey(v5.DeviceStateKey, "Stasis:lamp"))
	must(t, lamp.Update("BUSY"))
	if e := wait(t, changed).(*v5.DeviceStateChanged); e.DeviceState.State != "BUSY" {
		t.Errorf("event: %+v", e)
	}
	wantKey(t, "Stasis:lamp")(c.DeviceState().List(nil))
	if data := get[*v5.DeviceStateData](t)(lamp.Data()); data.State != "BUSY" {
		t.Errorf("device: %+v", data)
	}
	if data := get[*v5.ApplicationData](t)(app.Data()); !slices.Contains(data.DeviceNames, "Stasis:lamp") {
		t.Errorf("application: %+v", data)
	}
	must(t, lamp.Delete())
	must(t, app.Unsubscribe("deviceState:Stasis:lamp"))
	get[[]*v5.Key](t)(c.Endpoint().List(nil))
	if keys, err := c.Endpoint().ListByTech("PJSIP", nil); err != nil && native.CodeFromError(err) != 404 {
		t.Errorf("endpoints: %v %v", keys, err) // 404 says that there are none
	}
	if _, err := c.Endpoint().Data(v5.NewEndpointKey("PJSIP", "none")); native.CodeFromError(err) != 404 {
		t.Errorf("endpoint: %v", err)
	}
	if h := c.Endpoint().Get(v5.NewEndpointKey("PJSIP", "none")); h.ID() != "PJSIP/none" {
		t.Errorf("endpoint: %v", h.ID())
	}
	for _, err := range []error{
		c.TextMessage().Send("sip:a@b", "PJSIP", "none", "hallo", map[string]string{"A": "b"}),
		c.TextMessage().SendByURI("sip:a@b", "none:x", "hallo", nil),
	} {
		if native.CodeFromError(err) == 0 {
			t.Errorf("a message to nobody: %v", err)
		}
	}
}

func testChannel(t *testing.T, c v5.Client) {
	h := call(t, c, "quiet")
	key := h.Key()
	wantKey(t, h.ID())(c.Channel().List(nil))
	data := get[*v5.ChannelData](t)(c.Channel().Get(key).Data())
	if data.ID != h.ID() || data.State != "Up" || data.Creationtime == nil {
		t.Errorf("channel: %+v", data)
	}
	if up := get[bool](t)(h.IsAnswered()); !up {
		t.Error("not answered")
	}
	must(t, h.SetVariable("A", "1+1 & ü"))
	eventually(t, "the variable is set", func() bool { // Asterisk 16 sets it a moment after it has answered
		value, _ := h.GetVariable("A")
		return value == "1+1 & ü"
	})
	if value := get[string](t)(h.GetVariable("MATH(1+2,int)")); value != "3" {
		t.Errorf("MATH: %q", value)
	}
	for name, do := range map[string]func() error{
		"answer": h.Answer, "ring": h.Ring, "hold": h.Hold, "mute": func() error { return h.Mute("") },
		"moh": func() error { return h.MOH("default") }, "silence": h.Silence,
	} {
		if err := do(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, do := range map[string]func() error{
		"ring": h.StopRing, "hold": h.StopHold, "mute": func() error { return h.Unmute("") }, "moh": h.StopMOH, "silence": h.StopSilence,
	} {
		if err := do(); err != nil {
			t.Errorf("stop %s: %v", name, err)
		}
	}
	must(t, c.Channel().Mute(key, ""))
	must(t, c.Channel().Unmute(key, ""))
	must(t, h.SendDTMF("12", &v5.DTMFOptions{Before: time.Millisecond, Duration: 50 * time.Millisecond}))
	must(t, h.SendDTMF("3", nil))
	event := h.Subscribe(v5.Events.ChannelUserevent)
	must(t, h.UserEvent(nil, &v5.ChannelUserevent{Eventname: "hello/world", Userevent: map[string]string{"a": "b"}}))
	if e := wait(t, event).(*v5.ChannelUserevent); e.Eventname != "hello/world" {
		t.Errorf("user event: %+v", e)
	}
	event.Cancel()
	ended := h.Subscribe(v5.Events.StasisEnd)
	must(t, h.Continue("default", "back", 1))
	wait(t, ended)
	ended.Cancel()
	if err := h.Hangup(); err != nil {
		t.Errorf("hangup: %v", err)
	}
	for name, do := range map[string]func(*v5.ChannelHandle) error{
		"busy": (*v5.ChannelHandle).Busy, "congestion": (*v5.ChannelHandle).Congestion,
	} {
		other := call(t, c, "quiet")
		gone := other.Subscribe(v5.Events.ChannelDestroyed)
		if err := do(other); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		wait(t, gone)
		gone.Cancel()
	}
}

func testMade(t *testing.T, c v5.Client) {
	h := call(t, c, "quiet")
	defer h.Hangup() //nolint:errcheck // it may have gone
	started := c.Bus().Subscribe(v5.NewKey(v5.ChannelKey, "made"), v5.Events.StasisStart)
	made := get[*v5.ChannelHandle](t)(h.Create(v5.ChannelCreateRequest{Endpoint: "Local/ring@default/n", ChannelID: "made"}))
	wait(t, started)
	started.Cancel()
	dialled := made.Subscribe(v5.Events.Dial)
	must(t, made.Dial("", 20*time.Second))
	wait(t, dialled)
	dialled.Cancel()
	must(t, made.Hangup())
	for name, snoop := range map[string]func() (*v5.ChannelHandle, error){
		"snoop": func() (*v5.ChannelHandle, error) { return h.Snoop("", &v5.SnoopOptions{Spy: v5.DirectionBoth}) },
		"staged": func() (*v5.ChannelHandle, error) {
			return h.StageSnoop("own-id", &v5.SnoopOptions{App: "test", Spy: "in"})
		},
	} {
		s, err := snoop()
		must(t, err)
		must(t, s.Exec())
		if _, err := s.Data(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		must(t, s.Hangup())
	}
	m := get[*v5.ChannelHandle](t)(h.ExternalMedia(v5.ExternalMediaOptions{ExternalHost: "127.0.0.1:9", Format: "ulaw"}))
	must(t, m.Hangup())
	m = get[*v5.ChannelHandle](t)(h.StageExternalMedia(v5.ExternalMediaOptions{ExternalHost: "127.0.0.1:9", Format: "ulaw", Variables: map[string]string{"A": "b"}}))
	must(t, m.Exec())
	must(t, m.Hangup())
	if _, err := h.Originate(v5.OriginateRequest{Endpoint: "None/x", App: "test"}); native.CodeFromError(err) == 0 {
		t.Errorf("originate: %v", err)
	}
}

func testBridge(t *testing.T, c v5.Client) {
	h := call(t, c, "quiet")
	defer h.Hangup() //nolint:errcheck // it may have gone
	staged := get[*v5.BridgeHandle](t)(c.Bridge().StageCreate(&v5.Key{}, "mixing", "staged"))
	must(t, staged.Exec())
	must(t, staged.Delete())
	b := get[*v5.BridgeHandle](t)(c.Bridge().Create(h.Key().New(v5.BridgeKey, "own"), "mixing", "a name"))
	wantKey(t, "own")(c.Bridge().List(nil))
	entered := b.Subscribe(v5.Events.ChannelEnteredBridge)
	must(t, b.AddChannel(h.ID()))
	wait(t, entered)
	entered.Cancel()
	if data := get[*v5.BridgeData](t)(c.Bridge().Get(b.Key()).Data()); data.Name != "a name" || !slices.Contains(data.ChannelIDs, h.ID()) {
		t.Errorf("bridge: %+v", data)
	}
	must(t, b.MOH("default"))
	must(t, b.StopMOH())
	for _, start := range []func(string, string) (*v5.PlaybackHandle, error){b.Play, b.StagePlay} {
		p := get[*v5.PlaybackHandle](t)(start("", "tone:ring"))
		must(t, p.Exec())
		must(t, p.Stop())
	}
	for i, start := range []func(string, *v5.RecordingOptions) (*v5.LiveRecordingHandle, error){b.Record, b.StageRecord} {
		begun := c.Bus().Subscribe(v5.NewKey(v5.LiveRecordingKey, "bridge"+string(rune('0'+i))), v5.Events.RecordingStarted)
		r := get[*v5.LiveRecordingHandle](t)(start("bridge"+string(rune('0'+i)), &v5.RecordingOptions{Format: "wav"}))
		must(t, r.Exec())
		wait(t, begun)
		begun.Cancel()
		if err := untilTaken(t, r.Scrap); native.CodeFromError(err) != 404 {
			must(t, err)
		}
	}
	must(t, b.VideoSource(h.ID()))
	must(t, b.VideoSourceDelete())
	must(t, b.RemoveChannel(h.ID()))
	must(t, b.AddChannelWithOptions(h.ID(), &v5.BridgeAddChannelOptions{Mute: true, AbsorbDTMF: true}))
	must(t, b.Delete())
}

func testMedia(t *testing.T, c v5.Client) {
	h := call(t, c, "quiet")
	defer h.Hangup() //nolint:errcheck // it may have gone
	p := get[*v5.PlaybackHandle](t)(h.StagePlay("", "tone:busy"))
	started, finished := p.Subscribe(v5.Events.PlaybackStarted), p.Subscribe(v5.Events.PlaybackFinished)
	must(t, p.Exec())
	wait(t, started)
	if data := get[*v5.PlaybackData](t)(c.Playback().Get(p.Key()).Data()); data.State != "playing" {
		t.Errorf("playback: %+v", data)
	}
	must(t, p.Control("pause"))
	must(t, p.Stop())
	wait(t, finished)
	started.Cancel()
	finished.Cancel()
	p = get[*v5.PlaybackHandle](t)(h.Play("own", "sound:none-such"))
	if p.ID() != "own" {
		t.Errorf("playback: %v", p.ID())
	}
	r := get[*v5.LiveRecordingHandle](t)(h.StageRecord("dir/a b", &v5.RecordingOptions{Format: "wav", MaxDuration: time.Minute, Exists: "overwrite"}))
	begun, over := r.Subscribe(v5.Events.RecordingStarted), r.Subscribe(v5.Events.RecordingFinished)
	must(t, r.Exec())
	wait(t, begun)
	for i, do := range []func() error{r.Pause, r.Resume, r.Mute, r.Unmute} {
		if err := untilTaken(t, do); err != nil {
			t.Errorf("control %d: %v", i, err)
		}
	}
	if data := get[*v5.LiveRecordingData](t)(c.LiveRecording().Get(r.Key()).Data()); data.Name != "dir/a b" {
		t.Errorf("recording: %+v", data)
	}
	must(t, r.Stop())
	wait(t, over)
	begun.Cancel()
	over.Cancel()
	wantKey(t, "dir/a b")(c.StoredRecording().List(nil))
	stored := r.Stored()
	if data := get[*v5.StoredRecordingData](t)(stored.Data()); data.Format != "wav" {
		t.Errorf("stored: %+v", data)
	}
	copied := get[*v5.StoredRecordingHandle](t)(stored.Copy("copy"))
	must(t, copied.Delete())
	must(t, c.StoredRecording().Get(stored.Key()).Delete())
	keys := get[[]*v5.Key](t)(c.Sound().List(map[string]string{"lang": "en"}, nil))
	if len(keys) == 0 {
		t.Fatal("no sounds")
	}
	if data := get[*v5.SoundData](t)(c.Sound().Data(keys[0])); data.ID != keys[0].ID || len(data.Formats) == 0 {
		t.Errorf("sound: %+v", data)
	}
}

// An error has Asterisk's status and reason. (CyCoreSystems/ari: 0 for a 404, and no reason.)
func testErrors(t *testing.T, c v5.Client) {
	_, err := c.Channel().Data(v5.NewKey(v5.ChannelKey, "a/b c"))
	var refused *ari.Error
	if native.CodeFromError(err) != 404 || !errors.As(err, &refused) || refused.Message != "Channel not found" {
		t.Errorf("got %v", err)
	}
	for _, key := range []*v5.Key{nil, {}} {
		if err := c.Channel().Answer(key); native.CodeFromError(err) != 0 || err == nil {
			t.Errorf("no key: %v", err)
		}
	}
}

// The extensions of v5 go on working.
func testExt(t *testing.T, c v5.Client) {
	other := c.Bus().Subscribe(nil, v5.Events.StasisStart)
	h := call(t, c, "app")
	defer h.Hangup() //nolint:errcheck // it may have gone
	var far v5.ChannelData
	for far.ID == "" || far.ID == h.ID() {
		far = wait(t, other).(*v5.StasisStart).Channel
	}
	other.Cancel()
	started := c.Bus().Subscribe(nil, v5.Events.PlaybackStarted)
	defer started.Cancel()
	prompt := play.Prompt(within(t), h, play.URI("tone:ring"), play.MatchTerminator("#"))
	wait(t, started)
	must(t, c.Channel().SendDTMF(v5.NewKey(v5.ChannelKey, far.ID), "1234#", nil))
	result, err := prompt.Result()
	if err != nil || result.MatchResult != play.Complete || result.DTMF != "1234" {
		t.Errorf("prompt: %+v %v", result, err)
	}
	session := record.Record(within(t), h, record.Name("ext"), record.Format("wav"), record.MaxDuration(time.Second), record.MaxSilence(0))
	recorded, err := session.Result()
	if err != nil || recorded.Error != nil {
		t.Fatalf("record: %+v %v", recorded, err)
	}
	must(t, recorded.Save("kept"))
	wantKey(t, "kept")(c.StoredRecording().List(nil))
	if status, err := play.Play(within(t), h, play.URI("sound:beep")).Result(); err != nil || status.Status != play.Finished {
		t.Errorf("play: %+v %v", status, err)
	}
}

var _ v5.Client = (*cycore.Client)(nil)
