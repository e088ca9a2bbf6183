package ari_test

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// exercise notes which operations a client has been asked for, and what became of them.
type exercise struct {
	mu   sync.Mutex
	done map[string]error
}

func (x *exercise) hook(operation string, _ time.Duration, err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if old, there := x.done[operation]; !there || old != nil {
		x.done[operation] = err
	}
}

// refusedHere are the operations that Asterisk refuses as it is run here, with the status and the reason.
var refusedHere = map[string]struct {
	status int
	why    string
}{
	"channels.redirect":               {422, "a channel that is no SIP one cannot be redirected"},
	"channels.rtpstatistics":          {403, "a Local channel has no RTP"},
	"endpoints.refer":                 {404, "there is nobody to refer"},
	"endpoints.referToEndpoint":       {404, "there is nobody to refer"},
	"endpoints.sendMessage":           {404, "there is nobody to send to"},
	"endpoints.sendMessageToEndpoint": {404, "there is nobody to send to"},
	"events.claimChannel":             {404, "no call is being broadcast"},
	"mailboxes.list":                  {404, "Debian's packages have no res_ari_mailboxes"},
	"mailboxes.get":                   {404, "Debian's packages have no res_ari_mailboxes"},
	"mailboxes.update":                {404, "Debian's packages have no res_ari_mailboxes"},
	"mailboxes.delete":                {404, "Debian's packages have no res_ari_mailboxes"},
}

// Every operation is asked of a real Asterisk, and does what it is to do, or is refused for a reason that is known.
func TestOperations(t *testing.T) {
	t.Parallel()
	a, client := asterisk(t, asterisktest.Config{Files: map[string]string{
		"pjsip.conf":   "[100]\ntype=endpoint\ncontext=default\ndisallow=all\nallow=ulaw\naors=100\n[100]\ntype=aor\nmax_contacts=1\n",
		"sorcery.conf": "[res_pjsip]\nendpoint=config,pjsip.conf,criteria=type=endpoint\nauth=memory\n",
	}})
	x := &exercise{done: map[string]error{}}
	client.Hooks.Request = x.hook
	app := application(t, &ari.App{Client: client})
	for _, part := range []func(*testing.T, *ari.App){
		exerciseAsterisk, exerciseChannels, exerciseMedia, exerciseBridges, exerciseStates,
	} {
		part(t, app)
	}
	if !is16(a) {
		exerciseNewer(t, app)
	}
	series := "22"
	if is16(a) {
		series = "16"
	}
	for _, op := range ari.Operations() {
		name := op.String()
		if name == "events.eventWebsocket" || strings.Contains(op.NotIn, series) {
			continue
		}
		err, asked := x.done[name]
		want, refused := refusedHere[name]
		var e *ari.Error
		switch {
		case !asked:
			t.Errorf("%s is not exercised", name)
		case err != nil && !refused:
			t.Errorf("%s: %v", name, err)
		case refused && (!errors.As(err, &e) || e.Status != want.status):
			t.Errorf("%s: got %v, want %d because %s", name, err, want.status, want.why)
		}
	}
	t.Logf("%d operations asked of Asterisk %s: %s", len(x.done), a.Version, strings.Join(slices.Sorted(maps.Keys(x.done)), " "))
}

