package amitest

import (
	"crypto/md5" //nolint:gosec // the Manager's challenge is defined with MD5
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// Banner is what this Manager greets with: that of Asterisk 22.
const Banner = "Asterisk Call Manager/11.0.0"

// challenge is what every login is asked. Asterisk takes a random number.
const challenge = "840415273"

// Login greets and takes the login of this user, by MD5 challenge or plain, as a booted Asterisk does: with FullyBooted
// behind the answer, unless the login asks for events without those of the class system. A wrong login is answered as
// Asterisk answers it, but at once, and ends the script.
func Login(username, secret string) Step {
	return firstOf(LoginUnbooted(username, secret), func(c *Conn) error {
		if !wantsSystem(c.Action) {
			return nil
		}
		return c.Send("Event: FullyBooted", "Privilege: system,all", "Uptime: 384", "LastReload: 384", "Status: Fully Booted")
	})
}

// wantsSystem reports whether a Login asks for the events of the class system.
func wantsSystem(login ami.Message) bool {
	mask, asked := login.Lookup("Events")
	if !asked {
		return true
	}
	for class := range strings.SplitSeq(mask, ",") {
		if class == "on" || class == "all" || class == "system" {
			return true
		}
	}
	return false
}

// LoginUnbooted is Login without FullyBooted: an Asterisk that is still loading its modules, or a user who may not read
// the class system.
func LoginUnbooted(username, secret string) Step {
	return firstOf(Raw(Banner+"\r\n"), acceptLogin(username, secret))
}

// firstOf runs steps up to the first error.
func firstOf(steps ...Step) Step {
	return func(c *Conn) error {
		for _, step := range steps {
			if err := step(c); err != nil {
				return err
			}
		}
		return nil
	}
}

// acceptLogin answers Challenge and Login (authenticate and action_login in main/manager.c).
func acceptLogin(username, secret string) Step {
	return func(c *Conn) error {
		asked := false
		for {
			m, err := c.Next()
			if err != nil {
				return fmt.Errorf("waiting for the login: %w", err)
			}
			switch {
			case name(m) == "Challenge" && m.Get("AuthType") == "MD5":
				asked = true
				err = c.Reply("Response: Success", "Challenge: "+challenge)
			case name(m) != "Login":
				err = c.Reply("Response: Error", "Message: Permission denied")
			case proves(m, asked, username, secret):
				return c.Reply("Response: Success", "Message: Authentication accepted")
			default:
				return errors.Join(
					fmt.Errorf("login of %q refused", m.Get("Username")),
					c.Reply("Response: Error", "Message: Authentication failed"))
			}
			if err != nil {
				return err
			}
		}
	}
}

// proves reports whether a Login is that of the user.
func proves(login ami.Message, asked bool, username, secret string) bool {
	if login.Get("Username") != username {
		return false
	}
	if login.Get("AuthType") != "MD5" {
		return login.Get("Secret") == secret
	}
	digest := md5.Sum([]byte(challenge + secret))
	return asked && login.Get("Key") == hex.EncodeToString(digest[:])
}

// Serve answers the actions that come as Asterisk does, until the client logs off or closes the connection: Ping, Logoff,
// and any other as unknown.
func Serve() Step {
	return func(c *Conn) error {
		for {
			m, err := c.Next()
			if errors.Is(err, io.EOF) || isReset(err) {
				return nil
			}
			if err != nil {
				return err
			}
			switch strings.ToLower(name(m)) {
			case "ping":
				err = c.Reply("Response: Success", "Ping: Pong", "Timestamp: "+timestamp(time.Now()))
			case "logoff":
				return c.Reply("Response: Goodbye", "Message: Thanks for all the fish.")
			case "":
				err = c.Reply("Response: Error", "Message: Missing action in request")
			default:
				err = c.Reply("Response: Error", "Message: Invalid/unknown command: "+name(m)+". Use Action: ListCommands to show available commands.")
			}
			if err != nil && !isReset(err) {
				return err
			}
		}
	}
}

// timestamp writes a time as Asterisk does: seconds and microseconds.
func timestamp(t time.Time) string {
	return fmt.Sprintf("%d.%06d", t.Unix(), t.Nanosecond()/1000)
}

// isReset reports whether a connection has ended in one of the ways in which a peer ends it in haste.
func isReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe)
}
