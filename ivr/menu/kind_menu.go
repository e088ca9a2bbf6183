package menu

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/asterism-go/asterism/ivr"
)

func (m *Menu) ready(c *checker) kind {
	n := *m
	n.Patience = c.patience(n.Patience)
	c.prompt(".prompt", n.Prompt, true)
	c.options(slices.Sorted(maps.Keys(n.Options)))
	for _, key := range slices.Sorted(maps.Keys(n.Options)) {
		at := quoted(".options", key)
		for _, value := range slices.Sorted(maps.Keys(n.Options[key].Set)) {
			c.sets(at+".set", value)
			c.fills(c.path+at+".set", n.Options[key].Set[value])
		}
	}
	return &n
}

// options tells what is wrong with the keys of options.
func (c *checker) options(keys []string) {
	switch {
	case len(keys) == 0:
		c.bad(".options", "there are no options")
	case len(keys) > MaxOptions:
		c.bad(".options", "%d options: at most %d are taken", len(keys), MaxOptions)
	}
	for _, key := range keys {
		if !isDigits(key) || len(key) > MaxDigits {
			c.bad(quoted(".options", key), "%q are no keys: want digits, * and #", key)
		}
	}
}

func (m *Menu) edges() []edge {
	list := m.Patience.edges()
	for _, key := range slices.Sorted(maps.Keys(m.Options)) {
		o := m.Options[key]
		list = append(list, edge{key: optionPath(key, o), to: o.Goto, label: strings.TrimSpace(key + " " + o.Label)})
	}
	return list
}

// optionPath is where the target of an option stands.
func optionPath(key string, o Option) string {
	if o.Label == "" && o.Set == nil {
		return quoted(".options", key)
	}
	return quoted(".options", key) + ".goto"
}

func (m *Menu) run(ctx context.Context, r *Session) (step, error) {
	r.enterMenu()
	keys := slices.Collect(maps.Keys(m.Options))
	return r.ask(ctx, &question{
		patience: &m.Patience, prompt: m.Prompt, deaf: m.Deaf, fresh: m.Fresh, choice: true, digits: choices(keys),
		accept: func(digits string) (step, bool) {
			o, ok := m.Options[digits]
			for value, text := range o.Set {
				r.values[value] = fill(text, r.values)
			}
			return step{o.Goto, "option " + digits}, ok
		},
	})
}

// choices are the digits to wait for where keys are the choices: no more than tell them apart.
func choices(keys []string) ivr.Digits {
	end := "#"
	longest := 1
	for _, key := range keys {
		longest = max(longest, len(key))
		if strings.Contains(key, "#") {
			end = ""
		}
	}
	return ivr.Digits{Max: longest, End: end, Enough: func(digits string) bool {
		return !slices.ContainsFunc(keys, func(key string) bool { return len(key) > len(digits) && strings.HasPrefix(key, digits) })
	}}
}

func (m *LanguageMenu) ready(c *checker) kind {
	n := *m
	n.Patience = c.patience(n.Patience)
	c.prompt(".prompt", n.Prompt, true)
	keys := slices.Sorted(maps.Keys(n.Options))
	c.options(keys)
	for _, key := range keys {
		if !c.speaks(n.Options[key]) {
			c.bad(quoted(".options", key), "%q is none of the languages", n.Options[key])
		}
	}
	return &n
}

func (m *LanguageMenu) edges() []edge {
	return append(m.Patience.edges(), edge{key: ".next", to: m.Next})
}

func (m *LanguageMenu) run(ctx context.Context, r *Session) (step, error) {
	r.enterMenu()
	keys := slices.Collect(maps.Keys(m.Options))
	chosen := ""
	st, err := r.ask(ctx, &question{
		patience: &m.Patience, prompt: m.Prompt, choice: true, digits: choices(keys),
		accept: func(digits string) (step, bool) {
			chosen = m.Options[digits]
			return step{m.Next, "option " + digits}, chosen != ""
		},
	})
	if err == nil && chosen != "" {
		err = r.setLanguage(ctx, chosen)
	}
	return st, err
}
