package routing

import "github.com/asterism-go/asterism/internal/yamlfile"

// Duration is a duration in a rule set, in a file such as "1h30m"; in a program it is routing.Duration(90*time.Minute).
type Duration = yamlfile.Duration

// Rules is a rule set as it is written in a file or in a program. [Compile] makes it ready.
//
// In a condition, a call must meet every field that is given, and a field that is a list is met by any of its values. Rules
// are tried from the first to the last, and the first that a call meets decides.
type Rules struct {
	// Numbers says how numbers are written where calls come from, and in this rule set.
	Numbers Numbers `yaml:"numbers"`
	// Identify says when the directory is asked who a caller is: "always", the default, so that whoever answers sees who
	// calls; or "needed", only if a rule that the call could meet depends on it.
	Identify string `yaml:"identify"`
	// Calendars say when somebody is there, by the names that desks and rules use.
	Calendars map[string]Calendar `yaml:"calendars"`
	// Desks are where calls can go, by name: up to 64 letters, digits, "-" and "_".
	Desks map[string]Desk `yaml:"desks"`
	// Questions are what a caller can be asked, by name.
	Questions map[string]Question `yaml:"questions"`
	// Rules are tried in order.
	Rules []Rule `yaml:"rules"`
	// Default is the desk of calls that meet no rule, and of those whose desk and all its fallbacks cannot take them. It
	// has no hours and no limits.
	Default string `yaml:"default"`
}

// Numbers is [numbers.Config] as a file has it.
type Numbers struct {
	// Region is the country (ISO 3166-1, e.g. "GR") whose way of writing numbers is meant where nothing else is said.
	Region string `yaml:"region"`
	// Extensions are the PBX's own numbers as patterns of the dialplan, e.g. "2XX".
	Extensions List `yaml:"extensions"`
	// Withheld are further numbers and names by which carriers say that there is none.
	Withheld List `yaml:"withheld"`
	// Trunks are those whose numbers are written in another way, by name.
	Trunks map[string]Trunk `yaml:"trunks"`
}

// Trunk is [numbers.Trunk] as a file has it.
type Trunk struct {
	Region   string `yaml:"region"`
	AreaCode Text   `yaml:"area_code"`
	Prefixes List   `yaml:"prefixes"`
	Outside  bool   `yaml:"outside"`
	Junk     List   `yaml:"junk"`
}

// Calendar says when somebody is there.
type Calendar struct {
	// Zone is the time zone by its IANA name, e.g. "Europe/Athens". It must be given: a machine's own zone may be any.
	Zone string `yaml:"zone"`
	// Hours are days and times, e.g. "Mon-Fri 08:00-15:00", "Sat,Sun 10:00-13:00" or "Sat" for all of it. A time range
	// that ends at or before its beginning goes on after midnight.
	Hours List `yaml:"hours"`
	// Holidays are days without hours, those that begin on them: "12-25" in every year, "2026-04-13" in one,
	// "easter+1" or "orthodox-easter-2" by days from Easter Sunday, or two days of the first two kinds as a range,
	// "07-01..08-31".
	Holidays List `yaml:"holidays"`
	// Open are days as in Holidays that are no holidays after all.
	Open List `yaml:"open"`
}

// Desk is where calls can go: exactly one of Queue, Extension, Context, IVR, Announcement and External. What stands there
// goes into the dialplan, so no character is allowed that means something to it.
type Desk struct {
	// Title is the desk's name for people. Default: its name.
	Title string `yaml:"title"`
	// Queue is the name of a queue.
	Queue Text `yaml:"queue"`
	// Extension is an extension of the dialplan, "204@internal".
	Extension Text `yaml:"extension"`
	// Context is a place in the dialplan: "context", "context,extension" or "context,extension,priority". Default of the
	// extension: s; of the priority: 1.
	Context Text `yaml:"context"`
	// IVR is the name of a menu. In the dialplan it is the context of that name.
	IVR Text `yaml:"ivr"`
	// Announcement is a sound file, after which the call ends.
	Announcement Text `yaml:"announcement"`
	// External is a telephone number.
	External Text `yaml:"external"`
	// Hours is the calendar outside of whose hours the desk takes no calls. Default: it always does.
	Hours string `yaml:"hours"`
	// MaxWaiting is with how many waiting callers the desk takes no more; 0: any number. MinAgents is with fewer than how
	// many agents logged in it takes none. Both need [Config].Load or Queues; a desk of which they know nothing takes
	// calls.
	MaxWaiting int `yaml:"max_waiting"`
	MinAgents  int `yaml:"min_agents"`
	// Fallback are the desks that take its calls when it cannot, in order; each with its own fallbacks before the next.
	// After them comes the default.
	Fallback List `yaml:"fallback"`
	// Prompt is a sound file that is played before the call goes to the desk.
	Prompt string `yaml:"prompt"`
	// Apology is a sound file that is played when the desk cannot take the call, before it goes elsewhere.
	Apology string `yaml:"apology"`
}

