package agiroute_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/ldapdir"
	"github.com/asterism-go/asterism/callcenter/routing"
	"github.com/asterism-go/asterism/callcenter/routing/agiroute"
	"github.com/asterism-go/asterism/internal/asterisktest"
	"github.com/asterism-go/asterism/internal/sipphone"
	"github.com/asterism-go/asterism/internal/slapd"
)

// patience is for a machine that does much else.
const patience = 60 * time.Second

// promptTone is what the prompt of the tests sounds like, sorryTone what says that nobody was found.
const promptTone, sorryTone = 2900, 2700

// callerTone is what callers sound like.
const callerTone = 1000

// realRules are the rules of the real tests; the first %s is the prompt.
const realRules = `
numbers: {region: GR}
desks:
  patra: {queue: patra}
  athens-north: {queue: athens-north}
  larissa: {queue: larissa, fallback: [patra]}
  national: {queue: national}
questions:
  user: {header: From, keypad: t9, prompt: %s, wrong: %s, attempts: 2, timeout: 10s}
rules:
  - {name: again, caller: {kind: public}, previous: {within: 1h}, desk: previous}
  - {name: patra, person: {unit: patra}, desk: patra}
  - {name: athens-north, person: {unit: athens-north}, desk: athens-north}
  - {name: larissa, person: {unit: larissa}, desk: larissa}
  - {name: ask, caller: {kind: [public, unknown]}, person: {known: false}, ask: user}
default: national
`

// realDesks are the desks whose phones answer, by their tones. Nobody is at the one of Larissa.
var realDesks = map[string]float64{"patra": 500, "athens-north": 650, "national": 800}

// hotline is a help desk on a real Asterisk, with a real LDAP server.
type hotline struct {
	*asterisktest.Asterisk
	t       *testing.T
	school  slapd.School
	ldap    *slapd.Server
	router  *routing.Router
	metrics *routing.Metrics
	served  chan [3]string // who was called: desk, caller's number and name
	brief   string         // the caller with whom desks talk briefly: they hang up
}

func openHotline(t *testing.T, cfg routing.Config, chain *directory.Chain) *hotline {
	t.Helper()
	h := &hotline{t: t, school: slapd.School{Users: 1200}, metrics: routing.NewMetrics("pbx"), served: make(chan [3]string, 10)}
	h.brief = h.school.User(28).Phone
	h.ldap = slapd.Start(t, slapd.Config{LDIF: h.school.LDIF()})
	set, err := routing.Parse("rules.yaml", fmt.Appendf(nil, realRules, sound(t, "prompt", promptTone), sound(t, "sorry", sorryTone)))
	if err != nil {
		t.Fatal(err)
	}
	source, err := ldapdir.New(ldapdir.Config{
		URLs: []string{h.ldap.URL()}, BindDN: h.school.ServiceDN(), Password: slapd.Password, BaseDN: slapd.DefaultSuffix, Timeout: patience,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { source.Close() })
	chain.Plan, chain.Links = set.Plan(), []directory.Link{{Source: source, Deadline: chain.Budget, Rest: -1}}
	cfg.Directory, cfg.Metrics = chain, h.metrics
	cfg.Logger = slog.New(slog.NewTextHandler(testLog{t}, nil))
	h.router = routing.New(set, cfg)
	h.open(cfg)
	return h
}

type testLog struct{ t *testing.T }

func (l testLog) Write(p []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

// open starts the server and the phones.
func (h *hotline) open(cfg routing.Config) {
	h.t.Helper()
	memory, _ := cfg.Memory.(*routing.Recent)
	mux := agi.NewMux()
	mux.Handle("connect", &agiroute.Handler{Router: h.router, ShowName: true, Connect: &agiroute.Connect{Wait: 3 * time.Second, Memory: memory}})
	mux.Handle("tell", &agiroute.Handler{Router: h.router})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		h.t.Fatal(err)
	}
	srv := &agi.Server{Handler: mux}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(listener) }()
	h.t.Cleanup(func() {
		srv.Close()
		if err := <-served; !errors.Is(err, agi.ErrServerClosed) {
			h.t.Errorf("Serve: %v", err)
		}
	})
	var pjsip, queues strings.Builder
	pjsip.WriteString(sipphone.PJSIPTrunk("provider", "context = from-provider"))
	queues.WriteString("[general]\n")
	for desk := range realDesks {
		pjsip.WriteString(sipphone.PJSIPConfig(desk, "secret"))
		fmt.Fprintf(&queues, "[%s]\nmember => PJSIP/%s\ntimeout = 60\n", desk, desk)
	}
	h.Asterisk = asterisktest.Start(h.t, asterisktest.Config{Files: map[string]string{
		"pjsip.conf": pjsip.String(), "queues.conf": queues.String() + "[larissa]\n",
		"extensions.conf": fmt.Sprintf(`[from-provider]
exten => 2100001000,1,AGI(agi://%[1]s/connect)
 same => n,Hangup()
exten => 2100001001,1,AGI(agi://%[1]s/tell)
 same => n,GotoIf($["${AGISTATUS}${ROUTE_KIND}" = "SUCCESSqueue"]?go)
 same => n,Hangup()
 same => n(go),Queue(${ROUTE_DATA},,,,60)
`, listener.Addr()),
	}})
	for desk, tone := range realDesks {
		h.phone(sipphone.Config{User: desk, Password: "secret", Tone: tone, OnInvite: func(call *sipphone.Call) {
			number, name := call.Remote()
			h.served <- [3]string{desk, number, name}
			if err := call.Answer(context.WithoutCancel(h.t.Context())); err != nil {
				h.t.Logf("the desk %s does not answer: %v", desk, err)
			}
			if number == h.brief {
				if err := errors.Join(call.WaitHears(h.t.Context(), callerTone), call.Hangup(context.WithoutCancel(h.t.Context()))); err != nil {
					h.t.Errorf("the desk %s: %v", desk, err)
				}
			}
		}})
	}
}

