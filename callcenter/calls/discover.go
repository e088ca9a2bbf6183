package calls

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/asterism-go/asterism/ami"
)

// Guess is something that [Discover] has concluded, and why, for a person to look at.
type Guess struct {
	What, Why string
}

// String returns the guess as a sentence.
func (g Guess) String() string { return g.What + ": " + g.Why }

// Discover asks Asterisk for its endpoints (PJSIP, chan_sip, IAX2) and its dialplan, and makes a Config of them.
//
// An endpoint is a trunk if Asterisk registers or logs in with it, if its calls begin in a context with a usual name for
// lines from outside, or if nobody logs in as it: it is known by its address or at a fixed one. One of those with a short
// number as its caller id is an extension even so, if it is in a context of telephones, or not known by its address. All
// others are extensions, whose number and name are those of their caller id, else the endpoint's name. Contexts that only
// trunks use are taken for inbound ones. In the dialplan, extensions that run Park are those that park, and a number that
// is cut off before a trunk is dialled is an outbound prefix.
//
// What was guessed is returned with the reason, and what could not be asked for with Asterisk's; put what is wrong right
// in the Config. Variables cannot be found. The user needs the classes system and reporting for endpoints, config and
// reporting for the dialplan. It is an error if no list of endpoints can be had.
func Discover(ctx context.Context, client *ami.Client) (Config, []Guess, error) {
	d := &discovery{client: client, cfg: Config{Extensions: map[string]Identity{}}}
	for _, ask := range []func(context.Context) error{d.askPJSIP, d.askSIP, d.askIAX} {
		if err := ask(ctx); err != nil {
			return Config{}, nil, err
		}
	}
	if d.drivers == 0 && d.refused != nil {
		return Config{}, nil, fmt.Errorf("calls: endpoints: %w", d.refused)
	}
	d.sortOut()
	if err := d.askDialplan(ctx); err != nil {
		return Config{}, nil, err
	}
	return d.cfg, d.guesses, nil
}

// discovery is the work of one Discover.
type discovery struct {
	client    *ami.Client
	cfg       Config
	guesses   []Guess
	endpoints []endpointFacts
	drivers   int   // that have told their endpoints
	refused   error // why a driver has not
}

// endpointFacts are what is known of an endpoint.
type endpointFacts struct {
	name              string // as in names of channels, e.g. PJSIP/101
	context, callerID string
	registration      string // with which Asterisk registers elsewhere
	outboundAuth      string // with which it logs in elsewhere
	identify          string // by which it is known without a login
	address           string // a fixed one
	login             bool   // it must log in
	registers         bool   // a telephone may register as it
}

func (d *discovery) guess(why, what string, args ...any) {
	d.guesses = append(d.guesses, Guess{fmt.Sprintf(what, args...), why})
}

// list asks for a list. One that Asterisk does not have, or that is empty, has no items; one that it refuses to this user
// has none either, and that is noted.
func (d *discovery) list(ctx context.Context, what string, action ami.Action) (items []ami.Message, told bool, err error) {
	list, err := d.client.List(ctx, action)
	refused := (*ami.ResponseError)(nil)
	switch {
	case err == nil:
		return list.Items, true, nil
	case !errors.As(err, &refused):
		return nil, false, fmt.Errorf("calls: %s: %w", what, err)
	case strings.HasPrefix(refused.Message, "Permission denied"):
		d.guess(refused.Error(), "%s are not known", what)
		d.refused = err
	}
	return nil, false, nil
}

// sortOut decides what the endpoints are.
func (d *discovery) sortOut() {
	of := contextsOf(d.endpoints)
	users := map[string][2]int{} // of a context: trunks, extensions
	for _, e := range d.endpoints {
		trunk, why := e.trunk(of)
		count := users[e.context]
		if trunk {
			count[0]++
			d.cfg.Trunks = append(d.cfg.Trunks, e.name)
			d.guess(why, "%s is a trunk", e.name)
		} else {
			count[1]++
			id, whence := e.identity()
			d.cfg.Extensions[e.name] = id
			if why != "" {
				whence = why + "; " + whence
			}
			d.guess(whence, "%s is extension %s", e.name, id.Number)
		}
		users[e.context] = count
	}
	for _, name := range slices.Sorted(maps.Keys(users)) {
		if count := users[name]; name != "" && count[0] > 0 && count[1] == 0 {
			d.cfg.InboundContexts = append(d.cfg.InboundContexts, name)
			d.guess("only trunks make calls there", "calls from outside begin in context %s", name)
		}
	}
}

// contextsOf are the contexts in which the calls of telephones begin: of endpoints that must log in and do not register
// elsewhere.
func contextsOf(endpoints []endpointFacts) map[string]bool {
	of := map[string]bool{}
	for _, e := range endpoints {
		if e.login && e.registration == "" && e.outboundAuth == "" && !outsideContext(e.context) {
			of[e.context] = true
		}
	}
	return of
}

// shortNumber is the most digits of a number that is taken for an extension's.
const shortNumber = 6

// trunk tells whether an endpoint leads outside, and why. phones are the contexts of telephones.
func (e endpointFacts) trunk(phones map[string]bool) (trunk bool, why string) {
	switch {
	case e.registration != "":
		return true, "Asterisk registers with it (registration " + e.registration + ")"
	case e.outboundAuth != "":
		return true, "it logs in elsewhere (outbound_auth=" + e.outboundAuth + ")"
	case outsideContext(e.context):
		return true, "its calls begin in context " + e.context + ", a usual name for lines from outside"
	case e.login || e.registers || (e.identify == "" && e.address == ""):
		return false, ""
	}
	known := "nobody logs in as it and it is at a fixed address (" + e.address + ")"
	if e.identify != "" {
		known = "it is known by its address (identify " + e.identify + ")"
	}
	id := parseCallerID(e.callerID)
	short := id.Number != "" && len(id.Number) <= shortNumber
	switch {
	case short && phones[e.context]:
		return false, known + ", but it has a short number and its calls begin where those of telephones do (context " + e.context + ")"
	case short && e.identify == "":
		return false, known + ", but it has a short number"
	}
	return true, known
}

// outsideContexts are names of contexts for lines from outside, as samples and distributions have them.
var outsideContexts = []string{"from-trunk", "from-pstn", "from-external", "from-outside", "from-provider", "from-did", "incoming", "inbound"}

func outsideContext(name string) bool {
	return slices.ContainsFunc(outsideContexts, func(usual string) bool {
		return name == usual || strings.HasPrefix(name, usual+"-")
	})
}

// identity is whose an extension's endpoint is, and how that is known.
func (e endpointFacts) identity() (id Identity, why string) {
	id = parseCallerID(e.callerID)
	if id.Number != "" {
		return id, "its caller id is " + e.callerID
	}
	_, name, _ := strings.Cut(e.name, "/")
	return Identity{Number: name}, "it has no caller id, so its name is taken for its number"
}

// parseCallerID reads "Name" <number>.
func parseCallerID(text string) Identity {
	name, rest, found := strings.Cut(text, "<")
	if !found {
		return Identity{}
	}
	number, _, _ := strings.Cut(rest, ">")
	id := Identity{Number: number, Name: strings.Trim(strings.TrimSpace(name), `"`)}
	if id.Number == "unknown" || id.Number == "" {
		return Identity{}
	}
	return id
}
