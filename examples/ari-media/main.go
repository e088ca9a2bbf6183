// Ari-media calls an endpoint and has it hear a tone that this program makes, until it hangs up or the time is over.
//
//	export ASTERISM_ARI_PASSWORD=...                                     # of the user in ari.conf
//	go run ./examples/ari-media -url http://pbx:8088/ari -user ivr -listen 192.0.2.7:0 PJSIP/100
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
		fmt.Fprintln(os.Stderr, "ari-media:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}
