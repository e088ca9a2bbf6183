package sipphone

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"time"
)

const frameTime = 20 * time.Millisecond

// media is the audio of one call: a socket, a goroutine that sends a frame every 20 ms and one that hears what comes.
type media struct {
	conn *net.UDPConn
	ears *ears
	done chan struct{}
	once sync.Once
	work sync.WaitGroup

	mu       sync.Mutex
	remote   session
	talking  bool // our tone is sent
	held     bool // by ourselves
	pending  []byte
	sent     chan struct{} // closed when pending is empty
	received strings.Builder
	lastEnd  uint32 // the timestamp of the digit that came last
	anyEnd   bool
}

func newMedia(tone float64, frequencies []float64) (*media, error) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, fmt.Errorf("sipphone: a port for audio: %w", err)
	}
	m := &media{conn: conn, ears: newEars(frequencies), done: make(chan struct{})}
	m.work.Go(m.receive)
	m.work.Go(func() { m.send(tone) })
	return m, nil
}

// local describes our side: sendrecv, or sendonly while we keep the peer on hold.
func (m *media) local() session {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := session{audio: addrPort(m.conn.LocalAddr()), direction: sendrecv}
	if m.held {
		s.direction = sendonly
	}
	return s
}

// connect starts to send to the peer, as far as it wants to hear.
func (m *media) connect(remote session) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.remote = remote
	m.talking = !m.held && (remote.direction == sendrecv || remote.direction == recvonly)
}

// hold says whether we keep the peer on hold, and returns what takes that back; connect follows with the peer's answer.
func (m *media) hold(held bool) (undo func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	was, talked := m.held, m.talking
	m.held, m.talking = held, m.talking && !held
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.held, m.talking = was, talked
	}
}

func (m *media) close() {
	m.once.Do(func() {
		close(m.done)
		m.conn.Close()
	})
	m.work.Wait()
	m.ears.close()
}

func (m *media) receive() {
	buf := make([]byte, 2048)
	for {
		n, err := m.conn.Read(buf)
		if err != nil {
			select {
			case <-m.done:
				return
			default:
				continue // an ICMP error of a peer that is gone
			}
		}
		p, err := parsePacket(buf[:n])
		if err != nil {
			continue
		}
		switch p.payloadType {
		case payloadPCMU:
			m.ears.take(p.payload, time.Now())
		case payloadEvent:
			m.digit(p)
		}
	}
}

// digit notes a digit at its end, which is sent three times.
func (m *media) digit(p packet) {
	digit, end, ok := parseEvent(p.payload)
	m.mu.Lock()
	defer m.mu.Unlock()
	if !ok || !end || m.anyEnd && p.timestamp == m.lastEnd {
		return
	}
	m.received.WriteByte(digit)
	m.lastEnd, m.anyEnd = p.timestamp, true
}

func (m *media) digits() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.received.String()
}

// sendDigits sends digits one after the other and returns when the last one has been sent.
func (m *media) sendDigits(ctx context.Context, text string) error {
	if rest := strings.Trim(text, digits); rest != "" || text == "" {
		return fmt.Errorf("sipphone: DTMF %q: want some of %s", text, digits)
	}
	sent, err := m.queueDigits(text)
	if err != nil {
		return fmt.Errorf("sipphone: DTMF %q: %w", text, err)
	}
	select {
	case <-sent:
		return nil
	case <-ctx.Done():
		m.dropDigits(sent)
		return context.Cause(ctx)
	case <-m.done:
		return errEnded
	}
}

// queueDigits gives digits to the sender, which closes the channel when it has sent them.
func (m *media) queueDigits(text string) (sent chan struct{}, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.sent != nil:
		return nil, errors.New("other digits are being sent")
	case m.remote.audio.IsValid() && m.remote.event == 0:
		return nil, errors.New("the other side takes no telephone-events")
	}
	m.pending, m.sent = []byte(text), make(chan struct{})
	return m.sent, nil
}

// dropDigits takes back those digits whose channel this is and that are not sent yet.
func (m *media) dropDigits(sent chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.sent == sent {
		m.pending, m.sent = nil, nil
	}
}

// stream is the outgoing side of an RTP session.
type stream struct {
	next   packet
	tone   oscillator
	silent bool
	frame  [frameSize]byte
	wire   []byte

	event byte // the code of the digit that is being sent
	ticks int  // how many frames of it were sent; negative in the pause after it
}

// A digit is 140 ms long. Its first packet is sent with its first 20 ms and not behind them, so Asterisk sees 120 ms of it, and 80 ms until
// the next one. Asterisk emulates digits that are shorter than 80 ms or come less than 45 ms apart (option_dtmfminduration and
// AST_MIN_DTMF_GAP in main/channel.c): a machine that is busy has about 40 ms to spare for both.
const (
	digitFrames = 7
	pauseFrames = 3
)

func (m *media) send(tone float64) {
	// The timestamps begin in the lower half: Asterisk takes a digit whose timestamp has wrapped around for an old one, and drops
	// it (process_dtmf_rfc2833 in res/res_rtp_asterisk.c).
	s := stream{next: packet{sequence: uint16(rand.Uint32()), timestamp: rand.Uint32() >> 1, source: rand.Uint32()}, tone: newOscillator(tone), silent: tone == 0}
	ticker := time.NewTicker(frameTime)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			m.tick(&s)
		case <-m.done:
			return
		}
	}
}

// tick sends what belongs into the next 20 ms: a part of a digit, the tone, or nothing.
func (m *media) tick(s *stream) {
	m.mu.Lock()
	remote, talking := m.remote, m.talking
	dialing := talking && remote.event != 0 && m.nextDigit(s)
	m.mu.Unlock()
	if talking {
		to := net.UDPAddrFromAddrPort(remote.audio)
		for _, p := range s.packets(dialing, remote.event) {
			s.wire = p.append(s.wire[:0])
			m.conn.WriteToUDP(s.wire, to) //nolint:errcheck // a peer that is gone is told by its BYE
		}
	}
	if !dialing {
		s.next.timestamp += frameSize
	}
}

// nextDigit reports whether a digit is being sent. It takes the next one when a pause is over. The lock must be held.
func (m *media) nextDigit(s *stream) bool {
	if s.ticks > 0 {
		return true
	}
	if s.ticks < 0 {
		s.ticks++
		return false
	}
	if m.sent == nil {
		return false
	}
	if len(m.pending) == 0 {
		close(m.sent)
		m.sent = nil
		return false
	}
	s.event = byte(strings.IndexByte(digits, m.pending[0]))
	m.pending = m.pending[1:]
	s.ticks = 1
	return true
}

// packets are those of the next 20 ms. Those of one digit have the same timestamp, that of its beginning.
func (s *stream) packets(dialing bool, eventType byte) []packet {
	if !dialing {
		s.tone.fill(s.frame[:])
		if s.silent {
			for i := range s.frame {
				s.frame[i] = encodeMu(0)
			}
		}
		s.next.payloadType, s.next.payload, s.next.marker = payloadPCMU, s.frame[:], false
		s.next.sequence++
		return []packet{s.next}
	}
	copies := 1
	end := s.ticks == digitFrames
	if end {
		copies = 3
	}
	var all []packet
	for range copies {
		p := s.next
		p.sequence++
		s.next.sequence = p.sequence
		p.payloadType, p.marker = eventType, s.ticks == 1
		p.payload = eventPayload(s.event, end, uint16(s.ticks*frameSize))
		all = append(all, p)
	}
	s.ticks++
	if end {
		s.ticks = -pauseFrames
		s.next.timestamp += digitFrames * frameSize
	}
	return all
}
