package agents_test

import (
	"fmt"
	"testing"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/agents"
)

// BenchmarkFeed is what an event costs in a call centre of 500 agents, each in 4 queues.
func BenchmarkFeed(b *testing.B) {
	var items []string
	for i := range 500 {
		items = append(items, fmt.Sprintf("ExtensionStatus Exten=%d Context=default Hint=PJSIP/%d&Custom:DND%d Status=0", i, i, i))
		for q := range 4 {
			items = append(items, fmt.Sprintf("QueueMember Queue=q%d Name=Agent%d Location=PJSIP/%d Status=1 Paused=0", q, i, i))
		}
	}
	for name, texts := range map[string][2]string{
		"member":     {"QueueMemberStatus Queue=q1 Interface=PJSIP/77 Status=2 Paused=0", "QueueMemberStatus Queue=q1 Interface=PJSIP/77 Status=1 Paused=0"},
		"device":     {"DeviceStateChange Device=PJSIP/77 State=INUSE", "DeviceStateChange Device=PJSIP/77 State=NOT_INUSE"},
		"irrelevant": {"Newexten Channel=PJSIP/77-1", "RTCPSent Channel=PJSIP/77-1"},
	} {
		b.Run(name, func(b *testing.B) {
			m := agents.NewModel(agents.Config{})
			m.Resync(snapshot(b, items...), after(0))
			events := [2]ami.Message{event(b, 1, texts[0]), event(b, 1, texts[1])}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				m.Feed(events[i%2], noon)
			}
		})
	}
}
