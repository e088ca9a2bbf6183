package queue

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/ivr"
	"github.com/asterism-go/asterism/ivr/arichannel"
	"github.com/asterism-go/asterism/queue/acd"
)

// Phone has agents log in and out, and pause, by telephone: Stasis(queue,@agent,login), with logout, pause or unpause instead, and
// maybe the Number of the agent behind it. They are asked for the number, unless that is given, and for the PIN.
type Phone struct {
	// Reasons are those of pauses, by key. Without any a pause has none, and nobody is asked.
	Reasons map[string]string
	// Lockout is after how many wrong PINs an agent, or a telephone, has no more attempts, for LockoutFor after the last.
	// Defaults: 5, and 15 minutes.
	Lockout    int
	LockoutFor time.Duration
	// Language is that in which is spoken if the channel's is none of ivr. Default: en.
	Language string
	// Sounds are what agents hear; what is not given is Asterisk's own.
	Sounds PhoneSounds
}

// PhoneSounds are what agents hear, each a list of names of sounds.
type PhoneSounds struct {
	Number, PIN, Wrong                  []string
	LoggedIn, LoggedOut, Paused, Active []string
	Reason                              []string
}

var defaultPhoneSounds = PhoneSounds{
	Number: []string{"agent-user"}, PIN: []string{"agent-pass"}, Wrong: []string{"agent-incorrect"},
	LoggedIn: []string{"agent-loginok"}, LoggedOut: []string{"agent-loggedoff"},
	Paused: []string{"queue-reporthold", "activated"}, Active: []string{"de-activated"},
	Reason: []string{"please-try-again"},
}

// PIN is a secret of an agent: digits. It is masked wherever it is printed or logged.
type PIN string

const masked = "****"

// String returns asterisks.
func (PIN) String() string { return masked }

// GoString returns asterisks.
func (PIN) GoString() string { return masked }

// LogValue returns asterisks.
func (PIN) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalText returns asterisks.
func (PIN) MarshalText() ([]byte, error) { return []byte(masked), nil }

// agentArgument begins the arguments of Stasis that are an agent's.
const agentArgument = "@agent"

// The limits of what an agent types.
const (
	maxPhoneDigits = 16
	phoneTries     = 3
)

// phoneCall is an agent who has dialled a code.
type phoneCall struct {
	*Server
	*ivr.Call
	action string
	number string // of the agent
	from   string // of the telephone
	speaks *Queue // whose language
}

// phoneActions are what agents may do by telephone.
var phoneActions = map[string]func(p *phoneCall, ctx context.Context, agent string) error{
	"login":   (*phoneCall).login,
	"logout":  (*phoneCall).logout,
	"pause":   (*phoneCall).pause,
	"unpause": (*phoneCall).unpause,
}

// phone serves an agent who has dialled a code.
func (s *Server) phone(ctx context.Context, call *ari.Channel, args []string) error {
	if s.Phone == nil {
		return errors.New("queue: agents may not use telephones: Server.Phone is not set")
	}
	if len(args) == 0 || phoneActions[args[0]] == nil {
		return errors.New("queue: want @agent,login, logout, pause or unpause")
	}
	if err := call.Answer(ctx); err != nil {
		return err
	}
	channel := arichannel.New(ctx, call)
	defer channel.Close()
	p := &phoneCall{
		Server: s, Call: ivr.NewCall(channel), action: args[0], from: channel.Info().Caller, speaks: &Queue{Ear: Ear{Language: s.Phone.Language}},
	}
	if len(args) > 1 {
		p.number = args[1]
	}
	err := p.serve(ctx)
	if call.Err() != nil {
		return nil // the agent has hung up
	}
	return err
}

func (p *phoneCall) serve(ctx context.Context) error {
	fixed := p.number != ""
	for range phoneTries {
		if !fixed {
			typed, err := p.ask(ctx, p.Phone.Sounds.Number, defaultPhoneSounds.Number)
			if err != nil {
				return err
			}
			p.number = typed
		}
		pin, err := p.ask(ctx, p.Phone.Sounds.PIN, defaultPhoneSounds.PIN)
		if err != nil {
			return err
		}
		agent, refused := p.check(p.number, PIN(pin))
		if refused == "" {
			return phoneActions[p.action](p, ctx, agent)
		}
		p.refuse(agent, refused)
		if err := p.say(ctx, p.Phone.Sounds.Wrong, defaultPhoneSounds.Wrong); err != nil || refused == refusedLocked {
			return err
		}
	}
	return nil
}

// ask plays sounds and takes digits up to #.
func (p *phoneCall) ask(ctx context.Context, sounds, otherwise []string) (string, error) {
	if err := p.say(ctx, sounds, otherwise); err != nil {
		return "", err
	}
	got, err := p.Collect(ctx, ivr.Digits{Max: maxPhoneDigits, End: "#"})
	return got.Digits, err
}

func (p *phoneCall) say(ctx context.Context, sounds, otherwise []string) error {
	return p.speaks.prompt(ctx, p.Call, or(sounds, otherwise))
}

