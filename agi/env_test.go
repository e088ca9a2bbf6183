package agi_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/agi/agitest"
)

// recordedEnvironment is what Asterisk 22.10.1 sent for AGI(agi://127.0.0.1/helpdesk/sales?vip=1,one,,three: x).
const recordedEnvironment = `agi_network: yes
agi_network_script: helpdesk/sales?vip=1
agi_request: agi://127.0.0.1/helpdesk/sales?vip=1
agi_channel: Local/1@default-00000000;2
agi_language: en
agi_type: Local
agi_uniqueid: 1790000000.1
agi_version: 22.10.1
agi_callerid: 2101234567
agi_calleridname: Ada: "the" Caller
agi_callingpres: 0
agi_callingani2: 0
agi_callington: 0
agi_callingtns: 0
agi_dnid: unknown
agi_rdnis: unknown
agi_context: default
agi_extension: 1
agi_priority: 2
agi_enhanced: 0.0
agi_accountcode: 
agi_threadid: 139845128394432
agi_arg_1: one
agi_arg_2: 
agi_arg_3: three: x

`

func TestEnvironment(t *testing.T) {
	want := agi.Environment{
		Script: "helpdesk/sales?vip=1", Request: "agi://127.0.0.1/helpdesk/sales?vip=1", Channel: "Local/1@default-00000000;2", Language: "en",
		Type: "Local", Uniqueid: "1790000000.1", Version: "22.10.1", CallerID: "2101234567", CallerIDName: `Ada: "the" Caller`,
		CallingPres: "0", CallingANI2: "0", CallingTON: "0", CallingTNS: "0", Context: "default", Extension: "1", Priority: "2",
		Enhanced: "0.0", ThreadID: "139845128394432", Args: []string{"one", "", "three: x"},
	}
	for _, behind := range []string{"", "HANGUP\n"} {
		got, rest, err := agi.ReadEnvironment(recordedEnvironment + behind)
		if err != nil || rest != behind {
			t.Fatalf("error %v, rest %q", err, rest)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if text := agitest.EnvironmentText(got); text != recordedEnvironment {
			t.Errorf("agitest writes another one:\n%s", cmp.Diff(recordedEnvironment, text))
		}
	}
}

func TestEnvironmentWithoutAScript(t *testing.T) {
	env, _, err := agi.ReadEnvironment(agitest.EnvironmentText(agi.Environment{}))
	if err != nil || env.Script != "" || env.Args != nil {
		t.Errorf("%+v, %v", env, err)
	}
}

// replaced is the recorded environment with another text in one place.
func replaced(t testing.TB, from, to string) string {
	t.Helper()
	text := strings.Replace(recordedEnvironment, from, to, 1)
	if text == recordedEnvironment {
		t.Fatalf("%q is not in the environment", from)
	}
	return text
}

func TestEnvironmentsThatAreRefused(t *testing.T) {
	manyArgs := agitest.EnvironmentText(agi.Environment{Args: make([]string, agi.MaxEnvironmentLines)})
	for _, test := range []struct{ name, text, reason, problem string }{
		// a line break in CALLERID(name) brings a key before its time
		{"forged line", replaced(t, "Ada", "Ada\nagi_accountcode: boss\n"), "tampered", `"agi_accountcode" is not the key whose turn it is`},
		{"key twice", replaced(t, "agi_language: en\n", "agi_language: en\nagi_language: fr\n"), "tampered", `"agi_language" is not`},
		{"key missing", replaced(t, "agi_type: Local\n", ""), "tampered", `"agi_uniqueid" is not`},
		{"unknown key", replaced(t, "agi_threadid", "agi_new: 1\nagi_threadid"), "tampered", `"agi_new" is not`},
		{"early end", replaced(t, "Ada", "Ada\n\n"), "incomplete", "it ends before agi_callingpres"},
		// recorded: a line break in an argument, as in AGI(agi://h/x,${EVIL})
		{"key in an argument", replaced(t, "one", "x\nagi_context: admin"), "tampered", `"agi_context" is not`},
		{"end in an argument", replaced(t, "one", "x\n\n200 result=1 (forged)"), "tampered", "bytes follow it"},
		{"argument twice", replaced(t, "agi_arg_2", "agi_arg_1"), "tampered", `"agi_arg_1" is not`},
		{"argument missing", replaced(t, "agi_arg_1: one\n", ""), "tampered", `"agi_arg_2" is not`},
		{"argument too early", replaced(t, "agi_threadid", "agi_arg_1: a\nagi_threadid"), "tampered", `"agi_arg_1" is not`},
		{"script twice", replaced(t, "agi_request", "agi_network_script: b\nagi_request"), "tampered", `"agi_network_script" is not`},
		{"bytes behind", recordedEnvironment + "200 result=0\n", "tampered", "bytes follow it"},
		{"no colon", "GET / HTTP/1.1\r\n\r\n", "malformed", `"GET / HTTP/1.1\r" has no colon`},
		{"HTTP header", "Host: x\n\n", "tampered", `"Host" is not`},
		{"nothing", "\n", "incomplete", "it ends before agi_request"},
		{"lines", manyArgs, "lines", "more than 160 lines"},
		{"size", replaced(t, "one", strings.Repeat("x", agi.MaxEnvironmentBytes-500)), "size", "more than 32768 bytes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			env, _, err := agi.ReadEnvironment(test.text)
			var refused *agi.EnvironmentError
			if !errors.As(err, &refused) {
				t.Fatalf("%.200v, %v: want an EnvironmentError", env, err)
			}
			if refused.Reason != test.reason || !strings.Contains(refused.Problem, test.problem) {
				t.Errorf("%+v, want reason %q, problem %q", *refused, test.reason, test.problem)
			}
		})
	}
}

// FuzzEnvironment checks that what is taken for an environment is one block with nothing but a hangup behind it, and that
// its values are those of single lines.
func FuzzEnvironment(f *testing.F) {
	f.Add(recordedEnvironment)
	f.Add(agitest.EnvironmentText(agi.Environment{}))
	f.Add(replaced(f, "one", "x\nagi_context: admin\nagi_arg_2: forged\n\n200 result=1 (forged)"))
	f.Add(recordedEnvironment + "HANGUP\n")
	f.Fuzz(func(t *testing.T, text string) {
		env, rest, err := agi.ReadEnvironment(text)
		if err != nil {
			return
		}
		block := strings.TrimSuffix(text, rest)
		if rest != "" && !strings.HasPrefix(rest, "HANGUP\n") || strings.Count(block, "\n\n") != 1 {
			t.Fatalf("%q follows the environment %q", rest, block)
		}
		for _, value := range append([]string{env.Channel, env.CallerIDName, env.AccountCode, env.Context}, env.Args...) {
			if strings.Contains(value, "\n") || !strings.Contains(block, value) {
				t.Fatalf("the value %q is not in %q", value, block)
			}
		}
	})
}
