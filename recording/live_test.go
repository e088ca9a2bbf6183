package recording_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/callcenter/calls"
	"github.com/asterism-go/asterism/internal/asterisktest"
	"github.com/asterism-go/asterism/internal/sipphone"
	"github.com/asterism-go/asterism/internal/sshd"
	"github.com/asterism-go/asterism/internal/vsftpd"
	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/archive"
	"github.com/asterism-go/asterism/recording/aristore"
	"github.com/asterism-go/asterism/recording/diskstore"
	"github.com/asterism-go/asterism/recording/ftpstore"
	"github.com/asterism-go/asterism/recording/s3store"
	"github.com/asterism-go/asterism/recording/sftpstore"
)

// office is a real Asterisk that records every call as FreePBX does, in a folder of an SSH server, and once more where ARI looks.
func office(t *testing.T, folder string) (*asterisktest.Asterisk, []*sipphone.Phone) {
	t.Helper()
	var pjsip strings.Builder
	for _, number := range []string{"101", "102"} {
		fmt.Fprintf(&pjsip, "[%[1]s]\ntype = endpoint\ncontext = default\ndisallow = all\nallow = ulaw\ndirect_media = no\n"+
			"callerid = \"Desk %[1]s\" <%[1]s>\nauth = %[1]s\naors = %[1]s\n[%[1]s]\ntype = auth\nauth_type = userpass\nusername = %[1]s\n"+
			"password = pw%[1]s\n[%[1]s]\ntype = aor\nmax_contacts = 1\nremove_existing = yes\n", number)
	}
	pbx := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{
		"pjsip.conf": pjsip.String(),
		"extensions.conf": `[default]
exten => _10X,1,Set(FILE=exten-${EXTEN}-${CALLERID(num)}-${STRFTIME(${EPOCH},,%Y%m%d-%H%M%S)}-${UNIQUEID}.wav)
 same => n,MixMonitor(` + folder + `/${STRFTIME(${EPOCH},,%Y/%m/%d)}/${FILE})
 same => n,MixMonitor(${ASTSPOOLDIR}/recording/${FILE})
 same => n,Dial(PJSIP/${EXTEN},60)
`,
	}})
	var phones []*sipphone.Phone
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	t.Cleanup(cancel)
	for i, number := range []string{"101", "102"} {
		phone, err := sipphone.New(ctx, sipphone.Config{
			Server: pbx.SIP, User: number, Password: "pw" + number, Tone: sipphone.Frequencies()[i],
			OnInvite: func(c *sipphone.Call) {
				if c.Ring(ctx) == nil && c.Answer(ctx) == nil {
					<-c.Done()
				}
			},
		})
		check(t, err)
		t.Cleanup(func() { phone.Close() })
		phones = append(phones, phone)
	}
	return pbx, phones
}

// talk makes the phones talk until they hear each other, and tells the call as callcenter/calls tells it to the world.
func talk(t *testing.T, pbx *asterisktest.Asterisk, phones []*sipphone.Phone) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	client := &ami.Client{Addr: pbx.AMI.String(), Username: asterisktest.Username, Secret: asterisktest.Secret}
	check(t, client.Connect(ctx))
	defer client.Close()
	cfg, _, err := calls.Discover(ctx, client)
	check(t, err)
	changes := calls.Follow(ctx, client, calls.NewTracker(cfg))
	call, err := phones[0].Dial(ctx, "102")
	check(t, err)
	check(t, call.WaitAnswered(ctx))
	check(t, call.WaitHears(ctx, sipphone.Frequencies()[1]))
	time.AfterFunc(2*time.Second, func() { _ = call.Hangup(ctx) }) // so long they talk; more does no harm
	for change, err := range changes {
		check(t, err)
		if change.Kind == calls.Ended {
			text, err := json.Marshal(change.Call)
			check(t, err)
			return text
		}
	}
	t.Fatal("the call has no end")
	return nil
}

// secure is a server with a certificate, and a pool that trusts it.
func secure(t *testing.T, handler http.Handler) (server *httptest.Server, trusted *x509.CertPool) {
	t.Helper()
	server = httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // gofakes3 writes headers twice
	server.StartTLS()
	t.Cleanup(server.Close)
	trusted = x509.NewCertPool()
	trusted.AddCert(server.Certificate())
	return server, trusted
}

// ftps is a vsftpd that demands TLS, and the reuse of its sessions, and a store of the folder there.
func ftps(t *testing.T, folder string) recording.Store {
	t.Helper()
	web, trusted := secure(t, http.NotFoundHandler()) // for its certificate
	key, err := x509.MarshalPKCS8PrivateKey(web.TLS.Certificates[0].PrivateKey)
	check(t, err)
	server := vsftpd.Start(t, vsftpd.Config{
		Certificate: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw}),
		Key:         pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}),
	})
	store, err := ftpstore.New(ftpstore.Config{
		Addr: server.Addr.String(), User: vsftpd.User, Password: vsftpd.Password, TLS: ftpstore.Explicit,
		Config: &tls.Config{RootCAs: trusted}, Root: folder,
	})
	check(t, err)
	return store
}

