package amitest_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ami/amitest"
)

// ring is a program under test: it rings a phone and says how that went.
func ring(ctx context.Context, client *ami.Client) string {
	_, err := client.Do(ctx, ami.Action{Name: "Originate"}.With("Channel", "PJSIP/100").With("Async", "true"))
	if err != nil {
		return "failed: " + err.Error()
	}
	return "rings"
}

func Example() {
	manager := amitest.NewManager(amitest.Script{
		amitest.Login("board", "secret"),
		amitest.Expect("Ping"), amitest.Reply("Response: Success"), // part of Connect
		amitest.Expect("Originate", "Channel: PJSIP/100"),
		amitest.Reply("Response: Success", "Message: Originate successfully queued"),
		amitest.Serve(),
	})
	client := &ami.Client{Addr: manager.Addr, Username: "board", Secret: "secret"}
	ctx := context.Background()
	if err := client.Connect(ctx); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(ring(ctx, client))
	client.Close()
	fmt.Println(manager.Close())
	// Output:
	// rings
	// <nil>
}

func ExampleReplay() {
	pbx := amitest.NewManager(amitest.Script{
		amitest.Login("board", "secret"), amitest.Expect("Ping"), amitest.Reply("Response: Success"),
		amitest.Replay(strings.NewReader(recording), 0),
		amitest.Serve(),
	})
	defer pbx.Close()
	client := &ami.Client{Addr: pbx.Addr, Username: "board", Secret: "secret"}
	ctx := context.Background()
	events := client.Events(ctx)
	if err := client.Connect(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	for event, err := range events {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(event.Event())
		if event.Event() == "C" {
			break
		}
	}
	// Output:
	// FullyBooted
	// A
	// B
	// C
}
