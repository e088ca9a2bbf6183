package amitest_test

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ami/amitest"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// conversation is a client of which every byte is known.
type conversation struct {
	t      *testing.T
	conn   net.Conn
	reader *ami.Reader
	shape  []string
}

func dial(t *testing.T, addr string) *conversation {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	c := &conversation{t: t, conn: conn, reader: ami.NewReader(conn)}
	if _, err := c.reader.ReadBanner(); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *conversation) send(lines ...string) {
	c.t.Helper()
	if _, err := c.conn.Write([]byte(strings.Join(lines, "\r\n") + "\r\n\r\n")); err != nil {
		c.t.Fatal(err)
	}
}

// next reads a message and notes its shape: its headers, those values that are not the same each time left out.
func (c *conversation) next() ami.Message {
	c.t.Helper()
	m, err := c.reader.ReadMessage()
	if err != nil {
		c.shape = append(c.shape, "end")
		return m
	}
	for key, value := range m.All() {
		switch key {
		case "Challenge", "Timestamp", "Uptime", "LastReload":
			value = "*"
		}
		c.shape = append(c.shape, key+": "+value)
	}
	c.shape = append(c.shape, "")
	return m
}

func (c *conversation) ask(lines ...string) ami.Message {
	c.t.Helper()
	c.send(lines...)
	return c.next()
}

// converse says everything that the Manager of this package can answer.
func converse(t *testing.T, addr string) []string {
	plain := dial(t, addr)
	plain.ask("Action: Login", "ActionID: 1", "Username: "+asterisktest.Username, "Secret: "+asterisktest.Secret, "Events: system")
	plain.next() // FullyBooted
	plain.ask("Action: Ping", "ActionID: 2")
	plain.ask("action: ping")
	plain.ask("ActionID: 3")
	plain.ask("Action: NoSuchAction", "ActionID: 4")
	plain.ask("Action: Logoff", "ActionID: 5")
	plain.next()

	digest := dial(t, addr)
	challenge := digest.ask("Action: Challenge", "ActionID: 1", "AuthType: MD5").Get("Challenge")
	key := md5.Sum([]byte(challenge + asterisktest.Secret))
	digest.ask("Action: Login", "ActionID: 2", "AuthType: MD5", "Username: "+asterisktest.Username, "Key: "+hex.EncodeToString(key[:]), "Events: off")
	digest.ask("Action: Logoff")

	wrong := dial(t, addr)
	wrong.ask("Action: Ping", "ActionID: 1")
	wrong.ask("Action: Login", "ActionID: 2", "Username: "+asterisktest.Username, "Secret: wrong")
	wrong.next()
	return append(append(plain.shape, digest.shape...), wrong.shape...)
}

// TestManagerIsLikeAsterisk says the same to the Manager of this package and to a real Asterisk.
func TestManagerIsLikeAsterisk(t *testing.T) {
	asterisk := asterisktest.Start(t, asterisktest.Config{})
	login := amitest.Login(asterisktest.Username, asterisktest.Secret)
	manager := amitest.NewManager(amitest.Script{login, amitest.Serve()}, amitest.Script{login, amitest.Serve()}, amitest.Script{login})
	want := converse(t, asterisk.AMI.String())
	got := converse(t, manager.Addr)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Asterisk (-) and the Manager (+) differ: %s", diff)
	}
	if err := manager.Close(); err == nil || !strings.Contains(fmt.Sprint(err), "refused") {
		t.Errorf("the wrong login is no error: %v", err)
	}
}
