package calls_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/ami/amitest"
	"github.com/asterism-go/asterism/callcenter/calls"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// listOf answers an action with a list of items.
func listOf(action string, items ...[]string) []amitest.Step {
	steps := []amitest.Step{amitest.Expect(action), amitest.Reply("Response: Success", "EventList: start")}
	for _, item := range items {
		steps = append(steps, amitest.Reply(item...))
	}
	return append(steps, amitest.Reply("Event: "+action+"Complete", "EventList: Complete"))
}

func refuse(action, message string) []amitest.Step {
	return []amitest.Step{amitest.Expect(action), amitest.Reply("Response: Error", "Message: "+message)}
}

const unknownAction = "Invalid/unknown command: X. Use Action: ListCommands to show available commands."

// pjsipScript answers for endpoints, each given as its name and the objects that belong to it, and for a registration.
func pjsipScript(endpoints [][][]string) (script []amitest.Step) {
	var names [][]string
	for _, e := range endpoints {
		names = append(names, []string{"Event: EndpointList", "ObjectName: " + e[0][0]})
	}
	script = append(script, listOf("PJSIPShowEndpoints", names...)...)
	script = append(script, listOf("PJSIPShowRegistrationsOutbound",
		[]string{"Event: OutboundRegistrationDetail", "ObjectName: reg", "ServerUri: sip:me@line.example.com:5061", "Endpoint: "},
		[]string{"Event: OutboundRegistrationDetail", "ObjectName: reg6", "ServerUri: <sip:[2001:db8::1]:5061;transport=tcp>", "Endpoint: "},
		[]string{"Event: OutboundRegistrationDetail", "ObjectName: reg2", "ServerUri: sip:x", "Endpoint: named"})...)
	for _, e := range endpoints {
		script = append(script, listOf("PJSIPShowEndpoint", e[1:]...)...)
	}
	return script
}

