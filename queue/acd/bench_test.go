package acd_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/asterism-go/asterism/queue/acd"
)

// BenchmarkDecision is a call that ends and the decision about who comes next, with 2,000 waiting and 500 agents in ten queues.
// In the case "nobody fits" an agent becomes free for whom nobody waits, so that all who wait are looked at.
func BenchmarkDecision(b *testing.B) {
	for _, name := range []string{"next in line", "nobody fits"} {
		b.Run(name, func(b *testing.B) {
			s := acd.New(1)
			now := morning
			s.Advance(now)
			var members []acd.Member
			for i := range 10 {
				q := acd.Queue{Name: fmt.Sprint("q", i), Strategy: acd.LongestIdle, Needs: []acd.Need{{Skill: "de", Min: 1}, {Skill: "fr", Min: 1}}}
				if err := s.SetQueue(q); err != nil {
					b.Fatal(err)
				}
				members = append(members, acd.Member{Queue: q.Name})
			}
			level := 1
			if name == "nobody fits" {
				level = 0
			}
			for i := range 500 {
				a := acd.Agent{ID: fmt.Sprint("a", i), Skills: map[string]int{"de": 1, "fr": level}, Members: members}
				if i == 0 {
					a.Skills["fr"] = level
				}
				if err := s.SetAgent(a); err != nil {
					b.Fatal(err)
				}
				if i > 0 || level == 1 {
					_ = s.SetBusy(a.ID, true)
				}
				_ = s.Login(a.ID)
			}
			n := 0
			join := func() {
				n++
				if err := s.Join(acd.Caller{ID: strconv.Itoa(n), Queue: fmt.Sprint("q", n%10)}); err != nil {
					b.Fatal(err)
				}
			}
			for range 2000 {
				join()
			}
			s.Settle()
			s.Take()
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				now = now.Add(time.Second)
				s.Advance(now)
				_ = s.SetBusy("a0", true)
				s.Settle()
				_ = s.SetBusy("a0", false)
				b.StartTimer()
				s.Settle()
				b.StopTimer()
				for _, t := range s.Take() {
					if t.Kind == acd.OfferMade {
						_ = s.Pick(t.Reservation, "a0")
						_ = s.Accept(t.Reservation)
						_ = s.Finish(t.Caller, false)
						join()
					}
				}
				_ = s.SetBusy("a0", true)
				s.Settle()
				s.Take()
				b.StartTimer()
			}
		})
	}
}
