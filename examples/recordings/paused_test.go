package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ami/action"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// TestPaused archives what a real Asterisk has recorded: of MixMonitor not the recording of a call that goes on, although it was stopped
// an hour ago; of ARI what is not recorded any more, although it has no time.
func TestPaused(t *testing.T) {
	source, kept := t.TempDir(), t.TempDir()
	pbx := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{"extensions.conf": `[default]
exten => rec,1,Answer()
 same => n,MixMonitor(` + source + `/a.wav)
 same => n,Wait(0.5)
 same => n,StopMixMonitor()
 same => n,Set(GLOBAL(STOPPED)=yes)
 same => n,Wait(300)
exten => hear,1,Answer()
 same => n,Milliwatt()
`}})
	t.Cleanup(pbx.Kill)
	client := &ami.Client{Addr: pbx.AMI.String(), Username: asterisktest.Username, Secret: asterisktest.Secret}
	must(t, client.Connect(t.Context()))
	defer client.Close()
	_, err := client.Do(t.Context(), action.Originate{Channel: "Local/rec@default", Context: "default", Exten: "hear", Priority: "1", Async: true}.Action())
	must(t, err)
	waitFor(t, func() bool {
		answer, err := client.Do(t.Context(), action.Getvar{Variable: "STOPPED"}.Action())
		must(t, err)
		info, err := os.Stat(filepath.Join(source, "a.wav"))
		return answer.Get("Value") == "yes" && err == nil && info.Size() > 1000
	})
	old := time.Now().Add(-time.Hour)
	must(t, os.Chtimes(filepath.Join(source, "a.wav"), old, old))
	t.Setenv("RECORDINGS_TEST_SECRET", asterisktest.Secret)
	d := openDesk(t, place{dir: source, yaml: "{disk: " + source + "}"}, place{dir: kept, yaml: fmt.Sprintf(
		"{disk: %s}, ami: {address: %q, user: %s, secret_env: RECORDINGS_TEST_SECRET}", kept, pbx.AMI, asterisktest.Username)})
	d.prints(`^not yet   a.wav\n$`, "archive")
	_, err = client.Do(t.Context(), action.Hangup{Channel: "/^Local/"}.Action())
	must(t, err)
	waitFor(t, func() bool {
		out, err := d.run("archive")
		must(t, err)
		return strings.HasPrefix(out, "archived  a.wav")
	})

	recorded := filepath.Join(pbx.Dir, "spool", "recording")
	must(t, os.MkdirAll(recorded, 0o755))
	must(t, os.WriteFile(filepath.Join(recorded, "b.ulaw"), call(), 0o644))
	d = openDesk(t, place{dir: recorded, yaml: fmt.Sprintf("{ari: {url: \"http://%s/ari\", user: %s, password_env: RECORDINGS_TEST_SECRET}}",
		pbx.HTTP, asterisktest.Username)}, onDisk(t))
	d.prints(`^archived  b.ulaw  16000 bytes`, "archive")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// waitFor waits until something is so, for at most a minute.
func waitFor(t *testing.T, so func() bool) {
	t.Helper()
	end := time.After(time.Minute)
	for !so() {
		select {
		case <-time.After(50 * time.Millisecond):
		case <-end:
			t.Fatal("it does not come to that")
		}
	}
}
