package action_test

import (
	"context"
	"fmt"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ami/action"
	"github.com/asterism-go/asterism/ami/event"
)

// asterisk stands for an *ami.Client here, so that the examples run: it shows the action and gives these answers.
type asterisk []string

func (a asterisk) List(_ context.Context, sent ami.Action) (ami.List, error) {
	fmt.Println(sent.Name, sent.Headers)
	var list ami.List
	for i, text := range a {
		m, err := ami.ParseMessage(text)
		switch {
		case err != nil:
			return list, err
		case i == 0:
			list.Response = m
		case i == len(a)-1:
			list.Complete = m
		default:
			list.Items = append(list.Items, m)
		}
	}
	return list, nil
}

func (a asterisk) Do(ctx context.Context, sent ami.Action) (ami.Message, error) {
	list, err := a.List(ctx, sent)
	return list.Response, err
}

// An action and its answer, typed.
func ExampleDo() {
	client := asterisk{"Response: Success\r\nCoreStartupDate: 2026-11-25\r\nCoreCurrentCalls: 7"}
	status, err := action.Do(context.Background(), client, action.CoreStatus{})
	fmt.Println(status.CoreCurrentCalls, "calls since", status.CoreStartupDate, err)
	// Output:
	// CoreStatus []
	// 7 calls since 2026-11-25 <nil>
}

// A call is placed. Values are sent so that they arrive as they are, and what is missing is said before anything is sent.
func ExampleOriginate() {
	client := asterisk{"Response: Success\r\nMessage: Originate successfully queued"}
	call := action.Originate{
		Channel: "PJSIP/100", Application: "Playback", Data: "hello", Timeout: 30 * time.Second, Async: true,
		Variable: []action.Variable{{Name: "ORDER", Value: "77, urgent"}},
	}
	reply, err := action.Do(context.Background(), client, call)
	fmt.Println(reply.Message, err)
	_, err = action.Do(context.Background(), client, action.Originate{})
	fmt.Println(err)
	// Output:
	// Originate [{Channel PJSIP/100} {Application Playback} {Data hello} {Timeout 30000} {Variable ORDER=77\, urgent} {Async true}]
	// Originate successfully queued <nil>
	// ami: "Originate" not sent: "Channel" is required
}

// A list whose items are of several kinds.
func ExampleList() {
	client := asterisk{
		"Response: Success\r\nEventList: start",
		"Event: QueueParams\r\nQueue: support\r\nStrategy: rrmemory\r\nCalls: 1\r\nServiceLevel: 20",
		"Event: QueueMember\r\nQueue: support\r\nName: Ann\r\nLocation: PJSIP/100\r\nPaused: 1",
		"Event: QueueEntry\r\nQueue: support\r\nPosition: 1\r\nCallerIDNum: 555\r\nWait: 42",
		"Event: QueueStatusComplete\r\nEventList: Complete\r\nListItems: 3",
	}
	status, err := action.List(context.Background(), client, action.QueueStatus{Queue: "support"})
	for _, item := range status.Items {
		switch e := item.(type) {
		case *event.QueueParams:
			fmt.Println(e.Queue, e.Strategy, e.Calls, e.ServiceLevel)
		case *event.QueueMember:
			fmt.Println(e.Name, e.Location, "paused:", e.Paused)
		case *event.QueueEntry:
			fmt.Println(e.CallerIDNum, "waits for", e.Wait)
		}
	}
	fmt.Println(err)
	// Output:
	// QueueStatus [{Queue support}]
	// support rrmemory 1 20s
	// Ann PJSIP/100 paused: true
	// 555 waits for 42s
	// <nil>
}

// What an action needs.
func ExampleLookup() {
	info, _ := action.Lookup("QueueAdd")
	fmt.Println(info.Privileges, info.Modules, info.In("16.28.0"))
	// Output:
	// [agent] [app_queue] true
}
