package agiroute

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/callcenter/directory/numbers"
	"github.com/asterism-go/asterism/callcenter/routing"
)

// Handler is an [agi.Handler] that decides where a call goes.
type Handler struct {
	// Router decides.
	Router *routing.Router
	// Trunk is the name of the trunk that calls come from, for numbers. ?trunk=NAME in the address of AGI() goes before it.
	Trunk string
	// ShowName shows the name of a caller whom the directory knows to whoever answers: it sets CALLERID(name).
	ShowName bool
	// Now is the time. Default: time.Now.
	Now func() time.Time
	// Connect, if not nil, carries the decision out. Else the dialplan does.
	Connect *Connect
}

var _ agi.Handler = (*Handler)(nil)

// ServeAGI decides, asks the caller if need be, and tells the channel. A caller who hangs up meanwhile is no failure.
func (h *Handler) ServeAGI(ctx context.Context, s *agi.Session) error {
	d, err := h.Router.Converse(ctx, h.request(s), &voice{s: s})
	if err != nil && (ctx.Err() != nil || s.Hungup()) {
		return err
	}
	if set := h.tell(ctx, s, &d); set != nil || err != nil {
		return errors.Join(err, set) // what could not be asked is told to the dialplan, which knows the desk nevertheless
	}
	if h.Connect == nil {
		return nil
	}
	return h.connect(ctx, s, d)
}

// request is the call as Asterisk has told it.
func (h *Handler) request(s *agi.Session) routing.Request {
	env := s.Env()
	req := routing.Request{From: env.CallerID, Dialled: env.DNID, Trunk: h.Trunk, Language: env.Language}
	if h.Now != nil {
		req.At = h.Now()
	}
	if numbers.Hidden(env.CallingPres) {
		req.From = "" // Asterisk may know the number all the same, but the caller does not want it to be used
	}
	if req.Dialled == "" {
		req.Dialled = env.Extension
	}
	if trunk := s.Query().Get("trunk"); trunk != "" {
		req.Trunk = trunk
	}
	return req
}

// maxPairs is how many variables one MSet() takes (pbx_builtin_setvar_multiple in main/pbx_variables.c takes 24),
// maxBytes how much of them is put into one command: AsyncAGI takes no more.
const (
	maxPairs = 20
	maxBytes = 700
)

// tell sets the variables, empty ones too, because the channel may have them from a decision before. Set one by one they
// would cost more time than the directory: MSet() takes many. It splits at commas, which only the place of a context has.
func (h *Handler) tell(ctx context.Context, s *agi.Session, d *routing.Decision) error {
	var commands []agi.Command
	var pairs []string
	size := 0
	flush := func() {
		if len(pairs) > 0 {
			commands = append(commands, agi.Command{Name: "EXEC", Args: []string{"MSet", strings.Join(pairs, ",")}})
		}
		pairs, size = nil, 0
	}
	for _, v := range h.variables(d) {
		if strings.Contains(v.Value, ",") {
			commands = append(commands, agi.Command{Name: "SET VARIABLE", Args: []string{v.Name, v.Value}})
			continue
		}
		pair := v.Name + "=" + v.Value
		if len(pairs) == maxPairs || size+len(pair) > maxBytes {
			flush()
		}
		pairs, size = append(pairs, pair), size+len(pair)+1
	}
	flush()
	_, err := s.Batch(ctx, commands...)
	return err
}

func (h *Handler) variables(d *routing.Decision) []routing.Variable {
	variables := d.Variables()
	for _, v := range variables {
		if v.Name == "CALLER_NAME" && v.Value != "" && h.ShowName {
			variables = append(variables, routing.Variable{Name: "CALLERID(name)", Value: v.Value})
		}
	}
	return variables
}
