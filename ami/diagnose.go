package ami

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Advice is something about the setup of Asterisk that [Client.Diagnose] finds wanting.
type Advice struct {
	// Problem says what is wrong and what comes of it.
	Problem string
	// Section is where in manager.conf the Lines belong: "general", or the name of the user.
	Section string
	// Lines are the options to set there, whole: a "write" here names all classes. Where the user may not see what there is,
	// "..." stands for it.
	Lines []string
}

// String returns the advice as a comment and lines for manager.conf.
func (a Advice) String() string {
	text := "; " + a.Problem + "\n"
	if len(a.Lines) > 0 {
		text += "[" + a.Section + "]\n" + strings.Join(a.Lines, "\n") + "\n"
	}
	return text
}

// goodWriteTimeout is what Diagnose takes for long enough: a program that collects its garbage or is moved to another
// processor may be away for longer than Asterisk's default of 100 ms.
const goodWriteTimeout = time.Second

// ownActions are what this package may send by itself.
var ownActions = []string{
	"Ping", "CoreShowChannels", "BridgeList", "BridgeInfo", "QueueStatus", "DeviceStateList", "ParkedCalls", "ConfbridgeListRooms",
	"ConfbridgeList", "Filter", "Originate", "Hangup",
}

// Diagnose looks for what in the setup of Asterisk keeps a client from doing its work: these actions that the user may not
// use, or those that this package itself sends if none are named; a user who cannot be told that Asterisk is booted; a
// writetimeout that is too short; events without timestamps; a secret or calls in clear text over a network. An empty result
// means that nothing was found. What it may not look at, it says. The client must be connected.
func (c *Client) Diagnose(ctx context.Context, actions ...string) ([]Advice, error) {
	if len(actions) == 0 {
		actions = ownActions
	}
	allowed, err := c.Do(ctx, Action{Name: "ListCommands"})
	if err != nil {
		return nil, err
	}
	cfg, err := c.managerConf(ctx)
	if err != nil {
		return nil, err
	}
	var found []Advice
	add := func(section, problem string, lines ...string) {
		found = append(found, Advice{Problem: problem, Section: section, Lines: lines})
	}
	c.diagnoseActions(allowed, actions, cfg, add)
	c.diagnoseUser(cfg, add)
	if host, _, err := net.SplitHostPort(c.addr()); err == nil && c.TLS == nil && !isLoopback(host) {
		add("general", "what Asterisk sends can be read by anybody on the way to "+host+": use TLS", "tlsenable = yes", "tlscertfile = FILE")
	}
	return found, nil
}

// add is how the parts of a diagnosis tell.
type adviser func(section, problem string, lines ...string)

func (c *Client) diagnoseActions(allowed Message, actions []string, cfg config, add adviser) {
	var missing, classes []string
	for _, action := range actions {
		if _, ok := allowed.Lookup(action); ok {
			continue
		}
		missing = append(missing, action)
		if class := privilegeOf(action); class != "" {
			classes = append(classes, class)
		}
	}
	if len(missing) == 0 {
		return
	}
	problem := "the user may not use " + strings.Join(missing, ", ") + ", or the module that has it is not loaded"
	if len(classes) == 0 {
		add(c.Username, problem)
		return
	}
	add(c.Username, problem, "write = "+addClasses(cfg.get(c.Username, "write"), classes...))
}

func (c *Client) diagnoseUser(cfg config, add adviser) {
	user := c.Username
	c.mu.Lock()
	s := c.session
	c.mu.Unlock()
	if s != nil && maskHas(c.EventMask, "system") && !s.sawBooted() {
		add(user, "the user may not read system: a client waits in vain for FullyBooted, and does not hear of a shutdown",
			"read = "+addClasses(cfg.get(user, "read"), "system"))
	}
	if !cfg.known {
		add(user, "the user may not read manager.conf (GetConfig), so writetimeout and timestampevents are not known",
			"write = "+addClasses(cfg.get(user, "write"), "system"))
		return
	}
	timeout, err := strconv.Atoi(cfg.get(user, "writetimeout"))
	if err != nil {
		timeout = 100 // the default of Asterisk
	}
	if d := time.Duration(timeout) * time.Millisecond; d < goodWriteTimeout {
		add(user, fmt.Sprintf("Asterisk ends the connection of a program that does not read for %v", d),
			fmt.Sprintf("writetimeout = %d", goodWriteTimeout.Milliseconds()))
	}
	if !isTrue(cfg.get("general", "timestampevents")) {
		add("general", "events do not say when they happened: times are those of their arrival", "timestampevents = yes")
	}
}

// sawBooted reports whether FullyBooted has come.
func (s *session) sawBooted() bool {
	select {
	case <-s.booted:
		return true
	default:
		return false
	}
}

// addClasses adds classes to a list of them.
func addClasses(list string, classes ...string) string {
	var all []string
	for class := range strings.SplitSeq(list+","+strings.Join(classes, ","), ",") {
		if class = strings.TrimSpace(class); class != "" && !slices.Contains(all, class) {
			all = append(all, class)
		}
	}
	return strings.Join(all, ",")
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// config is the part of manager.conf that a diagnosis is about; never a secret.
type config struct {
	known   bool
	options map[string]string // by section and name
}

func (cfg config) get(section, name string) string {
	if !cfg.known {
		return "..."
	}
	return cfg.options[section+"/"+name]
}

// managerConf reads manager.conf as Asterisk sees it (action_getconfig in main/manager.c), if the user may.
func (c *Client) managerConf(ctx context.Context) (config, error) {
	answer, err := c.Do(ctx, Action{Name: "GetConfig"}.With("Filename", "manager.conf"))
	var refused *ResponseError
	if errors.As(err, &refused) {
		return config{}, nil
	}
	if err != nil {
		return config{}, err
	}
	cfg := config{known: true, options: map[string]string{}}
	section := ""
	for key, value := range answer.All() {
		if strings.HasPrefix(key, "Category-") {
			section = value
			continue
		}
		name, option, ok := strings.Cut(value, "=")
		if ok && strings.HasPrefix(key, "Line-") && !isSecret(name) {
			cfg.options[section+"/"+strings.ToLower(name)] = option
		}
	}
	return cfg, nil
}
