package action_test

import (
	"errors"
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

// values are what a variable may hold and Asterisk must not read as anything else.
var values = []string{
	"plain", "a,b=c", `say "hi"`, `back\slash`, "(open", "close)", "[x", "y]", `"`, `\`, `\,`, "a=b", " spaces ", "Grüße", ",", `\"`, "$[1+1]", "${EXTEN}",
	"B=forged,C=forged", "semi;colon", "",
}

// Variables arrive on the channel as they were, whatever is in them.
func testOriginateVariables(t *testing.T, client *ami.Client) {
	var variables []action.Variable
	for i, value := range values {
		variables = append(variables, action.Variable{Name: "V" + string(rune('A'+i)), Value: value})
	}
	variables = append(variables, action.Variable{Name: "CHANNEL(accountcode)", Value: "a,(b"})
	reply := must(t, client, action.Originate{
		Channel: "Local/wait@default", Application: "Wait", Data: "300", Timeout: 30 * time.Second, Async: true,
		CallerID: `"Some, body" <123>`, Variable: variables, ChannelId: "vars", OtherChannelId: "vars-2",
	})
	if reply.Message != "Originate successfully queued" {
		t.Errorf("Asterisk says %q", reply.Message)
	}
	channel := waitChannel(t, client, "vars")
	for _, v := range variables {
		got := must(t, client, action.Getvar{Channel: channel, Variable: v.Name})
		if got.Value != v.Value || got.Variable != v.Name {
			t.Errorf("%s is %q, and arrives as %q", v.Name, v.Value, got.Value)
		}
	}
	for _, forged := range []string{"B", "C", "b"} {
		if got := must(t, client, action.Getvar{Channel: channel, Variable: forged}); got.Value != "" {
			t.Errorf("a value made the variable %s: %q", forged, got.Value)
		}
	}
	status, err := action.List(t.Context(), client, action.Status{Channel: channel, Variables: []string{"VA", "VB"}})
	if err != nil || len(status.Items) != 1 {
		t.Fatalf("Status: %d items, %v", len(status.Items), err)
	}
	want := []event.Variable{{Name: "VA", Value: "plain"}, {Name: "VB", Value: "a,b=c"}}
	if diff := cmp.Diff(want, status.Items[0].Variable); diff != "" {
		t.Errorf("variables of Status (-want +got):\n%s", diff)
	}
	if s := status.Items[0]; s.Channel != channel || s.Uniqueid != "vars" || s.Application != "Wait" {
		t.Errorf("Status: %+v", s)
	}
	must(t, client, action.Setvar{Channel: channel, Variable: "VA", Value: ""})
	if got := must(t, client, action.Getvar{Channel: channel, Variable: "VA"}); got.Value != "" {
		t.Errorf("VA was emptied and is %q", got.Value)
	}
	must(t, client, action.Hangup{Channel: channel, Cause: 16})
}

// What an action lacks is said before it is sent, and what Asterisk says no to is its own error.
func testDoErrors(t *testing.T, client *ami.Client) {
	var invalid *ami.InvalidActionError
	_, err := action.Do(t.Context(), client, action.Originate{Application: "Wait"})
	if !errors.As(err, &invalid) || invalid.Action != "Originate" || invalid.Field != "Channel" {
		t.Errorf("an Originate without Channel: %v", err)
	}
	_, err = action.List(t.Context(), client, action.PJSIPShowEndpoint{})
	if !errors.As(err, &invalid) || invalid.Field != "Endpoint" {
		t.Errorf("a PJSIPShowEndpoint without Endpoint: %v", err)
	}
	_, err = action.Do(t.Context(), client, action.Setvar{Variable: "A", Value: "x\r\n\r\nAction: Logoff"})
	if !errors.As(err, &invalid) || invalid.Field != "Value" {
		t.Errorf("a Setvar with CR LF: %v", err)
	}
	var refused *ami.ResponseError
	if _, err = action.Do(t.Context(), client, action.Hangup{Channel: "PJSIP/none"}); !errors.As(err, &refused) {
		t.Errorf("a Hangup of no channel: %v", err)
	}
	if _, err = action.List(t.Context(), client, action.PJSIPShowEndpoint{Endpoint: "none"}); !errors.As(err, &refused) {
		t.Errorf("a PJSIPShowEndpoint of none: %v", err)
	}
}

// A reply whose fields are known has them, typed, on the real Asterisk.
func testReplies(t *testing.T, a *asterisktest.Asterisk, client *ami.Client) {
	settings := must(t, client, action.CoreSettings{})
	if !strings.HasPrefix(settings.AsteriskVersion, a.Version) || settings.AMIversion == "" || !settings.CoreHTTPenabled {
		t.Errorf("CoreSettings: %+v", settings)
	}
	if !action.Supports(settings.AsteriskVersion, "Originate") {
		t.Errorf("%s has no Originate", settings.AsteriskVersion)
	}
	status := must(t, client, action.CoreStatus{})
	if status.CoreStartupDate == "" || status.Err() != nil {
		t.Errorf("CoreStatus: %+v, %v", status, status.Err())
	}
	if err := settings.Err(); err != nil {
		t.Error(err)
	}
	ping := must(t, client, action.Ping{})
	if ping.Ping != "Pong" || ping.Timestamp.IsZero() || ping.Err() != nil {
		t.Errorf("Ping: %+v, %v", ping, ping.Err())
	}
	if c := must(t, client, action.Challenge{AuthType: action.ChallengeAuthTypeMD5}); c.Challenge == "" {
		t.Errorf("Challenge: %+v", c)
	}
	if s := must(t, client, action.ExtensionState{Exten: "100", Context: "default"}); !strings.HasPrefix(s.Hint, "PJSIP/100") || s.Err() != nil {
		t.Errorf("ExtensionState: %+v", s)
	}
	if m := must(t, client, action.MailboxCount{Mailbox: "100@default"}); m.Mailbox != "100@default" || m.Err() != nil {
		t.Errorf("MailboxCount: %+v", m)
	}
	if m := must(t, client, action.MailboxStatus{Mailbox: "100@default"}); m.Mailbox == "" || m.Waiting != 0 || m.Err() != nil {
		t.Errorf("MailboxStatus: %+v", m)
	}
	lines := must(t, client, action.Command{Command: "core show channeltypes"}).Output
	if len(lines) < 5 || !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, "Local ") }) {
		t.Errorf("Command: %q", lines)
	}
	categories := must(t, client, action.ListCategories{Filename: "queues.conf"}).Categories
	if diff := cmp.Diff([]string{"general", "support"}, categories); diff != "" {
		t.Errorf("ListCategories (-want +got):\n%s", diff)
	}
	must(t, client, action.ModuleCheck{Module: "app_queue"})
}