func exerciseAsterisk(t *testing.T, app *ari.App) {
	ctx, c := within(t), app.Client
	info := get[*ari.AsteriskInfo](t)(c.Asterisk().GetInfo(ctx, []ari.InfoSection{ari.InfoSectionSystem, ari.InfoSectionStatus}))
	if info.System == nil || info.Status == nil || info.Build != nil || info.Status.StartupTime.IsZero() {
		t.Errorf("info %+v", info)
	}
	ping := get[*ari.AsteriskPing](t)(c.Asterisk().Ping(ctx))
	if ping.Ping != "pong" || time.Since(ping.Timestamp).Abs() > time.Minute {
		t.Errorf("ping %+v", ping)
	}
	if len(get[[]ari.Module](t)(c.Asterisk().ListModules(ctx))) == 0 {
		t.Error("no modules")
	}
	const module = "app_milliwatt.so"
	must(t, c.Asterisk().UnloadModule(ctx, module))
	must(t, c.Asterisk().LoadModule(ctx, module))
	must(t, c.Asterisk().ReloadModule(ctx, "res_musiconhold.so"))
	if m := get[*ari.Module](t)(c.Asterisk().GetModule(ctx, module)); m.Status != "Running" {
		t.Errorf("module %+v", m)
	}
	must(t, c.Asterisk().AddLog(ctx, "extra.log", "notice,warning"))
	channels := get[[]ari.LogChannel](t)(c.Asterisk().ListLogChannels(ctx))
	if !slices.ContainsFunc(channels, func(l ari.LogChannel) bool { return strings.Contains(l.Channel, "extra.log") && l.Type != "" }) {
		t.Errorf("log channels %+v", channels)
	}
	must(t, c.Asterisk().DeleteLog(ctx, "extra.log"))
	must(t, c.Asterisk().RotateLog(ctx, "messages.log"))
	must(t, c.Asterisk().SetGlobalVar(ctx, "G", "a b+c"))
	if v := get[string](t)(c.Asterisk().GetGlobalVar(ctx, "G")); v != "a b+c" {
		t.Errorf("global variable %q", v)
	}
	fields := []ari.ConfigTuple{{Attribute: "auth_type", Value: "userpass"}, {Attribute: "username", Value: "u"}, {Attribute: "password", Value: "p"}}
	get[[]ari.ConfigTuple](t)(c.Asterisk().UpdateObject(ctx, "res_pjsip", "auth", "x", fields))
	tuples := get[[]ari.ConfigTuple](t)(c.Asterisk().GetObject(ctx, "res_pjsip", "auth", "x"))
	if !slices.ContainsFunc(tuples, func(c ari.ConfigTuple) bool { return c.Attribute == "username" && c.Value == "u" }) {
		t.Errorf("config %+v", tuples)
	}
	must(t, c.Asterisk().DeleteObject(ctx, "res_pjsip", "auth", "x"))
}

func exerciseChannels(t *testing.T, app *ari.App) {
	ctx, c := within(t), app.Client
	a, b := pair(t, app)
	must(t, b.Answer(ctx))
	must(t, a.Hold(ctx))
	must(t, a.Unhold(ctx))
	must(t, a.Mute(ctx, ""))
	must(t, a.Unmute(ctx, ""))
	must(t, a.StartMusic(ctx, "default"))
	must(t, a.StopMusic(ctx))
	must(t, c.Channels().StartSilence(ctx, a.ID()))
	must(t, c.Channels().StopSilence(ctx, a.ID()))
	must(t, a.Ring(ctx))
	must(t, a.StopRing(ctx))
	must(t, a.SendDTMF(ctx, "1"))
	must(t, a.SetVar(ctx, "X", "y"))
	get[string](t)(a.Var(ctx, "EXTEN"))
	if s := get[*ari.ChannelSnapshot](t)(a.Snapshot(ctx)); s.ID != a.ID() || s.State != ari.ChannelStateUp || s.CreationTime.IsZero() {
		t.Errorf("snapshot %+v", s)
	}
	if len(get[[]ari.ChannelSnapshot](t)(c.Channels().List(ctx))) != 2 {
		t.Error("not two channels")
	}
	c.Channels().RTPStatistics(ctx, a.ID())          //nolint:errcheck // the exercise looks at it
	c.Channels().Redirect(ctx, a.ID(), "PJSIP/none") //nolint:errcheck // the exercise looks at it
	spy := get[*ari.Channel](t)(a.Snoop(ctx, ari.SnoopChannelParams{Spy: ari.SnoopDirectionIn}))
	must(t, spy.Hangup(ctx))
	snapshot := get[*ari.ChannelSnapshot](t)(c.Channels().SnoopChannel(ctx, a.ID(), ari.SnoopChannelParams{Whisper: ari.SnoopDirectionBoth, App: app.Name}))
	must(t, app.Channel(snapshot.ID).Hangup(ctx))
	must(t, c.Channels().Move(ctx, b.ID(), app.Name, "again"))
	await(t, b.Done())

	other := get[*ari.Channel](t)(app.Create(ctx, ari.ChannelCreateParams{Endpoint: "Local/quiet@default"}))
	must(t, other.Dial(ctx, ari.ChannelDialParams{}))
	must(t, other.Continue(ctx, ari.ChannelContinueInDialplanParams{Context: "default", Extension: "back", Priority: 1}))
	await(t, other.Done())
	must(t, other.Hangup(ctx))
	get[*ari.ChannelSnapshot](t)(c.Channels().OriginateWithID(ctx, "an/id", ari.ChannelOriginateWithIDParams{
		Endpoint: "Local/quiet@default", App: app.Name, Variables: ari.Variables{"A": "b"},
	}))
	must(t, app.Channel("an/id").Hangup(ctx))
	direct := get[*ari.ChannelSnapshot](t)(c.Channels().Originate(ctx, ari.ChannelOriginateParams{
		Endpoint: "Local/quiet@default", App: app.Name, OtherChannelID: "the-other",
	}))
	must(t, app.Channel(direct.ID).Hangup(ctx))
	media := get[*ari.ChannelSnapshot](t)(c.Channels().ExternalMedia(ctx, ari.ChannelExternalMediaParams{
		App: app.Name, ExternalHost: "127.0.0.1:9", Format: "ulaw",
	}))
	must(t, app.Channel(media.ID).Hangup(ctx))
}

