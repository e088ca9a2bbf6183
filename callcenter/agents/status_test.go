package agents_test

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/agents"
)

// listed is a member as QueueStatus lists it, read without the package's help.
type listed struct {
	queue, endpoint, state, name, membership string
	penalty, taken, status                   int
	last, pause, login                       int64
	inCall, paused                           bool
	reason                                   string
}

func (h *hall) queueStatus() map[string]listed {
	h.Helper()
	list, err := h.admin.List(h.ctx, ami.Action{Name: "QueueStatus"})
	h.ok(err)
	members := map[string]listed{}
	for _, item := range list.Items {
		if item.Event() != "QueueMember" {
			continue
		}
		number := func(key string) int64 {
			n, err := strconv.ParseInt(item.Get(key), 10, 64)
			if err != nil {
				h.Fatalf("%s: %v", key, err)
			}
			return n
		}
		b := listed{
			queue: item.Get("Queue"), endpoint: item.Get("Location"), state: item.Get("StateInterface"), name: item.Get("Name"),
			membership: item.Get("Membership"), penalty: int(number("Penalty")), taken: int(number("CallsTaken")),
			status: int(number("Status")), last: number("LastCall"), pause: number("LastPause"), login: number("LoginTime"),
			inCall: number("InCall") == 1, paused: number("Paused") == 1,
		}
		if b.paused {
			b.reason = item.Get("PausedReason")
		}
		members[b.queue+" "+b.endpoint] = b
	}
	return members
}

// placesOf are the members that the changes have told of.
func placesOf(picture map[string]agents.Agent) map[string]listed {
	members := map[string]listed{}
	for _, a := range picture {
		for _, m := range a.Queues {
			members[m.Queue+" "+m.Interface] = listed{
				queue: m.Queue, endpoint: m.Interface, state: m.StateInterface, name: m.Name, membership: m.Membership,
				penalty: m.Penalty, taken: m.CallsTaken, status: int(m.Status), last: unix(m.LastCall), pause: unix(m.LastPause),
				login: unix(m.LoginTime), inCall: m.InCall, paused: m.Paused, reason: m.PausedReason,
			}
		}
	}
	return members
}

func unix(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return at.Unix()
}

// compareWithStatus says how the picture differs from QueueStatus; "" if it does not.
func (h *hall) compareWithStatus() string {
	want, got := h.queueStatus(), placesOf(h.picture())
	var wrong []string
	for key, b := range want {
		if got[key] != b {
			wrong = append(wrong, fmt.Sprintf("\n%s\n is   %+v\n want %+v", key, got[key], b))
		}
	}
	for key := range got {
		if _, ok := want[key]; !ok {
			wrong = append(wrong, "\n"+key+" is not a member")
		}
	}
	slices.Sort(wrong)
	return strings.Join(wrong, "")
}

func difference(a, b agents.Agent) string {
	if reflect.DeepEqual(a, b) {
		return ""
	}
	return fmt.Sprintf("\n%+v\n%+v", a, b)
}
