package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/internal/sshd"
	"github.com/asterism-go/asterism/internal/yamlfile"
	"github.com/asterism-go/asterism/recording/sound"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const name = "2026/11/25/in-2101234567-101-20261125-141530-1795607252.1.ulaw"

// call is two seconds of a tone in G.711.
func call() []byte {
	b := make([]byte, 16000)
	for i := range b {
		b[i] = 0xFF
		if math.Sin(2*math.Pi*425*float64(i)/8000) > 0 {
			b[i] = 0x9F
		}
	}
	return b
}

// place is where recordings lie: the folder, and how the configuration has it.
type place struct{ dir, yaml string }

func onDisk(t *testing.T) place {
	dir := t.TempDir()
	return place{dir, "{disk: " + dir + "}"}
}

func onSFTP(t *testing.T) place {
	server := sshd.Start(t, sshd.Config{})
	dir, files := server.Folder(t, "monitor"), t.TempDir()
	for file, text := range map[string][]byte{"key": server.Key, "known_hosts": []byte(server.KnownHosts())} {
		if err := os.WriteFile(filepath.Join(files, file), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return place{dir, fmt.Sprintf("{sftp: {address: %q, user: %s, key: %s/key, known_hosts: [%s/known_hosts], root: %q}}", server.Addr, sshd.User, files, files, dir)}
}

// desk is a configuration, and what the program does with it.
type desk struct {
	t      *testing.T
	source string // the folder
	kept   string
	config string
}

func openDesk(t *testing.T, source, kept place) *desk {
	t.Helper()
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, source: source.dir, kept: kept.dir, config: filepath.Join(t.TempDir(), "recordings.yaml")}
	files := t.TempDir()
	d.write(filepath.Join(files, "identity"), []byte(identity.String()))
	d.write(filepath.Join(files, "seal"), []byte("a secret of the tests"))
	d.write(d.config, fmt.Appendf(nil, "source: %s\nhttp: 127.0.0.1:0\narchive: {store: %s, recipients: [%s], identity: %s/identity, seal: %s/seal, keep: 24h}\n",
		source.yaml, kept.yaml, identity.Recipient(), files, files))
	return d
}

func (d *desk) write(path string, content []byte) {
	d.t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		d.t.Fatal(err)
	}
	if !strings.HasPrefix(path, d.source) {
		return
	}
	// the server runs as another user, who must be able to delete
	for at, mode := path, os.FileMode(0o644); at != d.source; at, mode = filepath.Dir(at), 0o777 {
		if err := os.Chmod(at, mode); err != nil {
			d.t.Fatal(err)
		}
	}
}

// record puts a recording there that was made an hour ago.
func (d *desk) record(content []byte) {
	d.t.Helper()
	path := filepath.Join(d.source, name)
	d.write(path, content)
	hour := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, hour, hour); err != nil {
		d.t.Fatal(err)
	}
}

// run runs the program and returns what it prints.
func (d *desk) run(args ...string) (string, error) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), time.Minute)
	defer cancel()
	var out bytes.Buffer
	err := run(ctx, append([]string{"-config", d.config}, args...), &out)
	return out.String(), err
}

// prints runs the program, which must print something.
func (d *desk) prints(pattern string, args ...string) {
	d.t.Helper()
	out, err := d.run(args...)
	if err != nil || !regexp.MustCompile(pattern).MatchString(out) {
		d.t.Errorf("%s: %v, %q does not match %q", args, err, out, pattern)
	}
}

