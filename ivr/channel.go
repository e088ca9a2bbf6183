package ivr

import (
	"context"
	"time"
)

// Channel is one caller, as a program that talks to him needs it. AGI and ARI each have an implementation (packages
// agichannel and arichannel), and ivrtest has one for tests, which needs no Asterisk; all of them behave alike. Programs use
// it through a [Call], which has what is made of it: collecting digits, saying numbers.
//
// A call is one goroutine: the methods are called one after the other. When the caller hangs up, the method that waits
// returns an error that is [ErrHangup], and so do all later ones; when ctx ends, what is going on is stopped in Asterisk too
// (AGI plays the sound that it has begun to its end), and the error is its cause. After [Channel.Continue] or [Channel.Transfer] has succeeded all return [ErrContinued].
type Channel interface {
	// Info says what is known of the call from its beginning. It does not change.
	Info() Info
	// Keys are the digits that the caller has pressed and nobody has taken yet. They come whatever the channel does: while
	// it plays, between two methods, and while the program thinks.
	Keys() *Keys
	// Answer answers the call. One that is answered already is no error.
	Answer(ctx context.Context) error
	// Play plays sounds one after the other, and returns nil when they are over, or when there is a key: at once if one was
	// pressed before. The key stays in Keys. What Asterisk has not is a [*SoundError], wherever in the list it is, and
	// nothing behind it is played. Music stops, and does not come back by itself.
	Play(ctx context.Context, p Playback) error
	// Record records what the caller says until one of the limits of r, or ctx, ends it. The digits that are pressed
	// meanwhile are not kept, as no transport can. On a hangup what was said is kept, and the error is ErrHangup.
	Record(ctx context.Context, r Recording) (Recorded, error)
	// StartMusic plays music on hold of a class; empty is the channel's own. Music that plays already is no error.
	StartMusic(ctx context.Context, class string) error
	// StopMusic ends it. No music is no error.
	StopMusic(ctx context.Context) error
	// Var returns the value of a variable, or of a function of the dialplan such as CALLERID(num). One that is not set is "".
	// The name must not come from a caller: functions such as SHELL do what they say.
	Var(ctx context.Context, name string) (string, error)
	// SetVar sets one. The value is taken as it is: nothing in it is evaluated.
	SetVar(ctx context.Context, name, value string) error
	// Continue has the call go on in the dialplan, and ends the part of the program: it should return.
	Continue(ctx context.Context, to Place) error
	// Transfer asks the caller's own telephone, or trunk, to call somebody else, such as PJSIP/200, and ends the part of the
	// program. If that is refused the error is a [*TransferError], and the call goes on here. A call that is not answered is told to call
	// elsewhere (302 in SIP), one that is answered is asked to (REFER): whether it does may take as long as a telephone rings. AGI knows how
	// it went; over ARI Asterisk does not say, and a caller who does not hang up, as most telephones do then, is taken for one who was refused.
	Transfer(ctx context.Context, to string) error
	// Hangup ends the call. One that is over already is no error.
	Hangup(ctx context.Context) error
}

// Info is what is known of a call from its beginning. What Asterisk does not know is empty.
type Info struct {
	// ID is Asterisk's id of the channel, Uniqueid in AMI; Name is the channel's, such as PJSIP/100-00000001.
	ID, Name string
	// Caller is the caller's number and CallerName his name, which he may have chosen himself.
	Caller, CallerName string
	// Dialed is the extension in the dialplan from which the call came here.
	Dialed string
	// Language is that of the channel's sounds, such as en or el.
	Language string
	// Args are the arguments behind the address of AGI(), or behind the application of Stasis().
	Args []string
}

// Playback is what a [Channel] plays.
type Playback struct {
	// Sounds are names of sound files without their format, such as vm-goodbye or digits/1, below Asterisk's folder of sounds
	// or with a path of their own, or [RecordingPrefix] and the name of a recording.
	Sounds []string
	// Language is that of the sounds; empty is the channel's own. Asterisk falls back to its default language if a file is
	// not there.
	Language string
	// Deaf says that digits do not stop it, and that those that were pressed before do not keep it from being played. They
	// are kept all the same.
	Deaf bool
}

// RecordingPrefix begins the name of a sound in [Playback.Sounds] that is a recording of [Channel.Record].
const RecordingPrefix = "recording:"

// Recording is what to record, and when that ends.
type Recording struct {
	// Name of the recording, without a format: letters, digits, "-", "_", "." and "/" for folders. It must be given, and an
	// older recording of the same name is overwritten. Asterisk keeps it below recording/ of its spool directory.
	Name string
	// Format is that of the file. Default: wav.
	Format string
	// Max is how long it may be, in whole seconds. It must be given.
	Max time.Duration
	// Silence ends it when the caller has said nothing for so long, in whole seconds. Zero: silence does not.
	Silence time.Duration
	// End are the digits that end it, such as "#". The one that does is not part of Keys.
	End string
	// Beep plays a beep before it.
	Beep bool
}

// Recorded is what came of a [Recording].
type Recorded struct {
	// Name is that of the recording: with [RecordingPrefix] before it, it is a sound to play.
	Name string
	// Duration is how long it is, as far as the transport tells: AGI to the sample, ARI in whole seconds.
	Duration time.Duration
	// End is what ended it, Digit the digit if that did, else 0.
	End   RecordEnd
	Digit byte
}

// RecordEnd is what ended a recording.
type RecordEnd int

// The ends of a recording.
const (
	// RecordLimit is its Max, or its Silence: Asterisk does not say which.
	RecordLimit RecordEnd = iota
	// RecordDigit is one of its End digits.
	RecordDigit
	// RecordHangup is the caller's hangup.
	RecordHangup
)

// String returns limit, digit or hangup.
func (e RecordEnd) String() string {
	switch e {
	case RecordDigit:
		return "digit"
	case RecordHangup:
		return "hangup"
	default:
		return "limit"
	}
}

// Place is one in the dialplan. The zero Place is behind the AGI() or Stasis() that the call came from.
type Place struct {
	// Context and Extension default to those that the call came from, the Priority to 1, if one of the others is given.
	Context, Extension string
	Priority           int
}

// Handler is a program that talks to a caller. The context ends with the cause [ErrHangup] when the caller hangs up.
//
// When it returns nil the call is hung up, unless it was sent on by [Channel.Continue] or [Channel.Transfer]. When it returns an
// error that is not the end of the call, or panics, the call goes on in the dialplan, behind the AGI() or Stasis(), with
// AGISTATUS or ARI_STATUS set to FAILURE.
type Handler func(ctx context.Context, c *Call) error
