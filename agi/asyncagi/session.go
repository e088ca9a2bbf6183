package asyncagi

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// The buffers of Asterisk's side (AGI_BUF_SIZE and AMI_BUF_SIZE in res/res_agi.c): what it reads of a reply at once, and
// what it has for that when it is encoded.
const (
	chunkSize   = 1024
	encodedSize = 2048
)

// maxCommand is the longest command in bytes that fits into a line of the Manager.
const maxCommand = 900

// patience bounds how long the Manager may take to accept a command.
const patience = 30 * time.Second

// session stands between a channel in AsyncAGI and a session of package agi, which sees a connection: commands become
// actions, and the results of events the bytes that Asterisk would have sent.
type session struct {
	l    *Listener
	id   string // the channel's Uniqueid, which stays when its name changes
	ours net.Conn

	mu      sync.Mutex
	changed *sync.Cond      // of waiting and ended
	waiting map[string]bool // the CommandIDs of commands that have no result yet
	serial  int
	begun   bool          // the environment is whole
	held    string        // came, and is not whole
	whole   string        // is to be passed on
	echoes  []string      // of markers that were sent to fetch the rest of a reply
	ended   bool          // nothing comes any more
	hungup  bool          // because the channel has left AsyncAGI
	wake    chan struct{} // something changed for feed
}

// pipe is what the session of package agi sees.
type pipe struct{ net.Conn }

// TakesCommandsAhead says that Asterisk queues commands; see agi.Session.Batch.
func (pipe) TakesCommandsAhead() bool { return true }

func newSession(l *Listener, id string) (s *session, theirs net.Conn) {
	ours, other := net.Pipe()
	s = &session{l: l, id: id, ours: ours, wake: make(chan struct{}, 1), waiting: map[string]bool{}}
	s.changed = sync.NewCond(&s.mu)
	return s, pipe{other}
}

// result takes the result of a command. One of another program's belongs to no command of ours, and its bytes are among ours.
func (s *session) result(command, encoded string) {
	s.mu.Lock()
	ours := s.waiting[command]
	delete(s.waiting, command)
	s.mu.Unlock()
	if !ours {
		s.end()
		return
	}
	s.take(encoded)
	s.changed.Broadcast()
}

// take takes what an event brings. A reply that is longer than Asterisk's buffer is not passed on before its rest has come:
// a marker fetches that, as Asterisk reads on only with the next command.
func (s *session) take(encoded string) {
	text, err := url.QueryUnescape(encoded)
	if err != nil || len(encoded) > encodedSize-4 && len(text) < chunkSize {
		s.end() // bytes are missing
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	s.held += text
	for len(s.echoes) > 0 {
		before, after, found := strings.Cut(s.held, s.echoes[0])
		if !found {
			break
		}
		s.held, s.echoes = before+after, s.echoes[1:]
	}
	if len(text) >= chunkSize {
		s.fetch()
	}
	if len(s.echoes) > 0 {
		return
	}
	if !s.begun {
		s.begun = true
		s.whole = script(s.held)
	}
	s.whole += s.held
	s.held = ""
	s.notify()
}

// script is the line of an environment that an address would have caused: the first argument is the script.
func script(environment string) string {
	_, after, found := strings.Cut(environment, "\nagi_arg_1: ")
	if !found {
		return ""
	}
	argument, _, _ := strings.Cut(after, "\n")
	return "agi_network_script: " + argument + "\n"
}

// fetch sends a marker, in a goroutine of its own.
func (s *session) fetch() {
	var random [8]byte
	rand.Read(random[:])
	word := hex.EncodeToString(random[:])
	s.echoes = append(s.echoes, "200 result=1 ("+word+")\n")
	s.l.running.Go(func() {
		if s.do(`GET FULL VARIABLE "`+word+`"`) != nil {
			s.end()
		}
	})
}

func (s *session) notify() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// hangup says that the channel has left AsyncAGI. A command that has no result then never gets one.
func (s *session) hangup() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hungup = true
	s.whole += "HANGUP\n"
	s.ended = s.ended || len(s.waiting) > 0 || s.held != ""
	s.changed.Broadcast()
	s.notify()
}

// end says that nothing comes any more, and nothing can be sent.
func (s *session) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	s.changed.Broadcast()
	s.notify()
}

