// Ari-echo answers the calls of a Stasis application, asks for digits and says them again.
//
//	exten => 600,1,Stasis(echo)                                          ; in extensions.conf
//	export ASTERISM_ARI_PASSWORD=...                                     # of the user in ari.conf
//	go run ./examples/ari-echo -url http://pbx:8088/ari -user ivr
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
		fmt.Fprintln(os.Stderr, "ari-echo:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}
