package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/asterism-go/asterism/internal/asterisktest"
)

func TestRun(t *testing.T) {
	a := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{
		"extensions.conf": "[default]\nexten => music,1,Answer()\n same => n,MusicOnHold()\n",
	}})
	t.Setenv("ASTERISM_ARI_PASSWORD", asterisktest.Secret)
	common := []string{"-url", "http://" + a.HTTP.String() + "/ari", "-user", asterisktest.Username, "-max", "1s"}
	file := filepath.Join(t.TempDir(), "message.wav")
	var out bytes.Buffer
	if err := run(t.Context(), append(common, "Local/music@default/n", file), &out); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil || len(text) < 8000 || !bytes.HasPrefix(text, []byte("RIFF")) {
		t.Errorf("%d bytes, %v; %s", len(text), err, &out)
	}
	if err := run(t.Context(), append(common, "Local/nobody@default"), &out); err == nil {
		t.Error("no file is taken")
	}
}
