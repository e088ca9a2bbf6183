package trust_test

import (
	"crypto/tls"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/asterism-go/asterism/callcenter/directory/internal/trust"
)

func TestConfig(t *testing.T) {
	base := &tls.Config{ServerName: "x", MinVersion: tls.VersionTLS10}
	cfg, err := trust.Config(base, "")
	if err != nil || cfg.ServerName != "x" || cfg.MinVersion != tls.VersionTLS12 || base.MinVersion != tls.VersionTLS10 {
		t.Errorf("%+v, %v", cfg, err)
	}
	if cfg, err = trust.Config(nil, ""); err != nil || cfg.RootCAs != nil {
		t.Errorf("%+v, %v", cfg, err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if _, err := trust.Config(nil, file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error is %v", err)
	}
	if err := os.WriteFile(file, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := trust.Config(nil, file); err == nil || !strings.Contains(err.Error(), file+" holds no certificate") {
		t.Errorf("error is %v", err)
	}
}
