package ami_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ami/amitest"
)

const (
	user   = "board"
	secret = "hunter2"
)

// connect returns a client of the Manager that is connected, and closes it when the test ends.
func connect(t *testing.T, client *ami.Client) *ami.Client {
	t.Helper()
	if client.Username == "" {
		client.Username, client.Secret = user, secret
	}
	if err := client.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// play is a Dial whose connections are pipes on the other end of which the scripts are played, one after the other; a
// script that does not go as written fails the test.
func play(t *testing.T, scripts ...amitest.Script) func(context.Context, string, string) (net.Conn, error) {
	t.Helper()
	return func(context.Context, string, string) (net.Conn, error) {
		if len(scripts) == 0 {
			return nil, errors.New("nobody listens any more")
		}
		ours, theirs := net.Pipe()
		script := scripts[0]
		scripts = scripts[1:]
		go func() {
			if err := script.Run(theirs); err != nil {
				t.Error(err)
			}
		}()
		return ours, nil
	}
}

func TestLogin(t *testing.T) {
	for name, plain := range map[string]bool{"MD5": false, "plain": true} {
		t.Run(name, func(t *testing.T) {
			manager := amitest.Start(t, amitest.Script{amitest.Login(user, secret), amitest.Serve()})
			client := connect(t, &ami.Client{Addr: manager.Addr, PlainLogin: plain})
			if client.State() != ami.Up || client.Err() != nil {
				t.Errorf("%v, %v", client.State(), client.Err())
			}
		})
	}
}

// TestSecretStaysHere: with a challenge, no byte of the secret is sent.
func TestSecretStaysHere(t *testing.T) {
	saw := make(chan string, 2)
	look := func(c *amitest.Conn) error {
		m, err := c.Next()
		saw <- m.String()
		return errors.Join(err, c.Reply("Response: Success", "Challenge: 1"))
	}
	manager := amitest.Start(t, amitest.Script{amitest.Raw(amitest.Banner + "\r\n"), look, look, amitest.Serve()})
	connect(t, &ami.Client{Addr: manager.Addr, Username: user, Secret: secret, BootTimeout: -1, EventMask: "call,user"})
	challenge, login := <-saw, <-saw
	if !strings.Contains(challenge, "Action: Challenge") || strings.Contains(challenge+login, secret) {
		t.Errorf("the secret was sent:\n%s\n%s", challenge, login)
	}
	if !strings.Contains(login, "Events: call,user") {
		t.Errorf("no event mask:\n%s", login)
	}
}

func TestRefusedLogin(t *testing.T) {
	manager := amitest.NewManager(
		amitest.Script{amitest.Login(user, "another secret")},
		amitest.Script{amitest.Login(user, secret), amitest.Serve()},
	)
	client := &ami.Client{Addr: manager.Addr, Username: user, Secret: secret}
	err := client.Connect(t.Context())
	var refused *ami.ResponseError
	if !errors.As(err, &refused) || refused.Action != "Login" || refused.Message != "Authentication failed" {
		t.Errorf("%v", err)
	}
	if strings.Contains(err.Error(), secret) {
		t.Errorf("the error holds the secret: %v", err)
	}
	if client.State() != ami.Idle {
		t.Errorf("after a refused login the client is %v", client.State())
	}
	connect(t, client) // it may be tried again
	client.Close()
	if err := manager.Close(); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("the Manager says %v", err)
	}
}

func TestConnectToSomethingElse(t *testing.T) {
	web := httptest.NewServer(nil)
	defer web.Close()
	silent := amitest.Start(t, amitest.Script{amitest.Raw("SSH-2.0-OpenSSH_9.9\r\n"), amitest.ExpectClose()})
	err := (&ami.Client{Addr: silent.Addr}).Connect(t.Context())
	var protocol *ami.ProtocolError
	if !errors.As(err, &protocol) || !strings.Contains(err.Error(), "SSH-2.0") {
		t.Errorf("%v", err)
	}
	err = (&ami.Client{Addr: web.Listener.Addr().String(), ConnectTimeout: 50 * time.Millisecond}).Connect(t.Context())
	if err == nil || !strings.Contains(err.Error(), "not logged in within 50ms") {
		t.Errorf("a server that waits for the client: %v", err)
	}
}

