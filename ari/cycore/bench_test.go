package cycore

import (
	"encoding/json"
	"testing"

	v5 "github.com/CyCoreSystems/ari/v5"
	"github.com/CyCoreSystems/ari/v5/stdbus"

	"github.com/asterism-go/asterism/ari"
)

func typeOf(line string) string {
	var m v5.Message
	json.Unmarshal([]byte(line), &m) //nolint:errcheck // then it is empty
	return m.Type
}

// fake makes an event as an application has it.
func fake(t testing.TB, line string) ari.Event {
	t.Helper()
	e, err := ari.ParseEvent([]byte(line))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// What an event costs from its bytes to a subscription: with v5's own client (native/client.go), and here; where somebody
// wants all of them, and where somebody wants those of one type, as programs do.
func BenchmarkEvent(b *testing.B) {
	lines := events(b)
	kept := lines[:0]
	for _, line := range lines { // v5's own client cannot have the others
		if _, ok := newEvent(typeOf(line)).(*Unknown); !ok {
			kept = append(kept, line)
		}
	}
	for name, types := range map[string]string{"all": v5.Events.All, "one type": v5.Events.StasisStart} {
		b.Run(name+"/v5", func(b *testing.B) {
			bus := stdbus.New()
			sub := bus.Subscribe(nil, types)
			b.ReportAllocs()
			for i := range b.N {
				e, err := v5.DecodeEvent([]byte(kept[i%len(kept)]))
				if err != nil {
					b.Fatal(err)
				}
				bus.Send(e)
				drain(sub)
			}
		})
		b.Run(name+"/cycore", func(b *testing.B) {
			bus := testBus(b, 0)
			sub := bus.Subscribe(nil, types)
			b.ReportAllocs()
			for i := range b.N {
				bus.take(fake(b, kept[i%len(kept)]))
				drain(sub)
			}
		})
	}
}

func drain(sub v5.Subscription) {
	for {
		select {
		case <-sub.Events():
		default:
			return
		}
	}
}
