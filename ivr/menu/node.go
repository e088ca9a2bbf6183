package menu

import (
	"github.com/asterism-go/asterism/internal/yamlfile"
)

// Node is a place in the menus: exactly one of its fields is given.
//
// A target is the name of a node, or back (the menu before), again (this node once more), operator (that of the Menus) or
// hangup. Where a caller can come without pressing anything, back and again are not allowed, for they could go on for ever.
type Node struct {
	Menu      *Menu         `yaml:"menu"`
	Language  *LanguageMenu `yaml:"language"`
	Play      *Play         `yaml:"play"`
	Collect   *Collect      `yaml:"collect"`
	PIN       *PIN          `yaml:"pin"`
	Hours     *Hours        `yaml:"hours"`
	Directory *Directory    `yaml:"directory"`
	Extension *Extension    `yaml:"extension"`
	Record    *Record       `yaml:"record"`
	Callback  *Callback     `yaml:"callback"`
	Queue     *Queue        `yaml:"queue"`
	Webhook   *Webhook      `yaml:"webhook"`
	Transfer  *Transfer     `yaml:"transfer"`
	Set       *Assign       `yaml:"set"`
	Switch    *Switch       `yaml:"switch"`
	Action    *Do           `yaml:"action"`
	Hangup    *Hangup       `yaml:"hangup"`
}

// Menu lets the caller choose.
type Menu struct {
	Prompt   Prompt `yaml:"prompt"`
	Patience `yaml:",inline"`
	// Options are where the keys lead: one or several digits, * and #. If one begins another, such as 1 and 12, a pause or # ends it.
	Options Options `yaml:"options"`
	// Deaf says that the prompt is played to its end. Digits that are pressed meanwhile count all the same.
	Deaf bool `yaml:"deaf"`
	// Fresh forgets what was pressed before: for menus where a mistake is costly.
	Fresh bool `yaml:"fresh"`
}

// LanguageMenu lets the caller choose the language.
type LanguageMenu struct {
	Prompt   Prompt `yaml:"prompt"`
	Patience `yaml:",inline"`
	// Options are the languages that the keys stand for.
	Options TextMap `yaml:"options"`
	Next    string  `yaml:"next"`
}

// Play plays a prompt and goes on.
type Play struct {
	Prompt Prompt `yaml:"prompt"`
	// Deaf says that digits do not stop it. They count for what comes next all the same.
	Deaf bool   `yaml:"deaf"`
	Next string `yaml:"next"`
}

// Collect asks for digits, such as a customer's number.
type Collect struct {
	Prompt   Prompt `yaml:"prompt"`
	Patience `yaml:",inline"`
	// Min and Max are how many digits there must be. Default: 1 and [MaxDigits]
	Min int `yaml:"min"`
	Max int `yaml:"max"`
	// End are the keys that end it. Default: #.
	End Text `yaml:"end"`
	// Pattern is a regular expression (RE2) that all of the digits must match.
	Pattern string `yaml:"pattern"`
	// Into is the value that takes the digits. Secret digits are in no path, log or request.
	Into   string `yaml:"into"`
	Secret bool   `yaml:"secret"`
	Fresh  bool   `yaml:"fresh"`
	Next   string `yaml:"next"`
}

// MaxDigits is how many digits may be asked for.
const MaxDigits = 64

// PIN asks for a secret number and compares it. The digits are in no path and no log.
type PIN struct {
	Prompt   Prompt `yaml:"prompt"`
	Patience `yaml:",inline"`
	Min      int  `yaml:"min"`
	Max      int  `yaml:"max"`
	End      Text `yaml:"end"`
	// SecretEnv names the environment variable that holds the PINs that are right, separated by commas. Check is the name of
	// a [PINs] of the [Config] in its place.
	SecretEnv string `yaml:"secret_env"`
	Check     string `yaml:"check"`
	// Account is whose PIN it is, for Check and for the lockout. Default: ${caller}, the number that the caller sends. It can
	// be forged, anew for each call, and so passes by the lockout: a secret that callers share needs an account of its own,
	// such as a fixed text.
	Account string `yaml:"account"`
	// Lockout is after how many wrong PINs in a row an account is locked, over all calls, and LockoutFor how long.
	// Default: [DefaultLockout] and [DefaultLockoutFor].
	Lockout    int               `yaml:"lockout"`
	LockoutFor yamlfile.Duration `yaml:"lockout_for"`
	// Locked is where callers go whose account is locked. Default: Default.
	Locked string `yaml:"locked"`
	Next   string `yaml:"next"`
}

// Hours goes by the time.
type Hours struct {
	Calendar string `yaml:"calendar"`
	// Override is a value, or a channel's or global variable in capital letters, that decides if it is open or closed.
	Override string `yaml:"override"`
	Open     string `yaml:"open"`
	Closed   string `yaml:"closed"`
	// Holiday is for holidays. Default: Closed.
	Holiday string `yaml:"holiday"`
}

