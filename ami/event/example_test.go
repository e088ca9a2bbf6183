package event_test

import (
	"fmt"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ami/event"
)

// hangup is an event as it comes from ami.Client.Events.
var hangup, _ = ami.ParseMessage("Event: Hangup\r\nPrivilege: call,all\r\nTimestamp: 1795319273.500000\r\n" +
	"Channel: PJSIP/100-00000001\r\nUniqueid: 1795319270.1\r\nCause: 16\r\nCause-txt: Normal Clearing\r\nX-New: 1")

// A type switch over what comes; other events and new headers do no harm.
func ExampleDecode() {
	switch e := event.Decode(hangup).(type) {
	case *event.Newchannel:
		fmt.Println(e.Channel, "calls", e.Exten)
	case *event.Hangup:
		fmt.Println(e.Channel, "ended with cause", e.Cause, e.CauseTxt)
		fmt.Println(e.Timestamp().UTC().Format(time.StampMilli), e.Unmapped())
	}
	// Output:
	// PJSIP/100-00000001 ended with cause 16 Normal Clearing
	// Nov 22 03:47:53.500 [{X-New 1}]
}

// One kind of event only.
func ExampleAs() {
	if e, ok := event.As[event.Hangup](hangup); ok {
		fmt.Println(e.Uniqueid, e.Cause)
	}
	// Output:
	// 1795319270.1 16
}

// What a version of Asterisk sends.
func ExampleSupports() {
	fmt.Println(event.Supports("16.28.0", event.NameMonitorStart), event.Supports("22.10.1", event.NameMonitorStart))
	// Output:
	// true false
}

// What is known of an event: which privileges show it and which versions have it.
func ExampleLookup() {
	info, _ := event.Lookup("Newexten")
	fmt.Println(info.Name, info.Classes, info.Since)
	// Output:
	// Newexten [dialplan] [12.0.0]
}
