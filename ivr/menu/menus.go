package menu

import (
	"github.com/asterism-go/asterism/internal/yamlfile"
)

// Menus are all menus of an IVR: what a file holds, or what a program makes. [Read], [Parse] and [Compile] make a [Set] of
// them.
type Menus struct {
	// Start is the node where calls begin. It must be given.
	Start string `yaml:"start"`
	// Languages are those that prompts may be in. A call in none of them gets the first. None at all: every call has the
	// language of its channel.
	Languages []Language `yaml:"languages"`
	// Zone is the time zone of "now" in prompts and of calendars that have none of their own, by its IANA name. Default: UTC, for prompts
	// only.
	Zone string `yaml:"zone"`
	// Keys work in all menus that have no option of their own for them.
	Keys Keys `yaml:"keys"`
	// Operator is the node that the target "operator" stands for.
	Operator string `yaml:"operator"`
	// Defaults stand for what a node that asks for digits does not say itself.
	Defaults Patience `yaml:"defaults"`
	// Calendars say when somebody is there.
	Calendars map[string]Calendar `yaml:"calendars"`
	// Webhooks are the servers that may be asked what to do. No other is, whatever a caller or a server says.
	Webhooks map[string]Server `yaml:"webhooks"`
	// Directories are people who can be dialled by name.
	Directories map[string][]Person `yaml:"directories"`
	// Nodes are the nodes by name. A name is up to 64 letters, digits, - and _, and none of the words back, again, operator and
	// hangup, which are targets by themselves.
	Nodes map[string]Node `yaml:"nodes"`
}

// Language is a language of prompts.
type Language struct {
	// Name is Asterisk's name of it, e.g. "el" or "en_GB".
	Name string `yaml:"name"`
	// Fallback are languages in whose sounds a prompt is played that there is none of in this one, in order.
	Fallback List `yaml:"fallback"`
}

// Keys are keys that work in every [Menu] and [LanguageMenu], and those that are no digits, as the first key, wherever digits
// are asked for. Empty: there is none.
type Keys struct {
	// Operator goes to the operator, Back to the menu before, Again plays the prompt once more.
	Operator Text `yaml:"operator"`
	Back     Text `yaml:"back"`
	Again    Text `yaml:"again"`
}

// Calendar says when somebody is there.
type Calendar struct {
	// Zone is the time zone by its IANA name, e.g. "Europe/Athens". It must be given here or for all the menus.
	Zone string `yaml:"zone"`
	// Hours are days and times, e.g. "Mon-Fri 08:00-15:00" or "Sat". A range that ends at or before its beginning goes on
	// after midnight.
	Hours List `yaml:"hours"`
	// Holidays are days without hours: "12-25" in every year, "2026-04-13" in one, "easter+1" or "orthodox-easter-2", or a
	// range, "07-01..08-31".
	Holidays List `yaml:"holidays"`
	// Open are days as in Holidays that are no holidays after all.
	Open List `yaml:"open"`
}

// Server is a server for [Webhook] nodes.
type Server struct {
	// URL is where requests go, by http or https. Redirects are not followed.
	URL string `yaml:"url"`
	// SecretEnv names the environment variable that holds the key that signs requests, in base64 and perhaps with whsec_
	// before it, as Standard Webhooks have it. It must be given: requests are always signed.
	SecretEnv string `yaml:"secret_env"`
	// Deadline bounds each request, its answer included. Default: [DefaultDeadline].
	Deadline yamlfile.Duration `yaml:"deadline"`
}

// Person is somebody who can be dialled by name.
type Person struct {
	// Name is as it is written, first name first, in Greek, Persian or Latin letters.
	Name string `yaml:"name"`
	// Spellings are other ways to write it.
	Spellings List `yaml:"spellings"`
	// Extension is who is called.
	Extension Text `yaml:"extension"`
	// Sound is the name, spoken. Default: it is spoken by the Speaker, or its extension is said.
	Sound string `yaml:"sound"`
}

// Patience is how a node that asks for digits waits and asks again.
type Patience struct {
	// FirstDigit is how long after the prompt the first digit may take. Default: [ivr.DefaultFirst].
	FirstDigit yamlfile.Duration `yaml:"first_digit"`
	// InterDigit is how long each further digit may take. Default: [ivr.DefaultInter].
	InterDigit yamlfile.Duration `yaml:"inter_digit"`
	// Terminator is how long after the last digit of a full entry a key that ends it, such as #, is still taken for a part
	// of it. Default: not at all.
	Terminator yamlfile.Duration `yaml:"terminator"`
	// NoInput are played before the prompt is repeated when nothing was pressed: the first the first time, and so on; the
	// last stands for all further times. NoMatch are the same for what is no answer. They are counted apart.
	NoInput Prompts `yaml:"no_input"`
	NoMatch Prompts `yaml:"no_match"`
	// MaxNoInput is how often there may be no input before the node gives up, MaxNoMatch how often a wrong one.
	// Default: [DefaultAttempts].
	MaxNoInput int `yaml:"max_no_input"`
	MaxNoMatch int `yaml:"max_no_match"`
	// OnNoInput and OnNoMatch are where to go then. Default: Default, and if that is not given either the call is hung up.
	OnNoInput string `yaml:"on_no_input"`
	OnNoMatch string `yaml:"on_no_match"`
	Default   string `yaml:"default"`
}

// DefaultAttempts is how often callers may say nothing, and how often something wrong.
const DefaultAttempts = 3
