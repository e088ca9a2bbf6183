package ftpstore_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/internal/vsftpd"
	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/ftpstore"
	"github.com/asterism-go/asterism/recording/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// certificate makes one for loopback, and the pool that trusts it.
func certificate(t *testing.T) (cert, key []byte, pool *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ftp"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	check(t, err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	check(t, err)
	cert = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(cert)
	return cert, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), pool
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var folders atomic.Int64

// freshRoot is an empty folder named root in a folder of its own.
func freshRoot(t *testing.T, server *vsftpd.Server) string {
	t.Helper()
	return server.Folder(t, fmt.Sprintf("test%d", folders.Add(1)), "root")
}

// suite runs the conformance suite with a configuration.
func suite(t *testing.T, server *vsftpd.Server, cfg ftpstore.Config) {
	t.Helper()
	cfg.Addr, cfg.User, cfg.Password = server.Addr.String(), vsftpd.User, vsftpd.Password
	storetest.Run(t, func(t *testing.T) storetest.Subject {
		own := cfg
		own.Root = freshRoot(t, server)
		store, err := ftpstore.New(own)
		check(t, err)
		warm(t, store, own.Root)
		return storetest.Subject{Store: store, Dir: own.Root}
	})
}

// warm makes all connections that there may be, one after the other: the real server without root does not take two logins at
// once (see package rootless).
func warm(t *testing.T, store *ftpstore.Store, root string) {
	t.Helper()
	file := filepath.Join(root, "warm.wav")
	check(t, os.WriteFile(file, []byte("warm"), 0o644))
	var readers []io.ReadCloser
	for range ftpstore.DefaultConnections {
		reader, err := store.Open(t.Context(), "warm.wav", 0, -1)
		check(t, err)
		_, err = io.ReadAll(reader)
		check(t, err)
		readers = append(readers, reader)
	}
	for _, reader := range readers {
		check(t, reader.Close())
	}
	check(t, os.Remove(file))
}

func TestPlain(t *testing.T) { suite(t, vsftpd.Start(t, vsftpd.Config{}), ftpstore.Config{}) }

// The server demands TLS, and that data connections reuse its session.
func TestExplicit(t *testing.T) {
	cert, key, pool := certificate(t)
	server := vsftpd.Start(t, vsftpd.Config{Certificate: cert, Key: key})
	suite(t, server, ftpstore.Config{TLS: ftpstore.Explicit, Config: &tls.Config{RootCAs: pool}})
	for name, c := range map[string]struct {
		cfg  ftpstore.Config
		want error
	}{
		"certificate not trusted": {ftpstore.Config{TLS: ftpstore.Explicit, Password: vsftpd.Password}, ftpstore.ErrCertificate},
		"wrong password": {
			ftpstore.Config{TLS: ftpstore.Explicit, Password: "wrong", Config: &tls.Config{RootCAs: pool}}, recording.ErrAuth,
		},
		"without TLS": {ftpstore.Config{Password: vsftpd.Password}, recording.ErrAuth},
	} {
		t.Run(name, func(t *testing.T) {
			c.cfg.Addr, c.cfg.User = server.Addr.String(), vsftpd.User
			store, err := ftpstore.New(c.cfg)
			check(t, err)
			defer store.Close()
			if _, err := store.Stat(t.Context(), "a.wav"); !errors.Is(err, c.want) || recording.SafeToRetry(err) {
				t.Errorf("error %v, want %v", err, c.want)
			}
		})
	}
}

// With TLS from the first byte on a file goes there and back.
func TestImplicit(t *testing.T) {
	cert, key, pool := certificate(t)
	server := vsftpd.Start(t, vsftpd.Config{Certificate: cert, Key: key, Implicit: true})
	store, err := ftpstore.New(ftpstore.Config{
		Addr: server.Addr.String(), User: vsftpd.User, Password: vsftpd.Password, TLS: ftpstore.Implicit,
		Config: &tls.Config{RootCAs: pool}, Root: freshRoot(t, server),
	})
	check(t, err)
	defer store.Close()
	want := bytes.Repeat([]byte("recording "), 100_000)
	check(t, store.Put(t.Context(), "day/a.wav", bytes.NewReader(want), int64(len(want))))
	reader, err := store.Open(t.Context(), "day/a.wav", 0, -1)
	check(t, err)
	got, err := io.ReadAll(reader)
	check(t, err)
	check(t, reader.Close())
	if !bytes.Equal(got, want) {
		t.Errorf("%d bytes came back of %d", len(got), len(want))
	}
	check(t, store.Delete(t.Context(), "day/a.wav"))
}
