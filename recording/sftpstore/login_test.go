package sftpstore_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/asterism-go/asterism/internal/sshd"
	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/sftpstore"
)

// keyring is an SSH agent on a socket, with the user's key.
func keyring(t *testing.T, server *sshd.Server) (socket string) {
	t.Helper()
	key, err := ssh.ParseRawPrivateKey(server.Key)
	check(t, err)
	ring := agent.NewKeyring()
	check(t, ring.Add(agent.AddedKey{PrivateKey: key}))
	dir, err := os.MkdirTemp("", "agent") //nolint:usetesting // its name is short enough for a socket
	check(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	listener, err := net.Listen("unix", filepath.Join(dir, "s"))
	check(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_ = agent.ServeAgent(ring, c) // ends with the connection
			}()
		}
	}()
	return listener.Addr().String()
}

// locked is the user's key with a passphrase.
func locked(t *testing.T, server *sshd.Server) []byte {
	t.Helper()
	key, err := ssh.ParseRawPrivateKey(server.Key)
	check(t, err)
	block, err := ssh.MarshalPrivateKeyWithPassphrase(key, "", []byte("passphrase"))
	check(t, err)
	return pem.EncodeToMemory(block)
}

// Each way to log in, and what is said if it does not work.
func TestLogin(t *testing.T) {
	server := sshd.Start(t, sshd.Config{Passwords: true})
	_, stranger, err := ed25519.GenerateKey(nil)
	check(t, err)
	block, err := ssh.MarshalPrivateKey(stranger, "")
	check(t, err)
	strangers := pem.EncodeToMemory(block)
	for name, c := range map[string]struct {
		change func(cfg *sftpstore.Config)
		want   error
	}{
		"key":            {func(cfg *sftpstore.Config) { cfg.Keys = [][]byte{server.Key} }, nil},
		"second key":     {func(cfg *sftpstore.Config) { cfg.Keys = [][]byte{strangers, server.Key} }, nil},
		"encrypted key":  {func(cfg *sftpstore.Config) { cfg.Keys, cfg.KeyPassphrase = [][]byte{locked(t, server)}, "passphrase" }, nil},
		"agent":          {func(cfg *sftpstore.Config) { cfg.Agent = keyring(t, server) }, nil},
		"password":       {func(cfg *sftpstore.Config) { cfg.Password = sshd.Password }, nil},
		"wrong password": {func(cfg *sftpstore.Config) { cfg.Password = "wrong-secret" }, recording.ErrAuth},
		"wrong key":      {func(cfg *sftpstore.Config) { cfg.Keys = [][]byte{strangers} }, recording.ErrAuth},
		"wrong user":     {func(cfg *sftpstore.Config) { cfg.User, cfg.Password = "nobody-else", sshd.Password }, recording.ErrAuth},
		"nothing":        {func(*sftpstore.Config) {}, recording.ErrAuth},
		"asked for the password": {func(cfg *sftpstore.Config) {
			cfg.Interactive = func(_ context.Context, _ string, questions []string, echo []bool) ([]string, error) {
				if len(questions) == 0 {
					return nil, nil
				}
				if len(questions) != 1 || echo[0] {
					return nil, fmt.Errorf("asked %q", questions)
				}
				return []string{sshd.Password}, nil
			}
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config(t, server, "")
			cfg.Keys = nil
			c.change(&cfg)
			_, err := open(t, cfg).Stat(t.Context(), "nothing.wav")
			if c.want == nil {
				c.want = os.ErrNotExist // it has looked
			}
			if !errors.Is(err, c.want) || recording.SafeToRetry(err) || strings.Contains(err.Error(), "wrong-secret") {
				t.Errorf("error %v, want %v", err, c.want)
			}
		})
	}
	t.Run("encrypted key without passphrase", func(t *testing.T) {
		cfg := config(t, server, "")
		cfg.Keys = [][]byte{locked(t, server)}
		var missing *ssh.PassphraseMissingError
		if _, err := open(t, cfg).Stat(t.Context(), "a.wav"); !errors.As(err, &missing) {
			t.Errorf("error %v", err)
		}
	})
}

// A server that asks by keyboard-interactive only is answered with the password.
func TestKeyboardInteractive(t *testing.T) {
	server := sshd.Start(t, sshd.Config{Passwords: true, Lines: []string{"AuthenticationMethods keyboard-interactive"}})
	cfg := config(t, server, "")
	cfg.Keys, cfg.Password = nil, sshd.Password
	if _, err := open(t, cfg).Stat(t.Context(), "nothing.wav"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v, want fs.ErrNotExist", err)
	}
}

