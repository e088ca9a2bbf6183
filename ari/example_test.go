package ari_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/ari/aritest"
)

// An application that answers, asks for digits and says something.
func ExampleServe() {
	server := aritest.Run( // in place of an Asterisk
		aritest.Connect("ivr"),
		aritest.Send(`{"type":"StasisStart","args":["sales"],"channel":{"id":"1795.1","name":"PJSIP/100"}}`),
		aritest.Expect("POST /channels/1795.1/answer"), aritest.Reply(204, ""),
		aritest.Expect("POST /channels/1795.1/play/{prompt}", "media=sound:agent-pass"), aritest.Reply(201, `{"id":"{prompt}"}`),
		aritest.Send(
			`{"type":"ChannelDtmfReceived","digit":"4","channel":{"id":"1795.1"}}`,
			`{"type":"ChannelDtmfReceived","digit":"2","channel":{"id":"1795.1"}}`,
			`{"type":"ChannelDtmfReceived","digit":"#","channel":{"id":"1795.1"}}`,
		),
		aritest.Expect("DELETE /playbacks/{prompt}"), aritest.Reply(204, ""),
		aritest.Expect("DELETE /channels/1795.1"), aritest.Reply(204, ""),
		aritest.Send(`{"type":"StasisEnd","channel":{"id":"1795.1"}}`),
	)
	defer server.Close()
	ctx, cancel := context.WithCancel(context.Background())
	app := &ari.App{Client: &ari.Client{URL: server.URL, Username: "ivr"}, Name: "ivr"}
	defer app.Close()
	err := ari.Serve(ctx, app, func(ctx context.Context, call *ari.Channel) error {
		defer cancel()
		if err := call.Answer(ctx); err != nil {
			return err
		}
		pin, err := call.Collect(ctx, ari.Digits{Prompt: []string{"sound:agent-pass"}, Max: 4, End: "#", First: time.Minute, Inter: time.Minute})
		fmt.Println(call.Args(), pin, err)
		return err
	})
	fmt.Println(err)
	// Output:
	// [sales] 42 <nil>
	// context canceled
}

// Events come in their order, and where some are missing it is said.
func ExampleApp_Events() {
	server := aritest.Run( // in place of an Asterisk
		aritest.Connect("board"),
		aritest.Send(
			`{"type":"ChannelStateChange","channel":{"id":"1795.1","name":"PJSIP/100","state":"Up"}}`,
			`{"type":"FromTheFuture","answer":42}`,
		),
	)
	defer server.Close()
	app := &ari.App{Client: &ari.Client{URL: server.URL}, Name: "board", SubscribeAll: true}
	defer app.Close()
	events := app.Events(context.Background()) // before Connect, so that nothing is missed
	if err := app.Connect(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	for event, err := range events {
		if errors.Is(err, ari.ErrSlowConsumer) {
			continue // some are missing; more come
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		decoded, err := event.Decode()
		if err != nil {
			fmt.Println(err)
			return
		}
		switch e := decoded.(type) {
		case *ari.ChannelStateChange:
			fmt.Println(e.Channel.Name, e.Channel.State)
		case *ari.UnknownEvent:
			fmt.Println(e.Type, string(e.Extra["answer"]))
			return
		}
	}
	// Output:
	// PJSIP/100 Up
	// FromTheFuture 42
}

// An operation of Asterisk, and what its no looks like.
func ExampleClient() {
	server := aritest.Run( // in place of an Asterisk
		aritest.Expect("GET /channels/1795.1"), aritest.Reply(200, `{"id":"1795.1","name":"PJSIP/100","state":"Up"}`),
		aritest.Expect("DELETE /channels/1795.2", "reason=busy"), aritest.Reply(404, `{"message":"Channel not found"}`),
	)
	defer server.Close()
	client := &ari.Client{URL: server.URL, Username: "ivr"}
	defer client.Close()
	channel, err := client.Channels().Get(context.Background(), "1795.1")
	fmt.Println(channel.Name, channel.State, err)
	err = client.Channels().Hangup(context.Background(), "1795.2", ari.ChannelHangupParams{Reason: ari.HangupReasonBusy})
	fmt.Println(err)
	fmt.Println(ari.IsNotFound(err), ari.SafeToRetry(err))
	// Output:
	// PJSIP/100 Up <nil>
	// ari: channels.hangup: Asterisk answers 404 "Channel not found"
	// true false
}
