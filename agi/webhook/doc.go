// Package webhook serves AGI sessions by asking an HTTP server what to do with the call:
//
//	mux.Handle("crm/{queue}", &webhook.Handler{URL: "https://crm.example.com/agi", Secret: key})
//
// The server is sent a [Request] as JSON by POST and answers with a [Response]: steps such as answer, play, digits, set,
// goto and hangup, carried out in order. If More is set it is asked again, with the results of the steps, and so on for up
// to [MaxTurns] turns.
//
// With a Secret, requests are signed as Standard Webhooks are (https://www.standardwebhooks.com): the headers webhook-id,
// webhook-timestamp and webhook-signature. A server that answers with anything but a 200 and a [Response], or not in time,
// makes the session fail, so that the dialplan finds AGISTATUS=FAILURE.
//
// The server is trusted with the call, not with the PBX: there is no step that runs an application or a function of the
// dialplan.
package webhook
