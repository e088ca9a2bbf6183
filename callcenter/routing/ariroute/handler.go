package ariroute

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/callcenter/directory/numbers"
	"github.com/asterism-go/asterism/callcenter/routing"
)

// Handler decides where the calls of an application go. Its fields must not change while it is used.
type Handler struct {
	// Router decides.
	Router *routing.Router
	// Trunk is the name of the trunk that calls come from, for numbers. The first argument of Stasis() goes before it.
	Trunk string
	// ShowName shows the name of a caller whom the directory knows to whoever answers: it sets CALLERID(name).
	ShowName bool
	// Now is the time. Default: time.Now.
	Now func() time.Time
	// Decided, if not nil, carries the decision out instead of the dialplan: it is called when the caller has been asked and
	// the variables are set, and what it returns Handle returns.
	Decided func(ctx context.Context, ch *ari.Channel, d routing.Decision) error
}

var _ ari.Handler = (*Handler)(nil).Handle

// Handle is an [ari.Handler]: it decides, asks the caller if need be, sets the variables and sends the call on. When it fails,
// [ari.Serve] sends the call on with the variable ARI_STATUS.
func (h *Handler) Handle(ctx context.Context, ch *ari.Channel) error {
	req, err := h.request(ctx, ch)
	if err != nil {
		return err
	}
	d, asked := h.Router.Converse(ctx, req, &voice{ch: ch})
	if asked != nil && ctx.Err() != nil {
		return asked
	}
	if err := h.tell(ctx, ch, &d); err != nil || asked != nil {
		return errors.Join(asked, err) // what could not be asked is told to the dialplan, which knows the desk nevertheless
	}
	if h.Decided != nil {
		return h.Decided(ctx, ch, d)
	}
	place, err := placeOf(d.Target)
	if err != nil {
		return err
	}
	return ch.Continue(ctx, place)
}

// placeOf is where the dialplan goes on: behind Stasis(), but for a place in the dialplan.
func placeOf(target routing.Target) (ari.ChannelContinueInDialplanParams, error) {
	switch target.Kind {
	case routing.IVR:
		return ari.ChannelContinueInDialplanParams{Context: target.Data, Extension: "s", Priority: 1}, nil
	case routing.Context:
		place := strings.Split(target.Data, ",")
		if len(place) != 3 {
			return ari.ChannelContinueInDialplanParams{}, fmt.Errorf("ariroute: %q is no place in a dialplan", target.Data)
		}
		p := ari.ChannelContinueInDialplanParams{Context: place[0], Extension: place[1], Label: place[2]}
		if priority, err := strconv.Atoi(place[2]); err == nil {
			p.Label, p.Priority = "", priority
		}
		return p, nil
	default:
		return ari.ChannelContinueInDialplanParams{}, nil
	}
}

// request is the call as Asterisk has told it.
func (h *Handler) request(ctx context.Context, ch *ari.Channel) (routing.Request, error) {
	start := ch.Start()
	if start == nil {
		return routing.Request{}, errors.New("ariroute: the channel has not come into the application")
	}
	req := routing.Request{From: start.Channel.Caller.Number, Trunk: h.Trunk, Language: start.Channel.Language}
	if args := ch.Args(); len(args) > 0 && args[0] != "" {
		req.Trunk = args[0]
	}
	if h.Now != nil {
		req.At = h.Now()
	}
	presentation, err := variable(ctx, ch, "CALLERID(num-pres)")
	if err != nil {
		return req, err
	}
	if numbers.Hidden(presentation) {
		req.From = "" // Asterisk may know the number all the same, but the caller does not want it to be used
	}
	dialled, err := variable(ctx, ch, "CALLERID(dnid)")
	req.Dialled = cmp.Or(dialled, start.Channel.Dialplan.Exten)
	return req, err
}

// variable is the value of a variable, empty if it is not set.
func variable(ctx context.Context, ch *ari.Channel, name string) (string, error) {
	value, err := ch.Var(ctx, name)
	if ari.IsNotFound(err) && ctx.Err() == nil {
		return "", nil
	}
	return value, err
}

// tell sets the variables, empty ones too, because the channel may have them from a decision before.
func (h *Handler) tell(ctx context.Context, ch *ari.Channel, d *routing.Decision) error {
	for _, v := range d.Variables() {
		if err := ch.SetVar(ctx, v.Name, v.Value); err != nil {
			return err
		}
		if v.Name == "CALLER_NAME" && v.Value != "" && h.ShowName {
			if err := ch.SetVar(ctx, "CALLERID(name)", v.Value); err != nil {
				return err
			}
		}
	}
	return nil
}
