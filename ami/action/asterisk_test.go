package action_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ami/action"
	"github.com/asterism-go/asterism/ami/event"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// etc configures an Asterisk in which every list has something to tell.
var etc = map[string]string{
	"extensions.conf": `[default]
exten => wait,1,Answer()
 same => n,Wait(300)
exten => queue,1,Answer()
 same => n,Queue(support)
exten => park,1,Answer()
 same => n,Park()
exten => 100,hint,PJSIP/100,CustomPresence:somebody
exten => 100,1,Dial(PJSIP/100)
include => empty
[empty]
exten => _X!,1,NoOp(a,b)
`,
	"agents.conf": "[1001]\nfullname = Agent One\n",
	"queues.conf": `[general]
[support]
strategy = ringall
member => Local/nobody@empty,3,Nobody,Custom:nobody
`,
	"voicemail.conf": "[general]\nformat = wav\n[default]\n100 => 4711,Somebody,somebody@example.com\n",
	"pjsip.conf": `
[100]
type = endpoint
context = default
auth = 100
aors = 100
allow = ulaw
[100]
type = auth
username = 100
password = secret
[100]
type = aor
max_contacts = 2
contact = sip:100@127.0.0.1:9
[100]
type = identify
endpoint = 100
match = 127.0.0.9
[trunk]
type = registration
server_uri = sip:127.0.0.1:9
client_uri = sip:me@127.0.0.1:9
outbound_auth = 100
[everybody]
type = resource_list
event = presence
list_item = 100
`,
}

// start runs an Asterisk and connects to it.
func start(t *testing.T) (*asterisktest.Asterisk, *ami.Client) {
	t.Helper()
	a := asterisktest.Start(t, asterisktest.Config{Files: etc})
	client := &ami.Client{Addr: a.AMI.String(), Username: asterisktest.Username, Secret: asterisktest.Secret}
	if err := client.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return a, client
}

