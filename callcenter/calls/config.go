package calls

import "strings"

// Config says what the Tracker cannot see in the events. The zero value takes every endpoint for an extension. [Discover]
// finds most of it. Queues, parking lots and conferences need no configuration.
type Config struct {
	// Trunks are the endpoints that lead outside, e.g. "PJSIP/provider".
	Trunks []string `yaml:"trunks"`
	// Extensions are the telephones of this system by endpoint, e.g. "PJSIP/101". An endpoint that is in neither list is
	// an extension whose number and name are what Asterisk says.
	Extensions map[string]Identity `yaml:"extensions"`
	// InboundContexts are the contexts of the dialplan in which calls from outside begin, e.g. "from-trunk". An endpoint that
	// is in neither list above and makes its channels in one of them is a trunk.
	InboundContexts []string `yaml:"inbound_contexts"`
	// OutboundPrefixes are what is dialled before a number outside, e.g. "9". They are needed only for a call that the
	// system places to connect an extension to a number outside, and that the extension does not answer.
	OutboundPrefixes []string `yaml:"outbound_prefixes"`
	// ParkingExten is the extension that parks a call, e.g. "700": a blind transfer to there is no transfer. It can be left
	// empty, as ParkedCall tells too.
	ParkingExten string `yaml:"parking_exten"`
	// ParkingExtens are more of them, of other lots.
	ParkingExtens []string `yaml:"parking_extens"`
	// Variables are the names of channel variables that are kept with the call, for instance an id that the dialplan got
	// from a CRM.
	Variables []string `yaml:"variables"`
}

// Identity is who a telephone belongs to.
type Identity struct {
	Number string `yaml:"number"`
	Name   string `yaml:"name"`
}

// parkingExtens are all extensions that park.
func (cfg *Config) parkingExtens() []string {
	if cfg.ParkingExten == "" {
		return cfg.ParkingExtens
	}
	return append([]string{cfg.ParkingExten}, cfg.ParkingExtens...)
}

// settings is a Config prepared for lookups.
type settings struct {
	trunks     map[string]bool
	extensions map[string]Identity
	variables  map[string]bool
	own        map[string]bool // numbers of extensions

	prefixes []string
	inbound  map[string]bool // contexts
	parking  []string        // extensions
}

func newSettings(cfg Config) settings {
	s := settings{
		trunks: map[string]bool{}, extensions: cfg.Extensions, variables: map[string]bool{}, own: map[string]bool{},
		prefixes: cfg.OutboundPrefixes, parking: cfg.parkingExtens(), inbound: map[string]bool{},
	}
	for _, context := range cfg.InboundContexts {
		s.inbound[context] = true
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

// trunk tells whether an endpoint that makes a channel in a context leads outside.
func (s *settings) trunk(endpoint, context string) bool {
	if s.trunks[endpoint] {
		return true
	}
	_, own := s.extensions[endpoint]
	return !own && s.inbound[context]
}

// plumbing are the channel technologies that are part of Asterisk's own works and never a telephone.
var plumbing = []string{
	"Local/", "Surrogate/", "CBAnn/", "CBRec/", "Announcer/", "Recorder/", "AsyncGoto/", "Snoop/", "Message/", "Bridge/",
}

// IsPlumbing tells whether a channel, by its name, is one that Asterisk makes to join others, so that it is never a [Leg].
func IsPlumbing(channel string) bool {
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
