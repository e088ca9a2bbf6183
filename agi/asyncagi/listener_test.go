package asyncagi_test

import (
	"bufio"
	"context"
	"errors"
	"iter"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/agi/agitest"
	"github.com/asterism-go/asterism/agi/asyncagi"
	"github.com/asterism-go/asterism/ami"
)

// told is an event or an error of the fake Manager.
type told struct {
	event ami.Message
	err   error
}

// manager is a fake client: its channel 1.1 answers commands with what reply says.
type manager struct {
	t      *testing.T
	events chan told
	reply  func(command, id string) []told

	mu       sync.Mutex
	commands []string
}

func (m *manager) Events(ctx context.Context) iter.Seq2[ami.Message, error] {
	return func(yield func(ami.Message, error) bool) {
		for {
			select {
			case e := <-m.events:
				if !yield(e.event, e.err) {
					return
				}
			case <-ctx.Done():
				yield(ami.Message{}, context.Cause(ctx))
				return
			}
		}
	}
}

func (m *manager) Do(_ context.Context, a ami.Action) (ami.Message, error) {
	header := map[string]string{}
	for _, h := range a.Headers {
		header[h.Key] = h.Value
	}
	if a.Name != "AGI" || header["Channel"] != "1.1" {
		m.t.Errorf("the action %+v", a)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.commands = append(m.commands, header["Command"])
	if strings.Contains(header["Command"], "refused") {
		return ami.Message{}, &ami.ResponseError{}
	}
	for _, e := range m.reply(header["Command"], header["CommandID"]) {
		var gone *ami.ResponseError
		if errors.As(e.err, &gone) {
			m.events <- event(m.t, "Event: AsyncAGIEnd")
			return ami.Message{}, gone
		}
		m.events <- e
	}
	if header["Command"] == "ASYNCAGI BREAK" {
		m.events <- event(m.t, "Event: AsyncAGIEnd")
	}
	return ami.Message{}, nil
}

func event(t *testing.T, lines ...string) told {
	t.Helper()
	m, err := ami.ParseMessage(strings.Join(append(lines, "Uniqueid: 1.1"), "\r\n") + "\r\n\r\n")
	if err != nil {
		t.Fatal(err)
	}
	return told{event: m}
}

func result(t *testing.T, id, text string) told {
	t.Helper()
	return event(t, "Event: AsyncAGIExec", "CommandId: "+id, "Result: "+url.PathEscape(text))
}

// echo is the answer to a marker, or otherwise another one.
func echo(command, otherwise string) string {
	if word, marker := strings.CutPrefix(command, `GET FULL VARIABLE "`); marker {
		return "200 result=1 (" + strings.TrimSuffix(word, `"`) + ")\n"
	}
	return otherwise
}

// play lets the handler serve a session on a fake Manager and returns the commands that it got.
func play(t *testing.T, reply func(command, id string) []told, handler agi.HandlerFunc) []string {
	t.Helper()
	m := &manager{t: t, events: make(chan told, 100), reply: reply}
	listener := asyncagi.Listen(m)
	done := make(chan error, 1)
	srv := &agi.Server{Handler: agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		err := handler(ctx, s)
		done <- err
		return err
	})}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(listener) }()
	text := agitest.EnvironmentText(agi.Environment{Request: "async"})
	_, text, _ = strings.Cut(text, "\n") // agi_network is of FastAGI
	m.events <- event(t, "Event: AsyncAGIStart", "Env: "+url.PathEscape(text))
	if err := <-done; err != nil {
		t.Log(err)
	}
	if err := srv.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-served; !errors.Is(err, agi.ErrServerClosed) && err == nil {
		t.Error(err)
	}
	listener.Wait()
	return m.commands
}

// Whatever comes, the reply of a command is its own, or there is none.
func TestResults(t *testing.T) {
	long := strings.Repeat("x", 2500)
	stream := "200 result=1 (" + long + ")\n"
	for _, test := range []struct {
		name  string
		reply func(command, id string) []told
		data  string
		err   error
	}{
		{"one event", echoing(t, "200 result=1 (a)\n"), "a", nil},
		{"another program's command", func(_, id string) []told {
			return []told{result(t, "other", "200 result=1 (b)\n"), result(t, id, "200 result=1 (a)\n")}
		}, "", agi.ErrConnectionLost},
		{"bytes that are missing", func(_, id string) []told {
			return []told{event(t, "Event: AsyncAGIExec", "CommandID: "+id, "Result: 200%20result=1%20("+strings.Repeat("%CE", 680)+"%C")}
		}, "", agi.ErrConnectionLost},
		{"events that are missing", func(string, string) []told {
			return []told{{err: &ami.GapError{Lost: 1}}}
		}, "", agi.ErrConnectionLost},
		{"a Manager that is gone", func(string, string) []told { return []told{{err: ami.ErrConnectionLost}} }, "", agi.ErrConnectionLost},
		{"an end without a result", func(string, string) []told { return []told{event(t, "Event: AsyncAGIEnd")} }, "", agi.ErrHangup},
		{"a result in pieces", func() func(command, id string) []told {
			rest := stream // of what Asterisk has written and not yet read
			return func(command, id string) []told {
				rest += echo(command, "")
				n := min(1024, len(rest))
				piece := rest[:n]
				rest = rest[n:]
				return []told{result(t, id, piece)}
			}
		}(), long, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			play(t, test.reply, func(ctx context.Context, s *agi.Session) error {
				reply, err := s.Raw(ctx, "DATABASE GET", "a", "b")
				if reply.Data != test.data || !errors.Is(err, test.err) {
					t.Errorf("%.50q, %v; want %.50q, %v", reply.Data, err, test.data, test.err)
				}
				return nil
			})
		})
	}
}

