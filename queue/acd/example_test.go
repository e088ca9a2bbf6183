package acd_test

import (
	"fmt"
	"time"

	"github.com/asterism-go/asterism/queue/acd"
)

// Two agents, of whom one is at lunch, and a caller.
func Example() {
	s := acd.New(1)
	s.Advance(time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC))
	if err := s.SetQueue(acd.Queue{Name: "support", Strategy: acd.LongestIdle}); err != nil {
		fmt.Println(err)
		return
	}
	for _, id := range []string{"anna", "boris"} {
		err := s.SetAgent(acd.Agent{ID: id, Members: []acd.Member{{Queue: "support"}}})
		if err == nil {
			err = s.Login(id)
		}
		if err != nil {
			fmt.Println(err)
			return
		}
	}
	if err := s.Pause("anna", "lunch"); err != nil {
		fmt.Println(err)
		return
	}
	if err := s.Join(acd.Caller{ID: "1", Queue: "support"}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(acd.Decide(s))
	// Output: 1 of support (longest_idle, waited 0s): anna not free (paused); boris chosen
}
