// Events shows what an Asterisk tells over its Manager.
//
//	export ASTERISM_AMI_SECRET=...                             # of the user in manager.conf
//	go run ./examples/events -addr pbx:5038 -user board        # every event, until Ctrl-C
//	go run ./examples/events -user board 'Queue*' Hangup       # those whose names fit
//	go run ./examples/events -user board -record calls.ami     # and record everything, without secrets
//	go run ./examples/events -replay calls.ami 'Queue*'        # a recording (or a .gz of one) instead of an Asterisk
//	go run ./examples/events -replay calls.ami -count          # how many messages and answers, and events by name
//
// When the connection is lost it is made again, and the place where events are missing is shown. Events that look forged are
// marked so.
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
		fmt.Fprintln(os.Stderr, "events:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}
