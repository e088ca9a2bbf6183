package ldapdir_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/jimlambrt/gldap"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/ldapdir"
)

// fake is an LDAP server in this process that answers searches as a test says, to play faults that slapd does not have.
func fake(t *testing.T, search gldap.HandlerFunc) (url string) {
	t.Helper()
	server, err := gldap.NewServer(gldap.WithLogger(hclog.NewNullLogger()))
	if err != nil {
		t.Fatal(err)
	}
	mux, err := gldap.NewMux()
	if err != nil {
		t.Fatal(err)
	}
	accept := func(w *gldap.ResponseWriter, r *gldap.Request) {
		_ = w.Write(r.NewBindResponse(gldap.WithResponseCode(gldap.ResultSuccess)))
	}
	if err := errors.Join(mux.Bind(accept), mux.Search(search), server.Router(mux)); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close() // gldap listens by itself
	ended := make(chan error)
	go func() { ended <- server.Run(address) }()
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	for !server.Ready() {
		select {
		case err := <-ended:
			t.Fatal(err)
		case <-time.After(time.Millisecond):
		}
	}
	return "ldap://" + address
}

// ends is a handler that ends a search with a result code.
func ends(code int) gldap.HandlerFunc {
	return func(w *gldap.ResponseWriter, r *gldap.Request) {
		_ = w.Write(r.NewSearchDoneResponse(gldap.WithResponseCode(code)))
	}
}

// gives is a handler that answers with entries of people who have the username that was asked for.
func gives(count int) gldap.HandlerFunc {
	return func(w *gldap.ResponseWriter, r *gldap.Request) {
		for i := range count {
			_ = w.Write(r.NewSearchResponseEntry(fmt.Sprintf("uid=papadaki,ou=%d", i), gldap.WithAttributes(map[string][]string{
				"uid": {"papadaki"}, "jpegPhoto": {"\xff\xd8"}, "description": {strings.Repeat("x", 5000), "short", "\xff"},
				"memberOf": {"cn=staff,ou=groups", "plain", "CN=Help Desk\\, Athens,OU=groups"},
			})))
		}
		ends(gldap.ResultSuccess)(w, r)
	}
}

func fakeConfig(urls ...string) ldapdir.Config {
	return ldapdir.Config{URLs: urls, BindDN: "cn=x", Password: "x", BaseDN: "ou=people", Timeout: 20 * time.Second}
}

func TestServerNotReady(t *testing.T) {
	well := fake(t, gives(1))
	for _, code := range []int{gldap.ResultBusy, gldap.ResultUnavailable, gldap.ResultUnwillingToPerform, gldap.ResultOther} {
		first := fake(t, ends(code))
		if err := knows(t.Context(), open(t, fakeConfig(first, well))); err != nil {
			t.Errorf("after code %d the next server is not asked: %v", code, err)
		}
		if err := knows(t.Context(), open(t, fakeConfig(first))); err == nil {
			t.Errorf("code %d is no error", code)
		}
	}
	denies := fake(t, ends(gldap.ResultInsufficientAccessRights))
	if err := knows(t.Context(), open(t, fakeConfig(denies, well))); err == nil {
		t.Error("what one server forbids another was asked for")
	}
}

// TestLimitIgnored has a server that sends more than it was asked for.
func TestLimitIgnored(t *testing.T) {
	var limit atomic.Int64
	url := fake(t, func(w *gldap.ResponseWriter, r *gldap.Request) {
		m, err := r.GetSearchMessage()
		if err != nil {
			t.Error(err)
			return
		}
		limit.Store(m.SizeLimit)
		gives(100)(w, r)
	})
	cfg := fakeConfig(url)
	cfg.MaxResults = 10
	source := open(t, cfg)
	for range 2 { // the second time on a connection that was not left with the rest of the first answer
		found, err := source.ByUsername(t.Context(), "papadaki")
		if !errors.Is(err, directory.ErrTooMany) || len(found) != 10 {
			t.Errorf("%d people, %v", len(found), err)
		}
	}
	if limit.Load() != 10 {
		t.Errorf("the server was told the limit %d", limit.Load())
	}
}