// Directory lets the caller type the name of a person: one key for each letter, on a keypad with Latin, Greek or Persian letters.
type Directory struct {
	Prompt   Prompt `yaml:"prompt"`
	Patience `yaml:",inline"`
	// People is a directory of the Menus, or of the [Config].
	People string `yaml:"people"`
	// Min is how many keys there must be. Default: 3.
	Min int `yaml:"min"`
	// Confirm is played behind the name of who was found: what to press for it (1) and for the next one (2).
	Confirm Prompt `yaml:"confirm"`
	// Into is the value that takes the extension. Default: extension.
	Into string `yaml:"into"`
	Next string `yaml:"next"`
}

// Extension lets the caller dial an extension, and has the call go on there in the dialplan.
type Extension struct {
	Prompt   Prompt `yaml:"prompt"`
	Patience `yaml:",inline"`
	// Patterns say what is an extension, as in the dialplan: digits, X (0-9), Z (1-9), N (2-9).
	Patterns List `yaml:"patterns"`
	// Context is that of the extensions.
	Context string `yaml:"context"`
}

// Record records what the caller says.
type Record struct {
	Prompt Prompt `yaml:"prompt"`
	// Name is that of the recording. Default: NODE-ID, with the id of the channel, also if nothing is left when values are
	// filled in. A name with ${id} that the call had before gets -2, -3 and so on behind it; one without is written anew.
	// A folder in it must be there, or AGI cannot record.
	Name string `yaml:"name"`
	// Max is how long it may be. It must be given. Silence ends it. Min is how long it must be to be kept: default 1s.
	Max     yamlfile.Duration `yaml:"max"`
	Silence yamlfile.Duration `yaml:"silence"`
	Min     yamlfile.Duration `yaml:"min"`
	// End are the keys that end it. Default: #.
	End  Text `yaml:"end"`
	Beep bool `yaml:"beep"`
	// Review is played behind the recording: 1 keeps it, 2 plays it again, 3 records another. Default: it is kept at once.
	Review Prompt `yaml:"review"`
	// Into is the value that takes the recording's name. Default: recording.
	Into string `yaml:"into"`
	Next string `yaml:"next"`
	// Empty is where to go if nothing was said. Default: Next.
	Empty string `yaml:"empty"`
}

// Callback takes the wish to be called back: at the caller's number, or at one that he enters.
type Callback struct {
	// Prompt is played behind the caller's number: 1 confirms it, 2 is for another one.
	Prompt   Prompt `yaml:"prompt"`
	Patience `yaml:",inline"`
	// Number asks for another one.
	Number Prompt `yaml:"number"`
	// Min and Max are how many digits a number has. Default: 3 and 15.
	Min int `yaml:"min"`
	Max int `yaml:"max"`
	// Topic says what about; values in it are filled in.
	Topic string `yaml:"topic"`
	Next  string `yaml:"next"`
	// Failed is where to go if the wish could not be kept. Default: Next.
	Failed string `yaml:"failed"`
}

// Queue hands the call over to a queue: to the Queue of the [Config], or else to the dialplan at Context,NAME,1.
type Queue struct {
	Name    Text   `yaml:"name"`
	Context string `yaml:"context"`
	// Variables are set in the channel before.
	Variables map[string]string `yaml:"variables"`
	// Next is where the call goes on when the queue gives it back. Default: it is hung up.
	Next string `yaml:"next"`
}

// Webhook asks a server what to do next. See [Question] and [Reply].
type Webhook struct {
	Server string `yaml:"server"`
	// Send are the values that it is told, apart from those of every call.
	Send List `yaml:"send"`
	// Set are the values that it may set.
	Set List `yaml:"set"`
	// Targets are where it may send the call.
	Targets List `yaml:"targets"`
	// Failed is where to go if it does not answer in time, or wrongly.
	Failed string `yaml:"failed"`
}

// Transfer has the call go on in the dialplan at a place, or the caller's telephone call somebody else.
type Transfer struct {
	Context   string `yaml:"context"`
	Extension Text   `yaml:"extension"`
	Priority  int    `yaml:"priority"`
	// To is whom the caller's telephone shall call instead, e.g. PJSIP/200.
	To string `yaml:"to"`
	// Variables are set in the channel before.
	Variables map[string]string `yaml:"variables"`
	// Failed is where to go if it is refused. Default: the call is hung up.
	Failed string `yaml:"failed"`
}

// Assign sets values, which others may be part of.
type Assign struct {
	Values TextMap `yaml:"values"`
	Next   string  `yaml:"next"`
}

// Switch goes by a value.
type Switch struct {
	Value   string  `yaml:"value"`
	Cases   TextMap `yaml:"cases"`
	Default string  `yaml:"default"`
}

// Do runs a Go function, an [Action] of the [Config].
type Do struct {
	Name string `yaml:"name"`
	// Targets are where its results lead. An empty result, or one that is not here, leads to Next.
	Targets TextMap `yaml:"targets"`
	// Sets are the values that it sets.
	Sets List   `yaml:"sets"`
	Next string `yaml:"next"`
	// Failed is where an error leads. Default: Next.
	Failed string `yaml:"failed"`
}

// Hangup plays a prompt and ends the call.
type Hangup struct {
	Prompt Prompt `yaml:"prompt"`
}