// echoing answers every command with this reply, and markers with their echo.
func echoing(t *testing.T, reply string) func(command, id string) []told {
	return func(command, id string) []told {
		if word, marker := strings.CutPrefix(command, `GET FULL VARIABLE "`); marker {
			return []told{result(t, id, "200 result=1 ("+strings.TrimSuffix(word, `"`)+")\n")}
		}
		return []told{result(t, id, reply)}
	}
}

// A command that is refused is answered behind those before it, and the channel goes back to the dialplan in the end.
func TestRefusedCommands(t *testing.T) {
	commands := play(t, echoing(t, "200 result=0\n"),
		func(ctx context.Context, s *agi.Session) error {
			replies, err := s.Batch(ctx, agi.Command{Name: "NOOP"}, agi.Command{Name: "NOOP", Args: []string{"refused"}}, agi.Command{Name: "ANSWER"})
			var codes []int
			for _, reply := range replies {
				codes = append(codes, reply.Code)
			}
			if diff := cmp.Diff([]int{200, 503, 200}, codes); diff != "" || err == nil {
				t.Errorf("%v, codes (-want +got):\n%s", err, diff)
			}
			return errors.New("told to")
		})
	commands = slices.DeleteFunc(commands, func(c string) bool { return strings.HasPrefix(c, "GET FULL VARIABLE ") })
	want := []string{"NOOP", `NOOP "refused"`, "ANSWER", `SET VARIABLE ASYNCAGISTATUS "FAILURE"`, "ASYNCAGI BREAK"}
	if diff := cmp.Diff(want, commands); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
}

// A caller who hangs up during a prompt is told as that, also where the Manager knows that the channel is gone before its
// last event has come.
func TestHangupBeforeItsEvent(t *testing.T) {
	for _, message := range []string{"Channel 1.1 does not exist.", "Failed to add AGI command to channel Local/1 queue"} {
		play(t, func(command, id string) []told {
			if strings.HasPrefix(command, "STREAM FILE") {
				return []told{result(t, id, "200 result=-1 endpos=8000\n")}
			}
			return []told{{err: &ami.ResponseError{Message: message}}}
		}, func(ctx context.Context, s *agi.Session) error {
			if _, err := s.StreamFile(ctx, "demo-congrats", ""); !errors.Is(err, agi.ErrHangup) {
				t.Errorf("%s: StreamFile: %v", message, err)
			}
			if err := s.Answer(ctx); !errors.Is(err, agi.ErrHangup) && !errors.Is(err, agi.ErrDead) {
				t.Errorf("%s: Answer: %v", message, err)
			}
			return nil
		})
	}
}

// A line that is no reply fails a batch, and the session goes on behind it.
func TestStrayLineInBatch(t *testing.T) {
	play(t, func(command, id string) []told {
		text := echo(command, "200 result=0\n")
		if command == "ANSWER" {
			text = "stray\n200 result=7\n"
		}
		return []told{result(t, id, text)}
	}, func(ctx context.Context, s *agi.Session) error {
		if _, err := s.Batch(ctx, agi.Command{Name: "NOOP"}, agi.Command{Name: "ANSWER"}, agi.Command{Name: "NOOP"}); !errors.Is(err, agi.ErrDesync) {
			t.Errorf("the batch: %v", err)
		}
		if reply, err := s.Raw(ctx, "NOOP"); err != nil || reply.Result != "0" {
			t.Errorf("the next command: %+v, %v", reply, err)
		}
		return nil
	})
}

// A session that is offered after Close, while another one goes on, is given back as failed.
func TestOfferAfterClose(t *testing.T) {
	m := &manager{t: t, events: make(chan told, 10)}
	m.reply = func(_, id string) []told {
		return []told{result(t, id, "200 result=1\n")}
	}
	listener := asyncagi.Listen(m)
	m.events <- event(t, "Event: AsyncAGIStart", "Env: x")
	conn, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	if _, err := listener.Accept(); err == nil {
		t.Error("a session after Close")
	}
	m.events <- event(t, "Event: AsyncAGIStart", "Env: x") // the same channel once more: its end was lost
	for lines := bufio.NewScanner(conn); lines.Scan() && !strings.Contains(lines.Text(), "HANGUP"); {
	}
	conn.Close()
	listener.Wait()
	if diff := cmp.Diff([]string{`SET VARIABLE ASYNCAGISTATUS "FAILURE"`, "ASYNCAGI BREAK"}, m.commands); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
}
