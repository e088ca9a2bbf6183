package menu_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/asterism-go/asterism/ivr/ivrtest"
	"github.com/asterism-go/asterism/ivr/menu"
)

const asking = `start: a
webhooks: {crm: {url: "URL", secret_env: CRM_KEY, deadline: 60s}}
nodes:
  a: {collect: {prompt: who, max: 4, into: account, next: b}}
  b: {webhook: {server: crm, send: account, set: vip, targets: [good, bad], failed: failed}}
  good: {hangup: {prompt: [good, {text: "${vip}"}]}}
  bad: {hangup: {prompt: bad}}
  failed: {hangup: {prompt: failed}}
`

// TestWebhook asks a server: real HTTP, so in real time, with sounds that take none.
func TestWebhook(t *testing.T) {
	verifier, err := standardwebhooks.NewWebhook(env("CRM_KEY"))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		status      int
		reply, want string
	}{
		"good":                  {200, `{"goto":"good","set":{"vip":"yes"}}`, "good"},
		"bad, with a sound":     {200, `{"goto":"bad","play":["sorry"]}`, "sorry bad"},
		"not allowed":           {200, `{"goto":"a"}`, "failed"},
		"nowhere":               {200, `{}`, "failed"},
		"a value of another":    {200, `{"goto":"good","set":{"account":"1"}}`, "failed"},
		"a long value":          {200, `{"goto":"good","set":{"vip":"` + strings.Repeat("x", 1001) + `"}}`, "failed"},
		"a file":                {200, `{"goto":"good","play":["/etc/passwd"]}`, "failed"},
		"a path":                {200, `{"goto":"good","play":["../x"]}`, "failed"},
		"what nobody knows":     {200, `{"goto":"good","url":"http://x"}`, "failed"},
		"two answers":           {200, `{"goto":"good"}{"goto":"bad"}`, "failed"},
		"no JSON":               {200, `good`, "failed"},
		"too much":              {200, `{"goto":"good"` + strings.Repeat(" ", 70_000) + `}`, "failed"},
		"another status":        {202, `{"goto":"good"}`, "failed"},
		"away":                  {302, ``, "failed"},
		"late":                  {0, ``, "failed"},
		"nothing of the caller": {200, `{"goto":"${account}"}`, "failed"},
	} {
		t.Run(name, func(t *testing.T) {
			asked := make(chan menu.Question, 1)
			answered := make(chan struct{})
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				var question menu.Question
				body, err := io.ReadAll(r.Body)
				if err == nil {
					err = verifier.Verify(body, r.Header)
				}
				if err == nil {
					err = json.Unmarshal(body, &question)
				}
				if err != nil {
					t.Error(err)
				}
				asked <- question
				if test.status == 0 {
					select {
					case <-r.Context().Done():
					case <-answered:
					}
					return
				}
				w.Header().Set("Location", "http://127.0.0.1:1/")
				w.WriteHeader(test.status)
				io.WriteString(w, test.reply) //nolint:errcheck // what cannot be written is a reply that is missing
			}))
			defer srv.Close()
			defer close(answered)
			w, c := newWorld(), caller("2101234567")
			w.HTTP = srv.Client()
			c.Durations = map[string]time.Duration{"who": 0, "good": 0, "bad": 0, "failed": 0, "sorry": 0}
			text := strings.Replace(asking, "URL", srv.URL, 1)
			if test.status == 0 {
				text = strings.Replace(text, "60s", "20ms", 1)
			}
			w.play(t, w.engine(t, text), c, ivrtest.Press("4711"), ivrtest.Ended())
			var heard []string
			for _, note := range c.Notes() {
				if note.What == "play" {
					heard = append(heard, note.Text)
				}
			}
			if got := strings.TrimPrefix(strings.Join(heard, " "), "who "); got != test.want {
				t.Errorf("the caller heard %q, want %q", got, test.want)
			}
			if test.status == 0 {
				return
			}
			if asked := <-asked; asked.Values["account"] != "4711" || asked.Caller != "2101234567" || asked.Node != "b" || len(asked.Targets) != 2 {
				t.Errorf("asked %+v", asked)
			}
		})
	}
}

func TestWebhookNeedsAKey(t *testing.T) {
	set, err := menu.Parse("f.yaml", []byte(strings.Replace(asking, "URL", "http://127.0.0.1:1/", 1)))
	if err != nil {
		t.Fatal(err)
	}
	for value, want := range map[string]string{
		"": "f.yaml:2:53: the environment variable with the key is not set", "?": "f.yaml:2:53: the environment variable holds no key in base64",
	} {
		_, err := menu.New(set, menu.Config{Env: func(string) string { return value }})
		if err == nil || !strings.HasSuffix(err.Error(), want[strings.Index(want, ": ")+2:]) || !strings.HasPrefix(err.Error(), "f.yaml:2:") {
			t.Errorf("%q: %v, want %s", value, err, want)
		}
	}
}
