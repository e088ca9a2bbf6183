package ariroute_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/routing"
	"github.com/asterism-go/asterism/callcenter/routing/ariroute"
	"github.com/asterism-go/asterism/internal/asterisktest"
	"github.com/asterism-go/asterism/internal/sipphone"
)

const rules = `
numbers: {region: GR}
desks:
  patra: {queue: patra}
  menu: {context: "menus,s,1"}
  national: {queue: national}
questions:
  user: {header: X-User, keypad: digits, prompt: vm-extension, wrong: vm-incorrect, attempts: 2, timeout: 10s}
rules:
  - {name: vip, caller: {number: ["2610999999"]}, desk: menu}
  - {name: patra, person: {unit: patra}, desk: patra}
  - {name: ask, caller: {kind: [public, unknown]}, person: {known: false}, ask: user}
default: national
`

// helpline is a real Asterisk whose calls come into the application helpdesk, and what the dialplan then does with each.
type helpline struct {
	pbx     *asterisktest.Asterisk
	reached chan string
}

func openHelpline(t *testing.T) *helpline {
	t.Helper()
	set, err := routing.Parse("rules.yaml", []byte(rules))
	if err != nil {
		t.Fatal(err)
	}
	people := directory.NewTable("people", set.Plan(), []directory.Person{
		{Username: "1234", Name: "Eleni P.", Unit: "patra", Numbers: []string{"2610123456"}},
	})
	chain := &directory.Chain{Links: []directory.Link{{Source: people}}, Plan: set.Plan(), Budget: 5 * time.Second}
	pbx := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{
		"pjsip.conf": sipphone.PJSIPTrunk("provider", "context = from-provider"),
		"extensions.conf": `[from-provider]
exten => 2100001000,1,Stasis(helpdesk)
 same => n,Set(GLOBAL(REACHED)=${ROUTE_KIND}:${ROUTE_DATA} ${CALLER_USERNAME} ${CALLERID(name)})
 same => n,UserEvent(Reached,Where: ${REACHED})
 same => n,Hangup()
[menus]
exten => s,1,UserEvent(Reached,Where: the menu)
 same => n,Hangup()
`,
	}})
	t.Cleanup(pbx.Kill) // it would wait for its calls to end
	client := &ari.Client{URL: "http://" + pbx.HTTP.String() + "/ari", Username: asterisktest.Username, Password: asterisktest.Secret}
	t.Cleanup(func() { client.Close() })
	app := &ari.App{Client: client, Name: "helpdesk", SubscribeAll: true}
	h := &helpline{pbx: pbx, reached: make(chan string, 10)}
	ctx, stop := context.WithCancel(context.Background())
	events := app.Events(ctx)
	handler := &ariroute.Handler{Router: routing.New(set, routing.Config{Directory: chain}), ShowName: true}
	done := make(chan struct{}, 2)
	go func() { ari.Serve(ctx, app, handler.Handle); done <- struct{}{} }() //nolint:errcheck // it ends with ctx
	go func() { h.watch(events); done <- struct{}{} }()
	t.Cleanup(func() { stop(); app.Close(); <-done; <-done })
	if err := app.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	return h
}

// watch tells where the dialplan says that calls have come to.
func (h *helpline) watch(events func(func(ari.Event, error) bool)) {
	for event, err := range events {
		if err != nil {
			return
		}
		if decoded, err := event.Decode(); err == nil {
			if told, ok := decoded.(*ari.ChannelUserevent); ok && told.EventName == "Reached" {
				var said struct{ Where string }
				json.Unmarshal(told.UserEvent, &said) //nolint:errcheck // what is empty is not what is wanted
				h.reached <- said.Where
			}
		}
	}
}

// TestHandler: calls of a known caller, of one who types who he is, of one whose header says it, of one who withholds the
// number, and one whose desk is a place in the dialplan.
func TestHandler(t *testing.T) {
	h := openHelpline(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, c := range []struct{ name, from, types, want string }{
		{"known", "2610123456", "", "queue:patra 1234 Eleni P."},
		{"types", "2310555555", "1234", "queue:patra 1234 Eleni P."},
		{"types wrong", "2310555555", "9#9#", "queue:national"},
		{"a place", "2610999999", "", "the menu"},
	} {
		t.Run(c.name, func(t *testing.T) {
			phone, err := sipphone.New(ctx, sipphone.Config{Server: h.pbx.SIP, User: c.from})
			if err != nil {
				t.Fatal(err)
			}
			defer phone.Close()
			call, err := phone.Dial(ctx, "2100001000")
			if err != nil {
				t.Fatal(err)
			}
			for _, digit := range c.types {
				if err := call.WaitAnswered(ctx); err != nil {
					t.Fatal(err)
				}
				if err := call.SendDTMF(ctx, string(digit)); err != nil {
					t.Fatal(err)
				}
			}
			select {
			case got := <-h.reached:
				if got != c.want {
					t.Errorf("reached %q, want %q", got, c.want)
				}
			case <-ctx.Done():
				t.Fatal("no place is reached")
			}
			<-call.Done()
		})
	}
}
