package calls

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/asterism-go/asterism/ami"
)

// askPJSIP takes the endpoints of res_pjsip, each with the objects that belong to it (res/res_pjsip/pjsip_configuration.c),
// and the registrations that name one (res/res_pjsip_outbound_registration.c).
func (d *discovery) askPJSIP(ctx context.Context) error {
	endpoints, told, err := d.list(ctx, "PJSIP endpoints", ami.Action{Name: "PJSIPShowEndpoints"})
	if err != nil || !told {
		return err
	}
	d.drivers++
	registered := registry{}
	if len(endpoints) > 0 {
		if registered, err = d.pjsipRegistry(ctx); err != nil {
			return err
		}
	}
	for _, item := range endpoints {
		name := item.Get("ObjectName")
		if item.Event() != "EndpointList" || name == "" {
			continue
		}
		detail, err := d.client.List(ctx, ami.Action{Name: "PJSIPShowEndpoint"}.With("Endpoint", name))
		if refused := (*ami.ResponseError)(nil); errors.As(err, &refused) {
			continue // it is gone by now
		}
		if err != nil {
			return fmt.Errorf("calls: endpoint %s: %w", name, err)
		}
		facts := pjsipFacts(name, detail.Items)
		facts.registration = registered.with("endpoint "+name, hostOf(facts.address))
		d.endpoints = append(d.endpoints, facts)
	}
	return nil
}

// pjsipRegistry is what Asterisk registers as: by endpoint if one is named, and by the host that it registers at.
func (d *discovery) pjsipRegistry(ctx context.Context) (registry, error) {
	items, _, err := d.list(ctx, "PJSIP registrations", ami.Action{Name: "PJSIPShowRegistrationsOutbound"})
	r := registry{}
	for _, item := range items {
		name := item.Get("ObjectName")
		if endpoint := item.Get("Endpoint"); endpoint != "" {
			r["endpoint "+endpoint] = name
		}
		if host := hostOf(item.Get("ServerUri")); host != "" {
			r[host] = name
		}
	}
	return r, err
}

// hostOf is the host of a SIP address, or of the first contact of an aor (name/sip:host:port).
func hostOf(address string) string {
	address, _, _ = strings.Cut(address, ",")
	_, rest, found := strings.Cut(address, "sip:")
	if !found {
		if _, rest, found = strings.Cut(address, "sips:"); !found {
			return ""
		}
	}
	if _, after, user := strings.Cut(rest, "@"); user {
		rest = after
	}
	if strings.HasPrefix(rest, "[") { // of IPv6
		host, _, _ := strings.Cut(rest, "]")
		return host + "]"
	}
	if end := strings.IndexAny(rest, ":;>/?"); end >= 0 {
		rest = rest[:end]
	}
	return rest
}

func pjsipFacts(name string, details []ami.Message) endpointFacts {
	e := endpointFacts{name: "PJSIP/" + name}
	for _, detail := range details {
		switch detail.Event() {
		case "EndpointDetail":
			e.outboundAuth = detail.Get("OutboundAuth") + detail.Get("OutboundAuths")
			e.callerID, e.context = detail.Get("Callerid"), detail.Get("Context")
			e.login = detail.Get("Auth")+detail.Get("Auths") != ""
		case "IdentifyDetail":
			e.identify = detail.Get("ObjectName")
		case "AorDetail":
			if most := detail.Get("MaxContacts"); most != "" && most != "0" {
				e.registers = true
			} else if contact := detail.Get("Contacts"); contact != "" {
				e.address = contact
			}
		}
	}
	return e
}

// askSIP takes the peers of chan_sip (Asterisk 20 and before), and the registrations whose host is one of theirs.
func (d *discovery) askSIP(ctx context.Context) error {
	peers, told, err := d.list(ctx, "SIP peers", ami.Action{Name: "SIPpeers"})
	if err != nil || !told {
		return err
	}
	d.drivers++
	if len(peers) == 0 {
		return nil
	}
	registry, err := d.registry(ctx, "SIP registrations", "SIPshowregistry")
	if err != nil {
		return err
	}
	for _, item := range peers {
		name := item.Get("ObjectName")
		if item.Event() != "PeerEntry" || name == "" {
			continue
		}
		peer, err := d.client.Do(ctx, ami.Action{Name: "SIPshowpeer"}.With("Peer", name))
		if refused := (*ami.ResponseError)(nil); errors.As(err, &refused) {
			continue // it is gone by now
		}
		if err != nil {
			return fmt.Errorf("calls: peer %s: %w", name, err)
		}
		e := sipFacts(name, peer)
		e.registration = registry.with(name, peer.Get("ToHost"), peer.Get("Address-IP"))
		d.endpoints = append(d.endpoints, e)
	}
	return nil
}

// sipFacts reads the answer to SIPshowpeer (manager_sip_show_peer in channels/chan_sip.c).
func sipFacts(name string, peer ami.Message) endpointFacts {
	e := endpointFacts{
		name: "SIP/" + name, context: peer.Get("Context"), callerID: peer.Get("Callerid"), registers: peer.Get("Dynamic") == "Y",
	}
	secret := peer.Get("SecretExist") == "Y" || peer.Get("MD5SecretExist") == "Y"
	insecure := strings.Contains(peer.Get("SIP-AuthInsecure"), "invite")
	e.login = secret && !insecure
	if peer.Get("RemoteSecretExist") == "Y" {
		e.outboundAuth = "remotesecret"
	}
	if !e.registers {
		if e.address = known(peer.Get("ToHost")); e.address == "" {
			e.address = peer.Get("Address-IP")
		}
	}
	return e
}

// askIAX takes the peers of chan_iax2. Nothing tells their contexts and caller ids.
func (d *discovery) askIAX(ctx context.Context) error {
	peers, told, err := d.list(ctx, "IAX peers", ami.Action{Name: "IAXpeerlist"})
	if err != nil || !told {
		return err
	}
	d.drivers++
	if len(peers) == 0 {
		return nil
	}
	registry, err := d.registry(ctx, "IAX registrations", "IAXregistry")
	if err != nil {
		return err
	}
	for _, item := range peers {
		name, _, _ := strings.Cut(item.Get("ObjectName"), "/") // the user name of a peer comes after it
		if item.Event() != "PeerEntry" || name == "" {
			continue
		}
		e := endpointFacts{name: "IAX2/" + name, registers: item.Get("Dynamic") == "yes"}
		if !e.registers {
			e.address = item.Get("IPaddress")
		}
		e.registration = registry.with(name, e.address)
		d.endpoints = append(d.endpoints, e)
	}
	return nil
}

// registry is who Asterisk is registered as, by host.
type registry map[string]string

func (d *discovery) registry(ctx context.Context, what, action string) (registry, error) {
	items, _, err := d.list(ctx, what, ami.Action{Name: action})
	r := registry{}
	for _, item := range items {
		if host := item.Get("Host"); host != "" {
			r[host] = item.Get("Username") + "@" + host
		}
	}
	return r, err
}

// with returns the registration at one of the hosts.
func (r registry) with(hosts ...string) string {
	for _, host := range hosts {
		if who := r[host]; who != "" && host != "" {
			return who
		}
	}
	return ""
}
