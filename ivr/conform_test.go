package ivr_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asterism-go/asterism/ivr"
	"github.com/asterism-go/asterism/ivr/ivrtest"
	"github.com/asterism-go/asterism/ivr/sayconf"
)

// path is what a program notes of a call: it must be the same whatever the call comes by.
type path struct {
	mu    sync.Mutex
	steps []string
}

func (p *path) add(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.steps = append(p.steps, fmt.Sprintf(format, args...))
}

func (p *path) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.steps, "; ")
}

// play plays sounds of the room.
type player func(names ...string) ivr.Prompt

// scene is a program and a caller, and what the program makes of him.
type scene struct {
	program func(ctx context.Context, c *ivr.Call, at player, p *path) error
	script  func(at func(string) string) ivrtest.Script
	want    string
}

// scenes are run on the channel of ivrtest, over AGI and over ARI. Times are such that a machine that is busy makes no difference.
var scenes = map[string]scene{
	"a choice in the prompt": {
		program: func(ctx context.Context, c *ivr.Call, at player, p *path) error {
			got, err := c.Collect(ctx, ivr.Digits{Prompt: at("welcome", "long"), Max: 1})
			p.add("%q by %v, %v", got.Digits, got.End, err)
			return c.PlayPrompt(ctx, at("sales"))
		},
		script: func(at func(string) string) ivrtest.Script {
			return ivrtest.Script{ivrtest.Hear(at("long")), ivrtest.Press("0"), ivrtest.Hear(at("sales")), ivrtest.Ended()}
		},
		want: `"0" by max, <nil>`,
	},
	"typed ahead, with a zero, a star and a hash": {
		program: func(ctx context.Context, c *ivr.Call, at player, p *path) error {
			if err := c.PlayPrompt(ctx, at("welcome")); err != nil {
				return err
			}
			for _, end := range []string{"#", "*"} {
				got, err := c.Collect(ctx, ivr.Digits{Prompt: at("again"), End: end, First: time.Minute, Inter: time.Minute})
				p.add("%q by %v %q, %v", got.Digits, got.End, got.Terminator, err)
			}
			return nil
		},
		script: func(at func(string) string) ivrtest.Script {
			return ivrtest.Script{ivrtest.Hear(at("welcome")), ivrtest.Press("007*1#"), ivrtest.Press("0#0*"), ivrtest.Ended()}
		},
		want: `"007*1" by terminator '#', <nil>; "0#0" by terminator '*', <nil>`,
	},
	"nothing, and then a pause": {
		program: func(ctx context.Context, c *ivr.Call, at player, p *path) error {
			for _, prompt := range []ivr.Prompt{at("welcome"), at("again")} {
				got, err := c.Collect(ctx, ivr.Digits{Prompt: prompt, Max: 4, First: time.Second, Inter: 3 * time.Second})
				p.add("%q by %v, %v", got.Digits, got.End, err)
			}
			return nil
		},
		script: func(at func(string) string) ivrtest.Script {
			return ivrtest.Script{ivrtest.Hear(at("welcome")), ivrtest.Hear(at("again")), ivrtest.Press("12"), ivrtest.Ended()}
		},
		want: `"" by nothing, <nil>; "12" by timeout, <nil>`,
	},
	"a notice that digits do not stop": {
		program: func(ctx context.Context, c *ivr.Call, at player, p *path) error {
			notice := at("notice", "blip", "sales")
			notice.Deaf = true
			err := c.PlayPrompt(ctx, notice)
			p.add("%v", err)
			got, err := c.Collect(ctx, ivr.Digits{Max: 3, First: time.Minute, Inter: time.Minute})
			p.add("%q by %v, %v", got.Digits, got.End, err)
			return c.PlayPrompt(ctx, at("bye"))
		},
		script: func(at func(string) string) ivrtest.Script {
			return ivrtest.Script{
				ivrtest.Hear(at("notice")), ivrtest.Press("31"), ivrtest.Hear(at("sales")), ivrtest.Press("2"), ivrtest.Hear(at("bye")), ivrtest.Ended(),
			}
		},
		want: `<nil>; "312" by max, <nil>`,
	},
	"a sound that is missing": {
		program: func(ctx context.Context, c *ivr.Call, at player, p *path) error {
			err := c.PlayPrompt(ctx, at("blip", "missing", "support"))
			var missing *ivr.SoundError
			if errors.As(err, &missing) {
				p.add("no %s", filepath.Base(missing.Sound))
			}
			return c.PlayPrompt(ctx, at("bye"))
		},
		script: func(at func(string) string) ivrtest.Script {
			return ivrtest.Script{ivrtest.Hear(at("blip")), ivrtest.Hear(at("bye")), ivrtest.Ended()}
		},
		want: "no missing",
	},
	"digits while the program thinks": {
		program: func(ctx context.Context, c *ivr.Call, at player, p *path) error {
			if err := c.PlayPrompt(ctx, at("blip")); err != nil {
				return err
			}
			for len(c.Keys().Pending()) < 5 {
				select {
				case <-c.Keys().Changed():
				case <-time.After(100 * time.Millisecond):
				case <-ctx.Done():
					return context.Cause(ctx)
				}
			}
			err := c.PlayPrompt(ctx, at("long"))
			got, err2 := c.Collect(ctx, ivr.Digits{Prompt: at("long"), Max: 5})
			p.add("%v, %q by %v, %v", err, got.Digits, got.End, err2)
			return nil
		},
		script: func(at func(string) string) ivrtest.Script {
			return ivrtest.Script{ivrtest.Hear(at("blip")), ivrtest.Wait(time.Second), ivrtest.Press("90210"), ivrtest.Ended()}
		},
		want: `<nil>, "90210" by max, <nil>`,
	},
	"fresh": {
		program: func(ctx context.Context, c *ivr.Call, at player, p *path) error {
			for c.Keys().Pending() != "66" {
				if err := c.PlayPrompt(ctx, ivr.Prompt{Pieces: at("blip").Pieces, Deaf: true}); err != nil {
					return err
				}
			}
			got, err := c.Collect(ctx, ivr.Digits{Prompt: at("sales", "long"), Max: 1, Fresh: true})
			p.add("%q by %v, %v", got.Digits, got.End, err)
			return nil
		},
		script: func(at func(string) string) ivrtest.Script {
			return ivrtest.Script{ivrtest.Hear(at("blip")), ivrtest.Press("66"), ivrtest.Hear(at("sales")), ivrtest.Press("1"), ivrtest.Ended()}
		},
		want: `"1" by max, <nil>`,
	},
	"a hangup in a prompt": {
		program: func(ctx context.Context, c *ivr.Call, at player, p *path) error {
			err := c.PlayPrompt(ctx, at("welcome", "long"))
			p.add("%v, %v", errors.Is(err, ivr.ErrHangup), errors.Is(context.Cause(ctx), ivr.ErrHangup))
			_, err = c.Collect(ctx, ivr.Digits{Prompt: at("long"), Max: 1})
			p.add("%v", errors.Is(err, ivr.ErrHangup))
			return err
		},
		script: func(at func(string) string) ivrtest.Script {
			return ivrtest.Script{ivrtest.Hear(at("long")), ivrtest.HangUp()}
		},
		want: "true, true; true",
	},
	"a hangup while waiting for digits": {
		program: func(ctx context.Context, c *ivr.Call, at player, p *path) error {
			got, err := c.Collect(ctx, ivr.Digits{Prompt: at("blip"), Max: 9, First: time.Minute, Inter: time.Minute})
			p.add("%q %v", got.Digits, errors.Is(err, ivr.ErrHangup))
			return err
		},
		script: func(at func(string) string) ivrtest.Script {
			return ivrtest.Script{ivrtest.Hear(at("blip")), ivrtest.Press("4"), ivrtest.Wait(time.Second), ivrtest.HangUp()}
		},
		want: `"4" true`,
	},
	"variables": {
		program: func(ctx context.Context, c *ivr.Call, _ player, p *path) error {
			for _, value := range []string{"a b", `"quoted", \${X}`, ""} {
				if err := c.SetVar(ctx, "CHOICE", value); err != nil {
					return err
				}
				got, err := c.Var(ctx, "CHOICE")
				p.add("%s %v", got, err)
			}
			got, err := c.Var(ctx, "NEVER_SET")
			p.add("%q %v", got, err)
			return nil
		},
		script: func(func(string) string) ivrtest.Script { return ivrtest.Script{ivrtest.Ended()} },
		want:   `a b <nil>; "quoted", \${X} <nil>;  <nil>; "" <nil>`,
	},
	"a recording that a digit ends, and is played": {
		program: func(ctx context.Context, c *ivr.Call, at player, p *path) error {
			if err := c.PlayPrompt(ctx, at("blip")); err != nil {
				return err
			}
			made, err := c.Record(ctx, ivr.Recording{Name: "voice-" + c.Info().ID, Max: time.Minute, End: "#"})
			p.add("%v %q %v, pending %q", made.End, made.Digit, err, c.Keys().Pending())
			return c.Say(ctx, ivr.Played(made.Name), at("bye").Pieces[0])
		},
		script: func(at func(string) string) ivrtest.Script {
			return ivrtest.Script{ivrtest.Hear(at("blip")), ivrtest.Wait(3 * time.Second), ivrtest.Press("12#"), ivrtest.Hear(at("bye")), ivrtest.Ended()}
		},
		want: `digit '#' <nil>, pending ""`,
	},
	"a recording of two seconds, and a hangup in one": {
		program: func(ctx context.Context, c *ivr.Call, at player, p *path) error {
			made, err := c.Record(ctx, ivr.Recording{Name: "short-" + c.Info().ID, Max: 2 * time.Second})
			p.add("%v %v", made.End, err)
			if err := c.PlayPrompt(ctx, at("blip")); err != nil {
				return err
			}
			made, err = c.Record(ctx, ivr.Recording{Name: "cut-" + c.Info().ID, Max: time.Minute})
			p.add("%v %v", made.End, errors.Is(err, ivr.ErrHangup))
			return err
		},
		script: func(at func(string) string) ivrtest.Script {
			return ivrtest.Script{ivrtest.Hear(at("blip")), ivrtest.Wait(2 * time.Second), ivrtest.HangUp()}
		},
		want: "limit <nil>; hangup true",
	},
	"a number by a say.conf": {
		program: func(ctx context.Context, c *ivr.Call, at player, p *path) error {
			sales, bye := at("sales", "bye").Pieces[0], at("sales", "bye").Pieces[1]
			names, err := ivr.Sounds("en", sales, bye)
			if err != nil {
				return err
			}
			rules, err := sayconf.Parse("say.conf", fmt.Appendf(nil, "[en]\n_[n]um:4X => %s, num:${SAY:1}\n_[n]um:2 => %s\n", names[0], names[1]))
			if err != nil {
				return err
			}
			c.SetSayer(rules)
			err = c.PlayPrompt(ctx, ivr.Prompt{Pieces: []ivr.Piece{ivr.SayNumber(42)}, Language: "en"})
			p.add("%v", err)
			return err
		},
		script: func(at func(string) string) ivrtest.Script {
			return ivrtest.Script{ivrtest.Hear(at("sales")), ivrtest.Hear(at("bye")), ivrtest.Ended()}
		},
		want: "<nil>",
	},
	"music": {
		program: func(ctx context.Context, c *ivr.Call, at player, p *path) error {
			err := errors.Join(c.StopMusic(ctx), c.StartMusic(ctx, ""), c.StartMusic(ctx, ""), c.StopMusic(ctx), c.StartMusic(ctx, ""))
			p.add("%v", err)
			return c.PlayPrompt(ctx, at("bye"))
		},
		script: func(at func(string) string) ivrtest.Script {
			return ivrtest.Script{ivrtest.Hear(at("bye")), ivrtest.Ended()}
		},
		want: "<nil>",
	},
	"sent on": {
		program: func(ctx context.Context, c *ivr.Call, at player, p *path) error {
			if err := c.PlayPrompt(ctx, at("bye")); err != nil {
				return err
			}
			err := c.Continue(ctx, ivr.Place{Extension: "place", Priority: 2})
			p.add("%v", err)
			<-ctx.Done()
			p.add("%v, %v", errors.Is(context.Cause(ctx), ivr.ErrContinued), errors.Is(c.Say(ctx, ivr.Sound("beep")), ivr.ErrContinued))
			return nil
		},
		script: func(at func(string) string) ivrtest.Script {
			return ivrtest.Script{ivrtest.Hear(at("bye")), ivrtest.Ended()}
		},
		want: "<nil>; true, true",
	},
}

