// Ari asks an Asterisk for one operation of its REST interface and prints the answer as JSON.
//
//	export ASTERISM_ARI_PASSWORD=...                                     # of the user in ari.conf
//	go run ./examples/ari -url http://pbx:8088/ari -user ivr             # lists all operations
//	go run ./examples/ari -user ivr channels.list
//	go run ./examples/ari -user ivr channels.hangup channelId=1795.1 reason=busy
//	go run ./examples/ari -user ivr bridges.addChannel bridgeId=b channel=1795.1 channel=1795.3
//	go run ./examples/ari -user ivr -body '{"variables":{"A":"b"}}' channels.setChannelVars channelId=1795.1
//
//	go run ./examples/ari -user ivr -doctor languages=en,de formats=ulaw stall=yes # what is wrong with it, and the lines to add
//
// If Asterisk says no, its reason is printed and the program ends with 1.
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
		fmt.Fprintln(os.Stderr, "ari:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}
