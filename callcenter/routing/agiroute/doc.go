// Package agiroute lets a [routing.Router] decide in a dialplan, by AGI():
//
//	mux.Handle("helpdesk", &agiroute.Handler{Router: router})
//
// The dialplan finds the decision in variables (see [routing.Decision.Variables]) and acts on it:
//
//	exten => _X.,1,AGI(agi://127.0.0.1/helpdesk?trunk=provider)
//	 same => n,GotoIf($["${AGISTATUS}" = "SUCCESS"]?go)
//	 same => n,Set(ROUTE_KIND=queue)          ; the handler could not tell: everybody to the first desk
//	 same => n,Set(ROUTE_DATA=national)
//	 same => n(go),Goto(desk-${ROUTE_KIND},s,1)
//
// With Connect the handler carries it out itself: it plays the prompts, calls the desk, and if nobody answers the next of
// its fallbacks.
package agiroute
