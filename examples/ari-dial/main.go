// Ari-dial calls two endpoints and has them hear each other until one of them hangs up.
//
//	export ASTERISM_ARI_PASSWORD=...                                     # of the user in ari.conf
//	go run ./examples/ari-dial -url http://pbx:8088/ari -user ivr PJSIP/100 PJSIP/200
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
		fmt.Fprintln(os.Stderr, "ari-dial:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}
