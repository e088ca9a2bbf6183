package httpdir_test

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/httpdir"
	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

var plan = numbers.Must(numbers.Config{Region: "GR", Extensions: []string{"2XX"}})

const token = directory.Secret("Bearer hunter2")

// crm is a server that answers with what its handler writes.
func crm(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

func open(t *testing.T, url string, change func(*httpdir.Config)) *httpdir.Source {
	t.Helper()
	cfg := httpdir.Config{
		ByNumber: url + "/contacts?phone={e164}&key=hunter2", ByUsername: url + "/contacts/{username}/card?key=hunter2",
		Header: map[string]directory.Secret{"Authorization": token}, Timeout: 20 * time.Second,
	}
	if change != nil {
		change(&cfg)
	}
	s, err := httpdir.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestFind(t *testing.T) {
	server := crm(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != string(token) || r.FormValue("phone") != "+302101234567" {
			t.Errorf("asked for %s with %q", r.URL, r.Header)
		}
		fmt.Fprint(w, `{"data": {"contacts": [
			{"id": 4711, "login": "maria", "full_name": "Μαρία", "tel": ["210 123 4567", "6971234567"], "team": {"name": "patra"},
			 "groups": ["staff", "heads"], "vip": true, "note": null}]}}`)
	})
	s := open(t, server.URL, func(c *httpdir.Config) {
		c.Items, c.Mapping = "data.contacts", map[string]string{"tel": "number", "team.name": "unit"}
	})
	c := &directory.Chain{Plan: plan, Budget: time.Minute, Links: []directory.Link{{Source: s, Deadline: time.Minute}}}
	answer, err := c.ByNumber(t.Context(), plan.Parse("", "2101234567"))
	p := answer.Person
	if err != nil || p.Username != "maria" || p.Name != "Μαρία" || p.Unit != "patra" || p.Source != "http" ||
		!slices.Equal(p.Numbers, []string{"210 123 4567", "6971234567"}) || !slices.Equal(p.Groups, []string{"staff", "heads"}) {
		t.Errorf("it is %+v, %v", p, err)
	}
	if !slices.Equal(p.Attribute("id"), []string{"4711"}) || !slices.Equal(p.Attribute("vip"), []string{"true"}) {
		t.Errorf("the attributes are %v", p.Attributes)
	}
	if found, err := s.ByNumber(t.Context(), plan.Parse("", "204")); err != nil || found != nil {
		t.Errorf("a number without E.164 was asked for: %v, %v", found, err)
	}
}

func TestEscaping(t *testing.T) {
	var path string
	server := crm(t, func(w http.ResponseWriter, r *http.Request) {
		path = r.URL.EscapedPath()
		fmt.Fprint(w, "[]")
	})
	s := open(t, server.URL, nil)
	for username, want := range map[string]string{
		"maria": "/contacts/maria/card", "../admin": "/contacts/..%2Fadmin/card", "a?b=c#d": "/contacts/a%3Fb=c%23d/card",
		"a&key=x": "/contacts/a&key=x/card", "*)(uid=*": "/contacts/%2A%29%28uid=%2A/card", "a b\r\nX: y": "/contacts/a%20b%0D%0AX:%20y/card",
		"..": "", ".": "",
	} {
		path = ""
		if found, err := s.ByUsername(t.Context(), username); err != nil || len(found) != 0 || path != want {
			t.Errorf("%q asks for %q, %v, %v; want %q", username, path, found, err, want)
		}
	}
}

func TestAnswers(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
		people int
		want   string // in the error
	}{
		{"a list", 200, `[{"username":"maria"},{"username":"nikos"}]`, 2, ""},
		{"an object", 200, `{"username":"maria"}`, 1, ""},
		{"an empty list", 200, `[]`, 0, ""},
		{"an empty object", 200, `{}`, 0, ""},
		{"null", 200, `null`, 0, ""},
		{"not found", 404, `nothing here`, 0, ""},
		{"no JSON", 200, `<html>`, 0, "the answer is no JSON"},
		{"more than JSON", 200, `[] []`, 0, "the answer is no JSON"},
		{"half of it", 200, `[{"username":"ma`, 0, "the answer is no JSON"},
		{"text", 200, `"maria"`, 0, "neither an object nor a list"},
		{"list of text", 200, `["maria"]`, 0, "item 0 of the answer is no object"},
		{"refused", 401, `{"error":"hunter2"}`, 0, "status 401 Unauthorized"},
		{"broken", 500, ``, 0, "status 500"},
		{"too long", 200, `[{"username":"` + strings.Repeat("x", 5000) + `"}]`, 0, "longer than 4096 bytes"},
		{"deep", 200, strings.Repeat(`{"a":`, 500) + `1` + strings.Repeat(`}`, 500), 1, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := crm(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
				fmt.Fprint(w, test.body)
			})
			s := open(t, server.URL, func(c *httpdir.Config) { c.MaxBody = 4096 })
			found, err := s.ByUsername(t.Context(), "x")
			if len(found) != test.people || (err == nil) != (test.want == "") {
				t.Errorf("%v, %v", found, err)
			}
			if err != nil && (!strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), server.Listener.Addr().String())) {
				t.Errorf("error is %v, want one with the server and %q", err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error tells a secret: %v", err)
			}
		})
	}
}

