package sipphone

import "strings"

// PJSIPConfig returns the sections of pjsip.conf that let a phone with a password register at Asterisk: an endpoint, an
// auth and an aor, all named like the phone's user. Its calls enter the dialplan at the context default, and its audio
// flows through Asterisk. Options are further lines of the endpoint, such as "context = sales"; they override these. User,
// password and options go into the file as they are.
func PJSIPConfig(user, password string, options ...string) string {
	return endpoint(user, append([]string{"auth = " + user, "aors = " + user}, options...)) +
		section(user, "type = auth", "auth_type = userpass", "username = "+user, "password = "+password) +
		section(user, "type = aor", "max_contacts = 1", "remove_existing = yes", "minimum_expiration = 1")
}

// PJSIPTrunk returns the sections of pjsip.conf for a peer that needs no password, such as a provider, whose phones are
// made with an empty Config.Password. Whatever comes from loopback and from no endpoint by name is a call from the trunk:
// there can be one of it in an Asterisk. The dialplan calls a phone there by its address:
//
//	Dial(PJSIP/provider/sip:2101234567@127.0.0.1:5070)
func PJSIPTrunk(name string, options ...string) string {
	return section("global", "type = global", "endpoint_identifier_order = username,ip") +
		endpoint(name, options) +
		section(name, "type = identify", "endpoint = "+name, "match = 127.0.0.1")
}

func endpoint(name string, options []string) string {
	lines := []string{"type = endpoint", "context = default", "disallow = all", "allow = ulaw", "direct_media = no"}
	return section(name, append(lines, options...)...)
}

func section(name string, lines ...string) string {
	return "[" + name + "]\n" + strings.Join(lines, "\n") + "\n"
}
