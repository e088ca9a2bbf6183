package main

import (
	"io"
	"net/http"
	"net/netip"
)

// page is one more page of the HTTP server.
type page struct {
	pattern string
	serve   http.HandlerFunc
}

// admin are the pages that change something. They are for this machine only, wherever the server listens.
func (sv *service) admin() []page {
	return []page{
		{"GET /livez", func(w http.ResponseWriter, _ *http.Request) { say(w, "ok") }},
		{"GET /readyz", opinion(sv.ready)},
		{"POST /reload", local(func(w http.ResponseWriter, _ *http.Request) {
			if err := sv.reload(); err != nil {
				http.Error(w, err.Error(), http.StatusUnprocessableEntity)
				return
			}
			say(w, "reloaded")
		})},
		{"POST /trace/{call}", local(func(w http.ResponseWriter, r *http.Request) {
			sv.tracer.set(r.PathValue("call"), true)
			say(w, "traced")
		})},
		{"DELETE /trace/{call}", local(func(w http.ResponseWriter, r *http.Request) {
			sv.tracer.set(r.PathValue("call"), false)
			say(w, "not traced any more")
		})},
	}
}

func say(w http.ResponseWriter, text string) {
	io.WriteString(w, text+"\n") //nolint:errcheck // whoever asked has gone
}

// local refuses what does not come from this machine, or from a page of another site in a browser on it.
func local(next http.HandlerFunc) http.HandlerFunc {
	protection := http.NewCrossOriginProtection()
	return func(w http.ResponseWriter, r *http.Request) {
		peer, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil || !peer.Addr().Unmap().IsLoopback() {
			http.Error(w, "only from this machine", http.StatusForbidden)
			return
		}
		if err := protection.Check(r); err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		next(w, r)
	}
}
