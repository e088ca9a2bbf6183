// Package trust makes the TLS configurations of clients.
package trust

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
)

// Config returns a copy of the configuration, or a new one if it is nil, whose version is at least 1.2 and which trusts
// the authorities in caFile (PEM), if that is not empty, in place of others.
func Config(base *tls.Config, caFile string) (*tls.Config, error) {
	cfg := base.Clone()
	if cfg == nil {
		cfg = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	cfg.MinVersion = max(cfg.MinVersion, tls.VersionTLS12)
	if caFile == "" {
		return cfg, nil
	}
	text, err := os.ReadFile(caFile)
	if err != nil {
		return nil, err
	}
	cfg.RootCAs = x509.NewCertPool()
	if !cfg.RootCAs.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s holds no certificate in PEM", caFile)
	}
	return cfg, nil
}
