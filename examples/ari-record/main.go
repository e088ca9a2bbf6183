// Ari-record calls an endpoint, records what it says after a beep, and writes that to a file.
//
//	export ASTERISM_ARI_PASSWORD=...                                     # of the user in ari.conf
//	go run ./examples/ari-record -url http://pbx:8088/ari -user ivr -max 30s PJSIP/100 message.wav
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
		fmt.Fprintln(os.Stderr, "ari-record:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}
