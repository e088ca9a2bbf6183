package prompts_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/internal/asterisktest"
	"github.com/asterism-go/asterism/ivr/prompts"
)

// overAMI runs commands of Asterisk's command line over AMI.
func overAMI(client *ami.Client) func(context.Context, string) (string, error) {
	return func(ctx context.Context, command string) (string, error) {
		answer, err := client.Do(ctx, ami.Action{Name: "Command"}.With("Command", command))
		return strings.Join(answer.Values("Output"), "\n"), err
	}
}

// TestFromCLI asks a real Asterisk over AMI and over ARI: the same sounds.
func TestFromCLI(t *testing.T) {
	pbx := asterisktest.Start(t, asterisktest.Config{})
	for _, name := range []string{"el/helpdesk/welcome.sln", "el/with blank.sln", `fa/with\"signs.sln`, "el/text.txt"} {
		file := filepath.Join(pbx.Dir, "data", "sounds", name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, make([]byte, 320), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := pbx.CLI(t.Context(), "module reload sounds"); err != nil {
		t.Fatal(err)
	}
	manager := &ami.Client{Addr: pbx.AMI.String(), Username: asterisktest.Username, Secret: asterisktest.Secret, EventMask: "off"}
	if err := manager.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer manager.Close()
	got, err := prompts.FromCLI(t.Context(), overAMI(manager))
	if err != nil {
		t.Fatal(err)
	}
	client := &ari.Client{URL: "http://" + pbx.HTTP.String() + "/ari", Username: asterisktest.Username, Password: asterisktest.Secret}
	defer client.Close()
	want, err := prompts.FromARI(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(got.Languages(), " "), strings.Join(want.Languages(), " "); got != want || want != "el en fa" {
		t.Errorf("languages %q, over ARI %q", got, want)
	}
	for _, language := range want.Languages() {
		if got.Len(language) != want.Len(language) || want.Len(language) == 0 {
			t.Errorf("%s: %d sounds, over ARI %d", language, got.Len(language), want.Len(language))
		}
	}
	for query, is := range map[[2]string]bool{
		{"el", "helpdesk/welcome"}: true, {"en", "helpdesk/welcome"}: false, {"el_GR", "with blank"}: true, {"fa", `with\"signs`}: true,
		{"el", "text"}: false, {"en", "vm-goodbye"}: true, {"en", "digits/1"}: true,
	} {
		if got.Has(query[0], query[1]) != is {
			t.Errorf("%v: not %v", query, is)
		}
	}
}

func TestFromCLIRefused(t *testing.T) {
	no := errors.New("permission denied")
	for name, answers := range map[string]func(command string) (string, error){
		"no":        func(string) (string, error) { return "", no },
		"no sounds": func(string) (string, error) { return "No such command", nil },
		"no sound": func(command string) (string, error) {
			if command == "core show sounds" {
				return "Available audio files:\nbeep\n", nil
			}
			return "", no
		},
	} {
		l, err := prompts.FromCLI(t.Context(), func(_ context.Context, command string) (string, error) { return answers(command) })
		if err == nil {
			t.Errorf("%s: %v", name, l.Languages())
		}
	}
}
