// Callctl does to the calls of an Asterisk what can be done from a screen.
//
//	export ASTERISM_AMI_SECRET=...                          # of the user in manager.conf
//	go run ./examples/callctl -user board list               # telephones, with the channels that the others want
//	go run ./examples/callctl -user board hangup PJSIP/101-0000002a
//	go run ./examples/callctl -user board transfer PJSIP/101-0000002a 102
//	go run ./examples/callctl -user board -phone PJSIP/103 pickup PJSIP/101-0000002a
//
//	go run ./examples/callctl -user board -notify answer PJSIP/101-0000002a
//	go run ./examples/callctl -user board -phone PJSIP/109 spy PJSIP/101-0000002a whisper
//
// Telephones that are set up for it are told to answer, hold and resume by -notify. With -ari, calls in an application of ARI
// are held without their telephones.
//
// Without arguments it prints all verbs. A command is carried out for the role admin; -role and -phone say otherwise, as in
// "-role agent -phone PJSIP/101", who may do it to the own calls only.
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
		fmt.Fprintln(os.Stderr, "callctl:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}
