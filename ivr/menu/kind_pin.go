package menu

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/asterism-go/asterism/internal/yamlfile"
	"github.com/asterism-go/asterism/ivr"
)

// The lockout of PINs that do not say it.
const (
	DefaultLockout    = 5
	DefaultLockoutFor = 15 * time.Minute
)

func (n *PIN) ready(c *checker) kind {
	r := *n
	r.Patience = c.patience(r.Patience)
	c.prompt(".prompt", r.Prompt, true)
	r.Min, r.Max, r.End = or(r.Min, 4), or(r.Max, 16), or(r.End, "#")
	r.Account, r.Locked = or(r.Account, "${caller}"), or(r.Locked, r.Default)
	r.Lockout, r.LockoutFor = or(r.Lockout, DefaultLockout), or(r.LockoutFor, yamlfile.Duration(DefaultLockoutFor))
	c.bounds(r.Min, r.Max, r.End)
	if r.Lockout < 1 {
		c.bad(".lockout", "%d: want 1 or more", r.Lockout)
	}
	switch {
	case (r.SecretEnv == "") == (r.Check == ""):
		c.bad("", "want exactly one of secret_env and check")
	case r.SecretEnv != "" && !envShape.MatchString(r.SecretEnv):
		c.bad(".secret_env", "%q is no name of an environment variable", r.SecretEnv)
	}
	c.fills(c.path+".account", r.Account)
	return &r
}

func (n *PIN) needs(e *Engine, _ *Set) string {
	switch {
	case n.Check != "" && e.cfg.PINs[n.Check] == nil:
		return fmt.Sprintf("there are no PINs %q", n.Check)
	case n.SecretEnv != "" && e.cfg.Env(n.SecretEnv) == "":
		return fmt.Sprintf("the environment variable %s is not set", n.SecretEnv)
	}
	return ""
}

func (n *PIN) edges() []edge {
	return append(n.Patience.edges(),
		edge{key: n.key(n.Locked, ".locked"), to: n.Locked, label: "locked", silent: true}, edge{key: ".next", to: n.Next, label: "right"})
}

func (n *PIN) run(ctx context.Context, r *Session) (step, error) {
	account := r.node + "\x00" + fill(n.Account, r.values)
	locks := &r.engine.locks
	locked := step{n.Locked, "locked"}
	if locks.locked(account, r.engine.now()) {
		return locked, nil
	}
	right, err := n.right(ctx, r)
	if err != nil {
		return step{}, err
	}
	return r.ask(ctx, &question{
		patience: &n.Patience, prompt: n.Prompt, secret: true, digits: ivr.Digits{Max: n.Max, End: string(n.End)},
		accept: func(digits string) (step, bool) {
			// calls at the same time may have locked the account since
			if locks.locked(account, r.engine.now()) {
				return locked, true
			}
			if same(digits, right) && len(digits) >= n.Min {
				locks.forget(account)
				return step{n.Next, "right"}, true
			}
			return locked, locks.wrong(account, r.engine.now(), n)
		},
	})
}

// right are the PINs that are right.
func (n *PIN) right(ctx context.Context, r *Session) ([]string, error) {
	if n.Check != "" {
		return r.engine.cfg.PINs[n.Check](ctx, fill(n.Account, r.values))
	}
	return strings.Split(r.engine.cfg.Env(n.SecretEnv), ","), nil
}

// same tells whether digits are one of some PINs, in a time that does not depend on which, or on how many of them are right.
func same(digits string, pins []string) bool {
	typed, found := sha256.Sum256([]byte(digits)), 0
	for _, pin := range pins {
		pin = strings.TrimSpace(pin)
		sum := sha256.Sum256([]byte(pin))
		found |= subtle.ConstantTimeCompare(typed[:], sum[:]) & min(len(pin), 1)
	}
	return found == 1
}

// lockouts are accounts with wrong PINs.
type lockouts struct {
	mu       sync.Mutex
	accounts map[string]*lockout
}

type lockout struct {
	wrong int
	until time.Time // when it ends or, before it is locked, when what was wrong is forgotten
}

// maxLockouts bounds the accounts that are kept: of more, those are forgotten whose time is over, and then any.
const maxLockouts = 100_000

func (l *lockouts) locked(account string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.accounts[account]
	return a != nil && a.wrong < 0 && now.Before(a.until)
}

// wrong counts a wrong PIN and tells whether the account is locked now. One that another call has locked since it was looked
// at stays locked for as long as it was.
func (l *lockouts) wrong(account string, now time.Time, n *PIN) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.accounts[account]
	if a == nil || !now.Before(a.until) {
		l.room(now)
		a = &lockout{}
		l.accounts[account] = a
	}
	if a.wrong < 0 {
		return true
	}
	a.wrong++
	a.until = now.Add(time.Duration(n.LockoutFor))
	if a.wrong >= n.Lockout {
		a.wrong = -1
		return true
	}
	return false
}

// room makes room for another account.
func (l *lockouts) room(now time.Time) {
	if l.accounts == nil {
		l.accounts = map[string]*lockout{}
	}
	if len(l.accounts) < maxLockouts {
		return
	}
	for account, a := range l.accounts {
		if !now.Before(a.until) {
			delete(l.accounts, account)
		}
	}
	for account := range l.accounts {
		if len(l.accounts) < maxLockouts {
			return
		}
		delete(l.accounts, account)
	}
}

// forget forgets what was wrong, unless that has locked the account meanwhile.
func (l *lockouts) forget(account string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if a := l.accounts[account]; a != nil && a.wrong >= 0 {
		delete(l.accounts, account)
	}
}