// By way of another host, whose key is checked too.
func TestJump(t *testing.T) {
	jump, server := sshd.Start(t, sshd.Config{}), sshd.Start(t, sshd.Config{Lines: []string{"AllowTcpForwarding no"}})
	root := freshRoot(t, server)
	write(t, filepath.Join(root, "a.wav"), noise(300_000))
	cfg := config(t, server, root)
	over := config(t, jump, "")
	cfg.Jump = &over
	store := open(t, cfg)
	info, err := store.Stat(t.Context(), "a.wav")
	if err != nil || info.Size != 300_000 {
		t.Errorf("Stat = %+v, %v", info, err)
	}
	if !strings.Contains(jump.Log(), "Accepted publickey") {
		t.Error("the other host was not used")
	}
	over.KnownHosts = cfg.KnownHosts
	_, err = open(t, cfg).Stat(t.Context(), "a.wav")
	if !errors.Is(err, sftpstore.ErrHostUnknown) || !strings.Contains(err.Error(), "jump host "+jump.Addr.String()) {
		t.Errorf("error %v, want ErrHostUnknown of the jump host", err)
	}
}

// The key of the host: unknown, changed, revoked, and one of several.
func TestHostKeys(t *testing.T) {
	server := sshd.Start(t, sshd.Config{})
	cfg := config(t, server, "")
	stat := func(lines string) error {
		t.Helper()
		check(t, os.WriteFile(cfg.KnownHosts[0], []byte(lines), 0o600))
		store := open(t, cfg)
		defer store.Close()
		_, err := store.Stat(t.Context(), "nothing.wav")
		return err
	}
	known := server.KnownHosts()
	refused := func(err, want error) *sftpstore.HostKeyError {
		t.Helper()
		var told *sftpstore.HostKeyError
		if !errors.Is(err, want) || !errors.As(err, &told) || recording.SafeToRetry(err) {
			t.Fatalf("error %v, want %v", err, want)
		}
		return told
	}
	if err := stat(known); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the host is known, and: %v", err)
	}
	unknown := refused(stat(""), sftpstore.ErrHostUnknown)
	if err := stat(unknown.Line + "\n"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("with the line %q that was told: %v", unknown.Line, err)
	}
	_ = refused(stat(strings.Replace(known, "[127.0.0.1]", "[127.0.0.9]", 1)), sftpstore.ErrHostUnknown)
	_ = refused(stat("@revoked * "+string(server.HostKey)), sftpstore.ErrHostRevoked)
	// Of another kind of key than the known one there is nothing to compare: it has changed.
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	public, err := ssh.NewPublicKey(&private.PublicKey)
	check(t, err)
	_ = refused(stat(knownhosts.Line([]string{knownhosts.Normalize(server.Addr.String())}, public)), sftpstore.ErrHostChanged)
	check(t, server.MakeHostKey(t.Context()))
	check(t, server.Restart(t.Context()))
	changed := refused(stat(known), sftpstore.ErrHostChanged)
	if len(changed.Known) != 1 || !strings.Contains(changed.Known[0], ":1)") || changed.Fingerprint == changed.Known[0] {
		t.Errorf("told %+v", changed)
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey(server.HostKey)
	check(t, err)
	cfg.HostKeys = []ssh.PublicKey{key}
	if err := stat(known); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("with the key given: %v", err)
	}
}

// What is not said cannot be guessed.
func TestConfig(t *testing.T) {
	for _, cfg := range []sftpstore.Config{
		{}, {Addr: "x", User: "u"}, {Addr: "x", KnownHosts: []string{"x"}}, {Addr: "x", User: "u", KnownHosts: []string{"x"}, Jump: &sftpstore.Config{}},
	} {
		if _, err := sftpstore.New(cfg); err == nil {
			t.Errorf("%+v was taken", cfg)
		}
	}
	store := open(t, sftpstore.Config{Addr: "127.0.0.1:1", User: "u", KnownHosts: []string{"/nothing/known_hosts"}})
	if _, err := store.Stat(t.Context(), "a.wav"); !recording.SafeToRetry(err) {
		t.Errorf("error %v, want ErrConnection", err)
	}
}