// A configuration is written with indexed headers and read back with them.
func testUpdateConfig(t *testing.T, client *ami.Client) {
	const name = "asterism-test.conf"
	must(t, client, action.CreateConfig{Filename: name})
	must(t, client, action.UpdateConfig{SrcFilename: name, DstFilename: name, Changes: []action.ConfigChange{
		{Action: action.NewCat, Cat: "one"},
		{Action: action.Append, Cat: "one", Var: "a", Value: "1"},
		{Action: action.Append, Cat: "one", Var: "b", Value: "x=y"},
		{Action: action.NewCat, Cat: "two"},
		{Action: action.Insert, Cat: "one", Var: "first", Value: "0", Line: new(0)},
		{Action: action.Update, Cat: "one", Var: "a", Value: "2", Match: "1"},
	}})
	got := must(t, client, action.GetConfig{Filename: name}).Categories
	want := []action.ConfigCategory{
		{Name: "one", Lines: []action.Variable{{Name: "first", Value: "0"}, {Name: "a", Value: "2"}, {Name: "b", Value: "x=y"}}},
		{Name: "two"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if json := must(t, client, action.GetConfigJSON{Filename: name}).JSON; !strings.Contains(json, `"a":"2"`) {
		t.Errorf("GetConfigJSON: %s", json)
	}
}
