package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/asterism-go/asterism/internal/yamlfile"
	"github.com/asterism-go/asterism/queue"
	"github.com/asterism-go/asterism/queue/acd"
)

// config is what the file says: see support.yaml.
type config struct {
	Agents   []agentConfig     `yaml:"agents"`
	Reasons  map[string]string `yaml:"pause_reasons"`
	WrapUp   duration          `yaml:"wrap_up"`
	Ring     duration          `yaml:"ring_timeout"`
	MaxWait  duration          `yaml:"max_wait"`
	Position duration          `yaml:"position_every"`
	Periodic struct {
		Every  duration   `yaml:"every"`
		Sounds [][]string `yaml:"sounds"`
	} `yaml:"periodic"`
	AgentHears []string          `yaml:"agent_hears"`
	Exits      map[string]string `yaml:"exits"`
	Languages  []struct {
		Key      string   `yaml:"key"`
		Language string   `yaml:"language"`
		Prompt   []string `yaml:"prompt"`
	} `yaml:"languages"`
	LongWait *struct {
		Over      duration `yaml:"over"`
		Prompt    []string `yaml:"prompt"`
		Stay      string   `yaml:"stay"`
		Callback  string   `yaml:"callback"`
		Voicemail string   `yaml:"voicemail"`
		Leave     string   `yaml:"leave"`
		LeaveTo   string   `yaml:"leave_to"`
	} `yaml:"long_wait"`
	Callback *struct {
		Key        string   `yaml:"key"`
		Offer      []string `yaml:"offer"`
		OfferAfter int      `yaml:"offer_after"`
		Endpoint   string   `yaml:"endpoint"`
		Allow      []string `yaml:"allow"`
		Plus       string   `yaml:"plus"`
		AgentFirst bool     `yaml:"agent_first"`
		Attempts   int      `yaml:"attempts"`
		Pause      duration `yaml:"pause"`
	} `yaml:"callback"`
	Voicemail *struct {
		Key     string   `yaml:"key"`
		Timeout bool     `yaml:"on_timeout"`
		Max     duration `yaml:"max"`
		Silence duration `yaml:"silence"`
	} `yaml:"voicemail"`
}

type agentConfig struct {
	ID       string `yaml:"id"`
	Endpoint string `yaml:"endpoint"`
	Number   string `yaml:"number"`
	PINEnv   string `yaml:"pin_env"` // the environment variable that holds the PIN
	LoggedIn bool   `yaml:"logged_in"`
}

type duration = yamlfile.Duration

// read reads the file.
func read(file string) (*config, error) {
	var c config
	f, err := yamlfile.Read(file, &c)
	if err != nil {
		return nil, err
	}
	for i, a := range c.Agents {
		at := fmt.Sprintf("$.agents[%d]", i)
		switch {
		case a.ID == "" || a.Endpoint == "":
			return nil, f.Errorf(at, "want an id and an endpoint")
		case a.PINEnv != "" && os.Getenv(a.PINEnv) == "":
			return nil, f.Errorf(at+".pin_env", "the environment variable %s is not set", a.PINEnv)
		}
	}
	if len(c.Agents) == 0 {
		return nil, errors.New("queue: " + file + ": there are no agents")
	}
	return &c, nil
}

// queue is the queue of the file.
func (c *config) queue() queue.Queue {
	q := queue.Queue{
		Queue: acd.Queue{
			Name: "support", Strategy: acd.LongestIdle, WrapUp: time.Duration(c.WrapUp), RingTimeout: time.Duration(c.Ring),
			MaxWait: time.Duration(c.MaxWait), NoAnswer: acd.NoAnswer{PauseAfter: 3, BackOff: 10 * time.Second}, Exits: c.Exits,
		},
		AnnounceEvery: time.Duration(c.Position), AnnounceWait: true, AgentHears: c.AgentHears,
		Ear: queue.Ear{Periodic: c.Periodic.Sounds, PeriodicEvery: time.Duration(c.Periodic.Every)},
	}
	for _, l := range c.Languages {
		q.Languages = append(q.Languages, queue.LanguageKey{Key: l.Key, Language: l.Language, Prompt: l.Prompt})
	}
	if o := c.LongWait; o != nil {
		q.Offer = &queue.Offer{
			Over: time.Duration(o.Over), Prompt: o.Prompt, Stay: o.Stay, Callback: o.Callback, Voicemail: o.Voicemail,
			Leave: o.Leave, LeaveTo: o.LeaveTo,
		}
	}
	c.ways(&q)
	return q
}

// ways are those that lead out of the line: the call-back and the voicemail.
func (c *config) ways(q *queue.Queue) {
	if b := c.Callback; b != nil {
		q.CustomerFirst, q.Sounds.Offer = !b.AgentFirst, b.Offer
		q.Callback = &queue.Callback{
			Key: b.Key, OfferAfter: b.OfferAfter, Endpoint: b.Endpoint, Plus: b.Plus, Attempts: b.Attempts, Pause: time.Duration(b.Pause),
			Allow: b.Allow,
		}
	}
	if v := c.Voicemail; v != nil {
		q.Voicemail = &queue.Voicemail{Key: v.Key, Max: time.Duration(v.Max), Silence: time.Duration(v.Silence)}
		if v.Timeout {
			q.Voicemail.On = []acd.Outcome{acd.TimedOut, acd.LeaveEmpty, acd.JoinEmpty}
		}
	}
}

// team are the agents of the file.
func (c *config) team() []queue.Agent {
	all := make([]queue.Agent, len(c.Agents))
	for i, a := range c.Agents {
		all[i] = queue.Agent{
			Agent:    acd.Agent{ID: a.ID, Members: []acd.Member{{Queue: "support"}}},
			Endpoint: a.Endpoint, LoggedIn: a.LoggedIn, Number: a.Number, PIN: queue.PIN(os.Getenv(a.PINEnv)),
		}
	}
	return all
}

// phone has the agents log in by telephone.
func (c *config) phone() *queue.Phone {
	return &queue.Phone{Reasons: c.Reasons}
}
