package ari_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// What is really wrong with a real Asterisk is found, with the lines that put it right.
func TestDoctor(t *testing.T) {
	t.Parallel()
	a := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{
		"ari.conf":     "[watcher]\ntype = user\npassword = " + asterisktest.Secret + "\nread_only = yes\n",
		"modules.conf": "noload = res_stasis_snoop.so\nnoload = codec_g722.so\nnoload = format_sln.so\n",
	}})
	client := clientOf(a)
	t.Cleanup(func() { client.Close() })
	report := get[*ari.Report](t)((&ari.Doctor{Client: client, Languages: []string{"en", "xx"}, Formats: []string{"ulaw", "g722", "sln", "none"}}).Examine(within(t)))
	if !strings.Contains(report.Version, a.Version) {
		t.Errorf("version: %q", report.Version)
	}
	wants := map[string]string{
		"res_stasis_snoop.so": "modules.conf: load = res_stasis_snoop.so", "codec_g722.so": "modules.conf: load = codec_g722.so",
		"format_sln.so": "modules.conf: load = format_sln.so", `language "xx"`: "sounds/xx",
		"cannot be converted: a play to a channel of g722 fails": "--enable CORE-SOUNDS-EN-G722 menuselect.makeopts",
	}
	notes := strings.Join(report.Notes, "\n")
	if !strings.Contains(notes, "only there as gsm: each play to a channel of ulaw converts them") {
		t.Errorf("notes: %s", notes)
	}
	if is16(a) {
		if !strings.Contains(notes, "websocket_write_timeout = 5000") {
			t.Errorf("notes: %s", notes)
		}
	} else {
		wants["does not read for 100ms"] = "websocket_write_timeout = 5000"
		if !strings.Contains(notes, "password_format = crypt") {
			t.Errorf("notes: %s", notes)
		}
	}
	for problem, remedy := range wants {
		if !slices.ContainsFunc(report.Findings, func(f ari.Finding) bool {
			return strings.Contains(f.Problem, problem) && strings.Contains(f.Remedy, remedy)
		}) {
			t.Errorf("not found: %s", problem)
		}
	}
	if len(report.Findings) != len(wants) || !strings.Contains(notes, "none") || strings.Contains(notes, asterisktest.Secret) {
		t.Errorf("findings %+v, notes %s", report.Findings, notes)
	}
	if slices.Contains(report.Lacks, "bridges.setBridgeVar") != is16(a) || slices.Contains(report.Lacks, "channels.list") {
		t.Errorf("lacks %v", report.Lacks)
	}

	watcher := clientOf(a)
	watcher.Username = "watcher"
	t.Cleanup(func() { watcher.Close() })
	findings, err := watcher.Diagnose(within(t))
	if err != nil || !slices.ContainsFunc(findings, func(f ari.Finding) bool { return f.Remedy == "ari.conf: read_only = no" }) {
		t.Errorf("of one who may only read: %+v %v", findings, err)
	}
}

// late is an Asterisk whose clock is an hour slow.
type late struct{ http.RoundTripper }

func (l late) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.RoundTripper.RoundTrip(r)
	if err != nil || !strings.HasSuffix(r.URL.Path, "/ping") {
		return resp, err
	}
	defer resp.Body.Close()
	now := time.Now().Add(-time.Hour).Format("2006-01-02T15:04:05.000-0700")
	resp.Body = io.NopCloser(bytes.NewBufferString(`{"ping":"pong","timestamp":"` + now + `","asterisk_id":"x"}`))
	return resp, nil
}

func TestDoctorClock(t *testing.T) {
	t.Parallel()
	_, client := asterisk(t, asterisktest.Config{})
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	slow := &ari.Client{URL: client.URL, Username: client.Username, Password: client.Password, Transport: late{transport}}
	findings, err := slow.Diagnose(within(t))
	if err != nil || len(findings) != 1 || !strings.Contains(findings[0].Problem, "-1h0m") && !strings.Contains(findings[0].Problem, "-59m") {
		t.Errorf("findings %+v %v", findings, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if report, err := (&ari.Doctor{Client: client}).Examine(ctx); err == nil || report != nil {
		t.Errorf("without an answer: %v %v", report, err)
	}
}

func TestOperationIn(t *testing.T) {
	op := ari.Operation{Since: "20.17.0, 22.7.0, 23.1.0"}
	for version, want := range map[string]bool{
		"16.28.0~dfsg-0+deb11u4": false, "20.16.9": false, "20.17.0": true, "21.12.0": false, "22.6.3": false, "22.10.1+dfsg": true,
		"23.0.0": false, "23.1.0-rc1": true, "24.0.0": true, "GIT-master": true,
	} {
		if op.In(version) != want {
			t.Errorf("%s: %v", version, !want)
		}
	}
}
