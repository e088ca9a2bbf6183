package menu

import (
	"context"

	"github.com/asterism-go/asterism/ivr"
)

func (n *Callback) ready(c *checker) kind {
	r := *n
	r.Patience = c.patience(r.Patience)
	c.prompt(".prompt", r.Prompt, true)
	c.prompt(".number", r.Number, true)
	r.Min, r.Max, r.Failed = or(r.Min, 3), or(r.Max, 15), or(r.Failed, r.Next)
	c.bounds(r.Min, r.Max, "#")
	c.fills(c.path+".topic", r.Topic)
	return &r
}

func (n *Callback) needs(e *Engine, _ *Set) string {
	if e.cfg.Callback == nil {
		return "nobody takes wishes to be called back: the Config has no Callback"
	}
	return ""
}

func (n *Callback) edges() []edge {
	list := append(n.Patience.edges(), edge{key: ".next", to: n.Next, label: "wished"})
	if n.Failed != n.Next {
		list = append(list, edge{key: ".failed", to: n.Failed, label: "failed"})
	}
	return list
}

func (n *Callback) run(ctx context.Context, r *Session) (step, error) {
	number := digitsOf(r.values["caller"])
	if len(number) >= n.Min {
		other := false
		st, err := r.ask(ctx, &question{
			patience: &n.Patience, prompt: append(Prompt{{Digits: number}}, n.Prompt...), digits: choices([]string{"1", "2"}), choice: true,
			accept: func(digits string) (step, bool) {
				other = digits == "2"
				return step{}, other || digits == "1"
			},
		})
		if err != nil || st.outcome != "" {
			return st, err
		}
		if !other {
			return n.wish(ctx, r, r.values["caller"])
		}
	}
	st, err := r.ask(ctx, &question{
		patience: &n.Patience, prompt: n.Number, digits: ivr.Digits{Max: n.Max, End: "#"},
		accept: func(digits string) (step, bool) {
			number = digits
			return step{}, len(digits) >= n.Min && digitsOf(digits) == digits
		},
	})
	if err != nil || st.outcome != "" {
		return st, err
	}
	return n.wish(ctx, r, number)
}

func (n *Callback) wish(ctx context.Context, r *Session, number string) (step, error) {
	hook, cancel := afterCall(ctx)
	defer cancel()
	err := r.engine.cfg.Callback(hook, Wish{
		Number: number, Topic: fill(n.Topic, r.values), Caller: r.values["caller"], Language: r.values["language"], At: r.engine.now(),
	})
	if err != nil {
		r.log().ErrorContext(ctx, "menu: a wish to be called back was not taken", "node", r.node, "error", err)
		return step{n.Failed, "failed"}, nil
	}
	return step{n.Next, "wished"}, nil
}

// digitsOf are the digits of a number.
func digitsOf(number string) string {
	var digits []byte
	for i := range len(number) {
		if number[i] >= '0' && number[i] <= '9' {
			digits = append(digits, number[i])
		}
	}
	return string(digits)
}
