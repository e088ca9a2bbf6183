package agi_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/agi/agitest"
)

// commandTest is a method, the command that Asterisk gets for it, a reply and what becomes of that.
type commandTest struct {
	reply string
	sends string
	call  func(ctx context.Context, s *agi.Session) (any, error)
	want  any
	fails string // what the error says
}

// errorOnly is for methods without a result.
func errorOnly(err error) (any, error) { return nil, err }

var generatedTests = map[string]commandTest{
	"AsyncAGIBreak": {"200 result=0", "ASYNCAGI BREAK", func(ctx context.Context, s *agi.Session) (any, error) {
		return errorOnly(s.AsyncAGIBreak(ctx))
	}, nil, ""},
	"DatabaseDel": {"200 result=1", "DATABASE DEL cid 210", func(ctx context.Context, s *agi.Session) (any, error) {
		return errorOnly(s.DatabaseDel(ctx, "cid", "210"))
	}, nil, ""},
	"DatabaseDel fails": {"200 result=0", "DATABASE DEL cid 210", func(ctx context.Context, s *agi.Session) (any, error) {
		return errorOnly(s.Dead().DatabaseDel(ctx, "cid", "210"))
	}, nil, "DATABASE DEL failed with result 0"},
	"DatabaseDeltree": {"200 result=0", "DATABASE DELTREE cid", func(ctx context.Context, s *agi.Session) (any, error) {
		return s.DatabaseDeltree(ctx, "cid", "")
	}, true, ""},
	"DatabaseDeltree of nothing": {"200 result=1", "DATABASE DELTREE cid a/b", func(ctx context.Context, s *agi.Session) (any, error) {
		return s.Dead().DatabaseDeltree(ctx, "cid", "a/b")
	}, false, ""},
	"SendImage": {"200 result=0", "SEND IMAGE logo", func(ctx context.Context, s *agi.Session) (any, error) {
		return errorOnly(s.SendImage(ctx, "logo"))
	}, nil, ""},
	"SendText": {"200 result=0", "SEND TEXT two words", func(ctx context.Context, s *agi.Session) (any, error) {
		return errorOnly(s.SendText(ctx, "two words"))
	}, nil, ""},
	"SendText fails": {"200 result=-1", "SEND TEXT x", func(ctx context.Context, s *agi.Session) (any, error) {
		return errorOnly(s.SendText(ctx, "x"))
	}, nil, "SEND TEXT failed with result -1"},
	"SetAutoHangup": {"200 result=0", "SET AUTOHANGUP 1.5", func(ctx context.Context, s *agi.Session) (any, error) {
		return errorOnly(s.SetAutoHangup(ctx, 1500*time.Millisecond))
	}, nil, ""},
	"SetCallerID": {"200 result=1", "SET CALLERID Maria <210>", func(ctx context.Context, s *agi.Session) (any, error) {
		return errorOnly(s.SetCallerID(ctx, "Maria <210>"))
	}, nil, ""},
	"TDDMode": {"200 result=0", "TDD MODE mate", func(ctx context.Context, s *agi.Session) (any, error) {
		return errorOnly(s.TDDMode(ctx, "mate"))
	}, nil, "TDD MODE failed with result 0"},
	"SpeechCreate": {"200 result=0", "SPEECH CREATE e", func(ctx context.Context, s *agi.Session) (any, error) {
		return errorOnly(s.SpeechCreate(ctx, "e"))
	}, nil, "SPEECH CREATE failed"},
	"SpeechSet": {"200 result=1", "SPEECH SET a b", func(ctx context.Context, s *agi.Session) (any, error) {
		return errorOnly(s.SpeechSet(ctx, "a", "b"))
	}, nil, ""},
	"SpeechLoadGrammar": {"200 result=1", "SPEECH LOAD GRAMMAR g /tmp/g", func(ctx context.Context, s *agi.Session) (any, error) {
		return errorOnly(s.SpeechLoadGrammar(ctx, "g", "/tmp/g"))
	}, nil, ""},
	"SpeechActivateGrammar": {"200 result=1", "SPEECH ACTIVATE GRAMMAR g", func(ctx context.Context, s *agi.Session) (any, error) {
		return errorOnly(s.SpeechActivateGrammar(ctx, "g"))
	}, nil, ""},
	"SpeechDeactivateGrammar": {"200 result=1", "SPEECH DEACTIVATE GRAMMAR g", func(ctx context.Context, s *agi.Session) (any, error) {
		return errorOnly(s.SpeechDeactivateGrammar(ctx, "g"))
	}, nil, ""},
	"SpeechUnloadGrammar": {"200 result=1", "SPEECH UNLOAD GRAMMAR g", func(ctx context.Context, s *agi.Session) (any, error) {
		return errorOnly(s.Dead().SpeechUnloadGrammar(ctx, "g"))
	}, nil, ""},
	"SpeechDestroy": {"200 result=1", "SPEECH DESTROY", func(ctx context.Context, s *agi.Session) (any, error) {
		return errorOnly(s.Dead().SpeechDestroy(ctx))
	}, nil, ""},
}

