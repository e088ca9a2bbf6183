package menu_test

import (
	"context"
	"fmt"
	"time"

	"github.com/asterism-go/asterism/ivr"
	"github.com/asterism-go/asterism/ivr/ivrtest"
	"github.com/asterism-go/asterism/ivr/menu"
)

// Menus in a file, and a caller who presses 1.
func Example() {
	set, err := menu.Parse("desk.yaml", []byte(`
start: main
nodes:
  main:
    menu:
      prompt: welcome
      options: {1: sales, 2: bye}
      default: sales
  sales: {queue: {name: sales, context: queues}}
  bye: {hangup: {prompt: goodbye}}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	engine, err := menu.New(set, menu.Config{Paths: func(p menu.Path) { fmt.Println(p.Nodes(), p.Outcome) }})
	if err != nil {
		fmt.Println(err)
		return
	}
	// over AGI: agichannel.Handler(engine.Serve); over ARI: arichannel.Handler(engine.Serve)
	err = ivrtest.Run(context.Background(), &ivrtest.Channel{}, engine.Serve, ivrtest.Script{ivrtest.Press("1"), ivrtest.Ended()})
	if err != nil {
		fmt.Println(err)
	}
	// Output: [main:option 1 sales:sent on] sent on
}

// The same menus in Go, with a function of the program.
func ExampleCompile() {
	set, err := menu.Compile(menu.Menus{Start: "main", Nodes: map[string]menu.Node{
		"main":    {Menu: &menu.Menu{Prompt: menu.Sounds("welcome"), Options: menu.Options{"1": {Goto: "balance"}}}},
		"balance": {Action: &menu.Do{Name: "balance", Sets: menu.List{"euros"}, Next: "say"}},
		"say":     {Play: &menu.Play{Prompt: menu.Prompt{{Sound: "you-have"}, {Number: "${euros}"}}, Next: "hangup"}},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	balance := func(_ context.Context, s *menu.Session) (string, error) {
		s.SetValue("euros", "42")
		return "", nil
	}
	engine, err := menu.New(set, menu.Config{Actions: map[string]menu.Action{"balance": balance}})
	if err != nil {
		fmt.Println(err)
		return
	}
	at := time.Millisecond // how long each sound takes
	caller := &ivrtest.Channel{
		About: ivr.Info{Language: "en"}, Durations: map[string]time.Duration{"welcome": at, "you-have": at, "digits/40": at, "digits/2": at},
	}
	script := ivrtest.Script{ivrtest.Press("1"), ivrtest.Hear("you-have"), ivrtest.Hear("digits/40"), ivrtest.Hear("digits/2"), ivrtest.Ended()}
	fmt.Println(ivrtest.Run(context.Background(), caller, engine.Serve, script))
	// Output: <nil>
}

// What is wrong with a file is told all at once, with its place.
func ExampleParse() {
	_, err := menu.Parse("desk.yaml", []byte("start: main\nnodes:\n  main: {play: {prompt: welcome, next: mian}}\n  other: {hangup: {}}\n"))
	fmt.Println(err)
	// Output: desk.yaml:3:40: there is no node "mian"
}