// must sends an action that Asterisk says yes to.
func must[R any](t *testing.T, client *ami.Client, r action.Request[R]) R {
	t.Helper()
	reply, err := action.Do(t.Context(), client, r)
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

// originate makes a channel that runs an extension, and waits until it is up.
func originate(t *testing.T, client *ami.Client, exten string) string {
	t.Helper()
	id := "test-" + exten
	must(t, client, action.Originate{
		Channel: "Local/wait@default", Context: "default", Exten: exten, Priority: "1", Timeout: 30 * time.Second,
		Async: true, ChannelId: id, OtherChannelId: id + "-2",
	})
	return waitChannel(t, client, id)
}

// stateUp is AST_STATE_UP of include/asterisk/channelstate.h.
const stateUp = 6

// waitChannel waits until the channel with this id is up and has reached the dialplan, and returns its name.
func waitChannel(t *testing.T, client *ami.Client, id string) string {
	t.Helper()
	var name string
	until(t, func(ctx context.Context) bool {
		status, err := action.List(ctx, client, action.Status{})
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(status.Items, func(s *event.Status) bool {
			return s.Uniqueid == id && s.ChannelState == stateUp && s.Application != "" && s.Application != "AppDial2"
		})
		if i >= 0 {
			name = status.Items[i].Channel
		}
		return i >= 0
	})
	return name
}

// until asks again until Asterisk has got there.
func until(t *testing.T, there func(context.Context) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for !there(ctx) {
	}
}

// What one Asterisk is enough for.
func TestAsterisk(t *testing.T) {
	a, client := start(t)
	must(t, client, action.ModuleLoad{Module: "app_agent_pool.so", LoadType: action.ModuleLoadLoadTypeLoad})
	t.Run("ListCommands", func(t *testing.T) { testListCommands(t, a, client) })
	t.Run("replies", func(t *testing.T) { testReplies(t, a, client) })
	t.Run("UpdateConfig", func(t *testing.T) { testUpdateConfig(t, client) })
	t.Run("variables", func(t *testing.T) { testOriginateVariables(t, client) })
	t.Run("errors", func(t *testing.T) { testDoErrors(t, client) })
}

// Every action that Asterisk has is one of ours, with the same privileges; and what is built into Asterisk and should be
// in this version is there.
func testListCommands(t *testing.T, a *asterisktest.Asterisk, client *ami.Client) {
	registered := map[string]bool{}
	for _, c := range must(t, client, action.ListCommands{}).Commands {
		registered[c.Name] = true
		info, ok := action.Lookup(c.Name)
		if !ok || info.Name != c.Name {
			t.Errorf("%s is not known: %s", c.Name, c.Synopsis)
			continue
		}
		if diff := cmp.Diff(c.Privileges, info.Privileges); diff != "" {
			t.Errorf("privileges of %s (-Asterisk +ours):\n%s", c.Name, diff)
		}
		if !info.In(a.Version) {
			t.Errorf("%s is in %s, and not in ours: since %v, removed in %s", c.Name, a.Version, info.Since, info.RemovedIn)
		}
	}
	if len(registered) < 110 {
		t.Errorf("Asterisk %s has only %d actions", a.Version, len(registered))
	}
	for _, info := range action.Infos() {
		if slices.Contains(info.Modules, "builtin") && info.In(a.Version) && !registered[info.Name] {
			t.Errorf("Asterisk %s does not have %s", a.Version, info.Name)
		}
	}
}

// listed is the answer to a list action, whatever its items are.
type listed struct {
	reply    action.Reply
	items    []event.Event
	other    []event.Event
	complete event.Event
}

type lister func(context.Context, *ami.Client) (listed, error)

// list makes a function of a list action, so that actions with different items fit into one table.
func list[E event.Event](r action.ListRequest[E]) lister {
	return func(ctx context.Context, client *ami.Client) (listed, error) {
		l, err := action.List(ctx, client, r)
		found := listed{reply: l.Reply, other: l.Other, complete: l.Complete}
		for _, item := range l.Items {
			found.items = append(found.items, item)
		}
		return found, err
	}
}

// lists run all list actions that the modules of the test's Asterisk have. BridgeInfo and CoreShowChannelMap need a name that is
// known at run time only.
func lists(bridge, channel string) map[string]lister {
	return map[string]lister{
		"Agents":                 list(action.Agents{}),
		"BridgeInfo":             list(action.BridgeInfo{BridgeUniqueid: bridge}),
		"BridgeList":             list(action.BridgeList{}),
		"BridgeTechnologyList":   list(action.BridgeTechnologyList{}),
		"ConfbridgeList":         list(action.ConfbridgeList{Conference: "room"}),
		"ConfbridgeListRooms":    list(action.ConfbridgeListRooms{}),
		"CoreShowChannelMap":     list(action.CoreShowChannelMap{Channel: channel}),
		"CoreShowChannels":       list(action.CoreShowChannels{}),
		"DBGet":                  list(action.DBGet{Family: "test", Key: "a"}),
		"DBGetTree":              list(action.DBGetTree{Family: "test"}),
		"DeviceStateList":        list(action.DeviceStateList{}),
		"ExtensionStateList":     list(action.ExtensionStateList{}),
		"FAXSessions":            list(action.FAXSessions{}),
		"Hangup":                 list(action.Hangup{Channel: "/^NoSuchChannel/"}),
		"PJSIPHangup":            list(action.PJSIPHangup{Channel: "/^NoSuchChannel/", Cause: "486"}),
		"PJSIPShowAors":          list(action.PJSIPShowAors{}),
		"PJSIPShowAuths":         list(action.PJSIPShowAuths{}),
		"PJSIPShowContacts":      list(action.PJSIPShowContacts{}),
		"PJSIPShowEndpoint":      list(action.PJSIPShowEndpoint{Endpoint: "100"}),
		"PJSIPShowEndpoints":     list(action.PJSIPShowEndpoints{}),
		"PJSIPShowMaintenance":   list(action.PJSIPShowMaintenance{}),
		"PJSIPShowResourceLists": list(action.PJSIPShowResourceLists{}),
		"ParkedCalls":            list(action.ParkedCalls{}),
		"Parkinglots":            list(action.Parkinglots{}),
		"PresenceStateList":      list(action.PresenceStateList{}),
		"QueueStatus":            list(action.QueueStatus{}),
		"QueueSummary":           list(action.QueueSummary{}),
		"ShowDialPlan":           list(action.ShowDialPlan{Context: "default"}),
		"Status":                 list(action.Status{}),
		"VoicemailBoxSummary":    list(action.VoicemailBoxSummary{Context: "default", Mailbox: "100"}),
		"VoicemailUserStatus":    list(action.VoicemailUserStatus{Context: "default", Mailbox: "100"}),
		"VoicemailUsersList":     list(action.VoicemailUsersList{}),
		"PJSIPShowRegistrationInboundContactStatuses": list(action.PJSIPShowRegistrationInboundContactStatuses{}),
		"PJSIPShowRegistrationsInbound":               list(action.PJSIPShowRegistrationsInbound{}),
		"PJSIPShowRegistrationsOutbound":              list(action.PJSIPShowRegistrationsOutbound{}),
		"PJSIPShowSubscriptionsInbound":               list(action.PJSIPShowSubscriptionsInbound{}),
		"PJSIPShowSubscriptionsOutbound":              list(action.PJSIPShowSubscriptionsOutbound{}),
	}
}

// Every list action that Asterisk has loaded is answered with the list that we say it is: the end is the one that is
// known, every item is typed, every header has a field and every value is of its type.
func TestLists(t *testing.T) {
	a, client := start(t)
	must(t, client, action.ModuleLoad{Module: "app_agent_pool.so", LoadType: action.ModuleLoadLoadTypeLoad})
	must(t, client, action.DBPut{Family: "test", Key: "a", Val: "1"})
	must(t, client, action.Setvar{Variable: "PRESENCE_STATE(CustomPresence:somebody)", Value: "away,lunch,back at one"})
	leaveVoicemail(t, a)
	if action.Supports(a.Version, "PJSIPSetMaintenance") {
		must(t, client, action.PJSIPSetMaintenance{Endpoint: "100", State: true})
	}
	channel := populate(t, client)
	bridges, err := action.List(t.Context(), client, action.BridgeList{})
	if err != nil || len(bridges.Items) == 0 {
		t.Fatalf("BridgeList: %d bridges, %v", len(bridges.Items), err)
	}
	used := slices.IndexFunc(bridges.Items, func(b *event.BridgeListItem) bool { return b.BridgeNumChannels > 0 })
	if used < 0 {
		t.Fatal("no bridge has a channel")
	}
	table := lists(bridges.Items[used].BridgeUniqueid, channel)
	for _, c := range must(t, client, action.ListCommands{}).Commands {
		info, _ := action.Lookup(c.Name)
		if info.Complete == "" {
			continue
		}
		run := table[c.Name]
		if run == nil {
			t.Errorf("%s is not tested", c.Name)
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			l, err := run(t.Context(), client)
			checkList(t, info, l, err)
			t.Logf("Asterisk %s: %d items", a.Version, len(l.items))
		})
	}
	hungup, err := list(action.Hangup{Channel: "/^Local.wait/"})(t.Context(), client)
	info, _ := action.Lookup("Hangup")
	checkList(t, info, hungup, err)
	if len(hungup.items) < 4 {
		t.Errorf("%d channels were hung up", len(hungup.items))
	}
}

