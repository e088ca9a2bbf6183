package calls_test

import (
	"context"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/callcenter/calls"
	"github.com/asterism-go/asterism/internal/sipphone"
)

// spied is an inbound call to alice that boss listens to, with options of ChanSpy that keys follow.
func spied(t *testing.T, appData, between string) calls.Call {
	t.Helper()
	late := ""
	if strings.Contains(between, "DTMFEnd") {
		late = "109.5 DTMFEnd a=boss/3 Digit=6 Direction=Received" // to nobody
	}
	s := newScript(t, office).play(`
100.0 Newchannel a=provider/1 Linkedid=1 ChannelStateDesc=Ring CallerIDNum=2101234567 Exten=8000
100.2 Newchannel a=alice/2 Linkedid=1 ChannelStateDesc=Down CallerIDNum=999 Exten=s
100.2 DialBegin a=provider/1 b=alice/2 DialString=alice
103.0 Newstate a=alice/2 ChannelStateDesc=Up
103.1 DialEnd a=provider/1 b=alice/2 DialStatus=ANSWER
103.2 BridgeEnter a=alice/2 BridgeUniqueid=B BridgeTechnology=simple_bridge
103.2 BridgeEnter a=provider/1 BridgeUniqueid=B BridgeTechnology=simple_bridge
104.0 Newchannel a=boss/3 Linkedid=3 ChannelStateDesc=Ring CallerIDNum=900 Exten=*5
104.1 Newexten a=boss/3 Application=ChanSpy AppData=` + appData + `
104.2 ChanSpyStart SpyerUniqueid=3 SpyeeUniqueid=2
` + between + `
109.0 ChanSpyStop SpyerUniqueid=3 SpyeeUniqueid=2
` + late + `
109.6 Hangup a=boss/3 Cause=16
110.0 HangupRequest a=provider/1 Cause=16
110.1 BridgeLeave a=provider/1 BridgeUniqueid=B
110.1 BridgeLeave a=alice/2 BridgeUniqueid=B
110.2 Hangup a=alice/2 Cause=16
110.2 Hangup a=provider/1 Cause=16
`).flush()
	return s.finished("1")
}

func TestSpyMode(t *testing.T) {
	at := func(seconds float64) time.Time { return time.UnixMilli(int64(seconds * 1000)) }
	const keys = `
105.0 DTMFEnd a=boss/3 Digit=5 Direction=Sent
105.1 DTMFEnd a=alice/2 Digit=5 Direction=Received
106.0 DTMFEnd a=boss/3 Digit=5 Direction=Received
106.5 DTMFEnd a=boss/3 Digit=7 Direction=Received
107.0 DTMFEnd a=boss/3 Digit=6 Direction=Received
107.0 DTMFEnd a=boss/3 Digit=6 Direction=Received`
	changes := []calls.SpyChange{{Mode: calls.Whisper, At: at(106)}, {Mode: calls.Barge, At: at(107)}}
	tests := []struct {
		name, appData, between string
		mode                   calls.SpyMode
		changes                []calls.SpyChange
	}{
		{"listens", "PJSIP/alice,q", keys, calls.Listen, nil},
		{"whispers", "PJSIP/alice,qwv(B)", keys, calls.Whisper, nil},
		{"barges in, whatever else", "PJSIP/alice,wB", keys, calls.Barge, nil},
		{"an argument is no option", "PJSIP/alice,x(d)", keys, calls.Listen, nil},
		{"keys", "PJSIP/alice,qd", keys, calls.Barge, changes},
		{"back to listening", "PJSIP/alice,dB", "105.0 DTMFEnd a=boss/3 Digit=4 Direction=Received", calls.Listen, []calls.SpyChange{{Mode: calls.Listen, At: at(105)}}},
		{"to the next one", "PJSIP/alice,d", keys + `
108.0 ChanSpyStop SpyerUniqueid=3 SpyeeUniqueid=2
108.1 DTMFEnd a=boss/3 Digit=4 Direction=Received
108.2 ChanSpyStart SpyerUniqueid=3 SpyeeUniqueid=2`, calls.Barge, changes},
		{"keys are not told", "PJSIP/alice,d", "", "", nil},
		{"nobody presses any, and that is told", "PJSIP/alice,d", "105.0 DTMFEnd a=alice/2 Digit=1 Direction=Received", calls.Listen, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := spied(t, test.appData, test.between)
			if len(c.Spies) == 0 {
				t.Fatal("no spy")
			}
			first, last := c.Spies[0], c.Spies[len(c.Spies)-1]
			if diff := cmp.Diff(test.changes, first.Changes); diff != "" || last.Mode != test.mode {
				t.Errorf("mode %q, want %q, changes (-want +got):\n%s", last.Mode, test.mode, diff)
			}
		})
	}
}