func (h *hotline) phone(cfg sipphone.Config) *sipphone.Phone {
	h.t.Helper()
	cfg.Server = h.SIP
	phone, err := sipphone.New(h.t.Context(), cfg)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { phone.Close() })
	return phone
}

// call calls the help desk as somebody, lets him do something, and says which desk he reaches: both hear each other then.
func (h *hotline) call(caller, number string, does func(ctx context.Context, call *sipphone.Call) error) (desk, name string) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), patience)
	defer cancel()
	call, err := h.phone(sipphone.Config{User: caller, Tone: callerTone}).Dial(ctx, number)
	if err != nil {
		h.t.Fatal(err)
	}
	if does != nil {
		if err := does(ctx, call); err != nil {
			h.t.Fatalf("%s: %v", caller, err)
		}
	}
	var who [3]string
	select {
	case who = <-h.served:
	case <-ctx.Done():
		h.t.Fatalf("%s reaches nobody", caller)
	}
	if err := errors.Join(call.WaitAnswered(ctx), call.WaitHears(ctx, realDesks[who[0]]), call.Hangup(ctx)); err != nil {
		h.t.Fatalf("%s at %s: %v", caller, who[0], err)
	}
	return who[0], who[2]
}

// types lets a caller type as soon as the prompt is heard: Asterisk has begun to listen then.
func types(keys ...string) func(ctx context.Context, call *sipphone.Call) error {
	return func(ctx context.Context, call *sipphone.Call) error {
		for i, one := range keys {
			if i > 0 {
				if err := call.WaitHears(ctx, sorryTone); err != nil {
					return err
				}
			}
			if err := errors.Join(call.WaitAnswered(ctx), call.WaitHears(ctx, promptTone), call.SendDTMF(ctx, one)); err != nil {
				return err
			}
		}
		return nil
	}
}

