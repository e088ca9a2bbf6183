package callplay_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/internal/sipphone"
)

// scene is a situation while it is played.
type scene struct {
	*lane
	room     *room
	ctx      context.Context //nolint:containedctx // the time that the scene may take
	lines    []*line
	numbers  int
	watching sync.WaitGroup

	from, to time.Time
	wants    []want
	mu       sync.Mutex
	err      error
}

// note takes an error of something that goes on beside the script.
func (s *scene) note(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = errors.Join(s.err, err)
}

// line is a call of a phone.
type line struct {
	*sipphone.Call
	s        *scene
	st       *station
	incoming bool
	began    time.Time
	number   string // outside, if it is another one than the phone's

	mu             sync.Mutex
	answered, gone time.Time
	hung           time.Time // it hung up or gave up by itself
	refused        int
	holds          []span
	transferred    bool // it has transferred, and who ends it when is of no interest
}

// span is a piece of time.
type span struct{ from, to time.Time }

// stop ends a scene that does not go as it should.
type stop struct{ err error }

func (s *scene) must(err error, format string, args ...any) {
	if err != nil {
		panic(stop{fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), err)})
	}
}

// play runs a script in a lane and hangs up what it has left.
func (r *room) play(ctx context.Context, l *lane, script func(*scene) []want) (s *scene) {
	ctx, cancel := context.WithTimeout(ctx, 40*time.Second)
	defer cancel()
	s = &scene{lane: l, room: r, ctx: ctx, from: time.Now()}
	defer func() {
		if broken := recover(); broken != nil {
			why, ok := broken.(stop)
			if !ok {
				panic(broken)
			}
			s.note(why.err)
		}
		s.finish()
	}()
	s.wants = script(s)
	return s
}

// finish ends all calls of the scene.
func (s *scene) finish() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for _, st := range s.ext {
		st.refuses.Store(0)
	}
	s.mu.Lock()
	fine := s.err == nil
	s.mu.Unlock()
	if fine {
		s.note(s.allOver())
	}
	for _, l := range s.lines {
		s.note(l.Hangup(ctx))
	}
	s.watching.Wait()
	s.to = time.Now()
	for _, st := range s.ext {
		for len(st.in) > 0 {
			s.note((<-st.in).Hangup(ctx))
		}
	}
}

// allOver waits until Asterisk has ended what the phones have not.
func (s *scene) allOver() error {
	for _, l := range s.lines {
		select {
		case <-l.Done():
		case <-s.ctx.Done():
			return fmt.Errorf("a call of %s does not end: %w", l.st.endpoint, context.Cause(s.ctx))
		}
	}
	return nil
}

func (s *scene) line(st *station, c *sipphone.Call, incoming bool) *line {
	l := &line{Call: c, s: s, st: st, incoming: incoming, began: time.Now()}
	s.lines = append(s.lines, l)
	s.watching.Go(func() {
		if c.WaitAnswered(context.Background()) == nil {
			l.mu.Lock()
			l.answered = time.Now()
			l.mu.Unlock()
		}
		<-c.Done()
		l.mu.Lock()
		l.gone = time.Now()
		l.mu.Unlock()
	})
	return l
}

// dial places a call.
func (s *scene) dial(st *station, number string) *line {
	c, err := st.Dial(s.ctx, number)
	s.must(err, "%s calls %s", st.endpoint, number)
	return s.line(st, c, false)
}

// take is the next call that a phone gets.
func (s *scene) take(st *station) *line { return s.takeFrom(st, st.number) }

func (s *scene) takeFrom(st *station, number string) *line {
	select {
	case c := <-st.queue(number):
		return s.line(st, c, true)
	case <-s.ctx.Done():
		s.must(context.Cause(s.ctx), "%s is not called", st.endpoint)
		return nil
	}
}

// outside makes a number outside that no other call has, which a trunk refuses with a status (0: none does).
func (s *scene) outside(trunk, status int) string {
	s.numbers++
	return fmt.Sprintf("69%d%02d%02d%d%03d", s.index, s.room.number(), s.numbers, trunk, status)
}

func (l *line) answer() *line {
	l.s.must(l.Answer(l.s.ctx), "%s answers", l.st.endpoint)
	return l
}

// up waits until the other side has answered.
func (l *line) up() *line {
	l.s.must(l.WaitAnswered(l.s.ctx), "%s waits for an answer", l.st.endpoint)
	return l
}

func (l *line) rings() *line {
	l.s.must(l.WaitRinging(l.s.ctx), "%s waits for ringing", l.st.endpoint)
	return l
}

func (l *line) hangup() {
	l.hung = time.Now()
	l.s.must(l.Hangup(l.s.ctx), "%s hangs up", l.st.endpoint)
}

func (l *line) refuse(status int) {
	l.refused = status
	l.s.must(l.Reject(l.s.ctx, status), "%s refuses", l.st.endpoint)
}

func (l *line) hold() {
	l.holds = append(l.holds, span{from: time.Now()})
	l.s.must(l.Hold(l.s.ctx), "%s holds", l.st.endpoint)
}

func (l *line) resume() {
	l.s.must(l.Resume(l.s.ctx), "%s resumes", l.st.endpoint)
	l.holds[len(l.holds)-1].to = time.Now()
}

func (l *line) blind(number string) {
	l.transferred = true
	l.s.must(l.Transfer(l.s.ctx, number), "%s transfers to %s", l.st.endpoint, number)
}

func (l *line) attended(consultation *line) {
	l.transferred, consultation.transferred = true, true
	l.s.must(l.TransferTo(l.s.ctx, consultation.Call), "%s transfers", l.st.endpoint)
}

// over waits until the call has ended.
func (l *line) over() {
	select {
	case <-l.Done():
	case <-l.s.ctx.Done():
		l.s.must(context.Cause(l.s.ctx), "%s waits for the end", l.st.endpoint)
	}
}

// talkTime is long enough for a difference to be seen.
const talkTime = time.Second

// talk waits until two hear each other, and lets them talk.
func (s *scene) talk(a, b *line) {
	s.must(a.WaitHears(s.ctx, b.st.tone), "%s hears %s", a.st.endpoint, b.st.endpoint)
	s.must(b.WaitHears(s.ctx, a.st.tone), "%s hears %s", b.st.endpoint, a.st.endpoint)
	s.pause(talkTime)
}

// pause is the tempo of those who play; nothing waits for it.
func (s *scene) pause(d time.Duration) {
	select {
	case <-time.After(d):
	case <-s.ctx.Done():
	}
}

// channel is the channel of a line.
func (s *scene) channel(l *line) string {
	channel := ""
	s.must(s.room.await(s.ctx, func() bool {
		channel = s.room.channels[l.CallID()]
		return channel != ""
	}), "the channel of %s", l.st.endpoint)
	return channel
}

func (s *scene) do(a ami.Action) {
	_, err := s.room.client.Do(s.ctx, a)
	s.must(err, "%s", a.Name)
}