func TestAttributes(t *testing.T) {
	found, err := open(t, fakeConfig(fake(t, gives(1)))).ByUsername(t.Context(), "papadaki")
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	p := found[0]
	if got := strings.Join(p.Groups, "|"); got != "staff|plain|Help Desk, Athens" {
		t.Errorf("the groups are %q", got)
	}
	if got := p.Attribute("description"); len(got) != 1 || got[0] != "short" {
		t.Errorf("the descriptions are %.100q: too long ones and what is no text do not belong there", got)
	}
	if p.Attribute("jpegPhoto") != nil || len(p.Attribute("dn")) != 1 {
		t.Errorf("the attributes are %v", p.Attributes)
	}
}

// peer is a server that does with each connection what a test says.
func peer(t *testing.T, serve func(net.Conn)) (url string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serve(c)
			c.Close()
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-ended
	})
	return "ldap://" + l.Addr().String()
}

func TestNoLDAP(t *testing.T) {
	well := fake(t, gives(1))
	question := make([]byte, 64)
	tests := []struct {
		name  string
		serve func(net.Conn)
	}{
		{"hangs up at once", func(net.Conn) {}},
		{"hangs up when asked", func(c net.Conn) { _, _ = c.Read(question) }},
		{"speaks HTTP", func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n") }},
		{"half a packet", func(c net.Conn) {
			_, _ = c.Read(question)
			_, _ = c.Write([]byte{0x30, 0x20, 0x02, 0x01})
		}},
		{"a packet of 1 GB", func(c net.Conn) {
			_, _ = c.Read(question)
			_, _ = c.Write([]byte{0x30, 0x84, 0x40, 0, 0, 0, 0x04, 0x84, 0x3f, 0xff, 0xff, 0})
			zeros := make([]byte, 1<<20)
			for range 64 { // the client has hung up long before that
				if _, err := c.Write(zeros); err != nil {
					return
				}
			}
			t.Error("64 MB were taken")
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bad := peer(t, test.serve)
			if err := knows(t.Context(), open(t, fakeConfig(bad))); err == nil {
				t.Error("that is no error")
			}
			if err := knows(t.Context(), open(t, fakeConfig(bad, well))); err != nil {
				t.Errorf("the next server is not asked: %v", err)
			}
		})
	}
}

// TestHangsUpWhileSearching has a connection that ends between login and answer: that is not an empty answer.
func TestHangsUpWhileSearching(t *testing.T) {
	well := fake(t, gives(1))
	proxy := peer(t, func(c net.Conn) {
		up, err := net.Dial("tcp", strings.TrimPrefix(well, "ldap://"))
		if err != nil {
			t.Error(err)
			return
		}
		defer up.Close()
		buf := make([]byte, 4096)
		for _, way := range []struct{ from, to net.Conn }{{c, up}, {up, c}} { // the login
			n, err := way.from.Read(buf)
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = way.to.Write(buf[:n])
		}
		_, _ = c.Read(buf) // the search
	})
	if err := knows(t.Context(), open(t, fakeConfig(proxy))); err == nil || strings.Contains(err.Error(), "people") {
		t.Errorf("error is %v, want the connection's", err)
	}
}

// TestCallerGivesUp has a caller who leaves while the server thinks: the connection is not used again, so that the late
// answer is nobody's.
func TestCallerGivesUp(t *testing.T) {
	asked, answer := make(chan struct{}, 1), make(chan struct{})
	url := fake(t, func(w *gldap.ResponseWriter, r *gldap.Request) {
		asked <- struct{}{}
		<-answer
		gives(1)(w, r)
	})
	source := open(t, fakeConfig(url))
	ctx, cancel := context.WithCancelCause(t.Context())
	hangup := errors.New("the caller has hung up")
	done := make(chan error)
	go func() { done <- knows(ctx, source) }()
	<-asked
	cancel(hangup)
	if err := <-done; !errors.Is(err, hangup) {
		t.Errorf("error is %v, want the cause", err)
	}
	close(answer)
	if err := knows(t.Context(), source); err != nil {
		t.Errorf("the next question: %v", err)
	}
}