// A gap may have hidden a key.
func TestSpyModeAfterAGap(t *testing.T) {
	for _, test := range []struct {
		gap  calls.Gap
		want calls.SpyMode
	}{
		{calls.Gap{Start: time.Unix(105, 0), End: time.Unix(106, 0)}, ""},
		{calls.Gap{Start: time.Unix(98, 0), End: time.Unix(99, 0)}, calls.Listen},
	} {
		s := newScript(t, office)
		s.play(`
99.5 Newchannel a=alice/2 Linkedid=2 CallerIDNum=101 Exten=8000
104.0 Newchannel a=boss/3 Linkedid=3 CallerIDNum=900 Exten=*5
104.1 Newexten a=boss/3 Application=ChanSpy AppData=PJSIP/alice,d
104.2 ChanSpyStart SpyerUniqueid=3 SpyeeUniqueid=2
104.3 DTMFEnd a=alice/2 Digit=1 Direction=Received`)
		s.tracker.Lost(test.gap)
		s.play("106.0 Hangup a=alice/2 Cause=16\n106.1 Hangup a=boss/3 Cause=16").flush()
		if c := s.finished("2"); len(c.Spies) != 1 || c.Spies[0].Mode != test.want {
			t.Errorf("gap %v: spies %+v", test.gap, c.Spies)
		}
	}
}

// On a real Asterisk, with phones that prove who hears the spy: the mode follows the keys.
func TestSpyChangesModeByKey(t *testing.T) {
	pbx := realOffice(t, map[string]string{"extensions.conf": `
[default]
exten => _10X,1,Dial(PJSIP/${EXTEN},20)
exten => _*5XXX,1,Answer()
 same => n,ChanSpy(PJSIP/${EXTEN:2},qd)
`})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	tracker := calls.NewTracker(calls.Config{})
	next, stop := iter.Pull2(calls.Follow(ctx, dialIn(t, pbx.Asterisk), tracker))
	defer stop()
	talk := startTalk(ctx, t, pbx.phones[0], "102")
	other := <-pbx.taken
	awaitChange(t, next, calls.Talking)
	spy := startTalk(ctx, t, pbx.phones[2], "*5101")
	awaitChange(t, next, calls.SpyStarted)
	tones := sipphone.Frequencies()
	must(t, spy.WaitHears(ctx, tones[1]), talk.WaitHears(ctx, tones[1]), other.WaitHears(ctx, tones[0]))
	must(t, spy.SendDTMF(ctx, "5"), talk.WaitHears(ctx, tones[2]))
	whispers := awaitChange(t, next, calls.SpyChanged)
	must(t, spy.SendDTMF(ctx, "6"), other.WaitHears(ctx, tones[2]))
	barges := awaitChange(t, next, calls.SpyChanged)
	must(t, spy.SendDTMF(ctx, "4"), talk.WaitSilent(ctx, tones[2]), other.WaitSilent(ctx, tones[2]))
	listens := awaitChange(t, next, calls.SpyChanged)
	hangUpCall(ctx, t, spy)
	hangUpCall(ctx, t, talk)
	for i, c := range []calls.Call{whispers, barges, listens} {
		want := []calls.SpyMode{calls.Whisper, calls.Barge, calls.Listen}
		if len(c.Spies) != 1 || c.Spies[0].Mode != want[i] || len(c.Spies[0].Changes) != i+1 {
			t.Errorf("change %d: %+v", i, c.Spies)
		}
	}
	ended := awaitChange(t, next, calls.Ended)
	for ended.Kind == calls.Spying {
		ended = awaitChange(t, next, calls.Ended)
	}
	modes := []calls.SpyMode{}
	for _, change := range ended.Spies[0].Changes {
		modes = append(modes, change.Mode)
	}
	if want := []calls.SpyMode{calls.Whisper, calls.Barge, calls.Listen}; !slices.Equal(modes, want) || ended.Spies[0].Mode != calls.Listen {
		t.Errorf("modes %v, at the end %s", modes, ended.Spies[0].Mode)
	}
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}
