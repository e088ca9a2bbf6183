package calls

import (
	"testing"
	"unsafe"
)

// What lives as long as a call stays below the size above which the garbage collector is slow: see memory.go.
func TestPiecesAreSmall(t *testing.T) {
	const limit = 512
	for name, size := range map[string]uintptr{
		"channel": unsafe.Sizeof(channel{}), "channelMore": unsafe.Sizeof(channelMore{}),
		"call": unsafe.Sizeof(call{}), "callMore": unsafe.Sizeof(callMore{}),
		"two legs": unsafe.Sizeof([2]Leg{}), "bridge": unsafe.Sizeof(bridge{}), "talk": unsafe.Sizeof(talk{}),
		"visit": unsafe.Sizeof(visit{}), "transfer": unsafe.Sizeof(transfer{}), "seat": unsafe.Sizeof(seat{}),
	} {
		if size > limit {
			t.Errorf("a %s has %d bytes, more than %d: move a part of it into a piece of its own", name, size, limit)
		}
	}
}

// keep makes one text of all, and of none nothing.
func TestKeep(t *testing.T) {
	one, none, two := "1700000000.1", "", "PJSIP/101-00000001"
	keep(&one, &none, &two)
	if one != "1700000000.1" || none != "" || two != "PJSIP/101-00000001" {
		t.Errorf("kept %q, %q and %q", one, none, two)
	}
	end := unsafe.Add(unsafe.Pointer(unsafe.StringData(one)), len(one))
	if unsafe.Pointer(unsafe.StringData(two)) != end {
		t.Error("they are not in one piece")
	}
}
