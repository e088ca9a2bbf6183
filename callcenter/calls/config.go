package calls

import "strings"

// Config says what the Tracker cannot see in the events. The zero value takes every endpoint for an extension.
type Config struct {
	// Trunks are the endpoints that lead outside, e.g. "PJSIP/provider".
	Trunks []string
	// Extensions are the telephones of this system by endpoint, e.g. "PJSIP/101". An endpoint that is in neither list is
	// an extension whose number and name are what Asterisk says.
	Extensions map[string]Identity
	// OutboundPrefixes are what is dialled before a number outside, e.g. "9". They are needed only for a call that the
	// system places to connect an extension to a number outside, and that the extension does not answer.
	OutboundPrefixes []string
	// ParkingExten is the extension that parks a call, e.g. "700": a blind transfer to there is no transfer. It can be left
	// empty, as ParkedCall tells too.
	ParkingExten string
	// Variables are the names of channel variables that are kept with the call, for instance an id that the dialplan got
	// from a CRM.
	Variables []string
}

// Identity is who a telephone belongs to.
type Identity struct {
	Number, Name string
}

// settings is a Config prepared for lookups.
type settings struct {
	trunks     map[string]bool
	extensions map[string]Identity
	variables  map[string]bool
	own        map[string]bool // numbers of extensions

	prefixes     []string
	parkingExten string
}

func newSettings(cfg Config) settings {
	s := settings{
		trunks: map[string]bool{}, extensions: cfg.Extensions, variables: map[string]bool{}, own: map[string]bool{},
		prefixes: cfg.OutboundPrefixes, parkingExten: cfg.ParkingExten,
	}
	for _, id := range cfg.Extensions {
		s.own[id.Number] = true
	}
	for _, endpoint := range cfg.Trunks {
		s.trunks[endpoint] = true
	}
	for _, name := range cfg.Variables {
		s.variables[name] = true
	}
	return s
}

// plumbing are the channel technologies that are part of Asterisk's own works and never a telephone.
var plumbing = []string{
	"Local/", "Surrogate/", "CBAnn/", "CBRec/", "Announcer/", "Recorder/", "AsyncGoto/", "Snoop/", "Message/", "Bridge/",
}

func isPlumbing(channel string) bool {
	for _, technology := range plumbing {
		if strings.HasPrefix(channel, technology) {
			return true
		}
	}
	return strings.HasSuffix(channel, "<ZOMBIE>")
}

// endpointOf cuts off the part of a channel's name that numbers it: PJSIP/101-0000002a belongs to PJSIP/101
// (channel names are made by the drivers in the form technology/endpoint-number).
func endpointOf(channel string) string {
	if i := strings.LastIndexByte(channel, '-'); i > 0 {
		return channel[:i]
	}
	return channel
}

// known returns what Asterisk says, unless it says that it does not know (S_COR with "<unknown>" in
// main/manager_channels.c).
func known(value string) string {
	if value == "<unknown>" {
		return ""
	}
	return value
}
