package routing_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/numbers"
	"github.com/asterism-go/asterism/callcenter/routing"
)

// voice is a caller who types what is written, and hangs up after that.
type voice struct {
	headers map[string]string
	typed   []string
	heard   []string
}

var errHungup = errors.New("hung up")

func (v *voice) Play(_ context.Context, file string) error {
	v.heard = append(v.heard, file)
	return nil
}

func (v *voice) Digits(_ context.Context, file string, timeout time.Duration, most int) (string, error) {
	v.heard = append(v.heard, fmt.Sprintf("%s %v %d", file, timeout, most))
	if len(v.typed) == 0 {
		return "", errHungup
	}
	typed := v.typed[0]
	v.typed = v.typed[1:]
	return typed, nil
}

func (v *voice) Header(_ context.Context, name string) (string, error) { return v.headers[name], nil }

func TestConverse(t *testing.T) {
	set := helpdesk(t)
	names := routing.NewNames([]string{"papadaki5", "dimou7", "riga9", "Παπαδάκη", "a.b", "c_b"})
	for name, test := range map[string]struct {
		voice voice
		desk  string
		heard string
		asked string // the results of the question
		fails bool
	}{
		"by keys":          {voice{typed: []string{"727232545"}}, "patra", "desks/username 5s 32", "found", false},
		"wrong, then keys": {voice{typed: []string{"1", "346687"}}, "athens", "desks/username 5s 32|desks/unknown|desks/username 5s 32", "not_found|found", false},
		"twice wrong":      {voice{typed: []string{"1", "", "346687"}}, "national", "desks/username 5s 32|desks/unknown|desks/username 5s 32|desks/unknown", "not_found|nothing", false},
		"hangs up":         {voice{}, "national", "desks/username 5s 32", "gave_up", true},
		"header":           {voice{headers: map[string]string{"X-User": "riga9"}}, "heads", "", "found", false},
		"header address":   {voice{headers: map[string]string{"X-User": `"R" <sips:RIGA9@school.example;x=y>;tag=1`}}, "heads", "", "found", false},
		"forged header": {
			voice{headers: map[string]string{"X-User": "*)(uid=*"}, typed: []string{"74429"}}, "heads", "desks/username 5s 32", "not_found|found", false,
		},
		"two names": {voice{typed: []string{"212", "74429"}}, "heads", "desks/username 5s 32|desks/unknown|desks/username 5s 32", "not_found|found", false},
	} {
		r := newRouter(set, routing.Config{Directory: known(set.Plan()), Names: names, Load: loads{"athens": {Agents: 1}}})
		d, err := r.Converse(t.Context(), routing.Request{From: "2310555555", At: morning}, &test.voice)
		var asked []string
		for _, s := range d.Steps {
			if s.What == routing.AskStep {
				asked = append(asked, string(s.Result))
			}
		}
		if d.Desk != test.desk || strings.Join(test.voice.heard, "|") != test.heard || strings.Join(asked, "|") != test.asked || (err != nil) != test.fails {
			t.Errorf("%s: %v, %v, heard %q, asked %q", name, d.Reason(), err, test.voice.heard, asked)
		}
	}
}

// TestAmbiguousKeys: when two people are meant, neither is taken.
func TestAmbiguousKeys(t *testing.T) {
	set := helpdesk(t)
	r := newRouter(set, routing.Config{
		Directory: chain(set.Plan(), []directory.Person{{Username: "ab", Unit: "patra"}, {Username: "ca", Unit: "patra"}}),
		Names:     routing.NewNames([]string{"ab", "ca"}),
	})
	d, err := r.Converse(t.Context(), routing.Request{From: "2310555555"}, &voice{typed: []string{"22", "22"}})
	if err != nil || d.Known || d.Desk != "national" || !strings.Contains(d.Reason(), "asked username: ambiguous") {
		t.Errorf("%s, %v", d.Reason(), err)
	}
}