func TestDiscoverPJSIP(t *testing.T) {
	contact := func(uri string) []string {
		return []string{"Event: AorDetail", "MaxContacts: 0", "Contacts: a/" + uri + ","}
	}
	identify := []string{"Event: IdentifyDetail", "ObjectName: by-ip"}
	detail := func(fields ...string) []string { return append([]string{"Event: EndpointDetail"}, fields...) }
	endpoints := [][][]string{
		{{"101"}, detail(`Callerid: "Alice Archer" <1001>`, "Auth: 101", "Context: phones"), {"Event: AorDetail", "MaxContacts: 1"}},
		{{"desk"}, detail("Callerid: <unknown>")},
		{{"out"}, detail("OutboundAuths: provider", "Context: lines")},
		{{"carrier"}, detail("Callerid: Main <12125550100>"), identify},
		{{"line"}, detail("Auth: in", "Context: lines"), contact("sip:line.example.com")},
		{{"line6"}, detail(), contact("sip:[2001:db8::1]:5080")},
		{{"named"}, detail("Auth: in")},
		{{"fixed"}, detail(), contact("sip:10.0.0.9")},
		{{"wall"}, detail("Callerid: Wall <120>"), contact("sip:10.0.0.10")},
		{{"door"}, detail("Callerid: Door <121>", "Context: phones"), identify},
		{{"gate"}, detail("Callerid: Gate <122>", "Context: elsewhere"), identify},
		{{"usual"}, detail("Auth: in", "Context: from-trunk-1")},
		{{"both"}, detail("Auth: in", "Context: phones"), identify},
	}
	script := slices.Concat([]amitest.Step{amitest.Login("user", "secret")}, pjsipScript(endpoints),
		refuse("SIPpeers", unknownAction), refuse("IAXpeerlist", unknownAction), refuse("ShowDialPlan", "Permission denied"),
		[]amitest.Step{amitest.ExpectClose()})
	client := connect(t, amitest.Start(t, script).Addr)
	cfg, guesses, err := calls.Discover(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	want := calls.Config{
		Trunks: []string{
			"PJSIP/out", "PJSIP/carrier", "PJSIP/line", "PJSIP/line6", "PJSIP/named", "PJSIP/fixed", "PJSIP/gate", "PJSIP/usual",
		},
		Extensions: map[string]calls.Identity{
			"PJSIP/101": {Number: "1001", Name: "Alice Archer"}, "PJSIP/desk": {Number: "desk"}, "PJSIP/wall": {Number: "120", Name: "Wall"},
			"PJSIP/door": {Number: "121", Name: "Door"}, "PJSIP/both": {Number: "both"},
		},
		InboundContexts: []string{"elsewhere", "from-trunk-1", "lines"},
	}
	if diff := cmp.Diff(want, cfg); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	wantGuesses := strings.Join([]string{
		"PJSIP/101 is extension 1001: its caller id is \"Alice Archer\" <1001>",
		"PJSIP/desk is extension desk: it has no caller id, so its name is taken for its number",
		"PJSIP/out is a trunk: it logs in elsewhere (outbound_auth=provider)",
		"PJSIP/carrier is a trunk: it is known by its address (identify by-ip)",
		"PJSIP/line is a trunk: Asterisk registers with it (registration reg)",
		"PJSIP/line6 is a trunk: Asterisk registers with it (registration reg6)",
		"PJSIP/named is a trunk: Asterisk registers with it (registration reg2)",
		"PJSIP/fixed is a trunk: nobody logs in as it and it is at a fixed address (a/sip:10.0.0.9,)",
		"PJSIP/wall is extension 120: nobody logs in as it and it is at a fixed address (a/sip:10.0.0.10,), but it has a short number; its caller id is Wall <120>",
		"PJSIP/door is extension 121: it is known by its address (identify by-ip), but it has a short number and its calls begin where those of telephones do (context phones); its caller id is Door <121>",
		"PJSIP/gate is a trunk: it is known by its address (identify by-ip)",
		"PJSIP/usual is a trunk: its calls begin in context from-trunk-1, a usual name for lines from outside",
		"PJSIP/both is extension both: it has no caller id, so its name is taken for its number",
		"calls from outside begin in context elsewhere: only trunks make calls there",
		"calls from outside begin in context from-trunk-1: only trunks make calls there",
		"calls from outside begin in context lines: only trunks make calls there",
		"parking extensions and outbound prefixes are not known: ami: ShowDialPlan: Asterisk says \"Permission denied\"",
	}, "\n")
	var got []string
	for _, guess := range guesses {
		got = append(got, guess.String())
	}
	if diff := cmp.Diff(wantGuesses, strings.Join(got, "\n")); diff != "" {
		t.Errorf("guesses (-want +got):\n%s", diff)
	}
}

// Without any list of endpoints there is nothing to go by.
func TestDiscoverRefused(t *testing.T) {
	script := slices.Concat([]amitest.Step{amitest.Login("user", "secret")}, refuse("PJSIPShowEndpoints", "Permission denied"),
		refuse("SIPpeers", unknownAction), refuse("IAXpeerlist", unknownAction), []amitest.Step{amitest.ExpectClose()})
	client := connect(t, amitest.Start(t, script).Addr)
	if _, _, err := calls.Discover(t.Context(), client); err == nil || !strings.Contains(err.Error(), "Permission denied") {
		t.Errorf("error %v", err)
	}
}

// realConfig is a plain Asterisk with telephones and lines of all drivers that it has.
var realConfig = map[string]string{
	"sip.conf": `
[general]
udpbindaddr = 127.0.0.1:0
register => me:secret@127.0.0.4:9/500
[201]
type = friend
secret = x
host = dynamic
context = from-internal
callerid = Bob <201>
[registered]
type = peer
host = 127.0.0.4
secret = x
context = lines
[fixed]
type = peer
host = 127.0.0.5
context = lines
`,
	"iax.conf": `
[general]
bindaddr = 127.0.0.1
bindport = 0
[301]
type = friend
secret = x
host = dynamic
[branch]
type = peer
host = 127.0.0.6
`,
	"res_parking.conf": `
[general]
[default]
parkext => 700
parkpos => 701-720
context => parkedcalls
[other]
parkext => 800
parkext_exclusive = yes
parkpos => 801-810
context => otherlot
`,
	"extensions.conf": `
[from-internal]
exten => _1XX,1,Dial(PJSIP/${EXTEN})
exten => 750,1,Answer()
exten => 750,2,Park()
exten => _9.,1,Dial(PJSIP/${EXTEN:1}@provider,60)
exten => _7X.,1,Dial(PJSIP/${EXTEN:1})
include => parkedcalls
[lines]
exten => _X.,1,Dial(PJSIP/101)
`,
	"pjsip.conf": `
[101]
type = endpoint
context = from-internal
callerid = "Ann" <101>
auth = 101
aors = 101
[101]
type = auth
username = 101
password = x
[101]
type = aor
max_contacts = 1
[provider]
type = endpoint
context = lines
aors = provider
[provider]
type = aor
contact = sip:127.0.0.7
[provider]
type = identify
endpoint = provider
match = 127.0.0.7
[reg]
type = registration
server_uri = sip:127.0.0.8:9
client_uri = sip:me@127.0.0.8
[line]
type = endpoint
context = lines
aors = line
[line]
type = aor
contact = sip:127.0.0.8:9
`,
}

// A plain Asterisk needs no configuration: trunks, extensions, contexts, prefix and parking extensions are found.
func TestDiscoverARealAsterisk(t *testing.T) {
	pbx := asterisktest.Start(t, asterisktest.Config{Files: realConfig})
	loaded := map[string]bool{}
	for _, module := range []string{"chan_sip.so", "chan_iax2.so"} { // chan_sip is no part of Asterisk 21 and later
		out, err := pbx.CLI(t.Context(), "module load "+module)
		if err != nil {
			t.Fatal(err)
		}
		loaded[module] = strings.Contains(out, "Loaded "+module)
	}
	if (strings.HasPrefix(pbx.Version, "16.") && !loaded["chan_sip.so"]) || !loaded["chan_iax2.so"] {
		t.Fatalf("modules of %s: %v", pbx.Version, loaded)
	}
	cfg, guesses, err := calls.Discover(t.Context(), dialIn(t, pbx))
	if err != nil {
		t.Fatal(err)
	}
	want := calls.Config{
		Trunks: []string{"IAX2/branch", "PJSIP/line", "PJSIP/provider"},
		Extensions: map[string]calls.Identity{
			"PJSIP/101": {Number: "101", Name: "Ann"}, "IAX2/301": {Number: "301"},
		},
		InboundContexts: []string{"lines"}, OutboundPrefixes: []string{"9"},
	}
	if loaded["chan_sip.so"] {
		want.Trunks = append(want.Trunks, "SIP/fixed", "SIP/registered")
		want.Extensions["SIP/201"] = calls.Identity{Number: "201", Name: "Bob"}
	}
	parking := append([]string{cfg.ParkingExten}, cfg.ParkingExtens...)
	slices.Sort(parking)
	slices.Sort(cfg.Trunks)
	cfg.ParkingExten, cfg.ParkingExtens = "", nil
	if diff := cmp.Diff(want, cfg); diff != "" || !slices.Equal(parking, []string{"700", "750", "800"}) {
		t.Errorf("parking %v, guesses %v (-want +got):\n%s", parking, guesses, diff)
	}
}