// untilTaken asks again as long as Asterisk answers 500: it tells that it plays or records a little before there is
// something that could be paused or cancelled, and that it has played a little before it can play again.
func untilTaken(t *testing.T, ask func() error) {
	t.Helper()
	var err error
	eventually(within(t), t, "Asterisk can do it", func() bool {
		err = ask()
		var early *ari.Error
		return !errors.As(err, &early) || early.Status != http.StatusInternalServerError
	})
	must(t, err)
}

func exerciseMedia(t *testing.T, app *ari.App) {
	ctx, c := within(t), app.Client
	ch := call(t, app, "music")
	defer func() { must(t, ch.Hangup(ctx)) }()
	events := app.Events(ctx)
	playback := get[*ari.PlaybackSnapshot](t)(c.Channels().Play(ctx, ch.ID(), ari.ChannelPlayParams{Media: []string{"sound:vm-intro"}, Lang: "en"}))
	waitFor(t, events, func(e ari.Event) bool { return e.Type == "PlaybackStarted" })
	get[*ari.PlaybackSnapshot](t)(c.Playbacks().Get(ctx, playback.ID))
	untilTaken(t, func() error { return c.Playbacks().Control(ctx, playback.ID, ari.PlaybackControlPause) })
	must(t, c.Playbacks().Control(ctx, playback.ID, ari.PlaybackControlUnpause))
	must(t, c.Playbacks().Stop(ctx, playback.ID))
	must(t, ch.Play(ctx, "sound:beep"))

	rec := get[*ari.Recording](t)(ch.Record(ctx, ari.ChannelRecordParams{Name: "dir/one", Beep: true}))
	live := c.Recordings()
	get[*ari.LiveRecording](t)(live.GetLive(ctx, rec.Name()))
	must(t, rec.Pause(ctx))
	must(t, rec.Resume(ctx))
	must(t, live.Mute(ctx, rec.Name()))
	must(t, live.Unmute(ctx, rec.Name()))
	must(t, rec.Stop(ctx))
	get[*ari.LiveRecording](t)(rec.Wait(ctx))
	untilTaken(t, func() error {
		err := live.Cancel(ctx, get[*ari.Recording](t)(ch.Record(ctx, ari.ChannelRecordParams{Name: "two", IfExists: "overwrite"})).Name())
		for early := err != nil; early; { // ended all the same, and kept
			_, gone := live.GetLive(ctx, "two")
			early = !ari.IsNotFound(gone)
		}
		return err
	})
	if err := live.DeleteStored(ctx, "two"); err != nil && !ari.IsNotFound(err) {
		t.Error(err)
	}

	get[*ari.StoredRecording](t)(live.GetStored(ctx, "dir/one"))
	get[*ari.StoredRecording](t)(live.CopyStored(ctx, "dir/one", "copy"))
	if len(get[[]ari.StoredRecording](t)(live.ListStored(ctx))) != 2 {
		t.Error("not two recordings")
	}
	file := get[io.ReadCloser](t)(rec.Open(ctx))
	defer file.Close()
	head := make([]byte, 4)
	if _, err := io.ReadFull(file, head); err != nil || string(head) != "RIFF" {
		t.Errorf("file begins with %q, %v", head, err)
	}
	must(t, live.DeleteStored(ctx, "copy"))
	var missing *ari.Error
	if _, err := live.GetStoredFile(ctx, "copy"); !errors.As(err, &missing) || missing.Status != http.StatusNotFound {
		t.Errorf("a file that is not there: %v", err)
	}
	if len(get[[]ari.Sound](t)(c.Sounds().List(ctx, ari.SoundListParams{Lang: "en"}))) == 0 {
		t.Error("no sounds")
	}
	if s := get[*ari.Sound](t)(c.Sounds().Get(ctx, "digits/1")); len(s.Formats) == 0 {
		t.Errorf("sound %+v", s)
	}
}