// TestRecordings does all that there is to do, with recordings on this machine and with such on another, over SFTP.
func TestRecordings(t *testing.T) {
	for where, place := range map[string]func(*testing.T) place{"disk": onDisk, "SFTP": onSFTP} {
		t.Run(where, func(t *testing.T) {
			d := openDesk(t, place(t), place(t))
			d.record(call())
			d.prints(`^\S+ \S+ +16000  `+regexp.QuoteMeta(name)+"\n$", "find", "-on", "2026-11-25", "2101234567")
			d.prints(`^$`, "find", "-on", "2026-11-25", "999")
			d.prints(`^$`, "find", "-on", "2026-11-24")
			d.write(d.config+".call", []byte(`{"id": "1795607252.1", "direction": "inbound", "started": 1795607720, "ended": 1795607800,
				"legs": [{"uniqueid": "1795607252.1", "number": "2101234567"}]}`))
			d.prints(`^ *\d+ +16000  `+regexp.QuoteMeta(name)+`  \(.*unique id.*\)\n$`, "find", "-call", d.config+".call")
			d.get("the source")
			d.play(t.Context(), "G.711 mu-law, 2s")
			d.prints(`^archived  `+regexp.QuoteMeta(name)+`  16000 bytes  SHA-256 [0-9a-f]{64}\n$`, "archive")
			if _, err := os.Stat(filepath.Join(d.source, name)); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the source is there: %v", err)
			}
			d.prints(`^1 recordings, 16\d\d\d bytes, 0 deletions proven, 0 findings\n$`, "verify")
			d.get("the archive")
			d.play(t.Context(), "G.711 mu-law, 2s")
			d.write(filepath.Join(d.kept, "data", name+".age"), []byte("something else"))
			if out, err := d.run("verify"); err == nil || !strings.HasPrefix(out, "altered: data/"+name+".age: ") {
				t.Errorf("%v, %q", err, out)
			}
			d.write(filepath.Join(d.source, "2026/11/25/now.wav"), nil)
			d.prints(`^not yet   2026/11/25/now.wav\n$`, "archive")
		})
	}
}

// get fetches the recording.
func (d *desk) get(from string) {
	d.t.Helper()
	dir := d.t.TempDir()
	to := filepath.Join(dir, "call.ulaw")
	d.prints(`(?s)\r`+regexp.QuoteMeta(name)+`  \[={40}\] 100 %\n16000 bytes, SHA-256 [0-9a-f]{64}\n$`, "get", name, to)
	if got, err := os.ReadFile(to); err != nil || !bytes.Equal(got, call()) {
		d.t.Errorf("%s: %d bytes, %v", from, len(got), err)
	}
	if all, err := os.ReadDir(dir); err != nil || len(all) != 1 {
		d.t.Errorf("%v, %v", all, err)
	}
}

// play fetches what the page loads.
func (d *desk) play(ctx context.Context, says string) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, []string{"-config", d.config, "play", name}, in)
		in.CloseWithError(err)
		ended <- err
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		d.t.Fatal(err)
	}
	b := &browser{t: d.t, base: strings.TrimSpace(line)}
	page := b.get("", "text/html; charset=utf-8")
	if !strings.Contains(page, says) || !strings.Contains(page, "<h1>"+name+"</h1>") {
		d.t.Errorf("the page is %s", page)
	}
	if found := regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(page, -1); len(found) != 4 {
		d.t.Errorf("the page loads %q", found)
	} else {
		for _, ref := range found {
			b.get(strings.TrimPrefix(ref[1], "/"), "")
		}
	}
	wav := b.get("sound.wav", "audio/wav")
	if info, err := sound.Inspect(strings.NewReader(wav), "sound.wav", int64(len(wav))); err != nil || info.Encoding != sound.PCM16 || info.Duration() != 2*time.Second {
		d.t.Errorf("%+v, %v", info, err)
	}
	if part := b.get("sound.wav", "audio/wav", "Range", "bytes=1001-2000"); part != wav[1001:2001] {
		d.t.Errorf("a part of %d bytes is another one", len(part))
	}
	var peaks sound.Peaks
	if err := json.Unmarshal([]byte(b.get("peaks.json", "application/json")), &peaks); err != nil || peaks.Length < 600 {
		d.t.Errorf("%d peaks, %v", peaks.Length, err)
	}
	if err := xml.Unmarshal([]byte(b.get("waveform.svg", "image/svg+xml")), new(struct{})); err != nil {
		d.t.Error(err)
	}
	b.refuses()
	cancel()
	if err := <-ended; err != nil {
		d.t.Error(err)
	}
	http.DefaultClient.CloseIdleConnections()
}

type browser struct {
	t    *testing.T
	base string
}

// reply is an answer that was read.
type reply struct {
	status int
	header http.Header
	text   string
}

