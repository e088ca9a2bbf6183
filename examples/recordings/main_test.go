package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/internal/sshd"
	"github.com/asterism-go/asterism/internal/vsftpd"
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

// place is where recordings lie: the folder, how the configuration has it, and how what is there is altered.
type place struct {
	dir, yaml string
	alter     func(d *desk, name string)
}

// alterFile writes something else into the archive.
func alterFile(d *desk, name string) {
	d.write(filepath.Join(d.kept, filepath.FromSlash(name)), []byte("something else"))
}

func onDisk(t *testing.T) place {
	dir := t.TempDir()
	return place{dir, "{disk: " + dir + "}", alterFile}
}

func onSFTP(t *testing.T) place {
	server := sshd.Start(t, sshd.Config{})
	dir, files := server.Folder(t, "monitor"), t.TempDir()
	for file, text := range map[string][]byte{"key": server.Key, "known_hosts": []byte(server.KnownHosts())} {
		if err := os.WriteFile(filepath.Join(files, file), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return place{dir, fmt.Sprintf("{sftp: {address: %q, user: %s, key: %s/key, known_hosts: [%s/known_hosts], root: %q}}", server.Addr, sshd.User, files, files, dir), alterFile}
}

// certificate is one for this machine, and its key, in PEM.
func certificate(t *testing.T) (cert, key []byte) {
	t.Helper()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	private, err := x509.MarshalPKCS8PrivateKey(server.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
}

// trust writes files beside the configuration: the certificate to trust and a secret.
func trust(t *testing.T, cert []byte, secret string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for file, text := range map[string]string{"ca.pem": string(cert), "secret": secret + "\n"} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func onFTPS(t *testing.T) place {
	cert, key := certificate(t)
	server := vsftpd.Start(t, vsftpd.Config{Certificate: cert, Key: key})
	dir, files := server.Folder(t, "monitor"), trust(t, cert, vsftpd.Password)
	return place{dir, fmt.Sprintf("{ftp: {address: %q, user: %s, password_file: %s/secret, tls: explicit, ca: %s/ca.pem, root: %q}}",
		server.Addr, vsftpd.User, files, files, dir), alterFile}
}

// onS3 is a bucket in this process, whose secret is in the environment.
func onS3(t *testing.T) place {
	backend := s3mem.New()
	if err := backend.CreateBucket("archive"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(gofakes3.New(backend).Server())
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // it writes headers twice
	server.StartTLS()
	t.Cleanup(server.Close)
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	t.Setenv("RECORDINGS_TEST_S3", "secret")
	return place{t.TempDir(), fmt.Sprintf("{s3: {endpoint: %q, bucket: archive, prefix: pbx1, region: us-east-1, access_key: id, "+
		"secret_key_env: RECORDINGS_TEST_S3, ca: %s/ca.pem}}", strings.TrimPrefix(server.URL, "https://"), trust(t, cert, "")), func(d *desk, name string) {
		text := "something else"
		if _, err := backend.PutObject("archive", "pbx1/"+name, map[string]string{}, strings.NewReader(text), int64(len(text)), nil); err != nil {
			d.t.Fatal(err)
		}
	}}
}

// desk is a configuration, and what the program does with it.
type desk struct {
	t      *testing.T
	source string // the folder
	kept   string
	config string
	alter  func(d *desk, name string)
}

func openDesk(t *testing.T, source, kept place) *desk {
	t.Helper()
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, source: source.dir, kept: kept.dir, config: filepath.Join(t.TempDir(), "recordings.yaml"), alter: kept.alter}
	files := t.TempDir()
	d.write(filepath.Join(files, "identity"), []byte(identity.String()))
	d.write(filepath.Join(files, "seal"), []byte("a secret of the tests, of 32 bytes"))
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

// TestRecordings does all that there is to do, with recordings on this machine and with such on another.
func TestRecordings(t *testing.T) {
	for where, places := range map[string][2]func(*testing.T) place{
		"disk": {onDisk, onDisk}, "SFTP": {onSFTP, onSFTP}, "FTPS to S3": {onFTPS, onS3},
	} {
		t.Run(where, func(t *testing.T) {
			d := openDesk(t, places[0](t), places[1](t))
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
			d.alter(d, "data/"+name+".age")
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
	above := t.TempDir()
	dir := filepath.Join(above, "source")
	err := errors.Join(os.MkdirAll(filepath.Join(dir, "kept", "deeper"), 0o755), os.Mkdir(filepath.Join(above, "other"), 0o755),
		os.Symlink(dir, filepath.Join(above, "link")), os.WriteFile(filepath.Join(dir, "empty"), nil, 0o600),
		os.WriteFile(filepath.Join(dir, "short"), []byte("a secret of the tests"), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"sauce: {}\n":                                 `F:1:1: unknown field "sauce"`,
		"source:\n  disk: D\n  scp: x\n":              `F:3:3: unknown field "scp"`,
		"source:\n  disk: D\nsource:\n  disk: D\n":    `F:3:1: mapping key "source" already defined at [1:1]`,
		"http: 127.0.0.1:0\n":                         `F:1:1: needs one of disk, sftp, ftp, s3 and ari`,
		"source: {disk: D, sftp: {address: x}}\n":     `F:1:10: needs one of disk, sftp, ftp, s3 and ari`,
		"source: {disk: D}\nhttp: 0.0.0.0:80\n":       `F:2:7: is not an address of this machine, as 127.0.0.1:8085: the player asks nobody who he is`,
		"source: {disk: D}\nhttp: 8085\n":             `F:2:7: is not an address of this machine, as 127.0.0.1:8085: the player asks nobody who he is`,
		"source: {disk: D}\narchive:\n  keep: soon\n": `F:3:9: "soon" is not a duration: want one such as "1m30s"`,
		"source: {disk: D}\narchive:\n  store: {disk: D}\n  recipients:\n    - age1x\n":                            `F:5:7: is not a recipient of age, as in age1...`,
		"source: {disk: D}\narchive:\n  store: {disk: D}\n  identity: D/none\n":                                    `F:4:13: D/none cannot be read as identities of age`,
		"source: {disk: D}\narchive:\n  store: {disk: D}\n  seal: D/none\n":                                        `F:4:9: open D/none: no such file or directory`,
		"source: {disk: D}\narchive:\n  store: {disk: D/kept}\n  seal: D/short\n":                                  `F:4:9: D/short has 21 bytes: needs a secret of at least 32`,
		"source: {disk: D}\narchive:\n  store: {disk: D/kept}\n  seal: D/empty\n":                                  `F:4:9: D/empty has 0 bytes: needs a secret of at least 32`,
		"source: {disk: D}\narchive:\n  store: {disk: D}\n":                                                        `F:3:17: D and the source D are one folder, or one lies in the other`,
		"source: {disk: D}\narchive:\n  store: {disk: D/kept}\n":                                                   `F:3:17: D/kept and the source D are one folder, or one lies in the other`,
		"source: {disk: D/kept}\narchive:\n  store: {disk: D}\n":                                                   `F:3:17: D and the source D/kept are one folder, or one lies in the other`,
		"source: {disk: D}\narchive:\n  store: {disk: D/../link/kept/deeper}\n":                                    `F:3:17: D/../link/kept/deeper and the source D are one folder, or one lies in the other`,
		"source: {ftp: {address: x, user: y}}\n":                                                                   `F:1:10: tls must be explicit, implicit or none`,
		"source: {ftp: {address: x, user: y, tls: none, password_file: D/empty}}\n":                                `F:1:10: D/empty is empty`,
		"source: {ftp: {address: x, user: y, tls: none, password_file: D/empty, password_env: X}}\n":               `F:1:10: a secret is either in the environment or in a file`,
		"source: {ftp: {address: x, user: y, tls: none, ca: D/empty}}\n":                                           `F:1:10: D/empty has no certificate`,
		"source: {s3: {endpoint: x, bucket: y, secret_key_env: NO_SUCH_VARIABLE}}\n":                               `F:1:10: the environment has no NO_SUCH_VARIABLE`,
		"source: {s3: {endpoint: x, bucket: y}}\narchive:\n  store: {s3: {endpoint: x, bucket: y, prefix: /a/}}\n": `F:3:11: and the source are one folder of s3 x/y, or one lies in the other`,
		"source: {ari: {url: x, password_file: D/none}}\n":                                                         `F:1:10: open D/none: no such file or directory`,
		"source: {disk: D}\narchive:\n  store: {disk: D/../other}\n  ami: {address: x, secret_file: D/none}\n":     `F:4:9: open D/none: no such file or directory`,
		"source: {sftp: {address: x, user: y, key: D/none}}\n":                                                     `F:1:10: open D/none: no such file or directory`,
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
