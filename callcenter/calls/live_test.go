package calls_test

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/calls"
	"github.com/asterism-go/asterism/internal/asterisktest"
	"github.com/asterism-go/asterism/internal/sipphone"
)

// realPBX is a real Asterisk with the phones 101, 102 and 103, which answer at once and send the first tones of
// [sipphone.Frequencies].
type realPBX struct {
	*asterisktest.Asterisk

	phones []*sipphone.Phone
	taken  chan *sipphone.Call // that a phone has answered
}

// realOffice starts one, with more configuration files.
func realOffice(t *testing.T, more map[string]string) *realPBX {
	t.Helper()
	numbers := []string{"101", "102", "103"}
	var pjsip strings.Builder
	for _, number := range numbers {
		fmt.Fprintf(&pjsip, `
[%[1]s]
type = endpoint
context = default
disallow = all
allow = ulaw
direct_media = no
callerid = "Desk %[1]s" <%[1]s>
auth = %[1]s
aors = %[1]s
[%[1]s]
type = auth
auth_type = userpass
username = %[1]s
password = pw%[1]s
[%[1]s]
type = aor
max_contacts = 1
remove_existing = yes
`, number)
	}
	files := map[string]string{
		"extensions.conf": "[default]\nexten => _10X,1,Dial(PJSIP/${EXTEN},20)\n", "pjsip.conf": pjsip.String(),
	}
	maps.Copy(files, more)
	pbx := &realPBX{
		Asterisk: asterisktest.Start(t, asterisktest.Config{Files: files}), taken: make(chan *sipphone.Call, 16),
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	answers := func(c *sipphone.Call) {
		if c.Ring(ctx) == nil && c.Answer(ctx) == nil {
			pbx.taken <- c
			<-c.Done()
		}
	}
	for i, number := range numbers {
		phone, err := sipphone.New(ctx, sipphone.Config{
			Server: pbx.SIP, User: number, Password: "pw" + number, OnInvite: answers, Tone: sipphone.Frequencies()[i],
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { phone.Close() })
		pbx.phones = append(pbx.phones, phone)
	}
	return pbx
}

// On a real Asterisk: its endpoints are found, a call is followed, the connection is lost while the call lives, and the
// next one finds that it has ended.
func TestFollowARealAsterisk(t *testing.T) {
	pbx := realOffice(t, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	client := dialIn(t, pbx.Asterisk)
	cfg, _, err := calls.Discover(ctx, client)
	if err != nil {
		t.Fatal(err)
	}
	if want := (calls.Identity{Number: "102", Name: "Desk 102"}); cfg.Extensions["PJSIP/102"] != want {
		t.Fatalf("discovered %v", cfg.Extensions)
	}
	tracker := calls.NewTracker(cfg)
	changes := calls.Follow(ctx, client, tracker)
	call, err := pbx.phones[0].Dial(ctx, "102")
	if err != nil {
		t.Fatal(err)
	}
	id := waitTalking(t, changes)
	client.Close() // nobody sees the end of the call
	if err := call.Hangup(ctx); err != nil {
		t.Fatal(err)
	}
	<-call.Done()
	ended := firstEnded(ctx, t, dialIn(t, pbx.Asterisk), tracker)
	if ended.ID != id || ended.Result != calls.Answered || ended.Caller.Name != "Desk 101" || ended.Callee.Number != "102" {
		t.Errorf("call %s from %v to %v: %s", ended.ID, ended.Caller, ended.Callee, ended.Result)
	}
	if len(ended.Gaps) == 0 {
		t.Errorf("gaps %v, uncertain %v", ended.Gaps, ended.Uncertain)
	}
}

func dialIn(t *testing.T, pbx *asterisktest.Asterisk) *ami.Client {
	t.Helper()
	client := &ami.Client{Addr: pbx.AMI.String(), Username: asterisktest.Username, Secret: asterisktest.Secret}
	if err := client.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

func firstEnded(ctx context.Context, t *testing.T, client *ami.Client, tracker *calls.Tracker) calls.Call {
	t.Helper()
	for change, err := range calls.Follow(ctx, client, tracker) {
		if err != nil {
			t.Fatal(err)
		}
		if change.Kind == calls.Ended {
			return change.Call
		}
	}
	t.Fatal("the call never ends")
	return calls.Call{}
}
