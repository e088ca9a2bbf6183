package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

func TestRun(t *testing.T) {
	a := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{"extensions.conf": `
[default]
exten => long,1,Answer()
 same => n,Wait(60)
exten => short,1,Answer()
 same => n,Wait(1)
exten => busy,1,Busy(20)
`}})
	t.Setenv("ASTERISM_ARI_PASSWORD", asterisktest.Secret)
	common := []string{"-url", "http://" + a.HTTP.String() + "/ari", "-user", asterisktest.Username}
	var out bytes.Buffer
	if err := run(t.Context(), append(common, "Local/long@default/n", "Local/short@default/n"), &out); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(out.String(), "connected: ") {
		t.Errorf("got %q", out.String())
	}
	var failed *ari.DialError
	if err := run(t.Context(), append(common, "Local/long@default/n", "Local/busy@default/n"), &out); !errors.As(err, &failed) || failed.Status != "BUSY" {
		t.Errorf("got %v", err)
	}
	if err := run(t.Context(), common, &out); err == nil {
		t.Error("no endpoints are taken")
	}
}
