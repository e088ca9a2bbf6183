package queue

import (
	"testing"

	"github.com/asterism-go/asterism/queue/acd"
)

// A wish that was stored outlives the Callback of its queue: nobody is dialled.
func TestCustomerWithoutCallback(t *testing.T) {
	q := &Queue{Queue: acd.Queue{Name: "support"}}
	if _, err := (&Server{}).customer(t.Context(), q, "channel", acd.Caller{Number: "2610123456"}); err == nil {
		t.Error("the customer is dialled")
	}
}
