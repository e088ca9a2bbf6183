package ari

import (
	"bytes"
	"testing"
)

// What is packed comes out again, and nothing that comes over the network is a panic.
func FuzzRTP(f *testing.F) {
	f.Add([]byte{0x80, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 'a'})
	f.Add([]byte{0xb1, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4, 'a', 0, 2})
	f.Fuzz(func(t *testing.T, b []byte) {
		if payload, ok := rtpPayload(b); ok && len(payload) > len(b)-rtpHeadSize {
			t.Errorf("%d bytes of %d", len(payload), len(b))
		}
		h := rtpHead{payload: 8, sequence: 65535, source: 7}
		first, second := h.packet(b), h.packet(b)
		if got, ok := rtpPayload(first); !ok || !bytes.Equal(got, b) {
			t.Errorf("got %q, %v", got, ok)
		}
		if second[2] != 0 || second[3] != 0 {
			t.Error("the number after 65535 is not 0")
		}
	})
}
