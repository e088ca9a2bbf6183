package sipphone

import (
	"bytes"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestMuLaw(t *testing.T) {
	for sample := math.MinInt16; sample <= math.MaxInt16; sample++ {
		got := int(decodeMu(encodeMu(int16(sample))))
		if diff := math.Abs(float64(got - max(min(sample, muClip), -muClip))); diff > math.Abs(float64(sample))/16+8 {
			t.Fatalf("%d became %d", sample, got)
		}
	}
	// the values of ITU-T G.711, table 2a: silence and full scale
	for code, want := range map[byte]int16{0xff: 0, 0x7f: 0, 0x80: 32124, 0x00: -32124, 0xf0: 120, 0x8f: 16764} {
		if got := decodeMu(code); got != want {
			t.Errorf("%#x is %d, want %d", code, got, want)
		}
	}
}

func TestTones(t *testing.T) {
	mix := func(tones ...float64) []byte {
		frame := make([]byte, frameSize)
		for i := range frame {
			sum := 0.0
			for _, f := range tones {
				sum += toneAmplitude * math.Sin(2*math.Pi*f*float64(i)/sampleRate)
			}
			frame[i] = encodeMu(int16(sum))
		}
		return frame
	}
	for _, want := range [][]float64{{500}, {3000}, {500, 550}, {650, 1450, 2050}} {
		if got := tonesIn(mix(want...), Frequencies()); !slices.Equal(got, want) {
			t.Errorf("heard %v, want %v", got, want)
		}
	}
	for _, f := range Frequencies() {
		if got := tonesIn(mix(f), Frequencies()); !slices.Equal(got, []float64{f}) {
			t.Errorf("heard %v, want %g", got, f)
		}
	}
	if got := tonesIn(mix(), Frequencies()); got != nil {
		t.Errorf("heard %v in silence", got)
	}
	if got := tonesIn(mix(150), Frequencies()); got != nil {
		t.Errorf("heard %v in music on hold", got)
	}
}

func TestToneLevels(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, test := range []struct {
		name        string
		tone, noise float64 // amplitudes
		want        bool
	}{
		{"as sent", toneAmplitude, 0, true},
		{"half as loud, as in a conference", toneAmplitude / 2, 0, true},
		{"just loud enough", heardAmplitude * 1.1, 0, true},
		{"not loud enough", heardAmplitude * 0.9, 0, false},
		{"silence", 0, 0, false},
		{"in noise as loud", toneAmplitude, toneAmplitude, true},
		{"noise alone", 0, toneAmplitude, false},
		{"overdriven", 60000, 0, true},
	} {
		for range 200 { // of the noise
			frame := make([]byte, frameSize)
			for i := range frame {
				x := test.tone*math.Sin(2*math.Pi*650*float64(i)/sampleRate) + test.noise*(2*random.Float64()-1)
				frame[i] = encodeMu(int16(max(min(x, math.MaxInt16), math.MinInt16)))
			}
			if got := slices.Contains(tonesIn(frame, Frequencies()), 650); got != test.want {
				t.Errorf("%s: heard %v", test.name, got)
				break
			}
		}
	}
}

func TestEars(t *testing.T) {
	e := newEars([]float64{500, 650})
	tone := newOscillator(500)
	frame := make([]byte, frameSize)
	now := time.Unix(1000, 0)
	play := func(frames int) {
		for range frames {
			tone.fill(frame)
			e.take(frame, now)
			now = now.Add(frameTime)
		}
	}
	play(hearsAfter - 1)
	if e.hears(500, now) || len(e.heard(now)) > 0 {
		t.Error("heard too early")
	}
	play(20)
	if !e.hears(500, now) || e.hears(650, now) {
		t.Errorf("heard %v", e.heard(now))
	}
	now = now.Add(deafAfter / 2) // late audio is no end
	play(5)
	if got := e.heard(now); len(got) != 1 || !got[0].To.IsZero() || !got[0].From.Equal(time.Unix(1000, 0)) {
		t.Errorf("heard %v", got)
	}
	last := now.Add(-frameTime)
	now = now.Add(2 * deafAfter)
	play(hearsAfter)
	if got := e.heard(now); len(got) != 2 || !got[0].To.Equal(last) || !got[1].To.IsZero() {
		t.Errorf("heard %v", got)
	}
}

func TestEvents(t *testing.T) {
	for code := range len(digits) {
		for _, end := range []bool{false, true} {
			digit, gotEnd, ok := parseEvent(eventPayload(byte(code), end, 800))
			if !ok || digit != digits[code] || gotEnd != end {
				t.Errorf("code %d: %c %v %v", code, digit, gotEnd, ok)
			}
		}
	}
	if _, _, ok := parseEvent([]byte{16, 0, 0, 0}); ok {
		t.Error("a flash is no digit")
	}
	if _, _, ok := parseEvent([]byte{1, 0}); ok {
		t.Error("half an event")
	}
}

func TestPacket(t *testing.T) {
	p := packet{payloadType: 101, marker: true, sequence: 65535, timestamp: 1 << 31, source: 7, payload: []byte("abc")}
	got, err := parsePacket(p.append(nil))
	if err != nil || got.sequence != p.sequence || got.timestamp != p.timestamp || got.source != 7 ||
		!got.marker || got.payloadType != 101 || !bytes.Equal(got.payload, p.payload) {
		t.Errorf("%+v, %v", got, err)
	}
	extended := p.append(nil)
	extended[0] |= 0x10 | 0x20 | 1 // a word of CSRC, an extension of one word, padding
	extended = slices.Insert(extended, rtpHeader, 0, 0, 0, 9, 0xbe, 0xde, 0, 1, 1, 2, 3, 4)
	extended = append(extended, 0, 2)
	if got, err := parsePacket(extended); err != nil || !bytes.Equal(got.payload, p.payload) {
		t.Errorf("%+v, %v", got, err)
	}
}

func FuzzPacket(f *testing.F) {
	f.Add(packet{payload: []byte("x")}.append(nil))
	f.Add([]byte{0xb0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := parsePacket(b)
		if err == nil && len(p.payload) > len(b)-rtpHeader {
			t.Error("more payload than there is")
		}
		parseEvent(p.payload)
	})
}

func TestSession(t *testing.T) {
	offer := session{audio: netip.MustParseAddrPort("127.0.0.1:4000"), direction: sendonly}.offer(3)
	got, err := parseSession(offer)
	want := session{audio: netip.MustParseAddrPort("127.0.0.1:4000"), direction: sendonly, event: payloadEvent}
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	for name, text := range map[string]string{
		"no media":     "v=0\r\nc=IN IP4 127.0.0.1\r\n",
		"no mu-law":    strings.Replace(string(offer), "RTP/AVP 0", "RTP/AVP 8", 1),
		"port 0":       strings.Replace(string(offer), "audio 4000", "audio 0", 1),
		"no address":   strings.Replace(string(offer), "c=IN", "x=IN", 1),
		"video only":   strings.Replace(string(offer), "m=audio", "m=video", 1),
		"nothing":      "",
		"broken media": "c=IN IP4 127.0.0.1\r\nm=audio\r\n",
	} {
		if got, err := parseSession([]byte(text)); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
	other := strings.Replace(string(offer), "m=audio", "m=video 9 RTP/AVP 96\r\nc=IN IP4 127.0.0.9\r\na=inactive\r\nm=audio", 1)
	other += "m=text 9 RTP/AVP 98\r\na=inactive\r\n"
	if got, err := parseSession([]byte(strings.Replace(other, "a=sendonly\r\n", "", 1))); err != nil || got.direction != sendrecv || got.audio != want.audio {
		t.Errorf("beside other streams: %+v, %v", got, err)
	}
	for d, want := range map[direction]direction{sendrecv: sendrecv, sendonly: recvonly, recvonly: sendonly, inactive: inactive} {
		if got := d.answer(); got != want {
			t.Errorf("%s is answered by %s", d, got)
		}
	}
}

func FuzzSession(f *testing.F) {
	f.Add(session{audio: netip.MustParseAddrPort("127.0.0.1:4000"), direction: sendrecv}.offer(1))
	f.Fuzz(func(t *testing.T, text []byte) {
		if s, err := parseSession(text); err == nil && (!s.audio.IsValid() || s.audio.Port() == 0) {
			t.Errorf("%q: no address in %+v", text, s)
		}
	})
}

func TestOnlyOneFinalResponse(t *testing.T) {
	c := &Call{incoming: true}
	for _, allowed := range []func() error{c.undecided, c.undecided, c.decide} {
		if err := allowed(); err != nil {
			t.Error(err)
		}
	}
	for _, late := range []func() error{c.undecided, c.decide} {
		if late() == nil {
			t.Error("a call can be answered again")
		}
	}
	for name, c := range map[string]*Call{"ended": {incoming: true, over: true}, "placed by this phone": {}} {
		if c.decide() == nil {
			t.Errorf("a call that is %s can be answered", name)
		}
	}
}

func TestFragment(t *testing.T) {
	for body, want := range map[string]int{
		"SIP/2.0 200 OK\r\n": 200, "SIP/2.0 404 Not Found": 404, "SIP/2.0 100": 100, "HTTP/1.1 200 OK": 0, "": 0, "SIP/2.0 x": 0,
	} {
		if code, _, ok := parseFragment(body); code != want || ok != (want != 0) {
			t.Errorf("%q: %d, %v", body, code, ok)
		}
	}
}
