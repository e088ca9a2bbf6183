package main

import (
	"context"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/internal/asterisktest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestStory lets everybody call: the example itself ends with an error when somebody reaches a wrong desk.
func TestStory(t *testing.T) {
	asterisktest.Require(t)
	t.Setenv("TMPDIR", t.TempDir())
	var out, errs strings.Builder
	if err := run(t.Context(), []string{"-users", "600"}, &out, &errs); err != nil {
		t.Fatalf("%v; it said:\n%s%s", err, &out, &errs)
	}
	for _, want := range []string{
		"of mytilini; schools of Mytilini; not mytilini: it is closed (islands: Mon-Fri 08:00-14:00); fallback piraeus.",
		"asked username: found; schools of Ioannina; desk ioannina.",
		"   Decided: 690 000 0001; whoever called lately; desk ioannina.",
		"   An announcement, and the call is over.",
		"the directory did not answer: ldap: ",
		"Everybody has reached the right desk.",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it did not say %s", want)
		}
	}
	if t.Failed() {
		t.Log(&out)
	}
}

func TestExplain(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	for args, want := range map[string]string{
		"-users 60 -explain 2610000004":                                "So the call goes to Line for heads of schools (heads), queue heads, because of \"heads of schools\".",
		"-users 60 -explain 2610000004 -at 2026-04-13T10:00:00+03:00":  "Desk patra does not take the call: it is closed (mainland: Mon-Fri 07:30-15:30).",
		"-users 60 -explain 28210-99999 -at 2026-11-25T10:00:00+02:00": "But first the caller is asked \"username\"",
	} {
		var out, errs strings.Builder
		if err := run(t.Context(), strings.Fields(args), &out, &errs); err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("%s: %v\n%s%s", args, err, &out, &errs)
		}
	}
}

func TestLDIF(t *testing.T) {
	var out, errs strings.Builder
	if err := run(t.Context(), []string{"-ldif", "-users", "24"}, &out, &errs); err != nil || strings.Count(out.String(), "objectClass: inetOrgPerson") != 24 {
		t.Errorf("%v: %d bytes", err, out.Len())
	}
}

func TestWrongArguments(t *testing.T) {
	for _, args := range [][]string{{"-at", "noon"}, {"-nothing"}} {
		var out, errs strings.Builder
		if err := run(context.Background(), args, &out, &errs); err == nil {
			t.Errorf("%q: no error", args)
		}
	}
}
