package ari

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Channel is a handle of a channel: what is done with it reads like the call. The handles of channels that are in the
// application know when they leave it, keep the digits that are pressed, and know in which bridge they are.
//
// The methods that wait, such as Play, end with [ErrHangup] when the channel has left the application, and when ctx ends
// they stop on Asterisk what they have begun.
type Channel struct {
	app  *App
	id   string
	life context.Context //nolint:containedctx // from now on until the channel leaves the application; its cause is why
	end  context.CancelCauseFunc
	keys keys

	mu      sync.Mutex
	stasis  Event // StasisStart; zero until it has come
	leaving bool  // it was sent on, and has not left yet
	hanging bool  // its hangup was requested
	pending bool  // Asterisk does not know the channel yet
	began   chan struct{}
	begin   sync.Once // closes began
	bridge  string
	heard   *session // the connection over which its StasisStart has come
	moved   *session // the one over which was told which bridge it is in
	music   *string  // the class that StartMusic plays
	dialed  string   // the last Dial.dialstatus
	cause   int      // of ChannelDestroyed
	why     error    // it has left
}

func newChannel(a *App, id string) *Channel {
	life, end := context.WithCancelCause(context.Background())
	return &Channel{app: a, id: id, life: life, end: end, began: make(chan struct{}), keys: newKeys()}
}

// newID returns an id of our own for what is about to be made.
func newID() string { return uuid.NewString() }

// Channel returns the handle of a channel. If the channel is not in the application, the handle can send requests, but knows
// nothing of hangups and digits.
func (a *App) Channel(id string) *Channel {
	if ch := a.calls.get(id); ch != nil {
		return ch
	}
	return newChannel(a, id)
}

// ID is Asterisk's id of the channel, the same as Uniqueid in AMI.
func (ch *Channel) ID() string { return ch.id }

// App is the application that the handle belongs to.
func (ch *Channel) App() *App { return ch.app }

// Done returns a channel that is closed when this one has left the application.
func (ch *Channel) Done() <-chan struct{} { return ch.life.Done() }

// Err returns nil while the channel is in the application, then why it is not: [ErrHangup], or the end of the App.
func (ch *Channel) Err() error {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	return ch.why
}

// HangupRequested reports whether the call is being hung up, or is over: what the channel plays or records fails then a
// moment before it leaves the application.
func (ch *Channel) HangupRequested() bool {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	return ch.hanging || ch.why != nil
}

// Start returns the event with which the channel came into the application: its Channel, and the Args of Stasis in the
// dialplan. It is nil if that has not come, or came before the App was there.
func (ch *Channel) Start() *StasisStart {
	ch.mu.Lock()
	e := ch.stasis
	ch.mu.Unlock()
	if e.Type != "StasisStart" {
		return nil
	}
	decoded, err := e.Decode()
	if err != nil {
		return nil
	}
	return decoded.(*StasisStart)
}

// Args are the arguments of Stasis in the dialplan, or the AppArgs of who has made the channel.
func (ch *Channel) Args() []string {
	if start := ch.Start(); start != nil {
		return start.Args
	}
	return nil
}

// Snapshot asks Asterisk for the channel.
func (ch *Channel) Snapshot(ctx context.Context) (*ChannelSnapshot, error) {
	return ch.app.Client.Channels().Get(ctx, ch.id)
}

// start notes the StasisStart of the channel, and over which connection it has come.
func (ch *Channel) start(s *session, e Event) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	ch.pending = false
	ch.stasis, ch.heard = e, s
	ch.begin.Do(func() { close(ch.began) })
}

// resume notes that the channel is in the application, and that its StasisStart was before our time.
func (ch *Channel) resume() { ch.begin.Do(func() { close(ch.began) }) }

// follow notes what an event says of the channel.
func (ch *Channel) follow(e Event) {
	switch e.Type {
	case "ChannelDtmfReceived":
		if decoded, err := e.Decode(); err == nil {
			ch.keys.press(decoded.(*ChannelDtmfReceived).Digit)
		}
	case "ChannelEnteredBridge":
		ch.setBridge(e.Bridge)
	case "ChannelLeftBridge":
		if ch.Bridge() == e.Bridge {
			ch.setBridge("")
		}
	case "ChannelHangupRequest":
		ch.mu.Lock()
		ch.hanging = true
		ch.mu.Unlock()
	case "ApplicationMoveFailed":
		ch.mu.Lock()
		ch.leaving = false
		ch.mu.Unlock()
	case "Dial":
		if decoded, err := e.Decode(); err == nil {
			ch.mu.Lock()
			// That the dial begins has no status, and may come after the answer if that is given at once.
			ch.dialed = orDefault(decoded.(*Dial).DialStatus, ch.dialed)
			ch.mu.Unlock()
		}
	case "ChannelDestroyed":
		if decoded, err := e.Decode(); err == nil {
			ch.mu.Lock()
			ch.cause = decoded.(*ChannelDestroyed).Cause
			ch.mu.Unlock()
		}
	}
}

