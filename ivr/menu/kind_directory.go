package menu

import (
	"context"
	"fmt"
	"unicode"

	"github.com/asterism-go/asterism/ivr"
	"github.com/asterism-go/asterism/ivr/names"
)

// MaxOffers is how many people a caller is offered who typed a name.
const MaxOffers = 9

func (n *Directory) ready(c *checker) kind {
	r := *n
	r.Patience = c.patience(r.Patience)
	c.prompt(".prompt", r.Prompt, true)
	c.prompt(".confirm", r.Confirm, true)
	r.Min, r.Into = or(r.Min, 3), or(r.Into, "extension")
	if r.Min < 1 || r.Min > names.MaxTyped {
		c.bad(".min", "%d: want 1 to %d", r.Min, names.MaxTyped)
	}
	c.sets(".into", r.Into)
	if !nameShape.MatchString(r.People) {
		c.bad(".people", "%q is no name of a directory", r.People)
	}
	return &r
}

func (n *Directory) needs(e *Engine, set *Set) string {
	if set.directories[n.People] == nil && (*e.people.Load())[n.People] == nil {
		return fmt.Sprintf("there is no directory %q", n.People)
	}
	return ""
}

func (n *Directory) edges() []edge {
	return append(n.Patience.edges(), edge{key: ".next", to: n.Next, label: "found"})
}

func (n *Directory) run(ctx context.Context, r *Session) (step, error) {
	people := (*r.engine.people.Load())[n.People]
	if people == nil {
		people = r.set.directories[n.People]
	}
	for wrong := 0; ; {
		var found []names.Person
		st, err := r.ask(ctx, &question{
			patience: &n.Patience, prompt: n.Prompt, digits: ivr.Digits{Max: names.MaxTyped, End: "#"},
			accept: func(digits string) (step, bool) {
				if len(digits) >= n.Min {
					found = people.Find(digits)
				}
				return step{}, len(found) > 0
			},
		})
		if err != nil || len(found) == 0 {
			return st, err
		}
		st, err = n.offer(ctx, r, found[:min(len(found), MaxOffers)])
		if err != nil || st.outcome != "" {
			return st, err
		}
		if wrong++; wrong >= n.MaxNoMatch {
			return step{n.OnNoMatch, "no match"}, nil
		}
	}
}

// offer offers people one by one. A step without an outcome says that none was wanted.
func (n *Directory) offer(ctx context.Context, r *Session, found []names.Person) (step, error) {
	for _, p := range found {
		wanted := false
		st, err := r.ask(ctx, &question{
			patience: &n.Patience, prompt: append(spokenName(p, r.engine.cfg.Speaker != nil), n.Confirm...), digits: choices([]string{"1", "2"}),
			choice: true, accept: func(digits string) (step, bool) {
				wanted = digits == "1"
				return step{}, wanted || digits == "2"
			},
		})
		if err != nil || st.outcome != "" {
			return st, err
		}
		if wanted {
			r.values[n.Into] = p.Extension
			return step{n.Next, "found"}, nil
		}
	}
	return step{}, nil
}

// spokenName is how a person's name is said: as it was recorded, by a voice of the language of its letters, or by the extension.
func spokenName(p names.Person, speaks bool) Prompt {
	switch {
	case p.Sound != "":
		return Sounds(p.Sound)
	case speaks:
		return Prompt{{Text: Translations{"": p.Name}, Language: script(p.Name)}}
	}
	return Prompt{{Digits: p.Extension}}
}

// script is the language whose letters a name has, if those tell it.
func script(name string) string {
	for _, r := range name {
		switch {
		case unicode.Is(unicode.Greek, r):
			return "el"
		case unicode.Is(unicode.Arabic, r):
			return "fa"
		}
	}
	return ""
}
