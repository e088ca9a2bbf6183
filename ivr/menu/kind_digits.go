package menu

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/asterism-go/asterism/ivr"
)

// bounds tells what is wrong with how many digits are wanted, and with the keys that end them.
func (c *checker) bounds(minimum, maximum int, end Text) {
	if minimum < 1 || maximum > MaxDigits || minimum > maximum {
		c.bad(".max", "%d to %d digits: want 1 to %d, the fewer first", minimum, maximum, MaxDigits)
	}
	if !isDigits(string(end)) {
		c.bad(".end", "%q are no keys: want digits, * and #", end)
	}
}

func (n *Collect) ready(c *checker) kind {
	r := *n
	r.Patience = c.patience(r.Patience)
	c.prompt(".prompt", r.Prompt, true)
	r.Min, r.Max, r.End = or(r.Min, 1), or(r.Max, MaxDigits), or(r.End, "#")
	c.bounds(r.Min, r.Max, r.End)
	c.sets(".into", r.Into)
	if r.Secret {
		c.secrets[r.Into] = true
	}
	if _, err := whole(r.Pattern); err != nil {
		c.bad(".pattern", "%v", err)
	}
	return &r
}

// whole is an expression for all of a text.
func whole(pattern string) (*regexp.Regexp, error) {
	return regexp.Compile(`^(?:` + or(pattern, ".*") + `)$`)
}

func (n *Collect) edges() []edge {
	return append(n.Patience.edges(), edge{key: ".next", to: n.Next, label: "digits"})
}

func (n *Collect) run(ctx context.Context, r *Session) (step, error) {
	pattern, err := whole(n.Pattern)
	if err != nil {
		return step{}, err
	}
	return r.ask(ctx, &question{
		patience: &n.Patience, prompt: n.Prompt, fresh: n.Fresh, secret: n.Secret,
		digits: ivr.Digits{Max: n.Max, End: string(n.End)},
		accept: func(digits string) (step, bool) {
			ok := len(digits) >= n.Min && pattern.MatchString(digits)
			if ok {
				r.values[n.Into] = digits
			}
			return step{n.Next, "next"}, ok
		},
	})
}

var patternShape = regexp.MustCompile(`^[0-9XZNxzn*#]{1,32}$`)

// MaxPatterns bounds the patterns of an [Extension].
const MaxPatterns = 1000

func (n *Extension) ready(c *checker) kind {
	r := *n
	r.Patience = c.patience(r.Patience)
	c.prompt(".prompt", r.Prompt, true)
	if len(r.Patterns) == 0 || len(r.Patterns) > MaxPatterns {
		c.bad(".patterns", "want 1 to %d patterns of extensions, such as 2XX", MaxPatterns)
	}
	for i, p := range r.Patterns {
		if !patternShape.MatchString(p) {
			c.bad(".patterns", "pattern %d, %q: want digits, X, Z and N, such as 2XX", i+1, p)
		}
	}
	if !dialable(r.Context) {
		c.bad(".context", "%q is no context of the dialplan", r.Context)
	}
	return &r
}

func (n *Extension) edges() []edge { return n.Patience.edges() }

func (n *Extension) run(ctx context.Context, r *Session) (step, error) {
	longest := 0
	for _, p := range n.Patterns {
		longest = max(longest, len(p))
	}
	dialled := ""
	st, err := r.ask(ctx, &question{
		patience: &n.Patience, prompt: n.Prompt,
		digits: ivr.Digits{Max: longest, End: "#", Enough: func(digits string) bool { return !n.longer(digits) }},
		accept: func(digits string) (step, bool) {
			ok := slices.ContainsFunc(n.Patterns, func(p string) bool { return len(p) == len(digits) && fits(p, digits) })
			if ok {
				dialled = digits
			}
			return step{"", "dialled"}, ok
		},
	})
	if err != nil || dialled == "" {
		return st, err
	}
	return r.sendOn(ctx, ivr.Place{Context: n.Context, Extension: dialled, Priority: 1})
}

// longer tells whether more digits can make an extension of these.
func (n *Extension) longer(digits string) bool {
	return slices.ContainsFunc(n.Patterns, func(p string) bool { return len(p) > len(digits) && fits(p[:len(digits)], digits) })
}

// fits tells whether digits are what a pattern of the same length says, as ast_extension_match of main/pbx.c has it.
func fits(pattern, digits string) bool {
	for i := range len(pattern) {
		d := digits[i]
		var ok bool
		switch pattern[i] {
		case 'X', 'x':
			ok = d >= '0' && d <= '9'
		case 'Z', 'z':
			ok = d >= '1' && d <= '9'
		case 'N', 'n':
			ok = d >= '2' && d <= '9'
		default:
			ok = d == pattern[i]
		}
		if !ok {
			return false
		}
	}
	return true
}

func (n *Transfer) ready(c *checker) kind {
	if n.To == "" && n.Context == "" && n.Extension == "" {
		c.bad("", "want a context, an extension or to")
	}
	if n.To != "" && (n.Context != "" || n.Extension != "") {
		c.bad(".to", "to a place in the dialplan, or by the caller's telephone: not both")
	}
	for key, text := range map[string]string{".context": n.Context, ".extension": string(n.Extension), ".to": n.To} {
		c.fills(c.path+key, text)
	}
	c.variables(n.Variables)
	return n
}

// variables tells what is wrong with variables that are set in the channel.
func (c *checker) variables(list map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(list)) {
		if !variableShape.MatchString(name) {
			c.bad(".variables", "%q is no name of a variable: want capital letters, digits and _", name)
		}
		c.fills(c.path+quoted(".variables", name), list[name])
	}
}

func (n *Transfer) edges() []edge {
	if n.Failed == "" {
		return nil
	}
	return []edge{{key: ".failed", to: n.Failed, label: "failed", silent: true}}
}

func (n *Transfer) run(ctx context.Context, r *Session) (step, error) {
	if err := r.setVariables(ctx, n.Variables); err != nil {
		return step{}, err
	}
	failed := step{or(n.Failed, "hangup"), "failed"}
	if n.To != "" {
		to := fill(n.To, r.values)
		if strings.Trim(to, "/") == "" || !dialable(strings.NewReplacer("/", "", "@", "", ":", "").Replace(to)) {
			r.log().WarnContext(ctx, "menu: a transfer to what cannot be called", "node", r.node)
			return failed, nil
		}
		return r.transfer(ctx, to, failed)
	}
	place := ivr.Place{Context: fill(n.Context, r.values), Extension: fill(string(n.Extension), r.values), Priority: n.Priority}
	if place.Context != "" && !dialable(place.Context) || place.Extension != "" && !dialable(place.Extension) || place.Context+place.Extension == "" {
		r.log().WarnContext(ctx, "menu: a transfer to what is no place in the dialplan", "node", r.node)
		return failed, nil
	}
	place.Priority = or(place.Priority, 1)
	return r.sendOn(ctx, place)
}
