package main

import (
	"errors"
	"net"
	"net/netip"
	"time"

	"github.com/asterism-go/asterism/internal/yamlfile"
)

// config is the file that -config names; dist/fastagid.yaml has every key.
type config struct {
	// PBX is the name of the Asterisk in the metrics.
	PBX string `yaml:"pbx"`
	// Listen is the address of the FastAGI server.
	Listen string `yaml:"listen"`
	// Allow are the networks that may connect; everybody else is turned away.
	Allow []string `yaml:"allow"`
	// HTTP is the address of /metrics, /livez, /readyz and the admin calls; empty: none.
	HTTP string `yaml:"http"`
	// Log says what is logged.
	Log logConfig `yaml:"log"`
	// Limits bound what peers may do.
	Limits limits `yaml:"limits"`
	// Drain is how long sessions may go on after a request to end.
	Drain yamlfile.Duration `yaml:"drain"`
	// Manager tells helpdesk routes with rules how much queues have to do. Left out: that is not known. It is read at the start
	// only.
	Manager *managerConfig `yaml:"manager"`
	// Directory is where callers are looked up by helpdesk routes with rules.
	Directory directoryConfig `yaml:"directory"`
	// Routes say who serves which path.
	Routes []route `yaml:"routes"`
}

type logConfig struct {
	// Level is debug, info, warn or error.
	Level string `yaml:"level"`
	// Format is json or text.
	Format string `yaml:"format"`
}

type limits struct {
	// Sessions and PerSource bound the sessions at once, all and those of one address.
	Sessions  int `yaml:"sessions"`
	PerSource int `yaml:"per_source"`
	// Environment bounds the time until Asterisk has said what the call is about.
	Environment yamlfile.Duration `yaml:"environment"`
}

// route is a path and what serves it: exactly one of the fields after Timeout.
type route struct {
	// Path is that of agi://host/PATH; {name} stands for any one segment.
	Path string `yaml:"path"`
	// Sessions bounds the sessions of this route at once; 0: only the limit of all applies.
	Sessions int `yaml:"sessions"`
	// Timeout ends a session that has not ended by then; 0: never.
	Timeout yamlfile.Duration `yaml:"timeout"`

	Echo     *echoRoute     `yaml:"echo"`
	Playback *playbackRoute `yaml:"playback"`
	Record   *recordRoute   `yaml:"record"`
	Lookup   *lookupRoute   `yaml:"lookup"`
	Helpdesk *helpdeskRoute `yaml:"helpdesk"`
	Webhook  *webhookRoute  `yaml:"webhook"`
	Exec     *execRoute     `yaml:"exec"`
	Health   *healthRoute   `yaml:"health"`
}

// echoRoute answers and says back every digit that is pressed, until # or a silence.
type echoRoute struct {
	// Silence is how long without a digit ends it.
	Silence yamlfile.Duration `yaml:"silence"`
}

// playbackRoute answers and plays sound files one after the other.
type playbackRoute struct {
	Files []string `yaml:"files"`
	// Escape are the digits that end it; the one pressed is in the variable DIGIT.
	Escape string `yaml:"escape"`
}

// recordRoute records the caller into Directory, a directory of Asterisk's. The file's name is made of the channel's
// unique id; it is in the variable RECORDING.
type recordRoute struct {
	Directory string            `yaml:"directory"`
	Format    string            `yaml:"format"`
	Longest   yamlfile.Duration `yaml:"longest"`
	Silence   yamlfile.Duration `yaml:"silence"`
	Beep      bool              `yaml:"beep"`
}

// lookupRoute looks the caller's number up in a CSV file whose first line names the columns, one of which is number. The
// other columns of the line that is found go into variables of their names, in capitals; FOUND is 1 or 0.
type lookupRoute struct {
	File string `yaml:"file"`
	// Digits are how many last digits of two numbers must be the same; 0: all of both.
	Digits int `yaml:"digits"`
}