func TestNoItems(t *testing.T) {
	for body, want := range map[string]bool{`{"data":{"contacts":null}}`: true, `{"data":{}}`: false, `{"data":[]}`: false, `[]`: false} {
		server := crm(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) })
		s := open(t, server.URL, func(c *httpdir.Config) { c.Items = "data.contacts" })
		if found, err := s.ByUsername(t.Context(), "x"); (err == nil) != want || len(found) != 0 {
			t.Errorf("%s: %v, %v", body, found, err)
		}
	}
}

func TestTooMany(t *testing.T) {
	server := crm(t, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `[{"username":"a"},{"username":"b"},{"username":"c"}]`)
	})
	s := open(t, server.URL, func(c *httpdir.Config) { c.MaxPeople = 2 })
	if found, err := s.ByUsername(t.Context(), "a"); !errors.Is(err, directory.ErrTooMany) || len(found) != 2 {
		t.Errorf("%v, %v", found, err)
	}
}

// TestLastDigitsNeedNumbers has answers to a question for last digits, without numbers: nobody can compare them.
func TestLastDigitsNeedNumbers(t *testing.T) {
	server := crm(t, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `[{"username":"a"},{"username":"b","phone":"1"}]`)
	})
	for query, want := range map[string]int{"{last}": 1, "{e164}": 2} {
		s := open(t, server.URL, func(c *httpdir.Config) { c.ByNumber = server.URL + "/?q=" + query })
		if found, err := s.ByNumber(t.Context(), plan.Parse("", "2101234567")); err != nil || len(found) != want {
			t.Errorf("%s finds %v, %v; want %d", query, found, err, want)
		}
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	other := crm(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("the other was asked with %v", r.Header) })
	server := crm(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, http.StatusFound) })
	if _, err := open(t, server.URL, nil).ByUsername(t.Context(), "x"); err == nil || !strings.Contains(err.Error(), "302") {
		t.Errorf("error is %v", err)
	}
}

func TestSlow(t *testing.T) {
	hold := make(chan struct{})
	server := crm(t, func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("phone") != "" { // begins, and does not go on
			fmt.Fprint(w, "[")
			w.(http.Flusher).Flush()
		}
		select {
		case <-hold:
		case <-r.Context().Done():
		}
	})
	defer close(hold)
	s := open(t, server.URL, func(c *httpdir.Config) { c.Timeout = 50 * time.Millisecond })
	_, err := s.ByUsername(t.Context(), "x")
	_, err2 := s.ByNumber(t.Context(), plan.Parse("", "2101234567"))
	for _, err := range []error{err, err2} {
		if !errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("error is %v", err)
		}
	}
}

func TestDown(t *testing.T) {
	server := crm(t, func(http.ResponseWriter, *http.Request) {})
	server.Close()
	_, err := open(t, server.URL, nil).ByUsername(t.Context(), "x")
	if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "refused") {
		t.Errorf("error is %v", err)
	}
}

func TestTLS(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"username":"maria"}`) }))
	server.Config.ErrorLog = nil
	defer server.Close()
	if _, err := open(t, server.URL, nil).ByUsername(t.Context(), "maria"); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("an unknown authority: %v", err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	found, err := open(t, server.URL, func(c *httpdir.Config) { c.CAFile = file }).ByUsername(t.Context(), "maria")
	if err != nil || len(found) != 1 {
		t.Errorf("%v, %v", found, err)
	}
}

func TestConfigErrors(t *testing.T) {
	tests := []struct {
		name   string
		change func(*httpdir.Config)
		want   string
	}{
		{"nothing", func(c *httpdir.Config) { c.ByNumber, c.ByUsername = "", "" }, "neither"},
		{"no placeholder", func(c *httpdir.Config) { c.ByNumber = "https://x.example/?key=hunter2" }, "ByNumber: it has no placeholder"},
		{"unknown placeholder", func(c *httpdir.Config) { c.ByNumber = "https://x.example/{phone}" }, "{phone}"},
		{"placeholder as host", func(c *httpdir.Config) { c.ByUsername = "https://{username}.example/" }, "ByUsername: want http"},
		{"placeholder after host", func(c *httpdir.Config) { c.ByUsername = "https://x.example{username}/" }, "ByUsername: want http"},
		{"scheme", func(c *httpdir.Config) { c.ByUsername = "file:///etc/{username}" }, "want http"},
		{"password", func(c *httpdir.Config) { c.ByUsername = "https://u:hunter2@x.example/{username}" }, "use Header"},
		{"clear", func(c *httpdir.Config) { c.ByUsername = "http://x.example/{username}" }, "in the clear"},
		{"mapping", func(c *httpdir.Config) { c.Mapping = map[string]string{"x": "y"} }, `"y" is none of`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cfg := httpdir.Config{ByNumber: "https://x.example/{e164}", Header: map[string]directory.Secret{"X-Key": "hunter2"}}
			test.change(&cfg)
			_, err := httpdir.New(cfg)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("error is %v, want one with %q", err, test.want)
			}
		})
	}
}
