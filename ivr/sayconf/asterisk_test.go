package sayconf_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/internal/asterisktest"
	"github.com/asterism-go/asterism/ivr/sayconf"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// odd are rules for what the sample has not.
const odd = `
[fa](digit-base)
_mi[n]us:-X => minus/${SAY}
_dash:[-] => dash/is
_dash:. => dash/not${SAY:-2:1}
_UP[a-c]:! => up/${SAY:0:-1}x
_low:!x => low/${SAY:-3}
plain:1-2 => plain/${SAY}
_sum:X. => sum/$[${SAY:0:1} * (2 + 3) - 4 % 3]/${IF($[${SAY:1} >= 50] ? more : less)}
_set:a:. => set/a${SAY}
_set:b:. => set/b${SAY:99}b
_set:. => set: ab'q/r' a :${SAY}
`

// oddities are what they say.
var oddities = []string{
	"minus:-5", "minus:5", "minus:--5", "dash:-", "dash:12", "dash:1-2", "UPb:77", "upb:77", "low:12345", "low:1", "plain:12", "plain:1-2", "sum:350", "sum:349", "set:7", "set:789",
}

// said are what a real Asterisk says, to compare. Asterisk gives up rules that are deeper than 10.
func said() []string {
	all := []string{"digit:019*", "digit:@", "enum:3", "enum:21", "enum:100", "enum:130"}
	for _, n := range []int{0, 7, 10, 13, 21, 30, 71, 99, 100, 101, 113, 200, 342, 1000, 1001, 1999, 20_000, 42_013, 100_000, 615_302, 1_000_000, 2_000_021} {
		all = append(all, fmt.Sprintf("num:%d", n))
	}
	for _, at := range []string{"202611050007.00-4-309", "199902282140.09-0-059"} {
		all = append(all, "date::"+at, "time::"+at, "datetime::"+at)
	}
	return all
}

// TestAsAsterisk has a real Asterisk say things by its own sample of say.conf, and notes which sounds it plays.
func TestAsAsterisk(t *testing.T) {
	a := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{"logger.conf": "[logfiles](+)\nsaid.log => verbose(3)\n"}})
	text, err := os.ReadFile(filepath.Join(a.Dir, "data", "conf", "samples", "say.conf.sample"))
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, odd...)
	rules, err := sayconf.Parse("say.conf.sample", text)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(rules.Languages(), " "); got != "da de en en_GB es fa fr hu it" {
		t.Errorf("languages: %s", got)
	}
	want := map[string][]string{}
	var dialplan strings.Builder
	for _, language := range rules.Languages() {
		fmt.Fprintf(&dialplan, "exten => %s,1,Answer()\n same => n,Set(CHANNEL(language)=%[1]s)\n", language)
		for i, what := range append(said(), map[string][]string{"fa": oddities}[language]...) {
			sounds, ok, err := rules.Say(language, what)
			if !ok || err != nil && !strings.Contains(err.Error(), "there is no rule for") {
				t.Errorf("%s: %s: %v", language, what, err)
			}
			want[language] = append(want[language], fmt.Sprintf("case-%d", i))
			want[language] = append(want[language], sounds...)
			fmt.Fprintf(&dialplan, " same => n,Playback(case-%d)\n same => n,Playback(%s,say)\n", i, what)
		}
		want[language] = append(want[language], "end")
		dialplan.WriteString(" same => n,Playback(end)\n same => n,Hangup()\n")
		silence(t, filepath.Join(a.Dir, "data", "sounds", language), want[language])
	}
	for name, text := range map[string]string{"say.conf": string(text), "extensions.conf": "[default]\n" + dialplan.String()} {
		if err := os.WriteFile(filepath.Join(a.Dir, "etc", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cli(ctx, t, a, "core set verbose 3")
	cli(ctx, t, a, "module reload app_playback.so")
	cli(ctx, t, a, "dialplan reload")
	for language := range want {
		cli(ctx, t, a, "channel originate Local/"+language+"@default/n application Wait 100")
	}
	for language, want := range want {
		got := heard(ctx, t, a, language)
		t.Logf("%s: %d sounds", language, len(got))
		if !slices.Equal(got, want) {
			t.Errorf("%s: Asterisk says\n%s\nand we\n%s", language, strings.Join(got, " "), strings.Join(want, " "))
		}
	}
}

func cli(ctx context.Context, t *testing.T, a *asterisktest.Asterisk, command string) {
	t.Helper()
	if _, err := a.CLI(ctx, command); err != nil {
		t.Fatal(err)
	}
}

// silence makes short sounds.
func silence(t *testing.T, folder string, names []string) {
	t.Helper()
	if info, err := os.Lstat(folder); err == nil && info.Mode()&os.ModeSymlink != 0 {
		if err := os.Remove(folder); err != nil { // those of the package
			t.Fatal(err)
		}
	}
	for _, name := range names {
		file := filepath.Join(folder, name+".sln")
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, make([]byte, 16), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// heard waits until Asterisk has played the last sound in a language, and returns them all.
func heard(ctx context.Context, t *testing.T, a *asterisktest.Asterisk, language string) []string {
	t.Helper()
	for {
		var all []string
		text, err := os.ReadFile(filepath.Join(a.Dir, "log", "said.log"))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			_, playing, ok := strings.Cut(line, "Playing '")
			name, rest, _ := strings.Cut(playing, ".sl")
			if ok && strings.Contains(rest, "(language '"+language+"')") {
				all = append(all, name)
			}
		}
		if len(all) > 0 && all[len(all)-1] == "end" {
			return all
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			t.Logf("Asterisk is not at the end in %s", language)
			return all
		}
	}
}