// programOf makes a handler of a scene.
func (s scene) programOf(folder string, p *path) ivr.Handler {
	at := func(names ...string) ivr.Prompt {
		var prompt ivr.Prompt
		for _, name := range names {
			prompt.Pieces = append(prompt.Pieces, ivr.Sound(filepath.Join(folder, name)))
		}
		return prompt
	}
	return func(ctx context.Context, c *ivr.Call) error {
		if err := c.Answer(ctx); err != nil {
			return err
		}
		return s.program(ctx, c, at, p)
	}
}

// TestScenesFake runs the scenes in virtual time.
func TestScenesFake(t *testing.T) {
	for name, scene := range scenes {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				caller := &ivrtest.Channel{Durations: durations("/sounds"), Missing: []string{"/sounds/missing"}}
				var p path
				script := scene.script(func(name string) string { return "/sounds/" + name })
				if err := ivrtest.Run(t.Context(), caller, scene.programOf("/sounds", &p), script); err != nil {
					t.Error(err)
				}
				if got := p.String(); got != scene.want {
					t.Errorf("got  %s\nwant %s", got, scene.want)
				}
			})
		})
	}
}

// TestScenes runs the scenes on a real Asterisk, over both transports at once.
func TestScenes(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	var callers sync.WaitGroup
	for name, scene := range scenes {
		for _, transport := range transports {
			callers.Go(func() {
				title := letters(transport + name)
				r.attempt(t, title, func() (string, error) { return r.play(within(t), title, scene) })
			})
		}
	}
	callers.Wait()
	r.nothingLeft(t)
}

