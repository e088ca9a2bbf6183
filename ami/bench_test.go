package ami_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/staskobzar/goami2"

	"github.com/asterism-go/asterism/ami"
)

// The benchmarks read the trace of testdata: 59,872 messages, 30 MB. goami2, the fastest of the other clients for Go, gets
// it without stray blank lines, which cost it 10 ms each. cpu-ns/event is the time of the client on all cores.

var cleanTrace = sync.OnceValues(func() ([]byte, int) {
	text, err := gunzip("testdata/trace.ami.gz")
	if err != nil {
		panic(err)
	}
	messages, _ := readAll(ami.NewReader(bytes.NewReader(text)))
	var b bytes.Buffer
	for _, m := range messages {
		b.WriteString(strings.TrimRight(m.String(), "\r\n") + "\r\n\r\n")
	}
	return b.Bytes(), len(messages)
})

// measure reports events per second and the time that all cores spend on one.
func measure(b *testing.B, events int, run func()) {
	b.Helper()
	b.ReportAllocs()
	before := cpuTime()
	for b.Loop() {
		run()
	}
	total := float64(b.N) * float64(events)
	b.ReportMetric(total/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(cpuTime()-before)/total, "cpu-ns/event")
}

func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// BenchmarkParse reads the trace in memory. The floor is a bufio.Scanner that finds the lines and does nothing with them.
func BenchmarkParse(b *testing.B) {
	text, n := cleanTrace()
	for _, bench := range []struct {
		name string
		run  func() int
	}{
		{"scanner floor", func() int { return scanLines(text) }},
		{"owned", func() int { return readOwned(text) }},
		{"borrowed", func() int { return readBorrowed(text) }},
		{"goami2", func() int { return parseGoami2(text) }},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			measure(b, n, func() {
				if bench.run() == 0 {
					b.Fatal("nothing was read")
				}
			})
		})
	}
}

func scanLines(text []byte) (blank int) {
	s := bufio.NewScanner(bytes.NewReader(text))
	for s.Scan() {
		if len(s.Bytes()) == 0 {
			blank++
		}
	}
	return blank
}

func readOwned(text []byte) (n int) {
	r := ami.NewReader(bytes.NewReader(text))
	for {
		if _, err := r.ReadMessage(); err != nil {
			return n
		}
		n++
	}
}

func readBorrowed(text []byte) (n int) {
	r := ami.NewReader(bytes.NewReader(text))
	for {
		if _, err := r.Borrow(); err != nil {
			return n
		}
		n++
	}
}

// parseGoami2 frames messages as goami2's client does and parses them with its parser.
func parseGoami2(text []byte) (n int) {
	r := bufio.NewReader(bytes.NewReader(text))
	var b strings.Builder
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return n
		}
		b.WriteString(line)
		if line == "\r\n" {
			if _, err := goami2.Parse(b.String()); err == nil {
				n++
			}
			b.Reset()
		}
	}
}

// BenchmarkClient reads the trace with a whole client over TCP on loopback.
func BenchmarkClient(b *testing.B) {
	_, n := cleanTrace()
	addr := serveTrace(b)
	b.Run("asterism", func(b *testing.B) {
		measure(b, n, func() { runAsterism(b, addr) })
	})
	b.Run("goami2", func(b *testing.B) {
		measure(b, n, func() { runGoami2(b, addr) })
	})
}

// sendTraceEnv makes the test program a process that only sends the trace: see serveTrace.
const sendTraceEnv = "ASTERISM_SEND_TRACE"

// serveTrace starts another process, so that its time is not counted. It takes any login, and sends the trace and one more
// event, TheEnd. It returns its address.
func serveTrace(b *testing.B) string {
	b.Helper()
	sender := exec.CommandContext(b.Context(), os.Args[0])
	sender.Env = append(os.Environ(), sendTraceEnv+"=1")
	sender.Stderr = os.Stderr
	out, err := sender.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := sender.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := sender.Process.Kill(); err != nil {
			b.Error(err)
		}
		_ = sender.Wait() // it was killed
	})
	addr, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(addr)
}

// sendTraces is the life of that process.
func sendTraces() {
	text, _ := cleanTrace()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr())
	for {
		conn, err := listener.Accept()
		if err != nil {
			panic(err)
		}
		if err := sendTrace(conn, text); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		conn.Close()
	}
}

func sendTrace(conn net.Conn, text []byte) error {
	if _, err := io.WriteString(conn, "Asterisk Call Manager/11.0.0\r\n"); err != nil {
		return err
	}
	login, err := ami.NewReader(conn).ReadMessage()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(conn, "Response: Success\r\nActionID: "+login.Get("ActionID")+"\r\n\r\n"); err != nil {
		return err
	}
	if login.Get("ActionID") == "" { // goami2, which loses what comes in one segment with the answer
		<-time.After(time.Millisecond)
	}
	if _, err := conn.Write(text); err != nil {
		return err
	}
	if _, err := io.WriteString(conn, "Event: TheEnd\r\n\r\n"); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, conn) // until the client closes
	return err
}

func runAsterism(b *testing.B, addr string) {
	client := &ami.Client{Addr: addr, PlainLogin: true, BootTimeout: -1, ReconnectWait: -1}
	events := client.Events(b.Context())
	if err := client.Connect(b.Context()); err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	for event, err := range events {
		if err != nil {
			b.Fatal(err)
		}
		if event.Event() == "TheEnd" {
			return
		}
	}
}

func runGoami2(b *testing.B, addr string) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	client, err := goami2.NewClient(conn, "u", "s")
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	for {
		select {
		case m := <-client.AllMessages():
			if m.Field("Event") == "TheEnd" {
				return
			}
		case err := <-client.Err():
			if strings.Contains(err.Error(), "terminated") {
				b.Fatal(err)
			}
		}
	}
}
