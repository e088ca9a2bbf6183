package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/internal/asterisktest"
)

func TestRun(t *testing.T) {
	a := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{
		"extensions.conf": "[default]\nexten => echo,1,Answer()\n same => n,Echo()\n",
	}})
	t.Setenv("ASTERISM_ARI_PASSWORD", asterisktest.Secret)
	var out bytes.Buffer
	err := run(t.Context(), []string{
		"-url", "http://" + a.HTTP.String() + "/ari", "-user", asterisktest.Username, "-for", "2s", "Local/echo@default/n",
	}, &out)
	if err != nil {
		t.Fatal(err)
	}
	d, err := time.ParseDuration(strings.TrimSpace(strings.TrimPrefix(out.String(), "heard ")))
	if err != nil || d == 0 {
		t.Errorf("got %q, %v", out.String(), err)
	}
}