// bucket is an S3 in this process, with what is in another store.
func bucket(t *testing.T, from recording.Store) recording.Store {
	t.Helper()
	backend := s3mem.New()
	check(t, backend.CreateBucket("recordings"))
	server, _ := secure(t, gofakes3.New(backend).Server())
	transport := server.Client().Transport.(*http.Transport)
	t.Cleanup(transport.CloseIdleConnections)
	store, err := s3store.New(s3store.Config{
		Endpoint: strings.TrimPrefix(server.URL, "https://"), Bucket: "recordings", AccessKey: "id", SecretKey: "secret",
		Region: "us-east-1", Transport: transport,
	})
	check(t, err)
	for info, err := range archive.Walk(t.Context(), from, "") {
		check(t, err)
		file := filepath.Join(t.TempDir(), "a.wav")
		fetch(t, recording.Download{Store: from, Name: info.Name, To: file})
		data, err := os.ReadFile(file)
		check(t, err)
		check(t, store.Put(t.Context(), info.Name, bytes.NewReader(data), int64(len(data))))
	}
	return store
}

// Two telephones talk, Asterisk records, and the recording is found by the call's JSON and got from where it lies: this machine's disk,
// by SFTP, FTP and FTPS, over ARI, and from a bucket of S3 that it was copied to. The tones of both are in it.
func TestRealCall(t *testing.T) {
	ssh, ftp := sshd.Start(t, sshd.Config{}), vsftpd.Start(t, vsftpd.Config{})
	folder := ssh.Folder(t, "monitor")
	pbx, phones := office(t, folder)
	text := talk(t, pbx, phones)
	var call recording.Call
	check(t, json.Unmarshal(text, &call))
	if len(call.Recordings) != 2 {
		t.Fatalf("recordings %+v in %s", call.Recordings, text)
	}
	disk, err := diskstore.Open(folder)
	check(t, err)
	hosts := filepath.Join(t.TempDir(), "known_hosts")
	check(t, os.WriteFile(hosts, []byte(ssh.KnownHosts()), 0o600))
	sftp, err := sftpstore.New(sftpstore.Config{
		Addr: ssh.Addr.String(), User: sshd.User, Keys: [][]byte{ssh.Key}, KnownHosts: []string{hosts}, Root: folder,
	})
	check(t, err)
	plain, err := ftpstore.New(ftpstore.Config{Addr: ftp.Addr.String(), User: vsftpd.User, Password: vsftpd.Password, Root: folder})
	check(t, err)
	overARI := aristore.New(&ari.Client{
		URL: "http://" + pbx.HTTP.String() + "/ari", Username: asterisktest.Username, Password: asterisktest.Secret,
	})
	unnamed := call
	unnamed.Recordings = nil
	for name, c := range map[string]struct {
		store recording.Store
		root  string
	}{
		"disk": {disk, folder}, "sftp": {sftp, folder}, "ftp": {plain, folder}, "ftps": {ftps(t, folder), folder},
		"s3": {bucket(t, disk), folder}, "ari": {overARI, filepath.Join(pbx.Dir, "spool", "recording")},
	} {
		t.Run(name, func(t *testing.T) {
			defer c.store.Close()
			finder := &recording.Finder{Store: c.store, Roots: []string{c.root}}
			named, err := finder.Find(t.Context(), call)
			check(t, err)
			if len(named) != 1 || !named[0].Exact {
				t.Fatalf("by what Asterisk has named, found %+v", named)
			}
			guessed, err := finder.Find(t.Context(), unnamed)
			check(t, err)
			if len(guessed) != 1 || guessed[0].Name != named[0].Name || guessed[0].Score < 80 {
				t.Errorf("by its name, found %+v, want %s", guessed, named[0].Name)
			}
			file := filepath.Join(t.TempDir(), "a.wav")
			fetch(t, recording.Download{Store: c.store, Name: named[0].Name, To: file})
			hearsBoth(t, file)
		})
	}
}

// fetch downloads, and waits for Asterisk to finish the file.
func fetch(t *testing.T, d recording.Download) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		_, err := d.Run(ctx)
		if err == nil {
			return
		}
		if !errors.Is(err, recording.ErrLive) && !errors.Is(err, recording.ErrChanged) {
			t.Fatal(err)
		}
		if _, err := os.Lstat(d.To); !errors.Is(err, fs.ErrNotExist) {
			t.Fatalf("a file that is still being recorded is there: %v", err)
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// hearsBoth tells whether the tones of both telephones are in a WAV file of 8 kHz and 16 bits, and a third one is not.
func hearsBoth(t *testing.T, file string) {
	t.Helper()
	data, err := os.ReadFile(file)
	check(t, err)
	if len(data) < 44+8000 || string(data[:4]) != "RIFF" {
		t.Fatalf("%d bytes that begin with %q", len(data), data[:min(len(data), 12)])
	}
	samples := make([]float64, (len(data)-44)/2)
	for i := range samples {
		samples[i] = float64(int16(uint16(data[44+2*i]) | uint16(data[45+2*i])<<8))
	}
	tones := sipphone.Frequencies()
	silence := power(samples, tones[2])
	for _, tone := range tones[:2] {
		if p := power(samples, tone); p < 20*silence {
			t.Errorf("the tone of %v Hz has the power %v, that of nobody %v", tone, p, silence)
		}
	}
}

// power is how much of a tone is in a signal (Goertzel).
func power(samples []float64, frequency float64) float64 {
	k := 2 * math.Cos(2*math.Pi*frequency/8000)
	total := 0.0
	const frame = 400
	for at := 0; at+frame <= len(samples); at += frame {
		var a, b float64
		for _, x := range samples[at : at+frame] {
			a, b = x+k*a-b, a
		}
		total += a*a + b*b - k*a*b
	}
	return total
}
