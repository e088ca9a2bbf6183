package recording_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/recording"
)

const served = "2026/11/25/in-2101234567-101-20261125-101530-1764060000.12.wav"

// handler serves one call, to those who say please.
func handler(t *testing.T, audit *[]recording.Access) *recording.Handler {
	t.Helper()
	store, dir := shelf(t, served)
	check(t, os.WriteFile(filepath.Join(dir, filepath.FromSlash(served)), []byte("0123456789"), 0o644))
	age(t, dir)
	return &recording.Handler{
		Finder: &recording.Finder{Store: store, Zone: zone(t, "Europe/Athens")},
		Call: func(r *http.Request) (recording.Call, error) {
			if r.URL.Path != "/calls/12" {
				return recording.Call{}, fs.ErrNotExist
			}
			call := athens(t, "2026-11-25 10:15:25 +0200")
			if r.URL.Query().Has("other") {
				call.ID, call.Uniqueids, call.Numbers = "other", nil, nil
			}
			return call, nil
		},
		Allow: func(r *http.Request, _ recording.Call) error {
			if r.Header.Get("Please") == "" {
				return errors.New("he did not say please")
			}
			return nil
		},
		Audit: func(_ context.Context, entry recording.Access) { *audit = append(*audit, entry) },
	}
}

func TestHandler(t *testing.T) {
	var audit []recording.Access
	h := handler(t, &audit)
	ask := func(method, path string, headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, nil)
		r.Header.Set("Please", "yes")
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	whole := ask(http.MethodGet, "/calls/12")
	tag := whole.Header().Get("Etag")
	for _, c := range []struct {
		name   string
		got    *httptest.ResponseRecorder
		status int
		body   string
	}{
		{"whole", whole, 200, "0123456789"},
		{"head", ask(http.MethodHead, "/calls/12"), 200, ""},
		{"range", ask(http.MethodGet, "/calls/12", "Range", "bytes=3-5"), 206, "345"},
		{"to the end", ask(http.MethodGet, "/calls/12", "Range", "bytes=7-"), 206, "789"},
		{"the last two", ask(http.MethodGet, "/calls/12", "Range", "bytes=-2"), 206, "89"},
		{"behind the end", ask(http.MethodGet, "/calls/12", "Range", "bytes=10-"), 416, "-"},
		{"range of the same file", ask(http.MethodGet, "/calls/12", "Range", "bytes=3-5", "If-Range", tag), 206, "345"},
		{"range of another file", ask(http.MethodGet, "/calls/12", "Range", "bytes=3-5", "If-Range", `"x"`), 200, "0123456789"},
		{"not changed", ask(http.MethodGet, "/calls/12", "If-None-Match", tag), 304, ""},
		{"no such call", ask(http.MethodGet, "/calls/13"), 404, "-"},
		{"no recording", ask(http.MethodGet, "/calls/12?other"), 404, "-"},
		{"not allowed", ask(http.MethodGet, "/calls/12", "Please", ""), 404, "-"},
		{"no such call, and not allowed", ask(http.MethodGet, "/calls/13", "Please", ""), 404, "-"},
		{"to write", ask(http.MethodPut, "/calls/12"), 405, "-"},
	} {
		if c.got.Code != c.status || c.body != "-" && c.got.Body.String() != c.body {
			t.Errorf("%s: %d %q, want %d %q", c.name, c.got.Code, c.got.Body, c.status, c.body)
		}
		if entry := audit[0]; entry.Status != c.status || entry.Bytes != int64(c.got.Body.Len()) || (c.status/100 == 4 && c.status < 405) != (entry.Err != nil) {
			t.Errorf("%s: audited as %+v", c.name, entry)
		}
		audit = audit[1:]
	}
	want := map[string]string{
		"Content-Type": "audio/wav", "Content-Length": "10", "Accept-Ranges": "bytes", "X-Content-Type-Options": "nosniff",
		"Content-Disposition": `inline; filename=in-2101234567-101-20261125-101530-1764060000.12.wav`,
	}
	for key, value := range want {
		if got := whole.Header().Get(key); got != value {
			t.Errorf("%s is %q, want %q", key, got, value)
		}
	}
	if !strings.HasPrefix(tag, `"`) {
		t.Errorf("ETag %s", tag)
	}
	h.Allow = nil
	for _, path := range []string{"/calls/12", "/calls/13"} {
		if got := ask(http.MethodGet, path); got.Code != http.StatusForbidden {
			t.Errorf("%s: without Allow the status is %d", path, got.Code)
		}
	}
}

