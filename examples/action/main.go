// Action sends one action to an Asterisk and prints the answer.
//
//	export ASTERISM_AMI_SECRET=...                                          # of the user in manager.conf
//	go run ./examples/action -addr pbx:5038 -user board CoreStatus
//	go run ./examples/action -user board QueuePause Interface=PJSIP/100 Paused=true
//	go run ./examples/action -user board CoreShowChannels                   # a list is printed as a table
//	go run ./examples/action -user board -columns Channel,State CoreShowChannels
//	go run ./examples/action -user board -json QueueStatus Queue=help       # or as JSON, one item a line
//	go run ./examples/action -user board Command 'Command=core show uptime'
//
// A header may be given more than once (Variable=A=1 Variable=B=2). If Asterisk says no, its reason is printed and the
// program ends with 1.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "action:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}
