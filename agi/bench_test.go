package agi_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/agi/agitest"
)

// The benchmarks compare this package with github.com/zaf/agi and with a floor: a loop over a bufio.Reader that checks
// nothing. Each server runs in a process of its own, so that its processor time and memory can be told from the load's:
//
//	go test ./agi -run '^$' -bench . -benchtime 20000x -count 5
//
// The load plays 64 calls at once. Each sends the environment in one write and answers five commands at once.

// benchServer is the variable that makes the test binary one of the servers.
const benchServer = "ASTERISM_BENCH_SERVER"

var benchServers = map[string]func(net.Listener){"floor": serveFloor, "agi": serveAGI, "listening": serveListening, "zaf": serveZAF}

// runBenchServer serves until its standard input ends, and answers each line there with its processor time in
// microseconds.
func runBenchServer(name string) int {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return 1
	}
	go benchServers[name](listener)
	fmt.Println(listener.Addr())
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var usage syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
			return 1
		}
		fmt.Println((usage.Utime.Nano() + usage.Stime.Nano()) / 1000)
	}
	return 0
}

func accept(listener net.Listener, session func(net.Conn)) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			session(conn)
		}()
	}
}

func serveFloor(listener net.Listener) {
	commands := []string{"ANSWER\n", "GET VARIABLE \"X\"\n", "STREAM FILE \"hello-world\" \"\"\n", "SET VARIABLE \"Y\" \"value\"\n", "HANGUP\n"}
	accept(listener, func(conn net.Conn) {
		in := bufio.NewReader(conn)
		for line := ""; line != "\n"; {
			var err error
			if line, err = in.ReadString('\n'); err != nil {
				return
			}
		}
		for _, command := range commands {
			if _, err := io.WriteString(conn, command); err != nil {
				return
			}
			if _, err := in.ReadSlice('\n'); err != nil {
				return
			}
		}
	})
}

func serveAGI(listener net.Listener) {
	srv := &agi.Server{MaxSessions: 20_000, Handler: agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		if err := s.Answer(ctx); err != nil {
			return err
		}
		if _, err := s.GetVariable(ctx, "X"); err != nil {
			return err
		}
		if _, err := s.StreamFile(ctx, "hello-world", ""); err != nil {
			return err
		}
		if err := s.SetVariable(ctx, "Y", "value"); err != nil {
			return err
		}
		return s.HangupCall(ctx)
	})}
	fmt.Println(srv.Serve(listener))
}

// serveListening has sessions that wait for a hangup and nothing else.
func serveListening(listener net.Listener) {
	srv := &agi.Server{MaxSessions: 20_000, Handler: agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		if err := s.Answer(ctx); err != nil {
			return err
		}
		<-ctx.Done()
		return nil
	})}
	fmt.Println(srv.Serve(listener))
}

// server is a server in a process of its own.
type server struct {
	b    *testing.B
	cmd  *exec.Cmd
	addr string
	in   io.WriteCloser
	out  *bufio.Reader
}

func startServer(b *testing.B, name string) *server {
	b.Helper()
	s := &server{b: b, cmd: exec.Command(os.Args[0])}
	s.cmd.Env = append(os.Environ(), benchServer+"="+name)
	s.cmd.Stderr = os.Stderr
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		b.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		s.in.Close()
		if err := s.cmd.Wait(); err != nil {
			b.Error(err)
		}
	})
	s.out = bufio.NewReader(out)
	s.addr = s.line()
	return s
}

func (s *server) line() string {
	s.b.Helper()
	line, err := s.out.ReadString('\n')
	if err != nil {
		s.b.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// cpu is the processor time that the server has used, in microseconds.
func (s *server) cpu() float64 {
	s.b.Helper()
	if _, err := io.WriteString(s.in, "cpu\n"); err != nil {
		s.b.Fatal(err)
	}
	used, err := strconv.ParseFloat(s.line(), 64)
	if err != nil {
		s.b.Fatal(err)
	}
	return used
}

// rss is the memory of the server in bytes.
func (s *server) rss() float64 {
	s.b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		s.b.Fatal(err)
	}
	_, after, _ := strings.Cut(string(status), "VmRSS:")
	kilobytes, err := strconv.ParseFloat(strings.Fields(after)[0], 64)
	if err != nil {
		s.b.Fatal(err)
	}
	return kilobytes * 1024
}

var benchEnvironment = agitest.EnvironmentText(agi.Environment{Script: "bench", CallerID: "2101234567"})

// play plays one call.
func play(addr string) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, benchEnvironment); err != nil {
		return err
	}
	in := bufio.NewReader(conn)
	for commands := 0; ; commands++ {
		line, err := in.ReadString('\n')
		if err == io.EOF && commands == 5 {
			return nil
		}
		if err != nil {
			return fmt.Errorf("after %d commands: %w", commands, err)
		}
		if _, err := io.WriteString(conn, benchReply(line)); err != nil {
			return err
		}
	}
}

func benchReply(line string) string {
	switch {
	case strings.HasPrefix(line, "GET FULL"):
		return "200 result=1 (" + strings.Replace(line[len(`GET FULL VARIABLE "`):len(line)-2], "${X}", "some value", 1) + ")\n"
	case strings.HasPrefix(line, "GET"):
		return "200 result=1 (some value)\n"
	case strings.HasPrefix(line, "STREAM"):
		return "200 result=0 endpos=8000\n"
	case strings.HasPrefix(line, "HANGUP"):
		return "200 result=1\nHANGUP\n"
	}
	return "200 result=1\n"
}

func BenchmarkSessions(b *testing.B) {
	for _, name := range []string{"floor", "agi", "zaf"} {
		b.Run(name, func(b *testing.B) {
			s := startServer(b, name)
			for range 64 { // so that what happens once has happened
				if err := play(s.addr); err != nil {
					b.Fatal(err)
				}
			}
			before, began := s.cpu(), time.Now()
			b.ResetTimer()
			var left atomic.Int64
			left.Store(int64(b.N))
			var calls sync.WaitGroup
			for range 64 {
				calls.Go(func() {
					for left.Add(-1) >= 0 {
						if err := play(s.addr); err != nil {
							b.Error(err)
						}
					}
				})
			}
			calls.Wait()
			b.StopTimer()
			b.ReportMetric((s.cpu()-before)/float64(b.N), "cpu-µs/session")
			b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "sessions/s")
		})
	}
}

// BenchmarkIdle holds 10,000 sessions whose first command is not answered; "listening" answers it, and the session is told
// of a hangup while no command runs.
func BenchmarkIdle(b *testing.B) {
	const sessions = 10_000
	for _, name := range []string{"floor", "agi", "listening", "zaf"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				s := startServer(b, name)
				conns := make([]net.Conn, sessions)
				for i := range conns {
					conn, err := net.Dial("tcp", s.addr)
					if err != nil {
						b.Fatal(err)
					}
					conns[i] = conn
					if _, err := io.WriteString(conn, benchEnvironment); err != nil {
						b.Fatal(err)
					}
					if _, err := io.ReadFull(conn, make([]byte, len("ANSWER\n"))); err != nil {
						b.Fatal(err)
					}
				}
				if name == "listening" {
					for _, conn := range conns {
						if _, err := io.WriteString(conn, "200 result=0\n"); err != nil {
							b.Fatal(err)
						}
					}
					<-time.After(time.Second)
				}
				b.ReportMetric(s.rss()/(1<<20), "MiB")
				b.ReportMetric(s.rss()/sessions, "B/session")
				for _, conn := range conns {
					conn.Close()
				}
			}
		})
	}
}
