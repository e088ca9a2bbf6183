package recording

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Layout is a way in which a PBX names its recordings: in which folder, and how the file is called. Both are templates:
//
//	{year} {month} {day} {hour}   of the PBX's clock; in a folder these decide where is looked
//	{date} {time} {epoch}         20261125, 101530, and seconds since 1970
//	{uniqueid}                    of a channel of the call
//	{number}                      a number of somebody who took part; may stand several times
//	{kind}                        a word, as in, out, q
//	{any}                         anything, also nothing
//
// Other text stands for itself. The extension of the file belongs to no template.
type Layout struct {
	// Name is told in the reasons of a candidate.
	Name string
	// Folder is the template of the folder, empty for the root.
	Folder string
	// File is the template of the name without extension.
	File string
}

// FreePBX are the layouts of FreePBX and of what is made of it: Issabel, and Elastix since 2.4. Its dialplan calls the file
// ${ARG1}-${ARG2}-${FROMEXTEN}-${TIMESTR}-${UNIQUEID} in a folder YYYY/MM/DD (functions.inc.php of the module core, sub-record-check):
// in, out, exten, internal, external, force, rg, q or conf, then the one called and the one who calls.
func FreePBX() []Layout {
	const day = "{year}/{month}/{day}"
	return []Layout{
		{"FreePBX", day, "{kind}-{number}-{number}-{date}-{time}-{uniqueid}"},
		{"FreePBX, on demand", day, "{kind}-{number}-{date}-{time}-{uniqueid}"},
		{"FreePBX, by uniqueid", day, "{any}{uniqueid}{any}"},
	}
}

// Elastix are the older layouts, of Elastix 1 to 2.3 and FreePBX before 2.9: all in one folder.
func Elastix() []Layout {
	return []Layout{
		{"Elastix, one touch", "", "auto-{epoch}-{number}-{number}"},
		{"Elastix", "", "{kind}{number}-{date}-{time}-{uniqueid}"},
		{"Elastix, by time", "", "{date}-{time}-{uniqueid}"},
	}
}

// MixMonitor is what dialplans of one's own have mostly: the unique id somewhere in the name, in one folder. It serves for
// recordings of ARI too, whose names the application chooses.
func MixMonitor() []Layout { return []Layout{{"by uniqueid", "", "{any}{uniqueid}{any}"}} }

// DefaultLayouts are all of the above.
func DefaultLayouts() []Layout { return append(append(FreePBX(), Elastix()...), MixMonitor()...) }

// pattern is a layout that is ready to be used.
type pattern struct {
	Layout
	file *regexp.Regexp
}

var placeholder = regexp.MustCompile(`\{[^{}]*\}`)

// parts are the expressions of the placeholders. A unique id has a system name before it where one is set (asterisk.conf), with
// hyphens too.
var parts = map[string]string{
	"{year}": `\d{4}`, "{month}": `\d\d`, "{day}": `\d\d`, "{hour}": `\d\d`,
	"{date}": `(?P<date>\d{8})`, "{time}": `(?P<time>\d{6})`, "{epoch}": `(?P<epoch>\d{9,10})`,
	"{uniqueid}": `(?P<uniqueid>.*\d+\.\d+)`, "{number}": `(?P<number>[^/]*?)`, "{kind}": `(?P<kind>[A-Za-z]+)`, "{any}": `.*?`,
}

// inFolders are the placeholders that a folder may have.
var inFolders = []string{"{year}", "{month}", "{day}", "{hour}", "{date}"}

// compile makes a pattern, or says what is wrong with the template.
func (l Layout) compile() (*pattern, error) {
	var wrong error
	translate := func(template string) string {
		var out strings.Builder
		at := 0
		for _, m := range placeholder.FindAllStringIndex(template, -1) {
			out.WriteString(regexp.QuoteMeta(template[at:m[0]]))
			part, ok := parts[template[m[0]:m[1]]]
			if !ok {
				wrong = fmt.Errorf("recording: layout %q: there is no placeholder %s", l.Name, template[m[0]:m[1]])
			}
			out.WriteString(part)
			at = m[1]
		}
		return out.String() + regexp.QuoteMeta(template[at:])
	}
	file, err := regexp.Compile("^" + translate(l.File) + "$")
	translate(l.Folder)
	for _, m := range placeholder.FindAllString(l.Folder, -1) {
		if !slices.Contains(inFolders, m) && wrong == nil {
			wrong = fmt.Errorf("recording: layout %q: %s is no placeholder for a folder", l.Name, m)
		}
	}
	if wrong == nil && l.Folder != "" {
		wrong = CheckName(l.at(time.Unix(0, 0)))
	}
	if wrong != nil {
		return nil, wrong
	}
	return &pattern{Layout: l, file: file}, err
}

// at is the folder for a time, in its zone.
func (l Layout) at(t time.Time) string {
	return strings.NewReplacer(
		"{year}", t.Format("2006"), "{month}", t.Format("01"), "{day}", t.Format("02"), "{hour}", t.Format("15"), "{date}", t.Format("20060102"),
	).Replace(l.Folder)
}

// folders are those that a recording that began between two times may be in, the earliest first.
func (l Layout) folders(from, to time.Time) []string {
	var all []string
	add := func(t time.Time) {
		if folder := l.at(t); len(all) == 0 || all[len(all)-1] != folder {
			all = append(all, folder)
		}
	}
	step := 24 * time.Hour
	if strings.Contains(l.Folder, "{hour}") {
		step = time.Hour
	}
	for t := from; t.Before(to) && len(all) <= MaxFolders; t = t.Add(step) {
		add(t)
	}
	add(to)
	return all
}

// read is what a name tells.
type read struct {
	at      []time.Time // when, several if the clock was set back
	numbers []string
	unique  string
	kind    string
}

// match reads a name without its extension.
func (p *pattern) match(stem string, zone *time.Location) (read, bool) {
	found := p.file.FindStringSubmatch(stem)
	if found == nil {
		return read{}, false
	}
	var r read
	var date, clock string
	for i, group := range p.file.SubexpNames() {
		switch group {
		case "date":
			date = found[i]
		case "time":
			clock = found[i]
		case "epoch":
			var at int64
			if _, err := fmt.Sscan(found[i], &at); err == nil {
				r.at = []time.Time{time.Unix(at, 0)}
			}
		case "uniqueid":
			r.unique = found[i]
		case "number":
			r.numbers = append(r.numbers, found[i])
		case "kind":
			r.kind = found[i]
		}
	}
	if date != "" && clock != "" {
		r.at = instants(date+clock, zone)
		return r, r.at != nil
	}
	return r, true
}

// instants are the times at which a clock on the wall has shown this: two when it was set back, none when it was set forward over it,
// for which the time after it is taken.
func instants(wall string, zone *time.Location) []time.Time {
	const layout = "20060102150405"
	naive, err := time.ParseInLocation(layout, wall, time.UTC)
	if err != nil {
		return nil
	}
	var all []time.Time
	for _, near := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		_, offset := naive.Add(near).In(zone).Zone()
		at := naive.Add(-time.Duration(offset) * time.Second)
		if at.In(zone).Format(layout) == wall && (len(all) == 0 || !all[0].Equal(at)) {
			all = append(all, at)
		}
	}
	if all == nil {
		at, _ := time.ParseInLocation(layout, wall, zone) // it was parsed before
		all = append(all, at)
	}
	return all
}