// Who may not hear a call cannot tell it from one that there is not; the audit can.
func TestHandlerHidesCalls(t *testing.T) {
	var audit []recording.Access
	h := handler(t, &audit)
	refused, unknown := httptest.NewRecorder(), httptest.NewRecorder()
	h.ServeHTTP(refused, httptest.NewRequest(http.MethodGet, "/calls/12", nil))
	h.ServeHTTP(unknown, httptest.NewRequest(http.MethodGet, "/calls/13", nil))
	if refused.Code != unknown.Code || refused.Body.String() != unknown.Body.String() || !maps.EqualFunc(refused.Header(), unknown.Header(), slices.Equal) {
		t.Errorf("refused: %d %q %v; unknown: %d %q %v", refused.Code, refused.Body, refused.Header(), unknown.Code, unknown.Body, unknown.Header())
	}
	if !errors.Is(audit[0].Err, fs.ErrPermission) || audit[0].CallID == "" || !errors.Is(audit[1].Err, fs.ErrNotExist) {
		t.Errorf("audit %+v", audit)
	}
}

// Two customers are in one queue at one time, and only the other one's call was recorded. Who may hear the first call gets nothing of the
// second; Find still tells of it.
func TestHandlerServesNoOtherCall(t *testing.T) {
	const others = "2026/11/25/q-200-2105550002-20261125-101600-1795.2.wav"
	store, _ := shelf(t, others)
	at := time.Date(2026, 11, 25, 10, 15, 0, 0, time.UTC)
	call := recording.Call{
		ID: "1795.1", Numbers: []string{"2105550001", "200", "101"}, Uniqueids: []string{"1795.1"}, Started: at, Ended: at.Add(5 * time.Minute),
	}
	finder := &recording.Finder{Store: store, Zone: time.UTC}
	h := &recording.Handler{
		Finder: finder,
		Call:   func(*http.Request) (recording.Call, error) { return call, nil },
		Allow: func(_ *http.Request, asked recording.Call) error {
			if asked.ID != call.ID {
				return errors.New("only his own")
			}
			return nil
		},
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if w.Code != http.StatusNotFound {
		t.Errorf("%d %q", w.Code, w.Body)
	}
	if _, err := finder.Open(t.Context(), call); !errors.Is(err, recording.ErrNoRecording) {
		t.Errorf("Open: %v, want ErrNoRecording", err)
	}
	found, err := finder.Find(t.Context(), call)
	check(t, err)
	if len(found) != 1 || found[0].Name != others || found[0].Certain() {
		t.Errorf("found %+v", found)
	}
	call.Recordings = []recording.Named{{Files: []string{others}}}
	file, err := finder.Open(t.Context(), call)
	if err != nil || !file.Certain() {
		t.Fatalf("Open of what Asterisk has named: %+v, %v", file, err)
	}
	check(t, file.Close())
}

// away is a store that cannot be reached.
type away struct{ recording.Store }

func (away) Stat(context.Context, string) (recording.Info, error) {
	return recording.Info{}, &recording.StoreError{Store: "sftp secret.host:22", Op: "connect", Err: recording.ErrConnection}
}

// What went wrong is for the audit, not for the client.
func TestHandlerSaysLittle(t *testing.T) {
	var audit []recording.Access
	h := handler(t, &audit)
	h.Finder = &recording.Finder{Store: away{h.Finder.Store}, Zone: h.Finder.Zone}
	server := httptest.NewServer(h)
	defer server.Close()
	r, err := http.NewRequest(http.MethodGet, server.URL+"/calls/12", nil)
	check(t, err)
	r.Header.Set("Please", "yes")
	answer, err := server.Client().Do(r)
	check(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	check(t, err)
	if answer.StatusCode != http.StatusServiceUnavailable || strings.Contains(string(body), "secret") || answer.Header.Get("Retry-After") == "" {
		t.Errorf("%d %q", answer.StatusCode, body)
	}
	server.Close() // the handler has ended
	if len(audit) != 1 || !errors.Is(audit[0].Err, recording.ErrConnection) {
		t.Errorf("audit %+v", audit)
	}
}
