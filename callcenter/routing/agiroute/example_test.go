package agiroute_test

import (
	"context"
	"fmt"
	"net"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/agi/agitest"
	"github.com/asterism-go/asterism/callcenter/routing"
	"github.com/asterism-go/asterism/callcenter/routing/agiroute"
)

// A dialplan asks where a call should go: AGI(agi://127.0.0.1/helpdesk).
func Example() {
	set, err := routing.Parse("helpdesk.yaml", []byte(`
numbers: {region: GR}
desks: {crete: {queue: crete}, national: {queue: national}}
rules:
  - {name: Crete, caller: {prefix: "28"}, desk: crete}
default: national
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := agi.NewMux()
	mux.Handle("helpdesk", &agiroute.Handler{Router: routing.New(set, routing.Config{})})
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	srv := &agi.Server{Handler: mux}
	served := make(chan error)
	go func() { served <- srv.Serve(listener) }()

	// in place of an Asterisk:
	conn, err := new(net.Dialer).DialContext(context.Background(), "tcp", listener.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	outcome, err := agitest.Play(conn, agitest.Channel{Environment: agi.Environment{Script: "helpdesk", CallerID: "2810123456"}})
	fmt.Println(outcome.Status, err)
	for _, name := range []string{"ROUTE_TARGET", "ROUTE_REASON", "CALLER_NUMBER"} {
		fmt.Println(name, outcome.Variables[name])
	}
	conn.Close()
	srv.Close()
	fmt.Println(<-served)
	// Output:
	// SUCCESS <nil>
	// ROUTE_TARGET queue:crete
	// ROUTE_REASON 2810 123456; Crete; desk crete
	// CALLER_NUMBER +302810123456
	// agi: server closed
}