// play plays a scene with the telephone, and returns what was pressed. The title begins with the transport.
func (r *room) play(ctx context.Context, title string, s scene) (pressed string, err error) {
	var p path
	result := r.program(title, s.programOf(r.folder, &p))
	phone, err := r.call(ctx, title[:len("agi")]+"-"+title)
	if err != nil {
		return "", err
	}
	err = s.script(func(name string) string { return filepath.Join(r.folder, name) }).Run(ctx, phone)
	phone.HangUp(ctx) //nolint:errcheck // it may be over
	select {
	case end := <-result:
		err = errors.Join(err, end)
	case <-ctx.Done():
		err = errors.Join(err, errors.New("the program goes on"))
	}
	if got := p.String(); got != s.want {
		err = errors.Join(err, fmt.Errorf("got  %s\nwant %s", got, s.want))
	}
	if err != nil {
		err = fmt.Errorf("%w\nheard %v", err, phone.names())
	}
	return phone.pressed, err
}

// letters are those of a name, to be one of an extension.
func letters(name string) string {
	return strings.Map(func(letter rune) rune {
		if letter < 'a' || letter > 'z' {
			return -1
		}
		return letter
	}, name)
}

// nothingLeft waits until Asterisk has neither channels nor bridges.
func (r *room) nothingLeft(t *testing.T) {
	t.Helper()
	ctx := within(t)
	for {
		channels, err := r.client.Channels().List(ctx)
		if err != nil {
			t.Fatal(err)
		}
		bridges, err := r.client.Bridges().List(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if len(channels) == 0 && len(bridges) == 0 {
			return
		}
		if pause(ctx, 50*time.Millisecond) != nil {
			t.Fatalf("left: %d channels and %d bridges", len(channels), len(bridges))
		}
	}
}
