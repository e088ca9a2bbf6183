package webhook_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/agi/agitest"
	"github.com/asterism-go/asterism/agi/webhook"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var secret = []byte("0123456789abcdef0123456789abcdef")

// crm is a server that answers with one response after the other, and keeps what it was asked.
type crm struct {
	*httptest.Server
	responses []string
	asked     []webhook.Request
	unsigned  []error
}

func newCRM(t *testing.T, responses ...string) *crm {
	t.Helper()
	verifier, err := standardwebhooks.NewWebhook("whsec_" + base64.StdEncoding.EncodeToString(secret))
	if err != nil {
		t.Fatal(err)
	}
	c := &crm{responses: responses}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		c.unsigned = append(c.unsigned, verifier.Verify(body, r.Header))
		var request webhook.Request
		if err := json.Unmarshal(body, &request); err != nil {
			t.Error(err)
		}
		c.asked = append(c.asked, request)
		fmt.Fprint(w, c.responses[min(len(c.asked), len(c.responses))-1])
	}))
	t.Cleanup(func() {
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
		c.Close()
	})
	return c
}

func (c *crm) handler() *agi.Mux {
	mux := agi.NewMux()
	mux.Handle("crm/{queue}", &webhook.Handler{URL: c.URL, Secret: secret})
	return mux
}

func call() agitest.Channel {
	return agitest.Channel{Environment: agi.Environment{
		Script: "crm/sales?vip=1", CallerID: "2101234567", CallerIDName: `Eleni "Lena"`, Uniqueid: "170.5", Args: []string{"x"},
	}}
}

func TestTurns(t *testing.T) {
	server := newCRM(t,
		`{"steps":[{"answer":{}},{"play":{"file":"welcome","escape":"#"}},{"digits":{"file":"enter-pin","seconds":2.5,"max":4}}],"more":true}`,
		`{"steps":[{"say":{"digits":"42"}},{"set":{"name":"DESK","value":"a \"b\""}},{"get":{"name":"OTHER"}},
			{"goto":{"context":"sales","extension":"7","priority":"start"}}]}`)
	c := call()
	c.Replies = map[string][]string{"GET DATA": {"200 result=0123"}}
	c.Variables = map[string]string{"OTHER": "other"}
	got := agitest.Call(t, server.handler(), c)
	if got.Status != "SUCCESS" || got.Variables["DESK"] != `a "b"` {
		t.Errorf("outcome %+v", got)
	}
	want := []string{
		"ANSWER", "STREAM FILE welcome #", "GET DATA enter-pin 2500 4", "SAY DIGITS 42 ", `SET VARIABLE DESK a "b"`,
		"GET FULL VARIABLE", "SET CONTEXT sales", "SET EXTENSION 7", "SET PRIORITY start",
	}
	if !slices.EqualFunc(got.Commands, want, strings.HasPrefix) {
		t.Errorf("commands %q", got.Commands)
	}
	for i, err := range server.unsigned {
		if err != nil {
			t.Errorf("the signature of request %d: %v", i+1, err)
		}
	}
	first, second := server.asked[0], server.asked[1]
	if first.Route != "crm/{queue}" || first.Params["queue"] != "sales" || first.Query["vip"][0] != "1" || first.Turn != 1 ||
		first.Call.CallerIDName != `Eleni "Lena"` || first.Call.Args[0] != "x" {
		t.Errorf("asked %+v", first)
	}
	wantResults := []webhook.Result{{Step: "answer"}, {Step: "play"}, {Step: "digits", Digits: "0123"}}
	if second.Session != first.Session || second.Turn != 2 || !slices.Equal(second.Results, wantResults) {
		t.Errorf("asked %+v", second)
	}
}

func TestFailures(t *testing.T) {
	for name, response := range map[string]string{
		"no JSON":        `hello`,
		"unknown key":    `{"steps":[{"system":{}}]}`,
		"two in a step":  `{"steps":[{"answer":{},"hangup":{}}]}`,
		"nothing to do":  `{"steps":[{}]}`,
		"more than JSON": `{"steps":[]}{}`,
		"too large":      `{"steps":[` + strings.Repeat(" ", 300<<10) + `]}`,
		"too many":       `{"steps":[` + strings.Repeat(`{"answer":{}},`, 100) + `{"answer":{}}]}`,
		"a function":     `{"steps":[{"set":{"name":"SHELL(id)","value":"x"}}]}`,
		"a line break":   `{"steps":[{"play":{"file":"a\nHANGUP"}}]}`,
		"for ever":       `{"steps":[],"more":true}`,
	} {
		server := newCRM(t, response)
		got := agitest.Call(t, server.handler(), call())
		if got.Status != "FAILURE" || len(got.Commands) > 0 {
			t.Errorf("%s: %s after %q", name, got.Status, got.Commands)
		}
		if name == "for ever" && len(server.asked) != webhook.MaxTurns {
			t.Errorf("asked %d times", len(server.asked))
		}
	}
}

func TestServerThatDoesNotAnswer(t *testing.T) {
	silent := make(chan struct{})
	for name, serve := range map[string]http.HandlerFunc{
		"an error":   func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusInternalServerError) },
		"a redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) },
		"silence":    func(_ http.ResponseWriter, r *http.Request) { <-silent; fmt.Fprint(io.Discard, r) },
	} {
		server := httptest.NewServer(serve)
		handler := &webhook.Handler{URL: server.URL, Timeout: 100 * time.Millisecond}
		if got := agitest.Call(t, handler, call()); got.Status != "FAILURE" {
			t.Errorf("%s: %s", name, got.Status)
		}
		if name == "silence" {
			close(silent)
		}
		server.Close()
	}
}
