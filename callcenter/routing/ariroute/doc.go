// Package ariroute lets a [routing.Router] decide in a Stasis application:
//
//	handler := &ariroute.Handler{Router: router}
//	err := ari.Serve(ctx, app, handler.Handle)
//
// The call goes on in the dialplan, behind Stasis() or, if its desk is a context or a menu, there; the dialplan finds the
// decision in variables (see [routing.Decision.Variables]), as after agiroute:
//
//	exten => _X.,1,Stasis(helpdesk)
//	 same => n,GotoIf($["${ROUTE_DESK}" != ""]?go)
//	 same => n,Set(ROUTE_KIND=queue)          ; the application could not tell: everybody to the first desk
//	 same => n,Set(ROUTE_DATA=national)
//	 same => n(go),Goto(desk-${ROUTE_KIND},s,1)
package ariroute
