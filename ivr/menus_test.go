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
	"github.com/asterism-go/asterism/ivr/menu"
)

// desk are menus with the sounds of a room, which is at @.
const desk = `start: main
operator: person
keys: {operator: "0", back: "*"}
defaults: {first_digit: 4s, inter_digit: 3s, no_input: "@/again", no_match: "@/notice", max_no_input: 3, max_no_match: 3, default: bye}
nodes:
  main:
    menu:
      prompt: "@/welcome"
      options: {1: sales, 2: {goto: more, label: more}, 35: number, 4: message}
  sales: {play: {prompt: "@/sales", next: main}}
  more: {menu: {prompt: "@/support", options: {7: bye}}}
  number: {collect: {prompt: "@/blip", min: 4, max: 6, terminator: 2s, into: account, next: secret}}
  secret: {pin: {prompt: "@/sales", max: 6, secret_env: PIN, locked: bye, next: bye}}
  message: {record: {prompt: "@/blip", max: 30s, next: bye, empty: bye}}
  person: {transfer: {context: default, extension: place}}
  bye: {hangup: {prompt: "@/bye"}}
`

// menuScene is a caller of the desk.
type menuScene struct {
	script func(at func(string) string) ivrtest.Script
	// ahead says that he types ahead: what is played meanwhile is a matter of chance.
	ahead bool
}

var menuScenes = map[string]menuScene{
	"there and back": {
		script: func(at func(string) string) ivrtest.Script {
			return ivrtest.Script{
				ivrtest.Hear(at("welcome")), ivrtest.Press("1"), ivrtest.Hear(at("sales")), ivrtest.Hear(at("welcome")), ivrtest.Press("2"),
				ivrtest.Hear(at("support")), ivrtest.Wait(500 * time.Millisecond), ivrtest.Press("*"), ivrtest.Hear(at("welcome")),
				ivrtest.Wait(500 * time.Millisecond), ivrtest.Press("2"),
				ivrtest.Hear(at("support")), ivrtest.Press("7"), ivrtest.Hear(at("bye")), ivrtest.Ended(),
			}
		},
	},
	"nothing, and nonsense": {
		script: func(at func(string) string) ivrtest.Script {
			return ivrtest.Script{
				ivrtest.Hear(at("welcome")), ivrtest.Hear(at("again")), ivrtest.Press("9"), ivrtest.Hear(at("notice")), ivrtest.Press("2"),
				ivrtest.Hear(at("support")), ivrtest.Press("7"), ivrtest.Hear(at("bye")), ivrtest.Ended(),
			}
		},
	},
	"a number and a secret, typed ahead": {
		ahead: true,
		script: func(at func(string) string) ivrtest.Script {
			return ivrtest.Script{
				ivrtest.Hear(at("welcome")), ivrtest.Press("350042#"), ivrtest.Press("0017#"), ivrtest.Hear(at("bye")), ivrtest.Ended(),
			}
		},
	},
	"the operator": {
		script: func(at func(string) string) ivrtest.Script {
			return ivrtest.Script{ivrtest.Hear(at("welcome")), ivrtest.Press("2"), ivrtest.Hear(at("support")), ivrtest.Press("0"), ivrtest.Ended()}
		},
	},
	"a hangup in the first menu": {
		script: func(at func(string) string) ivrtest.Script {
			return ivrtest.Script{ivrtest.Hear(at("welcome")), ivrtest.HangUp()}
		},
	},
	"a hangup in a second menu": {
		script: func(at func(string) string) ivrtest.Script {
			return ivrtest.Script{ivrtest.Hear(at("welcome")), ivrtest.Press("2"), ivrtest.Hear(at("support")), ivrtest.HangUp()}
		},
	},
	"a hangup in a play": {
		script: func(at func(string) string) ivrtest.Script {
			return ivrtest.Script{ivrtest.Hear(at("welcome")), ivrtest.Press("1"), ivrtest.Hear(at("sales")), ivrtest.HangUp()}
		},
	},
	"a hangup in a number": {
		script: func(at func(string) string) ivrtest.Script {
			return ivrtest.Script{ivrtest.Hear(at("welcome")), ivrtest.Press("35"), ivrtest.Hear(at("blip")), ivrtest.Press("1"), ivrtest.HangUp()}
		},
	},
	"a hangup in a secret": {
		script: func(at func(string) string) ivrtest.Script {
			return ivrtest.Script{ivrtest.Hear(at("welcome")), ivrtest.Press("35"), ivrtest.Hear(at("blip")), ivrtest.Press("1234#"), ivrtest.Hear(at("sales")), ivrtest.Press("0"), ivrtest.HangUp()}
		},
	},
	"a hangup in a message": {
		script: func(at func(string) string) ivrtest.Script {
			return ivrtest.Script{ivrtest.Hear(at("welcome")), ivrtest.Press("4"), ivrtest.Hear(at("blip")), ivrtest.Wait(3 * time.Second), ivrtest.HangUp()}
		},
	},
	"a hangup in the goodbye": {
		script: func(at func(string) string) ivrtest.Script {
			return ivrtest.Script{ivrtest.Hear(at("welcome")), ivrtest.Press("2"), ivrtest.Hear(at("support")), ivrtest.Press("7"), ivrtest.Hear(at("bye")), ivrtest.HangUp()}
		},
	},
}

