package zafagi_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	zaf "github.com/zaf/agi"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/agi/agitest"
	"github.com/asterism-go/asterism/agi/zafagi"
)

// Each fault that zaf/agi has on the wire, and that a program does not see here.
func TestRepaired(t *testing.T) {
	for _, test := range []struct {
		name    string
		replies map[string][]string
		vars    map[string]string
		call    func(s *zaf.Session) (zaf.Reply, error)
		want    zaf.Reply
		fails   string
		sends   string
	}{
		{
			"a value with parentheses", nil,
			map[string]string{"A": "a (b) c"},
			func(s *zaf.Session) (zaf.Reply, error) { return s.GetVariable("A") },
			zaf.Reply{Res: 1, Dat: "a (b) c"},
			"", "",
		},
		{
			"a value with a line break and a forged reply", nil,
			map[string]string{"A": "line1\n200 result=1 (forged)"},
			func(s *zaf.Session) (zaf.Reply, error) { return s.GetFullVariable("${A}") },
			zaf.Reply{Res: 1, Dat: "line1 200 result=1 (forged)"},
			"", "",
		},
		{
			"no value", nil, nil,
			func(s *zaf.Session) (zaf.Reply, error) { return s.GetVariable("NONE") },
			zaf.Reply{},
			"", "",
		},
		{
			"a usage of five lines",
			map[string][]string{"SAY DIGITS": {"520-Invalid command syntax.  Proper usage follows:\na\nb\nc\n520 End of proper usage."}},
			nil,
			func(s *zaf.Session) (zaf.Reply, error) { return s.SayDigits(1, "") },
			zaf.Reply{},
			"invalid command syntax", "SAY DIGITS 1 ",
		},
		{
			"a reply that comes later",
			map[string][]string{"GOSUB": {"100 result=0 Trying...\n200 result=0 Gosub complete"}},
			nil,
			func(s *zaf.Session) (zaf.Reply, error) { return s.GoSub("sub", "s", "1", "a") },
			zaf.Reply{Dat: "Gosub complete"},
			"", "GOSUB sub s 1 a",
		},
		{
			"digits with a star",
			map[string][]string{"GET DATA": {"200 result=12*"}},
			nil,
			func(s *zaf.Session) (zaf.Reply, error) { return s.GetData(`me"nu`, 3000, 3) },
			zaf.Reply{Dat: `"12*"`},
			"", `GET DATA me"nu 3000 3`,
		},
		{
			"no digits",
			map[string][]string{"GET DATA": {"200 result= (timeout)"}},
			nil,
			func(s *zaf.Session) (zaf.Reply, error) { return s.GetData("menu") },
			zaf.Reply{Dat: `"" (timeout)`},
			"", "GET DATA menu",
		},
		{
			"zeros in front",
			map[string][]string{"GET DATA": {"200 result=0123 (timeout)"}},
			nil,
			func(s *zaf.Session) (zaf.Reply, error) { return s.GetData("menu", 1) },
			zaf.Reply{Dat: `"0123" (timeout)`},
			"", "GET DATA menu 1",
		},
		{
			"digits that are a number",
			map[string][]string{"GET DATA": {"200 result=123 (timeout)"}},
			nil,
			func(s *zaf.Session) (zaf.Reply, error) { return s.GetData("menu") },
			zaf.Reply{Res: 123, Dat: "(timeout)"},
			"", "GET DATA menu",
		},
		{
			"quotes and backslashes", nil, nil,
			func(s *zaf.Session) (zaf.Reply, error) { return s.SetVariable("A", `He said "hi" in C:\dir\`) },
			zaf.Reply{Res: 1},
			"",
			`SET VARIABLE A He said "hi" in C:\dir\`,
		},
		{
			"letters that Go quotes", nil, nil,
			func(s *zaf.Session) (zaf.Reply, error) {
				return s.DatabasePut("f", "tab\tnbsp\u00a0zwj\u200d", `q"b\`)
			},
			zaf.Reply{Res: 1},
			"", "DATABASE PUT f tab\tnbsp\u00a0zwj\u200d q\"b\\",
		},
		{
			"a line break in an argument", nil, nil,
			func(s *zaf.Session) (zaf.Reply, error) {
				return s.DatabasePut("f", "k", "x\nSET VARIABLE INJECTED yes")
			},
			zaf.Reply{},
			"invalid command syntax", "",
		},
		{
			"a command that Asterisk does not know",
			map[string][]string{"SPEECH CREATE": {"510 Invalid or unknown command"}},
			nil,
			func(s *zaf.Session) (zaf.Reply, error) { return s.SpeechCreate("x") },
			zaf.Reply{},
			"invalid or unknown command", "SPEECH CREATE x",
		},
		{
			"a file that does not exist",
			map[string][]string{"STREAM FILE": {"200 result=-1 endpos=0"}},
			nil,
			func(s *zaf.Session) (zaf.Reply, error) { return s.StreamFile("none", "12", 8000) },
			zaf.Reply{Res: -1, Dat: "0"},
			"", "STREAM FILE none 12 8000",
		},
		{
			"an application", nil, nil,
			func(s *zaf.Session) (zaf.Reply, error) { return s.Exec("Playback", `a&"b"`) },
			zaf.Reply{},
			"", `EXEC Playback a&"b"`,
		},
		{
			"a raw command", nil, nil,
			func(s *zaf.Session) (zaf.Reply, error) { return s.RawCommand("set variable", "A", `"two \"words\""`) },
			zaf.Reply{Res: 1},
			"",
			`SET VARIABLE A two "words"`,
		},
		{
			"words for the log", nil, nil,
			func(s *zaf.Session) (zaf.Reply, error) { return s.Verbose(`say "hi"`, 2) },
			zaf.Reply{Res: 1},
			"", `VERBOSE say "hi" 2`,
		},
		{
			"no operation", nil, nil,
			func(s *zaf.Session) (zaf.Reply, error) { return s.Noop("a", 1) },
			zaf.Reply{},
			"", "NOOP",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			outcome := agitest.Call(t, zafagi.Handler(func(s *zaf.Session) {
				got, err := test.call(s)
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
				if said := message(err); said != test.fails {
					t.Errorf("error %q, want %q", said, test.fails)
				}
				if next, err := s.SetVariable("NEXT", 1); err != nil || next.Res != 1 { // its own answer, whatever came before
					t.Errorf("the next command: %+v, %v", next, err)
				}
			}), agitest.Channel{Replies: test.replies, Variables: test.vars})
			if test.sends != "" && (len(outcome.Commands) == 0 || outcome.Commands[0] != test.sends) {
				t.Errorf("sent %q, want %q", outcome.Commands, test.sends)
			}
			if outcome.Status != "SUCCESS" || outcome.Variables["NEXT"] != "1" || outcome.Variables["INJECTED"] != "" {
				t.Errorf("%+v", outcome)
			}
		})
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestEnvironment(t *testing.T) {
	agitest.Call(t, zafagi.Handler(func(s *zaf.Session) {
		for key, want := range map[string]string{
			"network_script": "old?x=1", "callerid": "210", "calleridname": "unknown", "arg_2": "b", "accountcode": "", "extension": "s",
		} {
			if got, ok := s.Env[key]; !ok || got != want {
				t.Errorf("%s: %q, want %q", key, got, want)
			}
		}
	}), agitest.Channel{Environment: agi.Environment{Script: "old?x=1", CallerID: "210", Args: []string{"a", "b"}}})
}

// After a hangup what Asterisk permits is carried out, and nothing else is sent.
func TestHangup(t *testing.T) {
	outcome := agitest.Call(t, zafagi.Handler(func(s *zaf.Session) {
		if played, err := s.StreamFile("long", ""); err != nil || played.Res != -1 {
			t.Errorf("the prompt: %+v, %v", played, err)
		}
		if kept, err := s.SetVariable("RESULT", "kept"); err != nil || kept.Res != 1 {
			t.Errorf("storing the result: %+v, %v", kept, err)
		}
		for range 2 {
			if _, err := s.Answer(); message(err) != "HANGUP" {
				t.Errorf("a command that is not permitted: %v", err)
			}
		}
		if got, err := s.GetVariable("RESULT"); err != nil || got.Dat != "kept" {
			t.Errorf("reading it: %+v, %v", got, err)
		}
	}), agitest.Channel{Replies: map[string][]string{"STREAM FILE": {"200 result=-1 endpos=4160"}}, HangupAfter: 1})
	if outcome.Status != "HANGUP" || outcome.Variables["RESULT"] != "kept" {
		t.Errorf("%+v", outcome)
	}
}

func TestFailure(t *testing.T) {
	outcome := agitest.Call(t, zafagi.Handler(func(s *zaf.Session) {
		if _, err := s.Failure(); err == nil {
			t.Error("an answer to FAILURE")
		}
		if _, err := s.Answer(); err == nil {
			t.Error("a command after FAILURE")
		}
	}), agitest.Channel{})
	if outcome.Status != "FAILURE" || len(outcome.Commands) != 0 {
		t.Errorf("%+v", outcome)
	}
}

// A value longer than a line of Asterisk's goes both ways.
func TestLongValue(t *testing.T) {
	long := strings.Repeat("x", 3000)
	outcome := agitest.Call(t, zafagi.Handler(func(s *zaf.Session) {
		if _, err := s.SetVariable("LONG", long); err != nil {
			t.Error(err)
		}
		if got, err := s.GetVariable("LONG"); err != nil || got.Dat != long {
			t.Errorf("%d bytes, %v", len(got.Dat), err)
		}
	}), agitest.Channel{})
	if outcome.Variables["LONG"] != long {
		t.Errorf("%d bytes arrived", len(outcome.Variables["LONG"]))
	}
}
