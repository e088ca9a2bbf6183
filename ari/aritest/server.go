package aritest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// TB is the part of testing.TB that Start needs.
type TB interface {
	Helper()
	Cleanup(func())
	Errorf(format string, args ...any)
}

// Server is an ARI on loopback.
type Server struct {
	// URL is what an ari.Client needs: http://127.0.0.1:port/ari.
	URL string

	http     *httptest.Server
	requests chan *request
	sockets  chan *socket
	ctx      context.Context //nolint:containedctx // of the server's life
	cancel   context.CancelFunc
	over     chan struct{}
	err      error // of the script, when over
	values   map[string]string
	current  *request // that was expected last
	socket   *socket  // that was made last

	mu   sync.Mutex
	open map[*websocket.Conn]bool
}

// request is one that came, and waits for its answer.
type request struct {
	method, path string
	query        map[string][]string
	body         string
	answer       chan answer
}

type answer struct {
	status int
	body   string
	cut    bool
}

// socket is a websocket that was asked for.
type socket struct {
	app    string
	all    bool
	accept chan answer
	conn   chan *websocket.Conn
	ready  *websocket.Conn
}

// Start runs a server that follows the script. It ends with the test, which fails if the script was not followed to its end.
func Start(t TB, script ...Step) *Server {
	t.Helper()
	s := Run(script...)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("%v", err)
		}
	})
	return s
}

// patience is how long a step may take.
const patience = 30 * time.Second

// Run is Start for programs. Close ends the server.
func Run(script ...Step) *Server {
	s := &Server{
		requests: make(chan *request, 1024), sockets: make(chan *socket, 16), over: make(chan struct{}),
		values: map[string]string{}, open: map[*websocket.Conn]bool{},
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.http = httptest.NewServer(s)
	s.URL = s.http.URL + "/ari"
	go func() {
		defer close(s.over)
		s.err = s.play(script)
	}()
	return s
}

func (s *Server) play(script []Step) error {
	for i, step := range script {
		ctx, cancel := context.WithTimeoutCause(s.ctx, patience, errors.New("nothing came"))
		err := step(ctx, s)
		cancel()
		if err != nil {
			return fmt.Errorf("aritest: step %d of %d: %w", i+1, len(script), err)
		}
	}
	return nil
}

// Wait returns when the script is over, with what was wrong with it.
func (s *Server) Wait() error {
	<-s.over
	return s.err
}

// grace is how long Close waits for the end of a script, whose last step may be under way.
const grace = 10 * time.Second

// Close ends the server. The error is what was wrong with the script, also that it is not over.
func (s *Server) Close() error {
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-s.over:
	case <-timer.C:
	}
	s.cancel()
	<-s.over
	s.mu.Lock()
	for conn := range s.open {
		conn.CloseNow() //nolint:errcheck // it ends either way
	}
	s.mu.Unlock()
	s.http.CloseClientConnections()
	s.http.Close()
	return s.err
}

// Value returns what a word in braces stands for. It may be called when Wait has returned.
func (s *Server) Value(name string) string { return s.values[name] }

// ServeHTTP hands what comes to the script.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, ok := cutPrefix(r.URL.EscapedPath(), "/ari")
	if !ok {
		http.NotFound(w, r)
		return
	}
	if path == "/events" && r.Method == http.MethodGet {
		s.upgrade(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	req := &request{method: r.Method, path: path, query: r.URL.Query(), body: string(body), answer: make(chan answer, 1)}
	select {
	case s.requests <- req:
	case <-s.ctx.Done():
		return
	}
	select {
	case a := <-req.answer:
		a.write(w)
	case <-r.Context().Done():
	case <-s.ctx.Done():
		answer{status: http.StatusServiceUnavailable, body: `{"message":"the script has ended"}`}.write(w)
	}
}

func (a answer) write(w http.ResponseWriter) {
	if a.cut {
		panic(http.ErrAbortHandler) // cuts the connection
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	io.WriteString(w, a.body) //nolint:errcheck // the client may be gone
}

// upgrade takes a websocket when the script does.
func (s *Server) upgrade(w http.ResponseWriter, r *http.Request) {
	sock := &socket{
		app: r.URL.Query().Get("app"), all: r.URL.Query().Get("subscribeAll") == "true",
		accept: make(chan answer, 1), conn: make(chan *websocket.Conn, 1),
	}
	select {
	case s.sockets <- sock:
	case <-s.ctx.Done():
		return
	}
	select {
	case a := <-sock.accept:
		if a.status != 0 {
			a.write(w)
			return
		}
	case <-r.Context().Done():
		return
	case <-s.ctx.Done():
		return
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"ari"}, InsecureSkipVerify: true})
	if err != nil {
		close(sock.conn)
		return
	}
	s.mu.Lock()
	s.open[conn] = true
	s.mu.Unlock()
	sock.conn <- conn
	conn.CloseRead(s.ctx) // answers pings
}

func cutPrefix(path, prefix string) (string, bool) {
	if len(path) > len(prefix) && path[:len(prefix)] == prefix && path[len(prefix)] == '/' {
		return path[len(prefix):], true
	}
	return "", false
}
