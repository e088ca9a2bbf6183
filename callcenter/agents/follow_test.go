package agents_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ami/amitest"
	"github.com/asterism-go/asterism/callcenter/agents"
)

// listing answers QueueStatus with Anna, and the other lists with a refusal if they are refused.
func listing(refused bool) []amitest.Step {
	steps := []amitest.Step{
		amitest.Expect("QueueStatus"), amitest.Reply("Response: Success", "EventList: start", "Message: Queue status will follow"),
		amitest.Reply("Event: QueueMember", "Queue: support", "Name: Anna", "Location: PJSIP/101", "Status: 1", "Paused: 0"),
		amitest.Reply("Event: QueueStatusComplete", "EventList: Complete", "ListItems: 1"),
	}
	for _, action := range []string{"ExtensionStateList", "DeviceStateList"} {
		steps = append(steps, amitest.Expect(action))
		if refused {
			steps = append(steps, amitest.Reply("Response: Error", "Message: Permission denied"))
			continue
		}
		steps = append(steps, amitest.Reply("Response: Success", "EventList: start"),
			amitest.Reply("Event: "+action+"Complete", "EventList: Complete", "ListItems: 0"))
	}
	return steps
}

// Lists that Asterisk refuses are errors, and the following goes on with what there is; it ends with the client.
func TestFollowGoesOnWithoutLists(t *testing.T) {
	ready := make(chan struct{})
	steps := append(listing(true), amitest.WaitFor(ready),
		amitest.Send("Event: QueueMemberPause", "Queue: support", "Interface: PJSIP/101", "Paused: 1", "PausedReason: lunch"), amitest.ExpectClose())
	client := script(t, steps...).Client
	var refused, other int
	var last agents.Agent
	for change, err := range agents.Follow(t.Context(), client, agents.NewModel(agents.Config{})) {
		var no *ami.ResponseError
		switch {
		case errors.As(err, &no):
			refused++
		case err != nil:
			other++
		case change.Kind == agents.StateChanged && change.Agent.State == agents.Paused:
			last = change.Agent
			client.Close()
		case change.Agent.State == agents.Ready:
			close(ready)
		}
	}
	if refused != 1 || other != 1 || last.Reason != "lunch" {
		t.Errorf("%d refusals, %d other errors, %+v", refused, other, last)
	}
}

// Persons sit down while the Model is followed.
func TestEdits(t *testing.T) {
	client := script(t, append(listing(false), amitest.ExpectClose())...).Client
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	edits := make(chan agents.Edit, 1)
	for change, err := range agents.FollowWith(ctx, client, agents.NewModel(agents.Config{}), agents.Sources{Edits: edits}) {
		switch {
		case errors.Is(err, context.Canceled):
			return
		case err != nil:
			t.Fatal(err)
		case change.Agent.ID == "ben":
			if change.Kind != agents.Appeared || len(change.Agent.Queues) != 1 {
				t.Errorf("%+v", change)
			}
			cancel()
		case change.Kind == agents.Appeared:
			edits <- func(m *agents.Model) []agents.Change {
				changes, err := m.Assign(agents.Person{ID: "ben"}, anna, time.Now())
				if err != nil {
					t.Error(err)
				}
				return changes
			}
			close(edits)
		}
	}
	t.Error("the range has ended without an error")
}
