package main

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/agi/agitest"
	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// patience is for a machine that does much else.
const patience = 30 * time.Second

// running is a daemon that a test runs as the program would.
type running struct {
	t         *testing.T
	file      string
	said      *syncBuffer
	interrupt context.CancelFunc
	code      chan int
	fastagi   string
	http      string
}

var addresses = regexp.MustCompile(`"msg":"serving","fastagi":"([^"]+)","http":"([^"]+)"`)

// startDaemon runs fastagid with these routes.
func startDaemon(t *testing.T, routes string) *running {
	t.Helper()
	r := &running{t: t, file: filepath.Join(t.TempDir(), "fastagid.yaml"), said: &syncBuffer{}, code: make(chan int, 1)}
	r.configure(routes)
	ctx, cancel := context.WithCancel(context.Background())
	r.interrupt = cancel
	go func() { r.code <- run(ctx, []string{"-config", r.file}, r.said, r.said) }()
	t.Cleanup(func() { r.stop(exitOK) })
	r.waitSaid(addresses)
	m := addresses.FindStringSubmatch(r.said.String())
	r.fastagi, r.http = m[1], "http://"+m[2]
	return r
}

func (r *running) configure(routes string) {
	r.t.Helper()
	text := "listen: 127.0.0.1:0\nhttp: 127.0.0.1:0\ndrain: 20s\nroutes:\n" + routes
	if err := os.WriteFile(r.file, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

// waitSaid waits until the daemon has logged something.
func (r *running) waitSaid(what *regexp.Regexp) {
	r.t.Helper()
	waitFor(r.t, func() bool { return what.MatchString(r.said.String()) }, func() string { return what.String() + " in " + r.said.String() })
}

func waitFor(t *testing.T, is func() bool, what func() string) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for timeout := time.After(patience); !is(); {
		select {
		case <-tick.C:
		case <-timeout:
			t.Fatalf("waited in vain for %s", what())
		}
	}
}

// stop ends the daemon as SIGTERM does, once.
func (r *running) stop(want int) {
	r.t.Helper()
	r.interrupt()
	code, open := <-r.code
	if !open {
		return
	}
	close(r.code)
	if code != want {
		r.t.Errorf("exit code %d; it said:\n%s", code, r.said)
	}
}

// call plays a call to a route.
func (r *running) call(c agitest.Channel) agitest.Outcome {
	r.t.Helper()
	conn, err := net.Dial("tcp", r.fastagi)
	if err != nil {
		r.t.Fatal(err)
	}
	defer conn.Close()
	c.Timeout = patience
	outcome, err := agitest.Play(conn, c)
	if err != nil {
		r.t.Errorf("%s: %v", c.Environment.Script, err)
	}
	return outcome
}

func (r *running) post(method, path string) (status int, body string) {
	r.t.Helper()
	req, err := http.NewRequest(method, r.http+path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer response.Body.Close()
	var text [512]byte
	n, _ := response.Body.Read(text[:])
	return response.StatusCode, string(text[:n])
}

func channel(script, caller string) agitest.Channel {
	return agitest.Channel{
		Environment: agi.Environment{Script: script, CallerID: caller, Uniqueid: "170.5"},
		Replies:     map[string][]string{},
	}
}

func write(t *testing.T, name, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestBuiltInRoutes(t *testing.T) {
	callers := write(t, "callers.csv", "number,name,company\n+30 210 123 4567,Eleni,Hellas Net\n", 0o600)
	d := startDaemon(t, fmt.Sprintf(`
  - {path: echo, echo: {silence: 1s}}
  - {path: welcome, playback: {files: [hello-world, demo-thanks], escape: "#"}}
  - {path: message, record: {directory: /tmp/messages, format: wav, beep: true, silence: 5s}}
  - {path: who, lookup: {file: %q, digits: 8}}
  - {path: desk, helpdesk: {variable: DESK, default: a, desks: [{prefix: "21", desk: b}]}}
  - {path: health, health: {}}
`, callers))
	echo := channel("echo", "1")
	echo.Replies["WAIT FOR DIGIT"] = []string{"200 result=53", "200 result=0"}
	if got := d.call(echo).Commands; strings.Join(got[1:], "|") != "ANSWER|WAIT FOR DIGIT 1000|SAY DIGITS 5 |WAIT FOR DIGIT 1000" {
		t.Errorf("echo sent %q", got)
	}
	welcome := channel("welcome", "1")
	welcome.Replies["STREAM FILE"] = []string{"200 result=0 endpos=8000", "200 result=35 endpos=10"}
	if got := d.call(welcome); got.Variables["DIGIT"] != "#" || got.Status != "SUCCESS" {
		t.Errorf("welcome: %+v", got)
	}
	if got := d.call(channel("message", "1")); got.Variables["RECORDING"] != "/tmp/messages/170.5.wav" {
		t.Errorf("message: %+v", got)
	}
	if got := d.call(channel("who", "02101234567")).Variables; got["FOUND"] != "1" || got["NAME"] != "Eleni" || got["COMPANY"] != "Hellas Net" {
		t.Errorf("who: %v", got)
	}
	if got := d.call(channel("who", "")).Variables["FOUND"]; got != "0" {
		t.Errorf("who without a number: %q", got)
	}
	if got := d.call(channel("desk", "2101234567")).Variables["DESK"]; got != "b" {
		t.Errorf("desk: %q", got)
	}
	if got := d.call(channel("health", "1")).Status; got != "SUCCESS" {
		t.Errorf("health: %s", got)
	}
	if got := d.call(channel("nowhere", "1")).Status; got != "FAILURE" {
		t.Errorf("a route that is not there: %s", got)
	}
}

func TestWebhookRoute(t *testing.T) {
	asked := make(chan map[string]any, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var request map[string]any
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
			t.Error(err)
		}
		asked <- request
		fmt.Fprint(w, `{"steps":[{"answer":{}},{"set":{"name":"DESK","value":"7"}}]}`)
	}))
	defer server.Close()
	d := startDaemon(t, fmt.Sprintf("  - {path: \"crm/{queue}\", webhook: {url: %q}}\n", server.URL))
	if got := d.call(channel("crm/sales", "2101234567")); got.Variables["DESK"] != "7" || got.Status != "SUCCESS" {
		t.Errorf("outcome %+v", got)
	}
	request := <-asked
	if request["route"] != "crm/{queue}" || request["params"].(map[string]any)["queue"] != "sales" {
		t.Errorf("request %v", request)
	}
}