func exerciseBridges(t *testing.T, app *ari.App) {
	ctx, c := within(t), app.Client
	ch := call(t, app, "quiet")
	defer func() { must(t, ch.Hangup(ctx)) }()
	b := get[*ari.Bridge](t)(app.CreateBridge(ctx, ari.BridgeCreateParams{Name: "b"}))
	get[*ari.BridgeSnapshot](t)(c.Bridges().CreateWithID(ctx, "other/bridge", ari.BridgeCreateWithIDParams{Type: "holding"}))
	get[*ari.BridgeSnapshot](t)(b.Snapshot(ctx))
	if len(get[[]ari.BridgeSnapshot](t)(c.Bridges().List(ctx))) != 2 {
		t.Error("not two bridges")
	}
	must(t, app.Bridge("other/bridge").Destroy(ctx))
	must(t, b.Add(ctx, ch))
	must(t, b.StartMusic(ctx, ""))
	must(t, b.StopMusic(ctx))
	must(t, c.Bridges().SetVideoSource(ctx, b.ID(), ch.ID()))
	must(t, c.Bridges().ClearVideoSource(ctx, b.ID()))
	plain := get[*ari.BridgeSnapshot](t)(c.Bridges().Create(ctx, ari.BridgeCreateParams{}))
	must(t, app.Bridge(plain.ID).Destroy(ctx))
	must(t, b.Play(ctx, "sound:beep"))
	untilTaken(t, func() error { // the channel that has played the first may be on its way out
		return second(c.Bridges().Play(ctx, b.ID(), ari.BridgePlayParams{Media: []string{"sound:beep"}}))
	})
	rec := get[*ari.Recording](t)(b.Record(ctx, ari.BridgeRecordParams{}))
	must(t, rec.Stop(ctx))
	get[*ari.LiveRecording](t)(rec.Wait(ctx))
	must(t, b.Remove(ctx, ch))
	must(t, b.Destroy(ctx))
}

func exerciseStates(t *testing.T, app *ari.App) {
	ctx, c := within(t), app.Client
	const device = "Stasis:a device"
	must(t, c.DeviceStates().Update(ctx, device, ari.DeviceStateValueInuse))
	if s := get[*ari.DeviceState](t)(c.DeviceStates().Get(ctx, device)); s.State != ari.DeviceStateValueInuse {
		t.Errorf("device state %+v", s)
	}
	if len(get[[]ari.DeviceState](t)(c.DeviceStates().List(ctx))) != 1 {
		t.Error("not one device")
	}
	must(t, c.DeviceStates().Delete(ctx, device))

	get[[]ari.Application](t)(c.Applications().List(ctx))
	source := []string{"deviceState:" + device}
	get[*ari.Application](t)(c.Applications().Subscribe(ctx, app.Name, source))
	if got := get[*ari.Application](t)(c.Applications().Get(ctx, app.Name)); !slices.Equal(got.DeviceNames, []string{device}) {
		t.Errorf("application %+v", got)
	}
	get[*ari.Application](t)(c.Applications().Unsubscribe(ctx, app.Name, source))
	filtered := get[*ari.Application](t)(c.Applications().Filter(ctx, app.Name, ari.EventFilter{Disallowed: []string{"ChannelVarset"}}))
	if !slices.Equal(filtered.EventsDisallowed, []string{"ChannelVarset"}) {
		t.Errorf("filter %+v", filtered)
	}
	events := app.Events(ctx)
	must(t, c.Events().UserEvent(ctx, "hello", ari.UserEventParams{Application: app.Name, Variables: ari.Variables{"a": "b", "n": 1}}))
	e := waitFor(t, events, func(e ari.Event) bool { return e.Type == "ChannelUserevent" })
	if d, err := e.Decode(); err != nil || d.(*ari.ChannelUserevent).EventName != "hello" {
		t.Errorf("user event %s", e.JSON())
	}

	get[[]ari.Endpoint](t)(c.Endpoints().List(ctx))
	get[[]ari.Endpoint](t)(c.Endpoints().ListByTech(ctx, "PJSIP"))
	get[*ari.Endpoint](t)(c.Endpoints().Get(ctx, "PJSIP", "100"))
	c.Endpoints().SendMessage(ctx, ari.EndpointSendMessageParams{To: "pjsip:none", From: "sip:a@b", Body: "x"})            //nolint:errcheck // the exercise looks at it
	c.Endpoints().SendMessageToEndpoint(ctx, "PJSIP", "none", ari.SendMessageToEndpointParams{From: "sip:a@b", Body: "x"}) //nolint:errcheck // the exercise looks at it
	c.Mailboxes().List(ctx)                                                                                                //nolint:errcheck // the exercise looks at it
	c.Mailboxes().Get(ctx, "m@default")                                                                                    //nolint:errcheck // the exercise looks at it
	c.Mailboxes().Update(ctx, "m@default", 1, 2)                                                                           //nolint:errcheck // the exercise looks at it
	c.Mailboxes().Delete(ctx, "m@default")                                                                                 //nolint:errcheck // the exercise looks at it
}

