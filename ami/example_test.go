package ami_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ami/amitest"
)

// asterisk plays an Asterisk for the examples.
func asterisk(steps ...amitest.Step) *amitest.Manager {
	return amitest.NewManager(script(steps...))
}

func Example() {
	pbx := asterisk()
	defer pbx.Close()

	client := &ami.Client{Addr: pbx.Addr, Username: user, Secret: secret}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := client.Connect(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	answer, err := client.Do(ctx, ami.Action{Name: "Ping"})
	fmt.Println(answer.Get("Ping"), err)
	// Output: Pong <nil>
}

func ExampleClient_Do() {
	pbx := asterisk(
		amitest.Expect("QueuePause"), amitest.Reply("Response: Success", "Message: Interface paused successfully"),
		amitest.Expect("Hangup"), amitest.Reply("Response: Error", "Message: No such channel"))
	defer pbx.Close()
	client := &ami.Client{Addr: pbx.Addr, Username: user, Secret: secret}
	ctx := context.Background()
	if err := client.Connect(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()

	pause := ami.Action{Name: "QueuePause"}.With("Interface", "PJSIP/100").With("Paused", "true").With("Reason", "lunch")
	answer, err := client.Do(ctx, pause)
	fmt.Println(answer.Get("Message"), err)

	_, err = client.Do(ctx, ami.Action{Name: "Hangup"}.With("Channel", "PJSIP/100-1"))
	var refused *ami.ResponseError
	if errors.As(err, &refused) {
		fmt.Println("Asterisk says no:", refused.Message)
	}
	// Output:
	// Interface paused successfully <nil>
	// Asterisk says no: No such channel
}

func ExampleClient_List() {
	pbx := asterisk(amitest.Expect("CoreShowChannels"),
		amitest.Reply("Response: Success", "EventList: start"),
		amitest.Reply("Event: CoreShowChannel", "Channel: PJSIP/100-1", "Duration: 00:00:07"),
		amitest.Reply("Event: CoreShowChannel", "Channel: PJSIP/200-2", "Duration: 00:01:30"),
		amitest.Reply("Event: CoreShowChannelsComplete", "EventList: Complete", "ListItems: 2"))
	defer pbx.Close()
	client := &ami.Client{Addr: pbx.Addr, Username: user, Secret: secret}
	ctx := context.Background()
	if err := client.Connect(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()

	channels, err := client.List(ctx, ami.Action{Name: "CoreShowChannels"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, channel := range channels.Items {
		fmt.Println(channel.Get("Channel"), channel.Get("Duration"))
	}
	// Output:
	// PJSIP/100-1 00:00:07
	// PJSIP/200-2 00:01:30
}

func ExampleClient_Events() {
	pbx := asterisk(
		amitest.Send("Event: Newchannel", "Privilege: call,all", "Channel: PJSIP/100-1"),
		amitest.Send("Event: Hangup", "Privilege: call,all", "Channel: PJSIP/100-1", "Cause: 16"))
	defer pbx.Close()
	client := &ami.Client{Addr: pbx.Addr, Username: user, Secret: secret}
	ctx := context.Background()
	events := client.Events(ctx)
	if err := client.Connect(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()

	for event, err := range events {
		if errors.Is(err, ami.ErrSlowConsumer) {
			continue // events are missing here: read the state again
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(event.Event(), event.Get("Privilege"))
		if event.Event() == "Hangup" {
			break
		}
	}
	// Output:
	// FullyBooted system,all
	// Newchannel call,all
	// Hangup call,all
}

func ExampleParseMessage() {
	m, err := ami.ParseMessage("Event: VarSet\r\nChannel: PJSIP/100-1\r\nVariable: NOTE\r\nValue: said \\\"hello\\\"\r\n")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Event(), m.Get("value"))
	// Output: VarSet said "hello"
}

func ExampleSafeToRetry() {
	client := new(ami.Client) // not connected
	_, err := client.Do(context.Background(), ami.Action{Name: "Originate"}.With("Channel", "PJSIP/100"))
	fmt.Println(err)
	fmt.Println(ami.SafeToRetry(err))
	// Output:
	// ami: Originate: not sent: ami: not connected
	// true
}

func ExampleNewCollector() {
	client := new(ami.Client)
	registry := prometheus.NewRegistry()
	registry.MustRegister(ami.NewCollector("head office", client))
	families, err := registry.Gather()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, family := range families {
		fmt.Println(family.GetName())
	}
	// Output:
	// asterisk_ami_events_dropped_total
	// asterisk_ami_gaps_total
	// asterisk_ami_queued_events
	// asterisk_ami_reconnects_total
	// asterisk_ami_up
}

// A model of what Asterisk does is made and kept by one loop: it is complete from ResyncEnd on, also after a reconnect.
func ExampleClient_Events_reconnect() {
	channels := func(steps ...amitest.Step) amitest.Script {
		return script(append([]amitest.Step{
			amitest.Expect("CoreShowChannels"), amitest.Reply("Response: Success", "EventList: start"),
			amitest.Reply("Event: CoreShowChannel", "Channel: PJSIP/100-1"),
			amitest.Reply("Event: CoreShowChannelsComplete", "EventList: Complete", "ListItems: 1"),
		}, steps...)...)
	}
	first := channels()
	pbx := amitest.NewManager(first[:len(first)-1], channels()) // the first connection is lost after the list
	defer pbx.Close()
	client := &ami.Client{
		Addr: pbx.Addr, Username: user, Secret: secret, Snapshots: ami.SnapshotChannels, ReconnectWait: time.Millisecond,
	}
	ctx := context.Background()
	events := client.Events(ctx)
	if err := client.Connect(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()

	model := map[string]bool{}
	lost := false
	for event, err := range events {
		if err != nil {
			fmt.Println(err)
			return
		}
		switch event.Mark() {
		case ami.Disconnected:
			fmt.Println("connection lost")
			lost = true
		case ami.ResyncBegin:
			clear(model)
		case ami.Live, ami.Snapshot:
			if channel := event.Get("Channel"); channel != "" {
				model[channel] = event.Event() != "Hangup"
			}
		case ami.ResyncEnd:
			fmt.Println("complete:", len(model), "channels")
			if lost {
				return
			}
		}
	}
	// Output:
	// complete: 1 channels
	// connection lost
	// complete: 1 channels
}

func ExampleClient_Originate() {
	pbx := asterisk(amitest.Expect("Originate"), func(c *amitest.Conn) error {
		id := c.Action.Get("ActionID")
		return errors.Join(c.Reply("Response: Success"),
			c.Send("Event: OriginateResponse", "Privilege: call,all", "ActionID: "+id, "Response: Failure", "Reason: 5", "Channel: PJSIP/100"))
	})
	defer pbx.Close()
	client := &ami.Client{Addr: pbx.Addr, Username: user, Secret: secret}
	ctx := context.Background()
	if err := client.Connect(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()

	call, err := client.Originate(ctx, ami.Originate{Channel: "PJSIP/100", Context: "internal", Exten: "200", Timeout: 20 * time.Second})
	if err != nil {
		fmt.Println(err)
		return
	}
	outcome, err := call.Wait(ctx)
	fmt.Println(outcome, err)
	// Output: PJSIP/100: busy <nil>
}

func ExampleCluster() {
	athens, patras := asterisk(amitest.Send("Event: Hangup", "Channel: PJSIP/100-1")), asterisk()
	defer athens.Close()
	defer patras.Close()
	cluster := &ami.Cluster{Servers: map[string]*ami.Client{
		"athens": {Addr: athens.Addr, Username: user, Secret: secret},
		"patras": {Addr: patras.Addr, Username: user, Secret: secret},
	}}
	defer cluster.Close()
	events := cluster.Events(context.Background())
	if err := cluster.Start(); err != nil {
		fmt.Println(err)
		return
	}
	for event, err := range events {
		if err != nil {
			fmt.Println(err)
			return
		}
		if event.Event() == "Hangup" {
			fmt.Println(event.Server, event.Get("Channel"))
			break
		}
	}
	// Output: athens PJSIP/100-1
}

func ExampleEventNames() {
	client := &ami.Client{Subscribe: ami.EventNames(hangup{}, newexten{})} // typed events have an EventName
	fmt.Println(client.Subscribe)
	// Output: [Hangup Newexten]
}