// TestNumberIsLookedUpOnce: a caller who is asked does not wait twice for the directory to say that it does not know the
// number.
func TestNumberIsLookedUpOnce(t *testing.T) {
	set := helpdesk(t)
	counted := &downAfter{known(set.Plan()), 3}
	r := newRouter(set, routing.Config{Directory: counted, Names: routing.NewNames([]string{"nobody", "papadaki5"})})
	d, err := r.Converse(t.Context(), routing.Request{From: "2310555555", At: morning}, &voice{typed: []string{"662639", "662639"}})
	if err != nil || counted.left != 0 || d.Cause != routing.ByDefault {
		t.Errorf("%d questions less than one for the number and two for names; %s, %v\n%s", counted.left, d.Reason(), err, d.Explain())
	}
}

// downAfter is a directory that fails after some questions.
type downAfter struct {
	directory.Directory
	left int
}

func (d *downAfter) down() error {
	if d.left--; d.left < 0 {
		return directory.ErrUnavailable
	}
	return nil
}

func (d *downAfter) ByNumber(ctx context.Context, n numbers.Number) (directory.Answer, error) {
	if err := d.down(); err != nil {
		return directory.Answer{}, err
	}
	return d.Directory.ByNumber(ctx, n)
}

func (d *downAfter) ByUsername(ctx context.Context, username string) (directory.Answer, error) {
	if err := d.down(); err != nil {
		return directory.Answer{}, err
	}
	return d.Directory.ByUsername(ctx, username)
}

// TestNobodyTypesInVain: when the directory does not answer, callers are not asked, or not again.
func TestNobodyTypesInVain(t *testing.T) {
	set := helpdesk(t)
	for left, heard := range []int{0, 1} {
		r := newRouter(set, routing.Config{
			Directory: &downAfter{known(set.Plan()), left}, Names: routing.NewNames([]string{"papadaki5"}),
		})
		v := &voice{typed: []string{"727232545", "727232545"}}
		d, err := r.Converse(t.Context(), routing.Request{From: "2310555555"}, v)
		if err != nil || d.Cause != routing.ByUnavailable || d.Desk != "national" || len(v.heard) != heard {
			t.Errorf("down after %d questions: %s, %v, heard %q", left, d.Reason(), err, v.heard)
		}
	}
}

func TestKeys(t *testing.T) {
	for name, want := range map[string]string{
		"papadaki5": "727232545", "a.b-c_d@e": "212121314151"[:9], "Maria": "62742", "παπα": "", "": "", "a b": "",
	} {
		if name == "a.b-c_d@e" {
			want = "212121313"
		}
		if got := routing.Keys(name); got != want {
			t.Errorf("%q is typed %q, want %q", name, got, want)
		}
	}
}

func TestMultitap(t *testing.T) {
	for typed, want := range map[string]string{
		"222*2*22": "cab", "7272": "papa", "44*444": "hi", "2222": "2", "22222": "", "****": "", "": "", "1#": "", "0*00": "_0", "7*2*7*2*3*2*55*4445555": "papadaki5",
	} {
		if got := routing.Multitap(typed); got != want {
			t.Errorf("%q is %q, want %q", typed, got, want)
		}
	}
}

// FuzzTyped: whatever is typed or sent in a header becomes a username that is looked up as it stands, and nothing else.
func FuzzTyped(f *testing.F) {
	f.Add("727232545", "*)(uid=*")
	f.Add("2222#**", `"x" <sip:a%00@b>`)
	set, err := routing.Parse("rules.yaml", []byte(desks+"questions: {q: {header: X, keypad: multitap, prompt: p, attempts: 1}}\nrules: [{ask: q}]\n"))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, typed, header string) {
		r := newRouter(set, routing.Config{Directory: chain(nil, people)})
		d, err := r.Converse(t.Context(), routing.Request{}, &voice{headers: map[string]string{"X": header}, typed: []string{typed}})
		if err != nil || d.Desk != "a" {
			t.Fatalf("%q, %q: %v, %v", typed, header, d, err)
		}
		for _, v := range d.Variables() {
			if strings.ContainsAny(v.Value, "${}[]()\"\\\n\r|`,") {
				t.Errorf("%s is %q", v.Name, v.Value)
			}
		}
	})
}