func TestExecRouteAndLimits(t *testing.T) {
	script := write(t, "legacy.sh", `#!/bin/sh
while read line && [ -n "$line" ]; do
  case "$line" in agi_callerid:*) caller=${line#agi_callerid: };; esac
done
echo "SET VARIABLE GREETING \"hello $caller\""
read reply
`, 0o700)
	d := startDaemon(t, fmt.Sprintf("  - {path: legacy, exec: {program: %q}}\n  - {path: busy, sessions: 1, timeout: 1m, echo: {}}\n", script))
	if got := d.call(channel("legacy", "42")).Variables["GREETING"]; got != "hello 42" {
		t.Errorf("the program set %q", got)
	}
	holding := make(chan agitest.Outcome, 1)
	first := channel("busy", "1")
	first.Replies["WAIT FOR DIGIT"] = []string{""} // for ever
	var conn net.Conn
	hold := func() {
		var err error
		if conn, err = net.Dial("tcp", d.fastagi); err != nil {
			t.Fatal(err)
		}
		go func(conn net.Conn) {
			outcome, _ := agitest.Play(conn, first)
			holding <- outcome
		}(conn)
	}
	hold()
	waitFor(t, func() bool {
		select {
		case <-holding: // it was the second, and the route was full
			hold()
		default:
		}
		return d.call(channel("busy", "2")).Status == "FAILURE"
	}, func() string { return "a full route" })
	conn.Close()
	<-holding
}

