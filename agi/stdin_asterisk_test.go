package agi_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/agi/agitest"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// buildProgram builds testdata/stdin and returns its path.
func buildProgram(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "program")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./testdata/stdin")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return program
}

// noted is a value of Asterisk's database, or "".
func noted(ctx context.Context, t *testing.T, a *asterisktest.Asterisk, key string) string {
	t.Helper()
	out, err := a.CLI(ctx, "database get "+key)
	if err != nil {
		t.Fatal(err)
	}
	_, value, _ := strings.Cut(out, "Value: ")
	return strings.TrimRight(value, "\n")
}

// A program that Asterisk starts: what it is told, what it does, and how the dialplan goes on.
func TestServeStdinOnAsterisk(t *testing.T) {
	t.Parallel()
	asterisktest.Require(t)
	program := buildProgram(t)
	a := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{"extensions.conf": `[test]
exten => hold,1,Answer()
 same => n,Wait(60)
exten => short,1,Answer()
 same => n,Wait(1)
exten => talk,1,Answer()
 same => n,Playback(vm-intro)
[agi]
exten => audio,1,Answer()
 same => n,EAGI(` + program + `,audio)
exten => ulaw,1,Answer()
 same => n,Set(EAGI_AUDIO_FORMAT=ulaw)
 same => n,EAGI(` + program + `,audio)
exten => _[a-z].,1,Answer()
 same => n,AGI(` + program + `,${EXTEN},a b,c)
 same => n,Set(DB(stdin/desk)=${BASE64_ENCODE(${DESK})})
exten => h,1,Set(DB(stdin/status)=${AGISTATUS})
`}})
	for _, test := range []struct {
		mode, from string
		want       map[string]string
	}{
		{"plain", "hold", map[string]string{"status": "SUCCESS", "args": "[a b c]", "desk": "dHdvCmxpbmVz", "audio": "true"}},
		{"fail", "hold", map[string]string{"status": "FAILURE"}},
		{"panic", "hold", map[string]string{"status": "FAILURE"}},
		{"idle", "short", map[string]string{"status": "HANGUP", "cause": "agi: the channel has hung up"}},
		{"prompt", "short", map[string]string{"status": "HANGUP", "error": "agi: the channel has hung up"}},
		{"audio", "talk", map[string]string{"format": "slin", "more": "true", "status": "HANGUP"}},
		{"ulaw", "talk", map[string]string{"format": "ulaw", "more": "true", "status": "HANGUP"}},
	} {
		t.Run(test.mode, func(t *testing.T) {
			for _, command := range []string{
				"database deltree stdin", "channel originate Local/" + test.from + "@test/n extension " + test.mode + "@agi",
			} {
				if _, err := a.CLI(t.Context(), command); err != nil {
					t.Fatal(err)
				}
			}
			for noted(t.Context(), t, a, "stdin status") == "" { // each asks Asterisk, which takes a while
				if t.Context().Err() != nil {
					t.Fatal("the call has not ended")
				}
			}
			for key, want := range test.want {
				if got := noted(t.Context(), t, a, "stdin "+key); got != want {
					t.Errorf("%s: %q, want %q", key, got, want)
				}
			}
		})
	}
}

// What Asterisk has not started, or what it has not said, is no session.
func TestServeStdinRefuses(t *testing.T) {
	program := buildProgram(t)
	ordinary, err := os.Open("stdin.go")
	if err != nil {
		t.Fatal(err)
	}
	defer ordinary.Close()
	whole := agitest.EnvironmentText(agi.Environment{Enhanced: "1.0", Args: []string{"audio"}})
	for _, test := range []struct {
		name       string
		stdin      *os.File
		text       string
		says, sent string
	}{
		{"a file", ordinary, "", "standard input is not a pipe", ""},
		{"an empty environment", nil, "\n", "it ends before agi_request", "failure\n"},
		{"a forged line", nil, "agi_request: x\nagi_request: y\n\n", "not the key whose turn it is", "failure\n"},
		{"EAGI without audio", nil, whole, "the audio of EAGI", "failure\n"},
	} {
		cmd := exec.CommandContext(t.Context(), program)
		if test.stdin != nil {
			cmd.Stdin = test.stdin
		} else {
			cmd.Stdin = strings.NewReader(test.text)
		}
		var said strings.Builder
		cmd.Stderr = &said
		sent, err := cmd.Output()
		if err == nil || !strings.Contains(said.String(), test.says) || string(sent) != test.sent {
			t.Errorf("%s: %v, sent %q, says %q", test.name, err, sent, said.String())
		}
	}
}
