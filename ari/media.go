package ari

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

// MediaFormat is how the audio of a [Media] is written: 8000 samples a second, of one byte each.
type MediaFormat string

// The formats of a [Media] (ITU-T G.711).
const (
	Ulaw MediaFormat = "ulaw"
	Alaw MediaFormat = "alaw"
)

// payload is the type of a format in RTP (RFC 3551).
func (f MediaFormat) payload() byte {
	if f == Alaw {
		return 8
	}
	return 0
}

// MediaParams are those of [App.ExternalMedia].
type MediaParams struct {
	// Format of the audio. Default: [Ulaw].
	Format MediaFormat
	// Listen is the address on which we take the audio, which Asterisk must reach. Default: "127.0.0.1:0", for an Asterisk on
	// this machine.
	Listen string
}

// Media is a channel whose other end is this program: what the others in its bridge say is read, and what is written is what
// they hear. Close hangs it up, and its end is io.EOF.
type Media struct {
	*Channel
	format MediaFormat
	conn   *net.UDPConn
	stop   func() bool

	read  sync.Mutex
	rest  []byte // of the last packet
	write sync.Mutex
	to    *net.UDPAddr
	next  time.Time // when the next frame is due
	head  rtpHead
}

// frame is how much audio one packet has.
const (
	frame     = 20 * time.Millisecond
	frameSize = 160
)

// maxPacket is more than any packet of RTP has.
const maxPacket = 2048

// ExternalMedia makes a channel whose other end is this program, by RTP over UDP. It is in the application when it is returned,
// and in no bridge. When ctx ends before, nothing is left of it.
func (a *App) ExternalMedia(ctx context.Context, p MediaParams) (*Media, error) {
	m := &Media{format: orDefault(p.Format, Ulaw)}
	if m.format != Ulaw && m.format != Alaw {
		return nil, fmt.Errorf("ari: external media: the format %q is neither %s nor %s", m.format, Ulaw, Alaw)
	}
	var config net.ListenConfig
	conn, err := config.ListenPacket(ctx, "udp", orDefault(p.Listen, "127.0.0.1:0"))
	if err != nil {
		return nil, fmt.Errorf("ari: external media: %w", err)
	}
	m.conn = conn.(*net.UDPConn)
	id := newID()
	m.Channel, err = a.makeHere(ctx, id, func(ctx context.Context) error {
		_, err := a.Client.Channels().ExternalMedia(ctx, ChannelExternalMediaParams{
			ChannelID: id, App: a.Name, ExternalHost: conn.LocalAddr().String(), Format: string(m.format),
		})
		return err
	})
	if err == nil {
		err = m.locate(ctx)
	}
	if err != nil {
		if m.Channel != nil {
			m.abandon(ctx)
		}
		m.conn.Close()
		return nil, err
	}
	m.head = rtpHead{payload: m.format.payload(), source: rand.Uint32(), sequence: uint16(rand.Uint32())} //nolint:gosec // RTP wants chance, not a secret
	m.stop = m.closeAtHangup()
	return m, nil
}

// locate asks Asterisk where it takes the audio.
func (m *Media) locate(ctx context.Context) error {
	host, err := m.Var(ctx, "UNICASTRTP_LOCAL_ADDRESS")
	if err != nil {
		return err
	}
	port, err := m.Var(ctx, "UNICASTRTP_LOCAL_PORT")
	if err != nil {
		return err
	}
	m.to, err = net.ResolveUDPAddr("udp", net.JoinHostPort(host, port))
	return err
}

// closeAtHangup has a Read end when the channel does.
func (m *Media) closeAtHangup() func() bool {
	ctx, cancel := m.within(context.Background())
	stop := context.AfterFunc(ctx, func() { m.conn.Close() })
	return func() bool { defer cancel(); return stop() }
}

// Read reads audio, up to one packet at a time. Its end is [io.EOF].
func (m *Media) Read(p []byte) (int, error) {
	m.read.Lock()
	defer m.read.Unlock()
	var packet [maxPacket]byte
	for len(m.rest) == 0 {
		n, _, err := m.conn.ReadFromUDP(packet[:])
		if errors.Is(err, net.ErrClosed) {
			return 0, io.EOF
		}
		if err != nil {
			return 0, err
		}
		if payload, ok := rtpPayload(packet[:n]); ok && packet[1]&0x7f == m.format.payload() {
			m.rest = append(m.rest[:0], payload...)
		}
	}
	n := copy(p, m.rest)
	m.rest = m.rest[n:]
	return n, nil
}

// Write writes audio, in its own time: what takes a second to hear takes a second to write.
func (m *Media) Write(p []byte) (int, error) {
	m.write.Lock()
	defer m.write.Unlock()
	written := 0
	for written < len(p) {
		part := p[written:min(written+frameSize, len(p))]
		if err := m.due(); err != nil {
			return written, err
		}
		if _, err := m.conn.WriteToUDP(m.head.packet(part), m.to); err != nil {
			if errors.Is(err, net.ErrClosed) {
				err = io.ErrClosedPipe
			}
			return written, err
		}
		written += len(part)
	}
	return written, nil
}

// due waits until the next frame is to be sent. After a pause the time begins anew.
func (m *Media) due() error {
	now := time.Now()
	if m.next.Before(now.Add(-frame)) {
		m.next = now
	}
	timer := time.NewTimer(m.next.Sub(now))
	defer timer.Stop()
	select {
	case <-timer.C:
		m.next = m.next.Add(frame)
		return nil
	case <-m.Done():
		return io.ErrClosedPipe
	}
}

// Close hangs the channel up.
func (m *Media) Close() error {
	m.stop()
	m.conn.Close()
	ctx, cancel := context.WithTimeout(context.Background(), cleanupTimeout)
	defer cancel()
	return m.Hangup(ctx)
}

// rtpHead makes the packets of one stream (RFC 3550).
type rtpHead struct {
	payload           byte
	sequence          uint16
	timestamp, source uint32
}

const rtpHeadSize = 12

func (h *rtpHead) packet(audio []byte) []byte {
	b := make([]byte, rtpHeadSize, rtpHeadSize+len(audio))
	b[0], b[1] = 0x80, h.payload
	binary.BigEndian.PutUint16(b[2:], h.sequence)
	binary.BigEndian.PutUint32(b[4:], h.timestamp)
	binary.BigEndian.PutUint32(b[8:], h.source)
	h.sequence++
	h.timestamp += uint32(len(audio)) //nolint:gosec // at most one frame
	return append(b, audio...)
}

// rtpPayload returns what is in a packet.
func rtpPayload(b []byte) ([]byte, bool) {
	if len(b) < rtpHeadSize || b[0]>>6 != 2 {
		return nil, false
	}
	begin, end := rtpHeadSize+4*int(b[0]&0x0f), len(b)
	if b[0]&0x10 != 0 { // an extension
		if begin+4 > len(b) {
			return nil, false
		}
		begin += 4 + 4*int(binary.BigEndian.Uint16(b[begin+2:]))
	}
	if b[0]&0x20 != 0 { // padding
		end -= int(b[len(b)-1])
	}
	if begin > end {
		return nil, false
	}
	return b[begin:end], true
}