func TestReload(t *testing.T) {
	d := startDaemon(t, "  - {path: desk, helpdesk: {variable: DESK, default: old}}\n")
	stop, failed := make(chan struct{}), make(chan string, 1)
	go func() { // load while the routes change
		defer close(failed)
		for {
			select {
			case <-stop:
				return
			default:
			}
			if got := d.call(channel("desk", "1")); got.Status != "SUCCESS" {
				failed <- got.Status
				return
			}
		}
	}()
	d.configure("  - {path: desk, helpdesk: {variable: DESK, default: new}}\n")
	if status, body := d.post(http.MethodPost, "/reload"); status != http.StatusOK {
		t.Errorf("reload: %d %s", status, body)
	}
	if got := d.call(channel("desk", "1")).Variables["DESK"]; got != "new" {
		t.Errorf("after the reload the desk is %q", got)
	}
	d.configure("  - {path: desk, helpdsk: {}}\n")
	if status, body := d.post(http.MethodPost, "/reload"); status != http.StatusUnprocessableEntity || !strings.Contains(body, `fastagid.yaml:5:18: unknown field "helpdsk"`) {
		t.Errorf("reload of a wrong file: %d %s", status, body)
	}
	if got := d.call(channel("desk", "1")).Variables["DESK"]; got != "new" {
		t.Errorf("after the wrong reload the desk is %q", got)
	}
	close(stop)
	if status, one := <-failed; one {
		t.Errorf("a session during the reload: %s", status)
	}
}

func TestTrace(t *testing.T) {
	d := startDaemon(t, "  - {path: echo, echo: {silence: 1s}}\n")
	d.post(http.MethodPost, "/trace/2101234567")
	pin := channel("echo", "2101234567")
	pin.Replies["WAIT FOR DIGIT"] = []string{"200 result=53"}
	d.call(pin)
	d.call(channel("echo", "999"))
	said := d.said.String()
	if !strings.Contains(said, `"line":"SAY DIGITS ***"`) || !strings.Contains(said, `"line":"200 result=***"`) {
		t.Errorf("no trace in %s", said)
	}
	if strings.Contains(said, "result=53") {
		t.Errorf("a digit that was pressed is in the log: %s", said)
	}
	if n := strings.Count(said, `"line":"ANSWER`); n != 1 {
		t.Errorf("%d calls are traced, want one", n)
	}
	d.post(http.MethodDelete, "/trace/2101234567")
	d.call(pin)
	if n := strings.Count(d.said.String(), `"line":"ANSWER`); n != 1 {
		t.Errorf("still traced")
	}
}