// sound writes a sound file of one tone, of ten seconds for the prompt and one for the rest.
func sound(t *testing.T, name string, tone float64) string {
	t.Helper()
	seconds := map[string]int{"prompt": 10}[name] + 1
	file := filepath.Join(t.TempDir(), name)
	var samples []byte
	for i := range 8000 * seconds {
		sample := int16(4000 * math.Sin(2*math.Pi*tone*float64(i)/8000))
		samples = binary.LittleEndian.AppendUint16(samples, uint16(sample))
	}
	if err := os.WriteFile(file+".sln", samples, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestRealCallers has callers on a real Asterisk find their desks by a real LDAP server.
func TestRealCallers(t *testing.T) {
	memory, names := &routing.Recent{}, routing.NewNames(nil)
	h := openHotline(t, routing.Config{Budget: patience, Memory: memory, Names: names}, &directory.Chain{Budget: patience})
	var all []string
	for i := range h.school.Users {
		all = append(all, h.school.User(i).UID)
	}
	names.Replace(all)
	patra, athens, larissa, other := h.school.User(4), h.school.User(12), h.school.User(6), h.school.User(16)
	if patra.Unit != "patra" || athens.Unit != "athens-north" || larissa.Unit != "larissa" || other.Unit != "patra" {
		t.Fatalf("units %s, %s, %s, %s", patra.Unit, athens.Unit, larissa.Unit, other.Unit)
	}
	for _, test := range []struct {
		name, caller, number string
		does                 func(ctx context.Context, call *sipphone.Call) error
		desk, shows          string
	}{
		{"a number of LDAP", patra.Phone[3:], "2100001000", nil, "patra", patra.GivenName + " " + patra.FamilyName},
		{"a mobile of LDAP, and the dialplan", athens.Mobile, "2100001001", nil, "athens-north", ""},
		{"the fallback of a desk without agents", larissa.Phone, "2100001000", nil, "patra", larissa.GivenName + " " + larissa.FamilyName},
		{"unknown, types the username", "2310555111", "2100001000", types(routing.Keys(other.UID) + "#"), "patra", other.GivenName + " " + other.FamilyName},
		{"the same again, who is not asked", "2310555111", "2100001000", nil, "patra", ""},
		{"unknown, types it at last", "2310555222", "2100001000", types("999#", routing.Keys(athens.UID)+"#"), "athens-north", athens.GivenName + " " + athens.FamilyName},
		{"unknown, types nothing right", "2310555333", "2100001000", types("999#", "888#"), "national", ""},
		{"by a SIP header", patra.UID, "2100001000", nil, "patra", patra.GivenName + " " + patra.FamilyName},
		{"withheld", "anonymous", "2100001000", nil, "national", ""},
	} {
		if strings.HasPrefix(test.name, "the same") {
			h.waitRemembered(memory, test.caller)
		}
		desk, name := h.call(test.caller, test.number, test.does)
		if desk != test.desk || test.shows != "" && name != test.shows {
			t.Errorf("%s: %s at desk %s, shown as %q; want %s, %q", test.name, test.caller, desk, name, test.desk, test.shows)
		}
	}
	if err := testutil.CollectAndCompare(h.metrics, strings.NewReader(`
# HELP asterisk_routing_questions_total Questions to callers who they are, by result.
# TYPE asterisk_routing_questions_total counter
asterisk_routing_questions_total{pbx="pbx",question="user",result="found"} 3
asterisk_routing_questions_total{pbx="pbx",question="user",result="not_found"} 6
`), "asterisk_routing_questions_total"); err != nil {
		t.Error(err)
	}
}

// TestRealDeskHangsUp: a desk that has answered and hangs up has served the caller, who is passed on to nobody.
func TestRealDeskHangsUp(t *testing.T) {
	memory := &routing.Recent{}
	h := openHotline(t, routing.Config{Budget: patience, Memory: memory}, &directory.Chain{Budget: patience})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	call, err := h.phone(sipphone.Config{User: h.brief, Tone: callerTone}).Dial(ctx, "2100001000")
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-call.Done():
	case <-ctx.Done():
		t.Fatal("the call goes on")
	}
	h.waitRemembered(memory, h.brief)
	if who := <-h.served; who[0] != "patra" || len(h.served) > 0 {
		t.Errorf("%v is called, and %d more", who, len(h.served))
	}
	if err := testutil.CollectAndCompare(h.metrics, strings.NewReader(`
# HELP asterisk_routing_decisions_total Decisions where calls go, by desk and cause.
# TYPE asterisk_routing_decisions_total counter
asterisk_routing_decisions_total{cause="rule",desk="patra",pbx="pbx"} 1
`), "asterisk_routing_decisions_total"); err != nil {
		t.Error(err)
	}
}

// waitRemembered waits until it is known who served a caller: that is when the call has ended in the eyes of Asterisk, too.
func (h *hotline) waitRemembered(memory *routing.Recent, caller string) {
	h.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for timeout := time.After(patience); ; {
		if _, _, known := memory.Last(h.router.Set().Plan().Parse("", caller)); known {
			return
		}
		select {
		case <-tick.C:
		case <-timeout:
			h.t.Fatalf("who served %s is not remembered", caller)
		}
	}
}

// TestRealDirectoryDown takes the LDAP server away: first it does not answer any more, then it is dead.
func TestRealDirectoryDown(t *testing.T) {
	const budget = 300 * time.Millisecond
	h := openHotline(t, routing.Config{Budget: budget}, &directory.Chain{Budget: patience})
	patra := h.school.User(4)
	h.ldap.Freeze()
	if desk, _ := h.call(patra.Phone, "2100001000", nil); desk != "national" {
		t.Errorf("with a frozen LDAP server the call goes to %s", desk)
	}
	h.ldap.Thaw()
	h.ldap.Kill()
	for _, number := range []string{"2100001000", "2100001001"} {
		if desk, _ := h.call(patra.Phone, number, nil); desk != "national" {
			t.Errorf("with a dead LDAP server the call goes to %s", desk)
		}
	}
	if err := testutil.CollectAndCompare(h.metrics, strings.NewReader(`
# HELP asterisk_routing_decisions_total Decisions where calls go, by desk and cause.
# TYPE asterisk_routing_decisions_total counter
asterisk_routing_decisions_total{cause="directory_unavailable",desk="national",pbx="pbx"} 3
# HELP asterisk_routing_identifications_total Questions to the directory who a caller is, by result.
# TYPE asterisk_routing_identifications_total counter
asterisk_routing_identifications_total{pbx="pbx",result="unavailable"} 3
`), "asterisk_routing_decisions_total", "asterisk_routing_identifications_total"); err != nil {
		t.Error(err)
	}
	d := h.router.Route(t.Context(), routing.Request{From: patra.Phone})
	if d.Cause != routing.ByUnavailable || d.Took > budget+patience/4 || !strings.Contains(d.Reason(), "the directory did not answer: ") {
		t.Errorf("decided in %v: %s", d.Took, d.Reason())
	}
}
