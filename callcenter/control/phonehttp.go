package control

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/asterism-go/asterism/callcenter/calls"
)

// PhoneCommands are the addresses that a make of telephones is told by, each fetched with GET. In them stand for what belongs to
// one telephone or call, escaped:
//
//	{host}      HTTPPhone.Host, as it is: it is checked to be a host, with a port perhaps
//	{username}  HTTPPhone.Username
//	{password}  HTTPPhone.Password
//	{number}    the number of the leg
//	{channel}   the channel of the leg
type PhoneCommands struct{ Answer, Hold, Resume string }

// The commands of some makes, from their manuals. Press keys, so they do what the telephone does with the call on its screen.
var (
	// YealinkCommands is the Action URI of Yealink; its firmware asks for a user and password.
	YealinkCommands = PhoneCommands{"http://{host}/servlet?key=ASW", "http://{host}/servlet?key=HOLD", "http://{host}/servlet?key=UNHOLD"}
	// SnomCommands is the command.htm of Snom; the hold key ends a hold too.
	SnomCommands = PhoneCommands{"http://{host}/command.htm?key=ENTER", "http://{host}/command.htm?key=F_HOLD", "http://{host}/command.htm?key=F_HOLD"}
)

// HTTPPhone is one telephone that is told by HTTP.
type HTTPPhone struct {
	// Host is its address: "192.0.2.7", "phone-7.example.com:8080".
	Host     string
	Commands PhoneCommands
	// Username and Password are sent as Basic authentication, unless the commands have them in the address. They appear in no error.
	Username, Password string
}

// HTTPPhones tells telephones by the web interface that most makes have.
type HTTPPhones struct {
	// Find returns the telephone of an endpoint: "PJSIP/101". If there is none it returns [ErrNoPhones].
	Find func(ctx context.Context, endpoint string) (HTTPPhone, error)
	// Client sends the requests. Redirects are never followed. Default: one that goes straight, without a proxy.
	Client *http.Client
	// Timeout bounds each request. Default: [DefaultPhoneTimeout].
	Timeout time.Duration
}

// DefaultPhoneTimeout is the Timeout of [HTTPPhones].
const DefaultPhoneTimeout = 5 * time.Second

// PhoneError says that a telephone was not told. It holds no address but the host, as addresses may hold a password.
type PhoneError struct {
	Host string
	// Status is the telephone's answer, if it gave one.
	Status int
	// Err is why there is no answer.
	Err error
}

func (e *PhoneError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("control: telephone %s: %v", e.Host, e.Err)
	}
	return fmt.Sprintf("control: telephone %s answers %d", e.Host, e.Status)
}

func (e *PhoneError) Unwrap() error { return e.Err }

// Answer fetches the address that answers.
func (p *HTTPPhones) Answer(ctx context.Context, leg calls.Leg) error {
	return p.tell(ctx, leg, func(c PhoneCommands) string { return c.Answer })
}

// Hold fetches the address that holds.
func (p *HTTPPhones) Hold(ctx context.Context, leg calls.Leg) error {
	return p.tell(ctx, leg, func(c PhoneCommands) string { return c.Hold })
}

// Resume fetches the address that ends a hold.
func (p *HTTPPhones) Resume(ctx context.Context, leg calls.Leg) error {
	return p.tell(ctx, leg, func(c PhoneCommands) string { return c.Resume })
}

// straight goes to telephones directly: a proxy would have their passwords.
var straight = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

func (p *HTTPPhones) tell(ctx context.Context, leg calls.Leg, which func(PhoneCommands) string) error {
	phone, err := p.Find(ctx, leg.Endpoint)
	if err != nil {
		return err
	}
	template := which(phone.Commands)
	if template == "" {
		return ErrNoPhones
	}
	if !isHost(phone.Host) {
		return &ValueError{Field: "Host", Problem: "is no host"}
	}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(p.Timeout, DefaultPhoneTimeout))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, phone.fill(template, leg), nil)
	if err != nil || req.URL.Host != phone.Host {
		return &ValueError{Field: "Commands", Problem: "are no addresses of the telephone"} // the error would hold it
	}
	req.Close = true // a request over a connection that had gone would be sent again, and a key pressed twice
	if phone.Username != "" && !strings.Contains(template, "{username}") {
		req.SetBasicAuth(phone.Username, phone.Password)
	}
	return phone.fetch(*cmp.Or(p.Client, straight), req)
}

// fill puts the values into an address.
func (p *HTTPPhone) fill(template string, leg calls.Leg) string {
	return strings.NewReplacer(
		"{host}", p.Host, "{username}", url.QueryEscape(p.Username), "{password}", url.QueryEscape(p.Password),
		"{number}", url.QueryEscape(leg.Number), "{channel}", url.QueryEscape(leg.Channel),
	).Replace(template)
}

func (p *HTTPPhone) fetch(client http.Client, req *http.Request) error {
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := client.Do(req)
	if err != nil {
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err // without the address
		}
		return &PhoneError{Host: p.Host, Err: err}
	}
	defer res.Body.Close()
	io.CopyN(io.Discard, res.Body, maxPhoneAnswer) //nolint:errcheck // what it says is not looked at
	if res.StatusCode/100 != 2 {
		return &PhoneError{Host: p.Host, Status: res.StatusCode}
	}
	return nil
}

// maxPhoneAnswer is how much of an answer is read, so that the telephone is not cut off.
const maxPhoneAnswer = 64 << 10

// isHost tells whether something is a host or an address, with a port or without.
func isHost(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	if name == "" || len(host) > 255 {
		return false
	}
	return strings.IndexFunc(host, func(r rune) bool { return !alphanumeric(r) && !strings.ContainsRune(".-_:[]", r) }) < 0
}