func (b *browser) do(path string, header ...string) reply {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.base+path, http.NoBody)
	if err != nil {
		b.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	if host := request.Header.Get("Host"); host != "" {
		request.Host = host
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return reply{answer.StatusCode, answer.Header, string(text)}
}

func (b *browser) get(path, kind string, header ...string) string {
	b.t.Helper()
	r := b.do(path, header...)
	if r.status/100 != 2 || kind != "" && r.header.Get("Content-Type") != kind || r.header.Get("Content-Security-Policy") != policy {
		b.t.Errorf("%s: %d, %v", path, r.status, r.header)
	}
	if regexp.MustCompile(`(?i)(src|href|url|import|fetch)[=(: "']+(https?:)?//`).MatchString(r.text) {
		b.t.Errorf("%s loads something from outside", path)
	}
	return r.text
}

// refuses asks for what is not there, and under a name that is another's.
func (b *browser) refuses() {
	b.t.Helper()
	for _, path := range []string{"page/index.html", "../main.go", "..%2fmain.go", "sound.wav?channel=1", "recordings.yaml"} {
		if r := b.do(path); r.status != http.StatusNotFound {
			b.t.Errorf("%s: %d", path, r.status)
		}
	}
	if r := b.do("", "Host", "evil.example"); r.status != http.StatusMisdirectedRequest {
		b.t.Errorf("another host: %d", r.status)
	}
}

// TestHostileNames reach nothing but recordings.
func TestHostileNames(t *testing.T) {
	d := openDesk(t, onDisk(t), onDisk(t))
	d.write(filepath.Join(d.source, "..", "secret"), []byte("secret"))
	for _, bad := range []string{"../secret", "/etc/passwd", "a/../../secret", "", "a\x00b", "nothing.wav"} {
		for _, args := range [][]string{{"get", bad, filepath.Join(t.TempDir(), "x")}, {"play", bad}} {
			if out, err := d.run(args...); err == nil || out != "" {
				t.Errorf("%q: %v, %q", args, err, out)
			}
		}
	}
}

// TestConfig has what is wrong in files, and where.
func TestConfig(t *testing.T) {
	dir := t.TempDir()
	for text, want := range map[string]string{
		"sauce: {}\n":                                 `F:1:1: unknown field "sauce"`,
		"source:\n  disk: D\n  ftp: x\n":              `F:3:3: unknown field "ftp"`,
		"source:\n  disk: D\nsource:\n  disk: D\n":    `F:3:1: mapping key "source" already defined at [1:1]`,
		"http: 127.0.0.1:0\n":                         `F:1:1: needs either disk or sftp`,
		"source: {disk: D, sftp: {address: x}}\n":     `F:1:10: needs either disk or sftp`,
		"source: {disk: D}\nhttp: 0.0.0.0:80\n":       `F:2:7: is not an address of this machine, as 127.0.0.1:8085: the player asks nobody who he is`,
		"source: {disk: D}\nhttp: 8085\n":             `F:2:7: is not an address of this machine, as 127.0.0.1:8085: the player asks nobody who he is`,
		"source: {disk: D}\narchive:\n  keep: soon\n": `F:3:9: "soon" is not a duration: want one such as "1m30s"`,
		"source: {disk: D}\narchive:\n  store: {disk: D}\n  recipients:\n    - age1x\n": `F:5:7: is not a recipient of age, as in age1...`,
		"source: {disk: D}\narchive:\n  store: {disk: D}\n  identity: D/none\n":         `F:4:13: D/none cannot be read as identities of age`,
		"source: {disk: D}\narchive:\n  store: {disk: D}\n  seal: D/none\n":             `F:4:9: open D/none: no such file or directory`,
		"source: {sftp: {address: x, user: y, key: D/none}}\n":                          `F:1:10: open D/none: no such file or directory`,
	} {
		file := filepath.Join(dir, "recordings.yaml")
		if err := os.WriteFile(file, []byte(strings.ReplaceAll(text, " D", " "+dir)), 0o600); err != nil {
			t.Fatal(err)
		}
		err := run(t.Context(), []string{"-config", file, "verify"}, io.Discard)
		if err == nil {
			t.Errorf("%q is taken", text)
			continue
		}
		if got := strings.ReplaceAll(strings.Replace(err.Error(), file, "F", 1), dir, "D"); got != want {
			t.Errorf("%q: %s", text, got)
		}
	}
	var all config
	if _, err := yamlfile.Read("recordings.yaml", &all); err != nil || all.Source.Disk == "" || time.Duration(all.Archive.Keep) != 90*24*time.Hour {
		t.Errorf("%+v, %v", all, err)
	}
	for _, args := range [][]string{nil, {"dance"}, {"get", "x"}, {"-x"}} {
		if err := run(t.Context(), args, io.Discard); err == nil {
			t.Errorf("%q is taken", args)
		}
	}
}
