package record_test

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/recording/record"
)

// The names of a PBX's recordings, whatever a caller calls himself.
func ExampleTemplate() {
	template, err := record.ParseTemplate(record.DefaultTemplate)
	if err != nil {
		slog.Error("template", "error", err)
		return
	}
	at := time.Date(2026, 11, 25, 14, 15, 30, 0, time.UTC)
	fmt.Println(template.Name(record.Request{Direction: "in", Exten: "101", Number: "2101234567", Uniqueid: "1795607252.1"}, at))
	fmt.Println(template.Name(record.Request{Direction: "in", Exten: "101", Number: "../../x,b,touch /tmp/x", Uniqueid: "1795607252.2"}, at))
	// Output:
	// 2026/11/25/in-101-2101234567-20261125-141530-1795607252.1
	// 2026/11/25/in-101-_._.._x_b_touch__tmp_x-20261125-141530-1795607252.2
}

// A call is recorded over AMI, but not the card number that is said in it.
func ExampleRecording_Masked() {
	ctx := context.Background()
	client := &ami.Client{Addr: "pbx.example:5038", Username: "recorder"}
	recorder := &record.Recorder{Engine: &record.AMI{Client: client}, BeepEvery: 15 * time.Second}
	recording, err := recorder.Start(ctx, record.Request{Channel: "1795607252.1", Direction: "in", Uniqueid: "1795607252.1"})
	if err != nil {
		slog.Error("recording", "error", err)
		return
	}
	defer recording.Stop(ctx) //nolint:errcheck // it ends with the call in any case
	err = recording.Masked(ctx, func(context.Context) error {
		return nil // the card number is taken here
	})
	if err != nil {
		slog.Error("the card number may be in the recording", "files", recording.Files(), "error", err)
	}
}

// The caller of an ARI application is asked before the recording begins.
func ExampleRecorder_consent() {
	app := &ari.App{Client: &ari.Client{}, Name: "help"}
	recorder := &record.Recorder{
		Engine: &record.ARI{App: app},
		Consent: func(ctx context.Context, r record.Request) (bool, error) {
			key, err := app.Channel(r.Channel).Collect(ctx, ari.Digits{Prompt: []string{"sound:this-call-may-be-monitored-or-recorded"}, Max: 1})
			return key == "1", err
		},
	}
	if _, err := recorder.Start(context.Background(), record.Request{Channel: "1795607252.1"}); err != nil {
		slog.Info("not recorded", "error", err)
	}
}