var handWrittenTests = map[string]commandTest{
	"ChannelStatusOf": {"200 result=4", "CHANNEL STATUS PJSIP/a-1", func(ctx context.Context, s *agi.Session) (any, error) {
		return s.ChannelStatusOf(ctx, "PJSIP/a-1")
	}, 4, ""},
	"HangupChannel": {"200 result=-1", "HANGUP PJSIP/none-1", func(ctx context.Context, s *agi.Session) (any, error) {
		return errorOnly(s.HangupChannel(ctx, "PJSIP/none-1"))
	}, nil, "HANGUP failed with result -1"},
	"ControlStreamFile": {"200 result=56 endpos=2500", "CONTROL STREAM FILE long 8 3000 # *  0", func(ctx context.Context, s *agi.Session) (any, error) {
		return s.ControlStreamFile(ctx, agi.ControlledFile{File: "long", Escape: "8"})
	}, agi.ControlledPlayback{Digit: "8", Position: 2500 * time.Millisecond}, ""},
	"ControlStreamFile, all said": {"200 result=0 endpos=-1", "CONTROL STREAM FILE long  500 6 4 5 1000", func(ctx context.Context, s *agi.Session) (any, error) {
		return s.ControlStreamFile(ctx, agi.ControlledFile{
			File: "long", Skip: time.Second / 2, Forward: "6", Rewind: "4", Pause: "5", Offset: time.Second,
		})
	}, agi.ControlledPlayback{Position: -time.Millisecond}, ""},
	"GetOption": {"200 result=49 endpos=4000", "GET OPTION menu 12 5000", func(ctx context.Context, s *agi.Session) (any, error) {
		return s.GetOption(ctx, "menu", "12", 5*time.Second)
	}, agi.Playback{Digit: "1", Endpos: 4000}, ""},
	"Gosub": {"100 result=0 Trying...\n200 result=0 Gosub complete", "GOSUB sub s 1", func(ctx context.Context, s *agi.Session) (any, error) {
		return errorOnly(s.Gosub(ctx, agi.Subroutine{Context: "sub"}))
	}, nil, ""},
	"Gosub, abnormal": {"100 result=0 Trying...\n200 result=0 Gosub complete (abnormal exit)", "GOSUB sub 1 go a,b", func(ctx context.Context, s *agi.Session) (any, error) {
		return errorOnly(s.Gosub(ctx, agi.Subroutine{Context: "sub", Extension: "1", Priority: "go", Args: []string{"a", "b"}}))
	}, nil, "GOSUB failed with result 0 (Gosub complete (abnormal exit))"},
	"Gosub to nowhere": {"200 result=-1 Gosub label not found", "GOSUB sub s 1", func(ctx context.Context, s *agi.Session) (any, error) {
		return errorOnly(s.Gosub(ctx, agi.Subroutine{Context: "sub"}))
	}, nil, "GOSUB failed with result -1 (Gosub label not found)"},
	"Gosub without memory": {"503 result=-2 Memory allocation failure", "GOSUB sub s 1", func(ctx context.Context, s *agi.Session) (any, error) {
		return errorOnly(s.Gosub(ctx, agi.Subroutine{Context: "sub"}))
	}, nil, "GOSUB: Asterisk says 503"},
	"ReceiveChar": {"200 result=65", "RECEIVE CHAR 2000", func(ctx context.Context, s *agi.Session) (any, error) {
		return s.ReceiveChar(ctx, 2*time.Second)
	}, 'A', ""},
	"ReceiveChar, nothing": {"200 result=0 (timeout)", "RECEIVE CHAR 0", func(ctx context.Context, s *agi.Session) (any, error) {
		return s.ReceiveChar(ctx, 0)
	}, rune(0), ""},
	"ReceiveChar, no text": {"200 result=-1 (hangup)", "RECEIVE CHAR 0", func(ctx context.Context, s *agi.Session) (any, error) {
		return s.ReceiveChar(ctx, 0)
	}, rune(0), "RECEIVE CHAR failed with result -1 (hangup)"},
	"ReceiveText": {"200 result=1 (two\nlines)", "RECEIVE TEXT 2000", func(ctx context.Context, s *agi.Session) (any, error) {
		return s.ReceiveText(ctx, 2*time.Second)
	}, "two\nlines", ""},
	"SayDate": {"200 result=35", "SAY DATE 1700000000 #", func(ctx context.Context, s *agi.Session) (any, error) {
		return s.SayDate(ctx, time.Unix(1700000000, 0), "#")
	}, "#", ""},
	"SayTime": {"200 result=0", "SAY TIME 1700000000 ", func(ctx context.Context, s *agi.Session) (any, error) {
		return s.SayTime(ctx, time.Unix(1700000000, 0), "")
	}, "", ""},
	"SpeechRecognize": {
		`200 result=1 (speech) endpos=1600 results=2 score0=900 text0="call "mum" now" grammar0=names score1=10 text1="endpos=7" grammar1=other words `,
		"SPEECH RECOGNIZE say 3000", func(ctx context.Context, s *agi.Session) (any, error) {
			return s.SpeechRecognize(ctx, "say", 3*time.Second)
		},
		agi.Speech{Endpos: 1600, Results: []agi.SpeechResult{
			{Score: 900, Text: `call "mum" now`, Grammar: "names"}, {Score: 10, Text: "endpos=7", Grammar: "other words"},
		}},
		"",
	},
	"SpeechRecognize, digit": {"200 result=1 (digit) digit=5 endpos=800", "SPEECH RECOGNIZE say 0", func(ctx context.Context, s *agi.Session) (any, error) {
		return s.SpeechRecognize(ctx, "say", 0)
	}, agi.Speech{Digit: "5", Endpos: 800}, ""},
	"SpeechRecognize, timeout": {"200 result=1 (timeout) endpos=8000", "SPEECH RECOGNIZE say 0", func(ctx context.Context, s *agi.Session) (any, error) {
		return s.SpeechRecognize(ctx, "say", 0)
	}, agi.Speech{Timeout: true, Endpos: 8000}, ""},
	"SpeechRecognize, hangup": {"200 result=1 (hangup) endpos=8000\nHANGUP", "SPEECH RECOGNIZE say 0", func(ctx context.Context, s *agi.Session) (any, error) {
		return s.SpeechRecognize(ctx, "say", 0)
	}, agi.Speech{}, "the channel has hung up"},
	"SpeechRecognize, no engine": {"200 result=0", "SPEECH RECOGNIZE say 0", func(ctx context.Context, s *agi.Session) (any, error) {
		return s.SpeechRecognize(ctx, "say", 0)
	}, agi.Speech{}, "SPEECH RECOGNIZE failed with result 0"},
}