// state reports whether nothing comes any more, and whether that is because the channel has left AsyncAGI.
func (s *session) state() (ended, left bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended, s.hungup
}

// feed passes replies on until the end.
func (s *session) feed() {
	defer s.ours.Close()
	for range s.wake {
		s.mu.Lock()
		text, ended := s.whole, s.ended
		s.whole = ""
		s.mu.Unlock()
		if text != "" { // an empty write would be a read of nothing
			if _, err := s.ours.Write([]byte(text)); err != nil {
				return
			}
		}
		if ended {
			return
		}
	}
}

// dead answers a command after the hangup, as Asterisk answers it elsewhere: a word without a variable is echoed, and the
// rest is not permitted.
func (s *session) dead(line string) {
	reply := "511 Command Not Permitted on a dead channel or intercept routine\n"
	if word, ok := strings.CutPrefix(line, `GET FULL VARIABLE "`); ok && !strings.Contains(word, "$") {
		reply = "200 result=1 (" + strings.TrimSuffix(word, `"`) + ")\n"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.whole += reply
	s.notify()
}

// command sends the commands that come, and gives the channel back to the dialplan when no more do.
func (s *session) command() {
	status := "SUCCESS"
	lines := bufio.NewScanner(s.ours)
	lines.Buffer(nil, 64<<10)
	for lines.Scan() {
		_, left := s.state()
		switch line := lines.Text(); {
		case line == "failure":
			status = "FAILURE"
		case left:
			s.dead(line)
		case len(line) > maxCommand:
			s.refuse(fmt.Sprintf("the command has %d bytes, and AsyncAGI takes %d", len(line), maxCommand))
		default:
			s.send(line)
		}
	}
	if ended, left := s.state(); !left {
		if ended { // something was lost
			status = "FAILURE"
		}
		s.leave(status)
	}
	s.end()
}

// send sends a command. Where Asterisk refuses it, that is the answer.
func (s *session) send(line string) {
	err := s.do(line)
	var refused *ami.ResponseError
	var invalid *ami.InvalidActionError
	switch {
	case err == nil:
	case errors.As(err, &refused) && isGone(refused) && s.leaves():
		s.dead(line)
	case errors.As(err, &refused), errors.As(err, &invalid):
		s.refuse("the Manager does not take it")
	default:
		s.end()
	}
}

// isGone reports whether an action was refused because its channel has ended, or is in no AsyncAGI any more
// (action_add_agi_cmd in res/res_agi.c).
func isGone(refused *ami.ResponseError) bool {
	return strings.Contains(refused.Message, "does not exist") || strings.HasPrefix(refused.Message, "Failed to add AGI command")
}

// leaves waits for the event that says that the channel has left AsyncAGI, which comes later than a refusal, and reports
// whether it came.
func (s *session) leaves() bool {
	lost := time.AfterFunc(patience, s.end)
	defer lost.Stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for !s.hungup && !s.ended {
		s.changed.Wait()
	}
	return s.hungup
}

// refuse answers a command that was not sent, when those before it have been answered.
func (s *session) refuse(why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.waiting) > 0 && !s.ended {
		s.changed.Wait()
	}
	s.whole += "503 " + why + "\n"
	s.notify()
}

// leave says how it went, and ends the application. If the Manager is lost, that is done when it is back.
func (s *session) leave(status string) {
	err := s.do(`SET VARIABLE ASYNCAGISTATUS "` + status + `"`)
	if err == nil {
		err = s.do("ASYNCAGI BREAK")
	}
	var refused *ami.ResponseError
	if err != nil && !errors.As(err, &refused) { // else the channel is gone
		s.l.later(s)
	}
}

// do queues a command for the channel.
func (s *session) do(line string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s.mu.Lock()
	s.serial++
	id := s.id + "-" + strconv.Itoa(s.serial)
	s.waiting[id] = true
	s.mu.Unlock()
	_, err := s.l.client.Do(ctx, ami.Action{Name: "AGI"}.With("Channel", s.id).With("Command", line).With("CommandID", id))
	if err != nil {
		s.mu.Lock()
		delete(s.waiting, id)
		s.mu.Unlock()
	}
	return err
}