// Why an agent is refused.
const (
	refusedWrong  = "wrong number or PIN"
	refusedLocked = "locked"
)

// check returns the agent of a number and a PIN, or why there is none. It says not which of both is wrong.
func (p *phoneCall) check(number string, pin PIN) (agent, refused string) {
	now := time.Now()
	for _, a := range p.Agents {
		if number != "" && a.Number == number {
			agent = a.ID
		}
	}
	keys := []string{"agent " + number, "telephone " + p.from}
	if p.locks.locked(now, keys) {
		return agent, refusedLocked
	}
	var right PIN
	if a := p.agents[agent]; a != nil {
		right = a.PIN
	}
	typed, wanted := sha256.Sum256([]byte(string(pin))), sha256.Sum256([]byte(string(right)))
	if subtle.ConstantTimeCompare(typed[:], wanted[:]) == 1 && right != "" {
		p.locks.forget(keys)
		return agent, ""
	}
	if p.locks.wrong(now, keys, p.Phone) {
		return agent, refusedLocked
	}
	return agent, refusedWrong
}

// refuse tells that an attempt was refused; the PIN is told to nobody.
func (p *phoneCall) refuse(agent, why string) {
	p.log().Warn("queue: an agent is refused", "agent", agent, "telephone", p.from, "action", p.action, "why", why)
	p.tell(func(state *acd.State) {
		state.Note(acd.Transition{Kind: acd.AgentRefused, Agent: agent, Reason: p.action + ": " + why})
	})
}

func (p *phoneCall) login(ctx context.Context, agent string) error {
	if err := p.Login(ctx, agent); err != nil {
		return err
	}
	return p.say(ctx, p.Phone.Sounds.LoggedIn, defaultPhoneSounds.LoggedIn)
}

func (p *phoneCall) logout(ctx context.Context, agent string) error {
	if err := p.Logout(ctx, agent); err != nil {
		return err
	}
	return p.say(ctx, p.Phone.Sounds.LoggedOut, defaultPhoneSounds.LoggedOut)
}

func (p *phoneCall) pause(ctx context.Context, agent string) error {
	reason := ""
	if len(p.Phone.Reasons) > 0 {
		if err := p.say(ctx, p.Phone.Sounds.Reason, defaultPhoneSounds.Reason); err != nil {
			return err
		}
		got, err := p.Collect(ctx, ivr.Digits{Max: 1})
		if err != nil {
			return err
		}
		var known bool
		if reason, known = p.Phone.Reasons[got.Digits]; !known {
			p.refuse(agent, "no such reason")
			return p.say(ctx, p.Phone.Sounds.Wrong, defaultPhoneSounds.Wrong)
		}
	}
	if err := p.Pause(ctx, agent, reason); err != nil {
		return err
	}
	return p.say(ctx, p.Phone.Sounds.Paused, defaultPhoneSounds.Paused)
}

func (p *phoneCall) unpause(ctx context.Context, agent string) error {
	if err := p.Unpause(ctx, agent); err != nil {
		return err
	}
	return p.say(ctx, p.Phone.Sounds.Active, defaultPhoneSounds.Active)
}

// lockouts are agents and telephones with wrong PINs.
type lockouts struct {
	mu   sync.Mutex
	keys map[string]lockout
}

type lockout struct {
	wrong  int
	locked bool
	until  time.Time // when it is forgotten
}

// maxLockouts bounds how many are kept; of more, those are forgotten whose time is over, and then any.
const maxLockouts = 10_000

// The lockout of a Phone that does not say it.
const (
	defaultLockout    = 5
	defaultLockoutFor = 15 * time.Minute
)

func (l *lockouts) locked(now time.Time, keys []string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, key := range keys {
		if k := l.keys[key]; k.locked && now.Before(k.until) {
			return true
		}
	}
	return false
}

// wrong counts a wrong PIN, and reports whether that locks.
func (l *lockouts) wrong(now time.Time, keys []string, p *Phone) (locked bool) {
	limit, lasts := p.Lockout, p.LockoutFor
	if limit <= 0 {
		limit = defaultLockout
	}
	if lasts <= 0 {
		lasts = defaultLockoutFor
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.room(now)
	for _, key := range keys {
		k := l.keys[key]
		if !now.Before(k.until) {
			k = lockout{}
		}
		k.wrong++
		k.until, k.locked = now.Add(lasts), k.wrong >= limit
		l.keys[key] = k
		locked = locked || k.locked
	}
	return locked
}

func (l *lockouts) room(now time.Time) {
	if l.keys == nil {
		l.keys = map[string]lockout{}
	}
	if len(l.keys) < maxLockouts {
		return
	}
	maps.DeleteFunc(l.keys, func(_ string, k lockout) bool { return !now.Before(k.until) })
	for key := range l.keys {
		if len(l.keys) < maxLockouts {
			return
		}
		delete(l.keys, key)
	}
}

func (l *lockouts) forget(keys []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, key := range keys {
		delete(l.keys, key)
	}
}

// isAgent reports whether the arguments of Stasis are an agent's.
func isAgent(args []string) bool { return len(args) > 0 && strings.EqualFold(args[0], agentArgument) }
