package ami

import (
	"context"
	"strings"
	"sync"
)

// Supports reports whether this Asterisk has an action and lets this user use it: whether its modules are loaded and the
// user's write classes hold one of the action's. Asterisk is asked once for each connection (ListCommands); what is loaded
// or unloaded later is seen after the next one. For what a version of Asterisk has, whether it is connected or not, see
// Supports of package action.
func (c *Client) Supports(ctx context.Context, action string) (bool, error) {
	c.mu.Lock()
	s := c.session
	c.mu.Unlock()
	if names := c.supported.of(s); names != nil {
		return names[strings.ToLower(action)], nil
	}
	answer, err := c.Do(ctx, Action{Name: "ListCommands"})
	if err != nil {
		return false, err
	}
	names := map[string]bool{}
	for key := range answer.All() {
		names[strings.ToLower(key)] = true
	}
	delete(names, "response")
	delete(names, "actionid")
	c.supported.keep(s, names)
	return names[strings.ToLower(action)], nil
}

// supported are the actions of a connection.
type supported struct {
	mu      sync.Mutex
	session *session
	names   map[string]bool
}

// of returns what is known of a session, or nil.
func (k *supported) of(s *session) map[string]bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if s == nil || k.session != s {
		return nil
	}
	return k.names
}

func (k *supported) keep(s *session, names map[string]bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.session, k.names = s, names
}