// reread sets the bridge that a list says, unless the connection has told it: that is newer.
func (ch *Channel) reread(s *session, bridge string) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	if s == nil || ch.heard != s && ch.moved != s {
		ch.bridge = bridge
	}
}

// told notes that a connection has told which bridge the channel is in.
func (ch *Channel) told(s *session) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	ch.moved = s
}

// isIn reports whether the channel is in the application as far as the events say, and over this connection.
func (ch *Channel) isIn(s *session) (in, now bool) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	return ch.stasis.Type != "", ch.heard == s && s != nil
}

func (ch *Channel) setBridge(id string) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	ch.bridge = id
}

// Bridge is the id of the bridge that the channel is in, as far as the events since it came say; empty if in none.
func (ch *Channel) Bridge() string {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	return ch.bridge
}

// leave notes that the channel is not in the application any more.
func (ch *Channel) leave(why error) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	if ch.why == nil {
		ch.why = why
		ch.end(why)
	}
}

// settled reports whether Asterisk knows the channel.
func (ch *Channel) settled() bool {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	return !ch.pending
}

// gone is the event that the channel has left, which Asterisk had no chance to send.
func (ch *Channel) gone() Event {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	snapshot := `{"id":` + strconv.Quote(ch.id) + `}`
	d := decoder{text: ch.stasis.text}
	for ok := d.enter(); ok && d.next(); {
		if text := d.skip(); d.key == "channel" {
			snapshot = text
		}
	}
	return goneEvent(ch.app.Name, snapshot, time.Now())
}