// exerciseNewer asks for what Asterisk 16 does not have.
func exerciseNewer(t *testing.T, app *ari.App) {
	ctx, c := within(t), app.Client
	ch := call(t, app, "quiet")
	defer func() { must(t, ch.Hangup(ctx)) }()
	must(t, c.Channels().Progress(ctx, ch.ID()))
	must(t, c.Channels().SetChannelVars(ctx, ch.ID(), ari.Variables{"A": "b,c", "D": ari.Reported("e")}))
	if vars := get[map[string]string](t)(c.Channels().GetChannelVars(ctx, ch.ID(), []string{"A", "D"})); vars["A"] != "b,c" || vars["D"] != "e" {
		t.Errorf("variables %v", vars)
	}
	if s := get[*ari.ChannelSnapshot](t)(ch.Snapshot(ctx)); s.ChannelVars["D"] != "e" {
		t.Errorf("reported variables %v", s.ChannelVars)
	}
	plain := get[*ari.BridgeSnapshot](t)(c.Bridges().Create(ctx, ari.BridgeCreateParams{Variables: ari.Variables{"A": "0"}}))
	if v := get[string](t)(c.Bridges().GetBridgeVar(ctx, plain.ID, "A")); v != "0" {
		t.Errorf("bridge variable %q", v)
	}
	must(t, app.Bridge(plain.ID).Destroy(ctx))
	b := get[*ari.Bridge](t)(app.CreateBridge(ctx, ari.BridgeCreateParams{Variables: ari.Variables{"A": "1"}}))
	must(t, c.Bridges().SetBridgeVar(ctx, b.ID(), ari.SetBridgeVarParams{Variable: "B", Value: "2", ReportEvents: true}))
	must(t, c.Bridges().SetBridgeVars(ctx, b.ID(), ari.Variables{"C": "3"}))
	if v := get[string](t)(c.Bridges().GetBridgeVar(ctx, b.ID(), "B")); v != "2" {
		t.Errorf("bridge variable %q", v)
	}
	if vars := get[map[string]string](t)(c.Bridges().GetBridgeVars(ctx, b.ID(), []string{"A", "C"})); vars["A"] != "1" || vars["C"] != "3" {
		t.Errorf("bridge variables %v", vars)
	}
	must(t, b.Destroy(ctx))
	refer := ari.EndpointReferParams{To: "pjsip:none", From: "sip:a@b", ReferTo: "sip:c@d"}
	c.Endpoints().Refer(ctx, refer)                                                                                     //nolint:errcheck // the exercise looks at it
	c.Endpoints().ReferToEndpoint(ctx, "PJSIP", "none", ari.ReferToEndpointParams{From: "sip:a@b", ReferTo: "sip:c@d"}) //nolint:errcheck // the exercise looks at it
	c.Events().ClaimChannel(ctx, ch.ID(), app.Name)                                                                     //nolint:errcheck // the exercise looks at it
	c.Channels().TransferProgress(ctx, ch.ID(), "channel_progress")                                                     //nolint:errcheck // the exercise looks at it
}