func TestHealthPages(t *testing.T) {
	d := startDaemon(t, "  - {path: echo, echo: {}}\n")
	for _, path := range []string{"/livez", "/readyz", "/healthz", "/metrics"} {
		if status, body := d.post(http.MethodGet, path); status != http.StatusOK {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if status, _ := d.post(http.MethodGet, "/reload"); status != http.StatusMethodNotAllowed {
		t.Errorf("GET /reload: %d", status)
	}
}

// realCalls starts a real Asterisk with this dialplan. originate places a call to an extension of it; UserEvents tell how it
// went.
func realCalls(ctx context.Context, t *testing.T, dialplan string) (events iter.Seq2[ami.Message, error], originate func(exten string)) {
	t.Helper()
	pbx := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{"extensions.conf": "[default]\n" + dialplan}})
	client := &ami.Client{Addr: pbx.AMI.String(), Username: asterisktest.Username, Secret: asterisktest.Secret}
	events = client.Events(ctx)
	if err := client.Connect(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		client.Close()
		pbx.Kill() // calls that still wait would hold up its end
	})
	return events, func(exten string) {
		t.Helper()
		action := ami.Action{Name: "Originate"}.With("Channel", "Local/"+exten+"@default").With("Application", "Wait").
			With("Data", "60").With("Async", "true")
		if _, err := client.Do(ctx, action); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFlood lets real calls be answered while others do what they can: connections that say nothing, that never stop saying,
// that come and go.
func TestFlood(t *testing.T) {
	d := startDaemon(t, "  - {path: desk, helpdesk: {variable: DESK, default: a}}\n")
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	events, originate := realCalls(ctx, t, fmt.Sprintf(`
exten => call,1,AGI(agi://%s/desk)
 same => n,UserEvent(Answered,Status: ${AGISTATUS},Desk: ${DESK})
`, d.fastagi))
	var attackers sync.WaitGroup
	over := make(chan struct{})
	attack := func(say func(net.Conn)) {
		attackers.Go(func() {
			conn, err := net.Dial("tcp", d.fastagi)
			if err != nil {
				return
			}
			defer conn.Close()
			say(conn)
			<-over
		})
	}
	for range 500 {
		attack(func(net.Conn) {})
	}
	for range 20 {
		attack(func(c net.Conn) { c.Close() })
		attack(func(c net.Conn) {
			for _, err := c.Write([]byte("agi_x: y\n")); err == nil; _, err = c.Write([]byte("agi_x: y\n")) {
			}
		})
		attack(func(c net.Conn) {
			line := make([]byte, 1<<20)
			for _, err := c.Write(line); err == nil; _, err = c.Write(line) {
			}
		})
	}
	const calls = 20
	for range calls {
		originate("call")
	}
	answered := 0
	for event, err := range events {
		if err != nil {
			t.Fatalf("%v after %d calls", err, answered)
		}
		if event.Event() != "UserEvent" {
			continue
		}
		if event.Get("Status") != "SUCCESS" || event.Get("Desk") != "a" {
			t.Errorf("a call ended with %s and the desk %q", event.Get("Status"), event.Get("Desk"))
		}
		if answered++; answered == calls {
			break
		}
	}
	close(over)
	attackers.Wait()
}

// TestDrain ends the daemon while real calls are being served: none is cut, and new ones find AGISTATUS=FAILURE.
func TestDrain(t *testing.T) {
	const calls = 200
	d := startDaemon(t, "  - {path: menu, playback: {files: [demo-instruct]}}\n  - {path: hold, echo: {silence: 5s}}\n")
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	events, originate := realCalls(ctx, t, fmt.Sprintf(`
exten => hold,1,AGI(agi://%[1]s/hold)
 same => n,UserEvent(Ended,Status: ${AGISTATUS})
exten => new,1,AGI(agi://%[1]s/hold)
 same => n,UserEvent(New,Status: ${AGISTATUS})
`, d.fastagi))
	for range calls {
		originate("hold")
	}
	metric := regexp.MustCompile(fmt.Sprintf(`asterisk_agi_sessions\{pbx="main"\} %d\n`, calls))
	waitFor(t, func() bool { return metric.MatchString(get(t, d.http+"/metrics")) }, func() string { return get(t, d.http+"/metrics") })
	d.interrupt()
	d.waitSaid(regexp.MustCompile(`"msg":"draining"`))
	originate("new")
	got := map[string]int{}
	for event, err := range events {
		if err != nil {
			t.Fatalf("%v after %v", err, got)
		}
		if event.Event() == "UserEvent" {
			got[event.Get("UserEvent")+" "+event.Get("Status")]++
		}
		if got["Ended SUCCESS"]+got["Ended FAILURE"]+got["Ended HANGUP"] == calls && got["New FAILURE"]+got["New SUCCESS"] == 1 {
			break
		}
	}
	if got["Ended SUCCESS"] != calls || got["New FAILURE"] != 1 {
		t.Errorf("sessions ended as %v", got)
	}
	d.stop(exitOK)
}

// TestNotify plays systemd: the daemon says when it is ready, that it lives, when it reloads and when it stops.
func TestNotify(t *testing.T) {
	dir := t.TempDir()
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: dir + "/s", Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	if err := socket.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	t.Setenv("NOTIFY_SOCKET", dir+"/s")
	t.Setenv("WATCHDOG_USEC", "30000")
	t.Setenv("WATCHDOG_PID", strconv.Itoa(os.Getpid()))
	next := func(want string) {
		t.Helper()
		for {
			var text [256]byte
			n, err := socket.Read(text[:])
			if err != nil {
				t.Fatalf("waiting for %s: %v", want, err)
			}
			if said := string(text[:n]); strings.HasPrefix(said, want) {
				return
			}
		}
	}
	d := startDaemon(t, "  - {path: echo, echo: {}}\n")
	next("READY=1")
	next("WATCHDOG=1")
	d.post(http.MethodPost, "/reload")
	next("RELOADING=1\nMONOTONIC_USEC=")
	next("READY=1")
	go d.interrupt()
	next("STOPPING=1")
	d.stop(exitOK)
}