// waitBegan waits until the channel is in the application.
func (ch *Channel) waitBegan(ctx context.Context) error {
	select {
	case <-ch.began:
		return nil
	case <-ch.life.Done():
		return ch.Err()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// within ends a context when the channel leaves the application.
func (ch *Channel) within(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(ch.life, func() { cancel(context.Cause(ch.life)) })
	return ctx, func() {
		stop()
		cancel(nil)
	}
}

// Answer answers the call.
func (ch *Channel) Answer(ctx context.Context) error {
	return ch.app.Client.Channels().Answer(ctx, ch.id)
}

// Hangup ends the call. A channel that is gone already is no error.
func (ch *Channel) Hangup(ctx context.Context) error {
	return ch.hangup(ctx, ChannelHangupParams{})
}

// HangupFor ends the call with a reason that the other side is told, such as [HangupReasonBusy].
func (ch *Channel) HangupFor(ctx context.Context, reason HangupReason) error {
	return ch.hangup(ctx, ChannelHangupParams{Reason: reason})
}

func (ch *Channel) hangup(ctx context.Context, p ChannelHangupParams) error {
	return ch.left(ignoreGone(ch.app.Client.Channels().Hangup(ctx, ch.id, p)))
}

// Continue sends the call on in the dialplan, where p is zero behind the Stasis that it came from.
func (ch *Channel) Continue(ctx context.Context, p ChannelContinueInDialplanParams) error {
	if ch.hasMoved() { // where it comes from here into an application again, that has it
		if err := ch.SetVar(ctx, appVariable, ""); err != nil {
			return err
		}
	}
	err := ch.left(ch.app.Client.Channels().ContinueInDialplan(ctx, ch.id, p))
	if err == nil {
		ch.setLeaving()
	}
	return err
}

// appVariable is the variable in which Move writes down which application has the call: Asterisk names only the first one. It
// is empty if that has it.
const appVariable = "ARI_APP"

// hasMoved reports whether the variable may be set: unless the channel has come here from the dialplan itself.
func (ch *Channel) hasMoved() bool {
	start := ch.Start()
	return start == nil || start.Channel.Dialplan.AppName != "Stasis" || firstApp(start.Channel.Dialplan.AppData) != ch.app.Name
}

// firstApp is the application in the arguments of Stasis.
func firstApp(data string) string {
	name, _, _ := strings.Cut(data, ",")
	return strings.TrimSpace(name)
}

// Move hands the call over to another application. One that Asterisk does not know is refused with 404 before anything happens:
// Asterisk itself would accept it and only then say ApplicationMoveFailed. The call keeps, in the variable ARI_APP, where it has
// gone, so that a [Server] with Resume finds it in the application that has it, and not in this one, which goes on getting its
// events.
func (ch *Channel) Move(ctx context.Context, app, args string) error {
	if _, err := ch.app.Client.Applications().Get(ctx, app); err != nil {
		return err
	}
	snapshot, err := ch.Snapshot(ctx)
	if err != nil {
		return err
	}
	value := app
	if firstApp(snapshot.Dialplan.AppData) == app { // back where it came from
		value = ""
	}
	if err := ch.SetVar(ctx, appVariable, value); err != nil {
		return err
	}
	err = ch.left(ch.app.Client.Channels().Move(ctx, ch.id, app, args))
	if err == nil {
		ch.setLeaving()
	}
	return err
}

// left is the error of a request that has a channel leave. In a handler of [Serve] its success ends the context, maybe before
// the answer is there.
func (ch *Channel) left(err error) error {
	var unanswered *RequestError
	if errors.As(err, &unanswered) && unanswered.Sent && errors.Is(err, ErrHangup) {
		return nil
	}
	return err
}

// setLeaving notes that the channel is on its way elsewhere.
func (ch *Channel) setLeaving() {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	ch.leaving = true
}

func (ch *Channel) isLeaving() bool {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	return ch.leaving || ch.why != nil
}

// Var returns the value of a variable, or of a function of the dialplan such as CALLERID(num). One that is not set is an
// [*Error] with the status 404.
func (ch *Channel) Var(ctx context.Context, name string) (string, error) {
	return ch.app.Client.Channels().GetChannelVar(ctx, ch.id, name)
}

// SetVar sets a variable, or a function of the dialplan. Asterisk 16 does so a moment after it has answered: what it does for
// the channel after that sees the new value, a Var may not.
func (ch *Channel) SetVar(ctx context.Context, name, value string) error {
	return ch.app.Client.Channels().SetChannelVar(ctx, ch.id, SetChannelVarParams{Variable: name, Value: value})
}

// Ring has the caller hear ringing, StopRing no more.
func (ch *Channel) Ring(ctx context.Context) error { return ch.app.Client.Channels().Ring(ctx, ch.id) }

// StopRing ends Ring.
func (ch *Channel) StopRing(ctx context.Context) error {
	return ch.app.Client.Channels().RingStop(ctx, ch.id)
}

// Hold puts the other side on hold, Unhold takes it back.
func (ch *Channel) Hold(ctx context.Context) error { return ch.app.Client.Channels().Hold(ctx, ch.id) }

// Unhold ends Hold.
func (ch *Channel) Unhold(ctx context.Context) error {
	return ch.app.Client.Channels().Unhold(ctx, ch.id)
}

// Mute silences what comes from the channel (in), what goes to it (out), or both, which is the default here; Asterisk
// itself refuses to do without, whatever its description says.
func (ch *Channel) Mute(ctx context.Context, direction Direction) error {
	return ch.app.Client.Channels().Mute(ctx, ch.id, orDefault(direction, DirectionBoth))
}

// Unmute ends Mute.
func (ch *Channel) Unmute(ctx context.Context, direction Direction) error {
	return ch.app.Client.Channels().Unmute(ctx, ch.id, orDefault(direction, DirectionBoth))
}

// SendDTMF sends digits to the other side: 0 to 9, A to D, * and #.
func (ch *Channel) SendDTMF(ctx context.Context, digits string) error {
	return ch.app.Client.Channels().SendDTMF(ctx, ch.id, ChannelSendDTMFParams{DTMF: digits})
}

// StartMusic plays music on hold of a class; empty is the channel's own. On a channel that is in no bridge Asterisk does not
// go on with it after a [Channel.Play]: then Play starts it again, also for the prompt of [Channel.Collect]. After a
// [Channel.StartPlay] nobody does. In a bridge it comes back by itself.
func (ch *Channel) StartMusic(ctx context.Context, class string) error {
	err := ch.app.Client.Channels().StartMoh(ctx, ch.id, class)
	if err == nil {
		ch.setMusic(&class)
	}
	return err
}

// StopMusic ends StartMusic.
func (ch *Channel) StopMusic(ctx context.Context) error {
	ch.setMusic(nil)
	return ch.app.Client.Channels().StopMoh(ctx, ch.id)
}

func (ch *Channel) setMusic(class *string) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	ch.music = class
}

// resumeMusic starts the music again that a play has ended.
func (ch *Channel) resumeMusic(ctx context.Context) {
	ch.mu.Lock()
	class, here := ch.music, ch.why == nil && !ch.leaving && ch.bridge == ""
	ch.mu.Unlock()
	if class == nil || !here {
		return
	}
	cleanup(ctx, func(ctx context.Context) {
		if err := ch.app.Client.Channels().StartMoh(ctx, ch.id, *class); err != nil && !IsHangup(err) {
			ch.app.log().Warn("ari: no music again", "app", ch.app.Name, "channel", ch.id, "error", err)
		}
	})
}

// ErrOutcomeUnknown says that the connection was lost while something was going on, that it is over, and that nothing says
// how it ended.
var ErrOutcomeUnknown = errors.New("ari: it ended while the connection was lost: how is not known")
