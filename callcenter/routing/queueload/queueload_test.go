package queueload_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/routing"
	"github.com/asterism-go/asterism/callcenter/routing/queueload"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// message is one as it comes on the wire.
func message(t *testing.T, block string) ami.Message {
	t.Helper()
	m, err := ami.ParseMessage(block)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestWithoutSnapshots(t *testing.T) {
	if err := new(queueload.Model).Follow(t.Context(), &ami.Client{}); !errors.Is(err, queueload.ErrNoSnapshots) {
		t.Errorf("%v", err)
	}
}

// Events of queues that nobody has listed, or that make no sense, change nothing.
func TestUnlisted(t *testing.T) {
	var m queueload.Model
	for _, block := range []string{
		"Event: QueueCallerJoin\r\nQueue: support\r\nCount: 3\r\n",
		"Event: QueueMemberAdded\r\nQueue: support\r\nInterface: PJSIP/101\r\nStatus: 1\r\n",
		"Event: QueueCallerLeave\r\nQueue: \r\nCount: x\r\n",
	} {
		m.Apply(message(t, block))
	}
	if load, known := m.Queue("support"); known || load != (routing.Load{}) {
		t.Errorf("%+v, %v", load, known)
	}
}

const (
	queues = `[general]
persistentmembers = no
[support]
strategy = rrmemory
joinempty = yes
member => PJSIP/101
[sales]
joinempty = yes
[night]
joinempty = yes
`
	// Local/N@ring rings for ever.
	dialplan = `[default]
exten => wait,1,Answer()
 same => n,Wait(600)
exten => _q-.,1,Queue(${EXTEN:2})
[ring]
exten => _X,1,Ringing()
 same => n,Wait(600)
`
	pjsip = `[101]
type = endpoint
aors = 101
[101]
type = aor
max_contacts = 1
`
)

// room is a real Asterisk with queues, and a Model of them.
type room struct {
	*testing.T
	admin *ami.Client
	model *queueload.Model

	mu   sync.Mutex
	conn net.Conn // of the Model's client
}

func open(t *testing.T) *room {
	t.Helper()
	pbx := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{
		"queues.conf": queues, "extensions.conf": dialplan, "pjsip.conf": pjsip,
	}})
	r := &room{T: t, model: &queueload.Model{}, admin: &ami.Client{
		Addr: pbx.AMI.String(), Username: asterisktest.Username, Secret: asterisktest.Secret,
	}}
	follower := &ami.Client{
		Addr: pbx.AMI.String(), Username: asterisktest.Username, Secret: asterisktest.Secret,
		Subscribe: queueload.EventNames(), Snapshots: ami.SnapshotQueues, ReconnectWait: 20 * time.Millisecond, Dial: r.dial,
	}
	for _, client := range []*ami.Client{r.admin, follower} {
		if err := client.Connect(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { client.Close() })
	}
	ctx, stop := context.WithCancelCause(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.model.Follow(ctx, follower) }()
	over := errors.New("over")
	t.Cleanup(func() {
		stop(over)
		if err := <-ended; !errors.Is(err, over) {
			t.Errorf("Follow ended with %v", err)
		}
		if _, known := r.model.Queue("support"); known {
			t.Error("something is known after it")
		}
	})
	return r
}

func (r *room) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, addr)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.conn = conn
	return conn, err
}

func (r *room) do(name string, headers ...string) {
	r.Helper()
	a := ami.Action{Name: name}
	for i := 0; i < len(headers); i += 2 {
		a = a.With(headers[i], headers[i+1])
	}
	if _, err := r.admin.Do(r.Context(), a); err != nil {
		r.Fatal(err)
	}
}

// call has somebody wait in a queue.
func (r *room) call(id, queue string) {
	r.Helper()
	r.do("Originate", "Channel", "Local/wait@default/n", "ChannelId", id, "OtherChannelId", id+"-other",
		"Context", "default", "Exten", "q-"+queue, "Priority", "1", "Async", "true")
}

// summary is what Asterisk itself says about its queues.
func (r *room) summary(ctx context.Context) map[string]routing.Load {
	r.Helper()
	list, err := r.admin.List(ctx, ami.Action{Name: "QueueSummary"})
	if err != nil {
		r.Fatal(err)
	}
	loads := map[string]routing.Load{}
	for _, item := range list.Items {
		waiting, err := strconv.Atoi(item.Get("Callers"))
		agents, err2 := strconv.Atoi(item.Get("LoggedIn"))
		if err := errors.Join(err, err2); err != nil {
			r.Fatal(err)
		}
		loads[item.Get("Queue")] = routing.Load{Waiting: waiting, Agents: agents}
	}
	return loads
}

// is waits until a queue has what is wanted, to Asterisk and to the Model, and they agree on all others.
func (r *room) is(queue string, waiting, agents int) {
	r.Helper()
	ctx, cancel := context.WithTimeout(r.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		theirs, ours := r.summary(ctx), map[string]routing.Load{}
		for name := range theirs {
			if load, known := r.model.Queue(name); known {
				ours[name] = load
			}
		}
		same := fmt.Sprint(theirs) == fmt.Sprint(ours) && ours[queue] == routing.Load{Waiting: waiting, Agents: agents}
		if same {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			r.Fatalf("%s is to have %d waiting and %d agents: Asterisk has %v, the model %v", queue, waiting, agents, theirs, ours)
		}
	}
}

// What is known of queues is what Asterisk itself counts, whatever happens to members and callers, and after a lost connection.
func TestAgainstQueueSummary(t *testing.T) {
	r := open(t)
	r.is("support", 0, 0) // 101 is not registered
	r.do("QueueAdd", "Queue", "sales", "Interface", "Local/1@ring/n", "StateInterface", "Custom:one")
	r.is("sales", 0, 1)
	r.do("QueueAdd", "Queue", "support", "Interface", "Local/1@ring/n", "StateInterface", "Custom:one")
	r.do("QueueAdd", "Queue", "support", "Interface", "Local/2@ring/n", "StateInterface", "Custom:two")
	r.is("support", 0, 2)
	r.do("QueuePause", "Interface", "Local/1@ring/n", "Paused", "true", "Reason", "lunch")
	r.is("support", 0, 2)
	r.call("a", "support")
	r.is("support", 1, 2)
	r.call("b", "support")
	r.call("c", "night")
	r.is("support", 2, 2)
	r.is("night", 1, 0)
	for _, state := range []string{"UNAVAILABLE", "INUSE", "INVALID", "BUSY"} {
		r.do("Setvar", "Variable", "DEVICE_STATE(Custom:two)", "Value", state)
		agents := 1
		if state == "INUSE" || state == "BUSY" {
			agents = 2
		}
		r.is("support", 2, agents)
	}
	r.mu.Lock()
	r.conn.Close()
	r.mu.Unlock()
	r.do("Hangup", "Channel", "a-other")
	r.do("Hangup", "Channel", "c-other")
	r.do("QueueRemove", "Queue", "support", "Interface", "Local/1@ring/n")
	r.is("support", 1, 1)
	r.is("night", 0, 0)
	r.do("Hangup", "Channel", "b-other")
	r.is("support", 0, 1)
	if _, known := r.model.Queue("nobody's"); known {
		t.Error("a queue that there is not is known")
	}
}
