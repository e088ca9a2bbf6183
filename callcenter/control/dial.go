package control

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// Dial is a click on a number: the actor's own telephone rings, and when it is taken, the number is dialled for it.
type Dial struct {
	// Endpoint is the telephone. Default: the actor's.
	Endpoint string
	// Number is who is called, and Prefix what is dialled before it, to get a line: "9", "0".
	Number, Prefix string
	// Context is where Prefix and Number are dialled. Default: [Control.Context].
	Context string
	// Application and Data are what the telephone is connected to instead, if Number is empty. They are not checked: they must
	// come from the program, not from a user.
	Application, Data string
	// AgentExten rings the telephone by this extension of Context, through a Local channel, so that what the dialplan does
	// for it applies: forwarding, several telephones. Without it Endpoint is rung straight.
	AgentExten string
	// ShownNumber and ShownName are what the telephone shows while it rings. Default: Number.
	ShownNumber, ShownName string
	// LineNumber and LineName are the caller id with which the number is dialled. Without them it is that of the endpoint.
	LineNumber, LineName string
	// AutoAnswer asks the telephone to answer by itself.
	AutoAnswer AutoAnswer
	// AgentTimeout is how long the telephone rings, CalleeTimeout how long the number is tried after that; the dialplan may
	// give up earlier. Defaults: 30 s, no limit.
	AgentTimeout, CalleeTimeout time.Duration
	// Account is the account code of the call.
	Account string
	// Variables are set on the telephone's channel. Their keys must come from the program.
	Variables []ami.Header
	// Key names the request: within [Control.KeyWindow] a request of the same actor with the same key is the same request, and
	// dials once. Empty: every request dials.
	Key string
}

// AutoAnswer is how a telephone is asked to answer by itself: a header of the INVITE.
type AutoAnswer string

// The ways that telephones know.
const (
	NoAutoAnswer AutoAnswer = ""
	// CallInfo is "Call-Info: <sip:asterisk>;answer-after=0": Snom, Grandstream, Linphone and others.
	CallInfo AutoAnswer = "Call-Info: <sip:asterisk>;answer-after=0"
	// AlertInfo is "Alert-Info: info=alert-autoanswer": Polycom, Yealink and others, as they are set up.
	AlertInfo AutoAnswer = "Alert-Info: info=alert-autoanswer"
)

func (a AutoAnswer) check() error {
	switch a {
	case NoAutoAnswer, CallInfo, AlertInfo:
		return nil
	}
	return &ValueError{Field: "AutoAnswer", Problem: "is none that is known"}
}

// Dial orders a call. It returns as soon as Asterisk has taken the order; [Dialing.Wait] tells what becomes of it.
func (d *Desk) Dial(ctx context.Context, order Dial) (*Dialing, error) {
	c := d.control
	order.Endpoint = cmp.Or(order.Endpoint, d.actor.Endpoint)
	order.Context = cmp.Or(order.Context, c.context())
	order.ShownNumber = cmp.Or(order.ShownNumber, order.Number)
	cmd := Command{Verb: VerbDial, Endpoint: order.Endpoint, Number: order.Number, Key: order.Key}
	var dialing *Dialing
	err := d.carryOut(ctx, cmd, func(ctx context.Context) (err error) {
		if err := order.check(); err != nil {
			return err
		}
		if order.Key == "" {
			dialing, err = c.dial(ctx, order)
			return err
		}
		dialing, err = c.once(ctx, d.actor.ID+"\x00"+order.Key, func() (*Dialing, error) { return c.dial(ctx, order) })
		return err
	})
	return dialing, err
}

func (o *Dial) check() error {
	if err := checkEndpoint("Endpoint", o.Endpoint); err != nil {
		return err
	}
	if o.Application == "" || o.Number != "" {
		if err := checkNumber("Number", o.Prefix+o.Number); err != nil {
			return err
		}
	}
	for field, number := range map[string]string{"AgentExten": o.AgentExten, "ShownNumber": o.ShownNumber, "LineNumber": o.LineNumber} {
		if number == "" {
			continue
		}
		if err := checkNumber(field, number); err != nil {
			return err
		}
	}
	return firstError(o.AutoAnswer.check(), checkContext("Context", o.Context), checkName("ShownName", o.ShownName), checkName("LineName", o.LineName))
}

// originate is the order as Asterisk takes it. The caller id is set by functions, and not by the action's CallerID: that is both
// what the telephone shows and what the number sees (ast_originate in main/pbx.c), and these are two.
func (o *Dial) originate() ami.Originate {
	order := ami.Originate{Channel: o.Endpoint, Timeout: o.AgentTimeout, Account: o.Account}
	if o.AgentExten != "" {
		order.Channel = "Local/" + o.AgentExten + "@" + o.Context + "/n"
	}
	if o.Number != "" {
		order.Context, order.Exten = o.Context, o.Prefix+o.Number
	} else {
		order.Application, order.Data = o.Application, o.Data
	}
	order.Variables = shown("CONNECTEDLINE", ",i", o.ShownNumber, o.ShownName)
	order.Variables = append(order.Variables, shown("CALLERID", "", o.LineNumber, o.LineName)...)
	order.Variables = append(order.Variables, o.AutoAnswer.header(order.Channel)...)
	order.Variables = append(order.Variables, o.Variables...)
	return order
}

// shown sets the number and the name of a party.
func shown(function, options, number, name string) []ami.Header {
	var set []ami.Header
	if name != "" {
		set = append(set, ami.Header{Key: function + "(name" + options + ")", Value: name})
	}
	if number != "" {
		set = append(set, ami.Header{Key: function + "(num" + options + ")", Value: number})
	}
	return set
}

// header adds the header to the INVITE, if there is one: of chan_pjsip, or by the variable that chan_sip looks at, which
// goes through Local channels too.
func (a AutoAnswer) header(channel string) []ami.Header {
	name, value, ok := strings.Cut(string(a), ": ")
	switch {
	case !ok:
		return nil
	case strings.HasPrefix(channel, "PJSIP/"):
		return []ami.Header{{Key: "PJSIP_HEADER(add," + name + ")", Value: value}}
	}
	return []ami.Header{{Key: "__SIPADDHEADER51", Value: string(a)}}
}

// keyed is a request that has a key.
type keyed struct {
	ready   chan struct{}
	dialing *Dialing
	err     error
}

// once lets a request through, or returns what became of the one with the same key. One that failed without having been
// sent is forgotten.
func (c *Control) once(ctx context.Context, key string, do func() (*Dialing, error)) (*Dialing, error) {
	c.mu.Lock()
	if first := c.keys[key]; first != nil {
		c.mu.Unlock()
		select {
		case <-first.ready:
			return first.dialing, first.err
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	if c.keys == nil {
		c.keys = map[string]*keyed{}
	}
	first := &keyed{ready: make(chan struct{})}
	c.keys[key] = first
	c.mu.Unlock()
	first.dialing, first.err = do()
	close(first.ready)
	if first.dialing == nil {
		c.forgetKey(key)
	} else {
		time.AfterFunc(cmp.Or(c.KeyWindow, DefaultKeyWindow), func() { c.forgetKey(key) })
	}
	return first.dialing, first.err
}

func (c *Control) forgetKey(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.keys, key)
}