// leaveVoicemail puts a message into the box that the lists tell of.
func leaveVoicemail(t *testing.T, a *asterisktest.Asterisk) {
	t.Helper()
	dir := filepath.Join(a.Dir, "spool", "voicemail", "default", "100", "INBOX")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	text := "[message]\norigmailbox=100\ncontext=default\ncallerid=\"A\" <1>\norigdate=today\norigtime=1795319273\n" +
		"msg_id=1795319273-00000001\nflag=\nduration=3\n"
	for name, content := range map[string]string{"msg0000.txt": text, "msg0000.wav": "RIFF"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// populate makes a conference, a parked call and a call in a queue. It returns a channel that is in a bridge.
func populate(t *testing.T, client *ami.Client) string {
	t.Helper()
	for _, id := range []string{"conf", "other"} {
		must(t, client, action.Originate{
			Channel: "Local/wait@default", Application: "ConfBridge", Data: "room", Async: true, ChannelId: id, OtherChannelId: id + "-2",
		})
	}
	originate(t, client, "queue")
	originate(t, client, "park")
	until(t, func(ctx context.Context) bool {
		parked, err := action.List(ctx, client, action.ParkedCalls{})
		if err != nil {
			t.Fatal(err)
		}
		status, err := action.List(ctx, client, action.Status{})
		if err != nil {
			t.Fatal(err)
		}
		talking := 0
		for _, s := range status.Items {
			if s.Application == "ConfBridge" && s.BridgeID != "" {
				talking++
			}
		}
		return len(parked.Items) == 1 && talking == 2
	})
	return waitChannel(t, client, "conf")
}

// empty are the words with which Asterisk says no because a list is empty, or there is none.
var empty = []string{"No Contacts found", "No resource lists found", "No active conferences."}

// mayBeEmpty are the lists that have no items here: what they list takes a phone.
var mayBeEmpty = []string{
	"FAXSessions", "Hangup", "PJSIPHangup", "PJSIPShowRegistrationInboundContactStatuses", "PJSIPShowRegistrationsInbound",
	"PJSIPShowSubscriptionsInbound", "PJSIPShowSubscriptionsOutbound",
}

func checkList(t *testing.T, info action.Info, l listed, err error) {
	t.Helper()
	var refused *ami.ResponseError
	if errors.As(err, &refused) && slices.Contains(empty, strings.TrimSpace(refused.Message)) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if l.complete == nil || l.complete.Message().Event() != info.Complete {
		t.Fatalf("it ends with %v, not %s; %s", l.complete, info.Complete, l.reply.Response)
	}
	if len(l.items) == 0 && !slices.Contains(mayBeEmpty, info.Name) {
		t.Error("the list is empty")
	}
	for _, e := range l.other {
		t.Errorf("%s is not said to be in the list", e.Message().Event())
	}
	for _, e := range append(l.items, l.complete) {
		if err := e.Err(); err != nil {
			t.Error(err)
		}
		for _, h := range e.Unmapped() {
			t.Errorf("%s has no field for %s: %q", e.Message().Event(), h.Key, h.Value)
		}
	}
}