// helpdeskRoute chooses a desk: by the rules of a file (package callcenter/routing), or, where that is too much, by how the
// caller's number begins: then the desk is in a variable. The decision by rules is in ROUTE_* and CALLER_*, or is carried out.
type helpdeskRoute struct {
	// Rules is the file of the rules. A reload of the configuration reads it again.
	Rules string `yaml:"rules"`
	// Trunk is the trunk in the rules' numbers whose calls these are; ?trunk=NAME in AGI() goes before it.
	Trunk string `yaml:"trunk"`
	// ShowName shows the caller's name of the directory to whoever answers.
	ShowName bool `yaml:"show_name"`
	// Names is how often the usernames are read that callers may type one key for each letter; 0: never.
	Names yamlfile.Duration `yaml:"names"`
	// Connect carries decisions out.
	Connect *connectConfig `yaml:"connect"`

	Variable string        `yaml:"variable"`
	Default  string        `yaml:"default"`
	Desks    []areaOfADesk `yaml:"desks"`
}

type areaOfADesk struct {
	Prefix string `yaml:"prefix"`
	Desk   string `yaml:"desk"`
}

// webhookRoute asks an HTTP server what to do with the call.
type webhookRoute struct {
	URL string `yaml:"url"`
	// SecretFile holds the key that requests are signed with, in the form whsec_BASE64; empty: they are not signed.
	SecretFile string `yaml:"secret_file"`
	// Timeout bounds each request.
	Timeout yamlfile.Duration `yaml:"timeout"`
}

// execRoute runs a program written for Asterisk's AGI() on standard input and output.
type execRoute struct {
	Program string            `yaml:"program"`
	Args    []string          `yaml:"args"`
	Env     map[string]string `yaml:"env"`
}

// healthRoute answers AGISTATUS=SUCCESS while the daemon is ready, and FAILURE while it is not.
type healthRoute struct{}

// The values of a file that says nothing.
const (
	defaultListen      = "127.0.0.1:4573"
	defaultHTTP        = "127.0.0.1:9815"
	defaultDrain       = 30 * time.Second
	defaultSessions    = 2000
	defaultPerSource   = 1000
	defaultEnvironment = 5 * time.Second
)

func defaults() config {
	return config{
		PBX:    "main",
		Listen: defaultListen,
		HTTP:   defaultHTTP,
		Allow:  []string{"127.0.0.0/8", "::1/128"},
		Log:    logConfig{Level: "info", Format: "json"},
		Limits: limits{Sessions: defaultSessions, PerSource: defaultPerSource, Environment: yamlfile.Duration(defaultEnvironment)},
		Drain:  yamlfile.Duration(defaultDrain),
	}
}

// loadConfig reads and checks the file. What is wrong is told with file, line and column, everything that is wrong about
// the values at once.
func loadConfig(name string) (config, *yamlfile.File, error) {
	cfg := defaults()
	file, err := yamlfile.Read(name, &cfg)
	if err != nil {
		return cfg, nil, err
	}
	err = cfg.check(file)
	return cfg, file, err
}

func (c *config) check(file *yamlfile.File) error {
	var errs []error
	wrong := func(path, format string, args ...any) {
		errs = append(errs, file.Errorf(path, format, args...))
	}
	if _, err := net.ResolveTCPAddr("tcp", c.Listen); err != nil {
		wrong("$.listen", "%q is not an address of the form host:port", c.Listen)
	}
	if _, err := net.ResolveTCPAddr("tcp", c.HTTP); c.HTTP != "" && err != nil {
		wrong("$.http", "%q is not an address of the form host:port", c.HTTP)
	}
	if _, err := c.networks(); err != nil {
		wrong("$.allow", "%v", err)
	}
	if _, err := c.Log.level(); err != nil {
		wrong("$.log.level", "%q: want debug, info, warn or error", c.Log.Level)
	}
	if c.Log.Format != "json" && c.Log.Format != "text" {
		wrong("$.log.format", "%q: want json or text", c.Log.Format)
	}
	for name, n := range map[string]int{"sessions": c.Limits.Sessions, "per_source": c.Limits.PerSource} {
		if n < 1 {
			wrong("$.limits."+name, "%d: want at least 1", n)
		}
	}
	if len(c.Routes) == 0 {
		wrong("$.routes", "no routes: there is nothing to serve")
	}
	if c.Manager != nil {
		c.Manager.check(wrong)
	}
	c.Directory.check(wrong)
	errs = append(errs, c.checkRoutes(file)...)
	errs = append(errs, c.checkRules()...)
	return errors.Join(errs...)
}

// networks are the networks of Allow.
func (c *config) networks() ([]netip.Prefix, error) {
	var networks []netip.Prefix
	for _, text := range c.Allow {
		network, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, errors.New(text + " is not a network such as 10.0.0.0/8")
		}
		networks = append(networks, network)
	}
	return networks, nil
}
