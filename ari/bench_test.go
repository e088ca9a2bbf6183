package ari_test

import (
	"io"
	"net/http"
	"testing"

	cycore "github.com/CyCoreSystems/ari/v5"
	"github.com/CyCoreSystems/ari/v5/client/native"

	"github.com/asterism-go/asterism/internal/asterisktest"
)

// BenchmarkREST asks a real Asterisk for a channel that there is not, eight at once: by this package, by a plain HTTP client that
// is tuned and decodes nothing, and by CyCoreSystems/ari.
func BenchmarkREST(b *testing.B) {
	a, client := asterisk(b, asterisktest.Config{})
	address := client.URL + "/asterisk/ping"
	plain := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	defer plain.CloseIdleConnections()
	theirs := native.New(&native.Options{Application: "bench", URL: client.URL, Username: client.Username, Password: client.Password})
	for name, ask := range map[string]func() error{
		"ours": func() error {
			_, err := client.Asterisk().Ping(b.Context())
			return err
		},
		"plain": func() error {
			req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, address, http.NoBody)
			if err != nil {
				return err
			}
			req.SetBasicAuth(client.Username, client.Password)
			resp, err := plain.Do(req)
			if err != nil {
				return err
			}
			defer resp.Body.Close()
			_, err = io.Copy(io.Discard, resp.Body)
			return err
		},
		"CyCoreSystems": func() error {
			_, err := theirs.Asterisk().Variables().Get(cycore.NewKey(cycore.VariableKey, "ENTITYID"))
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetParallelism(4) // times the processors
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := ask(); err != nil && name != "CyCoreSystems" {
						b.Error(err)
						return
					}
				}
			})
		})
	}
	_ = a
}