func TestGeneratedCommands(t *testing.T)   { testCommands(t, generatedTests) }
func TestHandWrittenCommands(t *testing.T) { testCommands(t, handWrittenTests) }

func testCommands(t *testing.T, tests map[string]commandTest) {
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			command := commandIn(test.sends)
			outcome := agitest.Call(t, agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
				got, err := test.call(ctx, s)
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("result (-want +got):\n%s", diff)
				}
				if test.fails == "" && err != nil || test.fails != "" && (err == nil || !strings.Contains(err.Error(), test.fails)) {
					t.Errorf("error %v, want %q", err, test.fails)
				}
				return nil
			}), agitest.Channel{Replies: map[string][]string{command: {test.reply}}})
			if len(outcome.Commands) == 0 || outcome.Commands[0] != test.sends {
				t.Errorf("sent %q, want %q", outcome.Commands, test.sends)
			}
		})
	}
}

// commandIn is the name of the command that a line begins with.
func commandIn(line string) string {
	words := strings.Fields(line)
	for n := min(3, len(words)); n > 0; n-- {
		name := strings.Join(words[:n], " ")
		if _, known := agi.LookupCommand(name); known {
			return name
		}
	}
	return line
}

// What Asterisk would misread is not sent.
func TestRefusedArguments(t *testing.T) {
	outcome := agitest.Call(t, agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		_, late := s.SayDate(ctx, time.Date(2038, 1, 19, 3, 14, 8, 0, time.UTC), "")
		for name, err := range map[string]error{
			"a comma in an argument": s.Gosub(ctx, agi.Subroutine{Context: "sub", Args: []string{"a,b"}}),
			"a closing parenthesis":  s.Gosub(ctx, agi.Subroutine{Context: "sub", Args: []string{"a)"}}),
			"a date after 2038":      late,
			"a line break":           s.SendText(ctx, "a\nb"),
		} {
			var refused *agi.ArgumentError
			if !errors.As(err, &refused) {
				t.Errorf("%s: %v", name, err)
			}
		}
		return nil
	}), agitest.Channel{})
	if len(outcome.Commands) != 0 {
		t.Errorf("sent %q", outcome.Commands)
	}
}

// The end of a context stops GET OPTION, and the call goes on.
func TestGetOptionStopped(t *testing.T) {
	outcome := agitest.Call(t, agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		short, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
		defer cancel()
		played, err := s.GetOption(short, "menu", "1", time.Minute)
		if !errors.Is(err, context.DeadlineExceeded) || !played.Stopped {
			t.Errorf("%+v, %v", played, err)
		}
		return s.Noop(ctx)
	}), agitest.Channel{Replies: map[string][]string{"GET OPTION": {""}}})
	if diff := cmp.Diff([]string{"GET OPTION menu 1 60000", "NOOP"}, outcome.Commands); diff != "" {
		t.Error(diff)
	}
}

// DeadSession.Raw does not send what Asterisk would refuse.
func TestDeadRaw(t *testing.T) {
	outcome := agitest.Call(t, agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		if _, err := s.Dead().Raw(ctx, "ANSWER"); !errors.Is(err, agi.ErrDead) {
			t.Errorf("ANSWER: %v", err)
		}
		_, err := s.Dead().Raw(ctx, "DATABASE DEL", "a", "b")
		return err
	}), agitest.Channel{})
	if diff := cmp.Diff([]string{"DATABASE DEL a b"}, outcome.Commands); diff != "" {
		t.Error(diff)
	}
}