// wayOf is what must be the same of a path, whatever a call comes by: all but times, names and the lengths of things.
func (s menuScene) wayOf(p menu.Path) string {
	var all []string
	for _, visit := range p.Visits {
		var prompts []string
		for _, prompt := range visit.Prompts {
			if s.ahead {
				break
			}
			prompts = append(prompts, filepath.Base(prompt))
		}
		all = append(all, fmt.Sprintf("%s %v %q %s", visit.Node, prompts, visit.Inputs, visit.Outcome))
	}
	return strings.Join(append(all, string(p.Outcome)), "; ")
}

// deskOf makes the desk of a room, and a channel that has the paths of its calls.
func deskOf(t testing.TB, folder string) (ivr.Handler, <-chan menu.Path) {
	t.Helper()
	set, err := menu.Parse("desk.yaml", []byte(strings.ReplaceAll(desk, "@", folder)))
	if err != nil {
		t.Fatal(err)
	}
	paths := make(chan menu.Path, 1)
	engine, err := menu.New(set, menu.Config{
		Paths: func(p menu.Path) { paths <- p },
		Env:   func(string) string { return "0017" },
	})
	if err != nil {
		t.Fatal(err)
	}
	return engine.Serve, paths
}

// pace is that of the telephone.
const pace = 200 * time.Millisecond

// wayOnFake is the way of a scene's caller in virtual time.
func wayOnFake(t *testing.T, s menuScene) string {
	t.Helper()
	var way string
	synctest.Test(t, func(t *testing.T) {
		const folder = "/sounds"
		serve, paths := deskOf(t, folder)
		script := s.script(func(name string) string { return folder + "/" + name })
		if err := ivrtest.Run(t.Context(), &ivrtest.Channel{Durations: durations(folder), Pace: pace}, serve, script); err != nil {
			t.Error(err)
		}
		way = s.wayOf(<-paths)
	})
	return way
}

// TestMenus has the same callers go through the same menus on ivrtest, over AGI and over ARI: they go the same ways.
func TestMenus(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	var callers sync.WaitGroup
	for name, scene := range menuScenes {
		want := wayOnFake(t, scene)
		t.Logf("%s: %s", name, want)
		for _, transport := range transports {
			callers.Go(func() {
				title := letters(transport + name)
				r.attempt(t, title, func() (string, error) {
					pressed, got, err := r.walk(within(t), t, title, scene)
					if err == nil && got != want {
						err = fmt.Errorf("got\n%s\nwant\n%s", got, want)
					}
					return pressed, err
				})
			})
		}
	}
	callers.Wait()
	r.nothingLeft(t)
}

// walk is the way of a scene's caller with a telephone, and what he pressed. The title begins with the transport.
func (r *room) walk(ctx context.Context, t *testing.T, title string, s menuScene) (pressed, way string, err error) {
	t.Helper()
	serve, paths := deskOf(t, r.folder)
	result := r.program(title, serve)
	phone, err := r.call(ctx, title[:len("agi")]+"-"+title)
	if err != nil {
		return "", "", err
	}
	err = s.script(func(name string) string { return filepath.Join(r.folder, name) }).Run(ctx, phone)
	phone.HangUp(ctx) //nolint:errcheck // it may be over
	if err != nil {
		err = fmt.Errorf("%w; heard %v", err, phone.names())
	}
	select {
	case way := <-paths:
		return phone.pressed, s.wayOf(way), errors.Join(err, <-result)
	case <-ctx.Done():
		return phone.pressed, "", errors.Join(err, context.Cause(ctx))
	}
}
