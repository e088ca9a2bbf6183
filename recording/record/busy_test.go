package record_test

import (
	"errors"
	"path"
	"path/filepath"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ami/action"
	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/internal/asterisktest"
	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/archive"
	"github.com/asterism-go/asterism/recording/aristore"
	"github.com/asterism-go/asterism/recording/diskstore"
	"github.com/asterism-go/asterism/recording/record"
)

// TestPausedIsNotArchived: what is recorded, and what is paused for however long, is not moved into an archive, by either engine; when it
// was stopped and its call has ended, it is.
func TestPausedIsNotArchived(t *testing.T) {
	o := openOffice(t)
	dialplan := path.Join(o.pbx.Dir, "spool", "monitor", "dialplan.wav") // what is recorded beside it, before
	_, err := action.Do(o.ctx, o.client, action.MixMonitor{Channel: o.channel, File: dialplan})
	o.must(err)
	rest := &ari.Client{URL: "http://" + o.pbx.HTTP.String() + "/ari", Username: asterisktest.Username, Password: asterisktest.Secret}
	overARI := aristore.New(rest)
	defer overARI.Close()
	busy := map[string]func() *archive.Archive{
		"AMI": func() *archive.Archive { return &archive.Archive{Busy: (&record.AMI{Client: o.client}).Busy} },
		"ARI": func() *archive.Archive { return &archive.Archive{Busy: overARI.Busy} },
	}
	var all []*record.Recording
	var ready []func()
	for name, engine := range o.engines() {
		r, err := (&record.Recorder{Engine: engine, Template: "{year}/{id}"}).Start(o.ctx, record.Request{Channel: o.channel})
		o.must(err)
		all = append(all, r)
		folder := map[string]string{"AMI": "monitor", "ARI": "recording"}[name]
		source, err := diskstore.Open(filepath.Join(o.pbx.Dir, "spool", folder))
		o.must(err)
		t.Cleanup(func() { source.Close() })
		kept, err := diskstore.Open(t.TempDir())
		o.must(err)
		t.Cleanup(func() { kept.Close() })
		a := busy[name]()
		a.Store, a.Now = kept, func() time.Time { return time.Now().Add(time.Hour) } // it has not changed for long
		try := func(file, when string) {
			t.Helper()
			if _, err := a.Move(o.ctx, source, file); !errors.Is(err, recording.ErrLive) {
				t.Errorf("%s: %s: %s is moved: %v", name, when, file, err)
			}
		}
		o.speak()
		try(r.Files()[0], "recorded")
		if name == "AMI" {
			try("dialplan.wav", "recorded beside")
		}
		o.must(r.Pause(o.ctx))
		try(r.Files()[0], "paused")
		o.must(r.Resume(o.ctx))
		ready = append(ready, func() {
			m, err := a.Move(o.ctx, source, r.Files()[0])
			if err != nil || m.Size < 1000 {
				t.Errorf("%s: %+v, %v", name, m, err)
			}
		})
	}
	for _, r := range all {
		o.must(r.Stop(o.ctx))
	}
	o.must(o.call.Hangup(o.ctx))
	o.noChannels()
	for _, move := range ready {
		move()
	}
}

// noChannels waits until the call has ended.
func (o *office) noChannels() {
	o.t.Helper()
	for {
		channels, err := o.client.List(o.ctx, ami.Action{Name: "CoreShowChannels"})
		o.must(err)
		if len(channels.Items) == 0 {
			return
		}
		o.speak()
	}
}
