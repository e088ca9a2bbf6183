package ari_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// Spans tell what takes time and why it fails, with the requests below it, and hold nothing of the caller's.
func TestSpans(t *testing.T) {
	t.Parallel()
	_, client := asterisk(t, asterisktest.Config{})
	recorder := tracetest.NewSpanRecorder()
	client.Tracer = sdk.NewTracerProvider(sdk.WithSpanProcessor(recorder)).Tracer("test")
	app := application(t, &ari.App{Client: client})
	ctx, cancel := context.WithCancel(within(t))
	over := make(chan string, 1)
	served := make(chan error, 1)
	go func() {
		served <- ari.Serve(ctx, app, func(ctx context.Context, ch *ari.Channel) error {
			err := ch.Play(ctx, "sound:secret-none")
			got, _ := ch.Collect(ctx, ari.Digits{Max: 1, First: time.Second})
			over <- got
			return err
		})
	}()
	_, err := client.Channels().Originate(ctx, ari.ChannelOriginateParams{
		Endpoint: "Local/app@default/n", Context: "default", Extension: "digit", Priority: 1, Variables: ari.Variables{"PIN": "hunter2"},
	})
	must(t, err)
	got := await(t, over)
	_ = client.Channels().Answer(ctx, "none")
	cancel()
	if err := await(t, served); err == nil {
		t.Error("Serve has no error")
	}
	app.Close()
	spans := map[string]sdk.ReadOnlySpan{}
	var all strings.Builder
	for _, s := range recorder.Ended() {
		if _, known := spans[s.Name()]; !known || s.Name() == "ari.channels.answer" {
			spans[s.Name()] = s
		}
		fmt.Fprintln(&all, s.Name(), s.Attributes(), s.Status())
	}
	for name, want := range map[string]struct {
		code   codes.Code
		reason string
	}{
		"ari.call": {codes.Error, "not played"}, "ari.play": {codes.Error, "not played"}, "ari.collect": {codes.Unset, ""},
		"ari.channels.playWithId": {codes.Unset, ""}, "ari.channels.answer": {codes.Error, "refused"}, "ari.channels.originate": {codes.Unset, ""},
	} {
		s := spans[name]
		if s == nil || s.Status().Code != want.code || s.Status().Description != want.reason {
			t.Errorf("%s: %v", name, s)
		}
	}
	if t.Failed() {
		t.Fatalf("spans:\n%s", &all)
	}
	if call, play, request := spans["ari.call"], spans["ari.play"], spans["ari.channels.playWithId"]; play.Parent().SpanID() != call.SpanContext().SpanID() ||
		request.Parent().SpanID() != play.SpanContext().SpanID() {
		t.Error("the play is not in the call, or its request not in the play")
	}
	for _, secret := range []string{"hunter2", "secret-none", asterisktest.Secret} {
		if strings.Contains(all.String(), secret) {
			t.Errorf("%q is in the spans", secret)
		}
	}
	if !strings.Contains(all.String(), "asterisk.digits.count") {
		t.Errorf("no count of the %d digits", len(got))
	}
}
