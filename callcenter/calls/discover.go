package calls

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/asterism-go/asterism/ami"
)

// Guess is something that [Discover] has concluded, and why, for a person to look at.
type Guess struct {
	What, Why string
}

// String returns the guess as a sentence.
func (g Guess) String() string { return g.What + ": " + g.Why }

// Discover asks Asterisk for its PJSIP endpoints and makes a Config of them. An endpoint that logs in elsewhere
// (outbound_auth), or that is known by its address instead of a login (identify), is taken for a trunk; every other one
// for an extension, whose number and name are those of its caller id, else the endpoint's name. What was guessed is
// returned with the reason; put what is wrong right in the Config.
//
// Endpoints of other channel drivers, variables and prefixes cannot be found. The user needs the class system, or whatever
// manager.conf asks for these actions.
func Discover(ctx context.Context, client *ami.Client) (Config, []Guess, error) {
	endpoints, err := client.List(ctx, ami.Action{Name: "PJSIPShowEndpoints"})
	if err != nil {
		return Config{}, nil, fmt.Errorf("calls: endpoints: %w", err)
	}
	cfg := Config{Extensions: map[string]Identity{}}
	var guesses []Guess
	for _, item := range endpoints.Items {
		name := item.Get("ObjectName")
		if item.Event() != "EndpointList" || name == "" {
			continue
		}
		detail, err := client.List(ctx, ami.Action{Name: "PJSIPShowEndpoint"}.With("Endpoint", name))
		if refused := (*ami.ResponseError)(nil); errors.As(err, &refused) {
			continue // it is gone by now
		}
		if err != nil {
			return Config{}, nil, fmt.Errorf("calls: endpoint %s: %w", name, err)
		}
		guesses = append(guesses, cfg.addEndpoint(name, detail.Items))
	}
	return cfg, guesses, nil
}

// addEndpoint takes the objects that PJSIPShowEndpoint tells of (res/res_pjsip/pjsip_configuration.c).
func (cfg *Config) addEndpoint(name string, details []ami.Message) Guess {
	endpoint := "PJSIP/" + name
	callerID := ""
	for _, detail := range details {
		switch detail.Event() {
		case "EndpointDetail":
			if auth := detail.Get("OutboundAuth") + detail.Get("OutboundAuths"); auth != "" {
				cfg.Trunks = append(cfg.Trunks, endpoint)
				return Guess{endpoint + " is a trunk", "it logs in elsewhere (outbound_auth=" + auth + ")"}
			}
			callerID = detail.Get("Callerid")
		case "IdentifyDetail":
			cfg.Trunks = append(cfg.Trunks, endpoint)
			return Guess{endpoint + " is a trunk", "it is known by its address (identify " + detail.Get("ObjectName") + ")"}
		}
	}
	id := parseCallerID(callerID)
	why := "its caller id is " + callerID
	if id.Number == "" {
		id.Number, why = name, "it has no caller id, so its name is taken for its number"
	}
	cfg.Extensions[endpoint] = id
	return Guess{fmt.Sprintf("%s is extension %s", endpoint, id.Number), why}
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
