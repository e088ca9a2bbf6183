package ftpstore_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/asterism-go/asterism/recording/ftpstore"
)

// A server without EPSV names another host in its answer to PASV: the data connection goes to the server's own.
// It is one of loopback too: a host of another kind the library leaves alone even if it is told to trust the server.
func TestPassiveHostIsNotTrusted(t *testing.T) {
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	check(t, err)
	var served sync.WaitGroup
	served.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			served.Go(func() { astray(conn) })
		}
	})
	defer served.Wait()
	defer listener.Close()
	var mu sync.Mutex
	var dialed []string
	store, err := ftpstore.New(ftpstore.Config{
		Addr: listener.Addr().String(), User: "u", Password: "p",
		Dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
			mu.Lock()
			defer mu.Unlock()
			dialed = append(dialed, addr)
			if addr != listener.Addr().String() {
				return nil, fmt.Errorf("not this one: %s", addr)
			}
			return (&net.Dialer{}).DialContext(ctx, network, addr)
		},
	})
	check(t, err)
	defer store.Close()
	for _, err := range store.List(t.Context(), "") {
		if err == nil {
			t.Error("there is a listing")
		}
	}
	mu.Lock()
	defer mu.Unlock()
	const port = "9451" // 36*256 + 235
	data := 0
	for _, addr := range dialed {
		host, at, err := net.SplitHostPort(addr)
		if err != nil || host != "127.0.0.1" {
			t.Errorf("dialled %s", addr)
		}
		if at == port {
			data++
		}
	}
	if data == 0 {
		t.Errorf("no data connection: dialled %q", dialed)
	}
}

// astray is a server that lets everybody in and has its data elsewhere.
func astray(conn net.Conn) {
	defer conn.Close()
	say := func(line string) { fmt.Fprint(conn, line+"\r\n") }
	say("220 hello")
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		switch verb, _, _ := strings.Cut(lines.Text(), " "); verb {
		case "USER":
			say("331 password")
		case "PASS":
			say("230 in")
		case "PWD":
			say(`257 "/"`)
		case "CWD":
			say("250 there")
		case "TYPE":
			say("200 so be it")
		case "PASV":
			say("227 passive (127,0,0,2,36,235)")
		default:
			say("502 no")
		}
	}
}