func TestUnknownEventMaskIsRefused(t *testing.T) {
	client := &ami.Client{Addr: "127.0.0.1:1", EventMask: "call,agnet"}
	if err := client.Connect(t.Context()); err == nil || !strings.Contains(err.Error(), "agnet") {
		t.Errorf("%v", err)
	}
	if client.State() != ami.Idle {
		t.Errorf("%v", client.State())
	}
}

// TestBoot: Connect returns when FullyBooted has come, where it can come, and does not hang where it cannot.
func TestBoot(t *testing.T) {
	booted := amitest.Send("Event: FullyBooted", "Privilege: system,all", "Status: Fully Booted")
	for name, test := range map[string]struct {
		script amitest.Script
		client *ami.Client
		waits  time.Duration
	}{
		"with the login": {
			script: amitest.Script{amitest.Login(user, secret), amitest.Serve()},
		},
		"in the segment of the login": {
			script: amitest.Script{
				amitest.Raw(amitest.Banner + "\r\n"), amitest.Expect("Login", "Secret: "+secret),
				amitest.Cork(amitest.Reply("Response: Success"), booted), amitest.Serve(),
			},
			client: &ami.Client{PlainLogin: true},
		},
		"later": {
			script: amitest.Script{
				amitest.LoginUnbooted(user, secret), amitest.Expect("Ping"), amitest.Reply("Response: Success"),
				amitest.Pause(2 * time.Second), booted, amitest.Serve(),
			},
			waits: 2 * time.Second,
		},
		"never, for the user may not read system": {
			script: amitest.Script{amitest.LoginUnbooted(user, secret), amitest.Serve()},
			waits:  ami.DefaultBootTimeout,
		},
		"never, and the mask says so": {
			script: amitest.Script{amitest.LoginUnbooted(user, secret), amitest.Serve()},
			client: &ami.Client{EventMask: "call,agent"},
		},
		"not wanted": {
			script: amitest.Script{amitest.LoginUnbooted(user, secret), amitest.Serve()},
			client: &ami.Client{BootTimeout: -1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := test.client
				if client == nil {
					client = new(ami.Client)
				}
				client.Username, client.Secret, client.Dial = user, secret, play(t, test.script)
				began := time.Now()
				connect(t, client)
				if waited := time.Since(began); waited != test.waits {
					t.Errorf("waited %v, want %v", waited, test.waits)
				}
			})
		})
	}
}

// TestConnectEndsWithItsContext wherever it is waiting.
func TestConnectEndsWithItsContext(t *testing.T) {
	for name, script := range map[string]amitest.Script{
		"banner":      {amitest.ExpectClose()},
		"challenge":   {amitest.Raw(amitest.Banner + "\r\n"), amitest.Expect("Challenge"), amitest.ExpectClose()},
		"FullyBooted": {amitest.LoginUnbooted(user, secret), amitest.Expect("Ping"), amitest.Reply("Response: Success"), amitest.ExpectClose()},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				enough := errors.New("enough")
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(time.Second, func() { cancel(enough) })
				client := &ami.Client{Username: user, Secret: secret, Dial: play(t, script)}
				if err := client.Connect(ctx); !errors.Is(err, enough) {
					t.Errorf("%v", err)
				}
				if client.State() != ami.Idle {
					t.Errorf("%v", client.State())
				}
			})
		})
	}
}

func TestCloseEndsConnect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := &ami.Client{Dial: play(t, amitest.Script{amitest.ExpectClose()})}
		time.AfterFunc(time.Second, func() { client.Close() })
		if err := client.Connect(t.Context()); !errors.Is(err, ami.ErrClosed) {
			t.Errorf("%v", err)
		}
		if err := client.Connect(t.Context()); !errors.Is(err, ami.ErrClosed) {
			t.Errorf("again: %v", err)
		}
	})
}

func TestTLS(t *testing.T) {
	web := httptest.NewTLSServer(nil) // for its certificate
	certificates, roots := web.TLS.Certificates, web.Client().Transport
	web.Close()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: certificates})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	played := make(chan error, 1)
	go func() {
		conn, err := listener.Accept()
		if err == nil {
			err = amitest.Script{amitest.Login(user, secret), amitest.Serve()}.Run(conn)
		}
		played <- err
	}()
	client := &ami.Client{Addr: listener.Addr().String(), TLS: tlsConfigOf(roots)}
	connect(t, client)
	if _, err := client.Do(t.Context(), ami.Action{Name: "Ping"}); err != nil {
		t.Error(err)
	}
	client.Close()
	if err := <-played; err != nil {
		t.Error(err)
	}
}