// Question says how a caller is asked who he is.
type Question struct {
	// Header is a header of the call's SIP INVITE that may hold the username, e.g. "X-User". Anybody can send one, so let
	// only trunks in that remove it from outside. Default: none.
	Header string `yaml:"header"`
	// Keypad says what the caller types: "digits" for a code that is a username as it stands; "t9" for letters, one key
	// for each, which needs [Config].Names to tell whose name it is; "multitap" for letters by pressing keys several
	// times, with * between two letters of one key. Default: nothing is typed, the Header is all.
	Keypad string `yaml:"keypad"`
	// Prompt is the sound file that asks. It says what to type, and to end it with #.
	Prompt string `yaml:"prompt"`
	// Wrong is the sound file that says that nobody was found. Default: silence.
	Wrong string `yaml:"wrong"`
	// Attempts is how often the caller may type. Default: 2.
	Attempts int `yaml:"attempts"`
	// Timeout is how long he may wait between two keys. Default: 5 s.
	Timeout Duration `yaml:"timeout"`
	// MaxDigits is how many keys count. Default: 32.
	MaxDigits int `yaml:"max_digits"`
}

// Rule is a condition and what is to be done with the calls that meet it: exactly one of Desk and Ask. A rule with no
// condition takes every call.
type Rule struct {
	// Name names the rule in explanations. Default: "rule 7".
	Name string `yaml:"name"`
	// Caller and Dialled are about the numbers of both sides.
	Caller  *Match `yaml:"caller"`
	Dialled *Match `yaml:"dialled"`
	// Person is about what the directory says.
	Person *PersonMatch `yaml:"person"`
	// Open is a calendar that has hours now, Closed one that has none.
	Open   string `yaml:"open"`
	Closed string `yaml:"closed"`
	// Language is that of the call: "el" is also "el_GR".
	Language List `yaml:"language"`
	// Previous is about who served the caller last.
	Previous *Previous `yaml:"previous"`
	// Load is about how much a desk has to do.
	Load *LoadMatch `yaml:"load"`

	// Desk is where the call goes. The desk named "previous" is that which served the caller last, if Previous is given.
	Desk string `yaml:"desk"`
	// Ask is the question to ask the caller; then the rules are tried again from the first. Nobody is asked the same twice,
	// nor anything when the directory does not answer.
	Ask string `yaml:"ask"`
}

// previousDesk is the name in a rule's Desk for the desk that served the caller last.
const previousDesk = "previous"

// Match is about a number. Numbers, prefixes and ranges that begin with + are compared with E.164 forms; others with
// extensions, short codes and what else is no public number, and with the national numbers of the Region.
type Match struct {
	// Number are whole numbers.
	Number List `yaml:"number"`
	// Prefix are how numbers begin.
	Prefix List `yaml:"prefix"`
	// Range are numbers of one length between two, which are part of it: "2610220000-2610229999".
	Range List `yaml:"range"`
	// Match are regular expressions (RE2) of the E.164 form, of other numbers of their digits.
	Match List `yaml:"match"`
	// Last are how numbers end.
	Last List `yaml:"last"`
	// Region are countries (ISO 3166-1). Of public numbers and short codes.
	Region List `yaml:"region"`
	// Kind are kinds of numbers: withheld, unknown, extension, short, public.
	Kind List `yaml:"kind"`
	// Line are kinds of lines of public numbers: fixed, mobile, fixed-or-mobile, toll-free, premium.
	Line List `yaml:"line"`
}

// PersonMatch is about the caller as the directory knows him. Case does not matter in it.
type PersonMatch struct {
	// Known says that the directory knows for sure who calls (true), or that it has said that it does not (false). A
	// directory that does not answer has said neither. Left out, the other fields are met by a person who is known, and by
	// some who share the caller's number, up to eight, if all of them meet it: whoever calls from the line of a school.
	Known *bool `yaml:"known"`
	// Username, Unit and Organisation are the person's.
	Username     List `yaml:"username"`
	Unit         List `yaml:"unit"`
	Organisation List `yaml:"organisation"`
	// Group are groups of which the person is in one.
	Group List `yaml:"group"`
	// Attributes are the source's own attributes, of each of which one value must be among these.
	Attributes map[string]List `yaml:"attributes"`
}

// Previous is about the desk that served the caller last; see [Config].Memory.
type Previous struct {
	// Within is how long ago that was at most.
	Within Duration `yaml:"within"`
	// Desk are the desks that count. Default: all.
	Desk List `yaml:"desk"`
}

// LoadMatch is about how much a desk has to do; see [Config].Load and Queues. It is not met if that is not known.
type LoadMatch struct {
	// Desk is whose load it is.
	Desk string `yaml:"desk"`
	// WaitingMin and WaitingMax bound the callers that wait, AgentsMin and AgentsMax the agents logged in. Nil: any.
	WaitingMin *int `yaml:"waiting_min"`
	WaitingMax *int `yaml:"waiting_max"`
	AgentsMin  *int `yaml:"agents_min"`
	AgentsMax  *int `yaml:"agents_max"`
}
