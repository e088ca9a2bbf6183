package agi_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/agi"
)

// TestReplies has the forms of replies of Asterisk 22 (the handlers in res/res_agi.c and handle_gosub in apps/app_stack.c).
func TestReplies(t *testing.T) {
	for text, want := range map[string]agi.Reply{
		"200 result=0":                           {Result: "0", Endpos: -1},
		"200 result=-1":                          {Result: "-1", Endpos: -1},
		"200 result=":                            {Endpos: -1},
		"200 result=6":                           {Result: "6", Endpos: -1},
		"200 result=0 endpos=8000":               {Result: "0", Endpos: 8000},
		"200 result=-1 endpos=4160":              {Result: "-1", Endpos: 4160},
		"200 result=0 endpos=-1":                 {Result: "0", Endpos: -1},
		"200 result=49 endpos=0":                 {Result: "49", Endpos: 0},
		"200 result=0123":                        {Result: "0123", Endpos: -1},
		"200 result=12*":                         {Result: "12*", Endpos: -1},
		"200 result=#1":                          {Result: "#1", Endpos: -1},
		"200 result=12 (timeout)":                {Result: "12", Data: "timeout", Endpos: -1},
		"200 result= (timeout)":                  {Data: "timeout", Endpos: -1},
		"200 result=1 (abc)":                     {Result: "1", Data: "abc", Endpos: -1},
		"200 result=1 ()":                        {Result: "1", Endpos: -1},
		"200 result=1 (a (b) c)":                 {Result: "1", Data: "a (b) c", Endpos: -1},
		"200 result=1 (two words)":               {Result: "1", Data: "two words", Endpos: -1},
		"200 result=1 (x endpos=7)":              {Result: "1", Data: "x endpos=7", Endpos: -1},
		"200 result=1 ( endpos=7)":               {Result: "1", Data: " endpos=7", Endpos: -1},
		"200 result=35 (dtmf) endpos=4000":       {Result: "35", Data: "dtmf", Endpos: 4000},
		"200 result=0 (timeout) endpos=16000":    {Result: "0", Data: "timeout", Endpos: 16000},
		"200 result=-1 (hangup) endpos=320":      {Result: "-1", Data: "hangup", Endpos: 320},
		"200 result=-1 (writefile)":              {Result: "-1", Data: "writefile", Endpos: -1},
		"200 result=-1 (waitfor) endpos=1":       {Result: "-1", Data: "waitfor", Endpos: 1},
		"200 result=7 (randomerror) endpos=2":    {Result: "7", Data: "randomerror", Endpos: 2},
		"200 result=1 (digit) digit=5 endpos=10": {Result: "1", Data: "(digit) digit=5", Endpos: 10},
		`200 result=1 (speech) endpos=9 results=1 score0=80 text0="a" grammar0=g`: {
			Result: "1", Data: `(speech) endpos=9 results=1 score0=80 text0="a" grammar0=g`, Endpos: 9,
		},
		"200 result=0 Gosub complete":         {Result: "0", Data: "Gosub complete", Endpos: -1},
		"200 result=-1 Gosub label not found": {Result: "-1", Data: "Gosub label not found", Endpos: -1},
		"503 result=-2 Memory allocation failure": {
			Code: 503, Result: "-2", Data: "Memory allocation failure", Endpos: -1,
		},
	} {
		if want.Code == 0 {
			want.Code = 200
		}
		want.Text = text
		got, ok := agi.ParseReply(text)
		if diff := cmp.Diff(want, got); !ok || diff != "" {
			t.Errorf("%s: a reply: %v (-want +got):\n%s", text, ok, diff)
		}
	}
}

func TestRefusals(t *testing.T) {
	const name = "SAY DIGITS"
	for _, test := range []struct {
		text string
		want *agi.CommandError
	}{
		{"510 Invalid or unknown command", &agi.CommandError{Code: 510, Message: "Invalid or unknown command"}},
		{"503 result=-2 Memory allocation failure", &agi.CommandError{Code: 503, Message: "result=-2 Memory allocation failure"}},
		{
			"520 Invalid command syntax.  Proper usage not available.",
			&agi.CommandError{Code: 520, Message: "Invalid command syntax.  Proper usage not available."},
		},
		{
			"520-Invalid command syntax.  Proper usage follows:\n<literal>0</literal>\n520 End of proper usage.",
			&agi.CommandError{Code: 520, Message: "Invalid command syntax.  Proper usage follows:", Usage: "<literal>0</literal>"},
		},
		{
			"520-Invalid command syntax.  Proper usage follows:\n520 End of proper usage.",
			&agi.CommandError{Code: 520, Message: "Invalid command syntax.  Proper usage follows:"},
		},
	} {
		reply, ok := agi.ParseReply(test.text)
		var refused *agi.CommandError
		if !ok || !errors.As(agi.ReplyErr(reply, name), &refused) {
			t.Fatalf("%q: want a CommandError", test.text)
		}
		test.want.Command = name
		if diff := cmp.Diff(test.want, refused); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.text, diff)
		}
	}
	for _, text := range []string{"511 Command Not Permitted on a dead channel", "511 Command Not Permitted on a dead channel or intercept routine"} {
		if reply, _ := agi.ParseReply(text); !errors.Is(agi.ReplyErr(reply, name), agi.ErrDead) {
			t.Errorf("%q is not ErrDead", text)
		}
	}
}

func TestLinesThatAreNoReply(t *testing.T) {
	for _, line := range []string{"", "HANGUP", "line2)", "200", "200 ", "200 ok", "2000 result=1", "100 result=0 Trying...", "agi_arg_2: x", "20x result=1", "٢٠٠ result=1"} {
		if reply, ok := agi.ParseReply(line); ok {
			t.Errorf("%q is taken for the reply %+v", line, reply)
		}
	}
}

// FuzzReply checks that no line is misread badly: what comes out was there, and nothing crashes.
func FuzzReply(f *testing.F) {
	for _, seed := range []string{
		"200 result=1 (abc)", "200 result= (timeout)", "200 result=0 endpos=8000", "511 x", "520-Usage:\na\n520 End", "510 ", "520-", "200 result=1 (endpos=",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		reply, ok := agi.ParseReply(text)
		if !ok {
			return
		}
		if reply.Code < 100 || reply.Code > 999 || !strings.Contains(text, reply.Result) || !strings.Contains(text, reply.Data) {
			t.Fatalf("%q is read as %+v", text, reply)
		}
		if err := agi.ReplyErr(reply, "NOOP"); (err == nil) != (reply.Code == 200) {
			t.Fatalf("%q: %v", text, err)
		}
	})
}
