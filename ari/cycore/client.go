package cycore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"sync"

	v5 "github.com/CyCoreSystems/ari/v5"
	"github.com/CyCoreSystems/ari/v5/rid"

	"github.com/asterism-go/asterism/ari"
)

// Client is an [ari.App] as code for CyCoreSystems/ari v5 wants it: make one with [Wrap].
type Client struct {
	app  *ari.App
	node string
	bus  *bus
	stop context.CancelFunc
	done sync.WaitGroup
}

var _ v5.Client = (*Client)(nil)

// Wrap gives an application to code that takes a client of CyCoreSystems/ari v5. An application that is Idle is connected;
// ctx bounds that. Events come to the bus from this call on.
func Wrap(ctx context.Context, app *ari.App) (*Client, error) {
	life, stop := context.WithCancel(context.Background())
	c := &Client{app: app, stop: stop, bus: newBus(app)}
	events := app.Events(life)
	if app.State() == ari.Idle {
		if err := app.Connect(ctx); err != nil {
			stop()
			return nil, err
		}
	}
	info, err := app.Client.Asterisk().GetInfo(ctx, nil)
	if err != nil {
		stop()
		return nil, err
	}
	if info.System != nil {
		c.node = info.System.EntityID
	}
	c.done.Go(func() { c.bus.run(events) })
	return c, nil
}

// App is the application that Wrap was given.
func (c *Client) App() *ari.App { return c.app }

// Lost is how many events were not delivered to a subscription because nobody took them, once per subscription.
func (c *Client) Lost() uint64 { return c.bus.lost.Load() }

// ApplicationName implements [v5.Client].
func (c *Client) ApplicationName() string { return c.app.Name }

// Bus implements [v5.Client].
func (c *Client) Bus() v5.Bus { return c.bus }

// Connected reports whether Asterisk knows the application at this moment.
func (c *Client) Connected() bool { return c.app.State() == ari.Up }

// Close closes the application, and with it every subscription. When it returns, no goroutine of the client is left.
func (c *Client) Close() {
	c.stop()
	c.bus.Close()
	c.app.Close()
	c.done.Wait()
}

// Application implements [v5.Client], as do those below.
func (c *Client) Application() v5.Application { return applications{c} }

// Asterisk has what is about Asterisk itself.
func (c *Client) Asterisk() v5.Asterisk { return asterisk{c} }

// Bridge has the bridges.
func (c *Client) Bridge() v5.Bridge { return bridges{c} }

// Channel has the channels.
func (c *Client) Channel() v5.Channel { return channels{c} }

// DeviceState has the states of devices.
func (c *Client) DeviceState() v5.DeviceState { return deviceStates{c} }

// Endpoint has the endpoints.
func (c *Client) Endpoint() v5.Endpoint { return endpoints{c} }

// LiveRecording has the recordings that are being made.
func (c *Client) LiveRecording() v5.LiveRecording { return liveRecordings{c} }

// Mailbox has the mailboxes.
func (c *Client) Mailbox() v5.Mailbox { return mailboxes{c} }

// Playback has what is being played.
func (c *Client) Playback() v5.Playback { return playbacks{c} }

// Sound has the sounds.
func (c *Client) Sound() v5.Sound { return sounds{c} }

// StoredRecording has the recordings that are finished.
func (c *Client) StoredRecording() v5.StoredRecording { return storedRecordings{c} }

// TextMessage sends messages.
func (c *Client) TextMessage() v5.TextMessage { return textMessages{c} }

// Error is why a request of a wrapped client has failed. native.CodeFromError finds the status in it, and errors.As the
// [*ari.Error] or [*ari.RequestError].
type Error struct{ Err error }

// Error has the status in the words of v5 as well: its ext/record looks for "409 Conflict".
func (e *Error) Error() string {
	if code := e.Code(); code != 0 {
		return fmt.Sprintf("%v (%d %s)", e.Err, code, http.StatusText(code))
	}
	return e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// Code is the status that Asterisk has answered with, 0 if it has not answered.
func (e *Error) Code() int {
	var refused *ari.Error
	if errors.As(e.Err, &refused) {
		return refused.Status
	}
	return 0
}

// errNoKey says that something was asked for without saying what.
var errNoKey = errors.New("cycore: the key has no ID")

// params are those of a request. An empty value is not sent.
type params map[string]string

// ask sends a request and reads the answer into a type of v5, if one is wanted. The interface of v5 has no contexts: the
// timeout of the Client bounds each request.
func (c *Client) ask(operation string, p params, body, into any) error {
	values := make(map[string][]string, len(p))
	for name, value := range p {
		if value != "" {
			values[name] = []string{value}
		}
	}
	var text json.RawMessage
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return &Error{fmt.Errorf("cycore: %s: %w", operation, err)}
		}
	}
	answer, err := c.app.Client.Do(context.Background(), operation, values, text)
	if err != nil {
		return &Error{err}
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return &Error{fmt.Errorf("cycore: the answer to %s: %w", operation, err)}
	}
	return nil
}

// request is one about one thing: the operation, and which of its parameters has the id of the thing.
type request struct{ operation, id string }

// about sends a request about one thing.
func (c *Client) about(key *v5.Key, r request, more params, into any) error {
	if key == nil || key.ID == "" {
		return &Error{fmt.Errorf("%w: %s", errNoKey, r.operation)}
	}
	all := params{r.id: key.ID}
	maps.Copy(all, more)
	return c.ask(r.operation, all, nil, into)
}

// stamp returns the key with where the thing is.
func (c *Client) stamp(key *v5.Key) *v5.Key {
	var stamped v5.Key
	if key != nil {
		stamped = *key
	}
	stamped.App, stamped.Node = c.app.Name, c.node
	return &stamped
}

func (c *Client) key(kind, id string) *v5.Key { return c.stamp(v5.NewKey(kind, id)) }

// list asks for a list and returns the keys of what it has, as far as they match.
func (c *Client) list(operation string, p params, filter *v5.Key, key func(named) *v5.Key) ([]*v5.Key, error) {
	var all []named
	if err := c.ask(operation, p, nil, &all); err != nil {
		return nil, err
	}
	var keys []*v5.Key
	for _, n := range all {
		if k := c.stamp(key(n)); filter.Match(k) {
			keys = append(keys, k)
		}
	}
	return keys, nil
}

// named is what the elements of lists are known by.
type named struct {
	ID, Name, Channel, Technology, Resource string
}

func byID(kind string) func(named) *v5.Key {
	return func(n named) *v5.Key { return v5.NewKey(kind, n.ID) }
}

func byName(kind string) func(named) *v5.Key {
	return func(n named) *v5.Key { return v5.NewKey(kind, n.Name) }
}

// orNew returns an id, a new one if there is none.
func orNew(id, kind string) string {
	if id == "" {
		return rid.New(kind)
	}
	return id
}

func flag(set bool) string {
	if set {
		return "true"
	}
	return ""
}
