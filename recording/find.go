package recording

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// MaxFolders is how many folders Find lists for one call at most: those of the call's own days (or hours), the earliest first, and
// the root.
const MaxFolders = 4

// DefaultRoots are the folders on a PBX that the root of a store is taken for: those of MixMonitor and of ARI.
var DefaultRoots = []string{"/var/spool/asterisk/monitor", "/var/spool/asterisk/recording"}

// DefaultSlack is how far the clocks in names and calls may be apart.
const DefaultSlack = 5 * time.Second

// Finder finds the recordings of calls in a store. Only Store is needed. It may be used by several goroutines at once; its
// fields are not changed once it is used.
type Finder struct {
	// Store is where the recordings lie.
	Store Store
	// Layouts are the ways in which they may be named. Default: DefaultLayouts.
	Layouts []Layout
	// Zone is the time zone of the PBX, which decides in which folder a call at midnight is. Default: time.Local.
	Zone *time.Location
	// Roots are the folders on the PBX that the store's root stands for: a file that Asterisk has named by its path is below
	// one of them. Default: DefaultRoots.
	Roots []string
	// Slack is how far the clocks in names and calls may be apart. Default: DefaultSlack.
	Slack time.Duration

	once     sync.Once
	patterns []*pattern
	wrong    error
	cache    listings
}

// Candidate is a file that may be a recording of the call.
type Candidate struct {
	Info
	// Exact tells that Asterisk has named this file as the call's.
	Exact bool
	// Score is how much speaks for it, to 100: from 80 on the name has the unique id of one of the call's channels, below it
	// time and numbers fit.
	Score int
	// Reasons say what speaks for it, and against it.
	Reasons []string
}

// Certain tells whether the file is the call's: Asterisk has named it, or it has the unique id of one of the call's channels. Else time
// and numbers fit, as they do for another call of the same queue at the same time.
func (c Candidate) Certain() bool { return c.Exact || c.Score >= certain }

// Find tells the recordings of a call, the likeliest first; none is no error. Files that Asterisk has named are looked for by their
// names alone. Only if there are none, or they are not there, folders are listed: those of the days of the call, and the root if
// those have nothing certain; MaxFolders at most. A folder that was listed before is not listed again until it changes; where the
// store does not tell that, as of the root, for a call that has ended since, and after a while.
func (f *Finder) Find(ctx context.Context, call Call) ([]Candidate, error) {
	f.once.Do(f.prepare)
	if f.wrong != nil {
		return nil, f.wrong
	}
	found, err := f.named(ctx, call)
	if err != nil || len(found) > 0 {
		return found, err
	}
	if call.Started.IsZero() {
		return nil, fmt.Errorf("recording: call %q: it has neither a recording that is there nor a time to look at", call.ID)
	}
	folders, patterns := f.folders(call)
	var ended time.Time
	if !call.Ended.Before(call.Started) && !call.Ended.After(time.Now()) {
		ended = call.Ended.Add(f.slack())
	}
	for _, folder := range folders {
		if folder == "" && len(found) > 0 && found[0].Certain() {
			break
		}
		files, err := f.cache.list(ctx, f.Store, folder, ended)
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			if c, ok := f.judge(call, patterns[folder], file); ok {
				found = append(found, c)
			}
		}
		slices.SortStableFunc(found, func(a, b Candidate) int {
			return cmp.Or(cmp.Compare(b.Score, a.Score), a.Time.Compare(b.Time), cmp.Compare(a.Name, b.Name))
		})
	}
	return found, nil
}

// certain is the score from which on a name has one of the call's unique ids.
const certain = 80

func (f *Finder) prepare() {
	layouts := f.Layouts
	if layouts == nil {
		layouts = DefaultLayouts()
	}
	for _, layout := range layouts {
		p, err := layout.compile()
		if err != nil {
			f.wrong = err
			return
		}
		f.patterns = append(f.patterns, p)
	}
}

func (f *Finder) zone() *time.Location {
	if f.Zone == nil {
		return time.Local
	}
	return f.Zone
}

func (f *Finder) slack() time.Duration { return cmp.Or(f.Slack, DefaultSlack) }

// span is when a recording of the call can have begun. A call that goes on has gone on until now, to the finder's clock.
func (f *Finder) span(call Call) (from, to time.Time) {
	end := call.Ended
	if end.IsZero() || end.Before(call.Started) {
		end = time.Now()
		if end.Before(call.Started) {
			end = call.Started
		}
	}
	return call.Started.Add(-f.slack()), end.Add(f.slack())
}

// folders are those to list, the root at the end, and the patterns for each.
func (f *Finder) folders(call Call) (all []string, patterns map[string][]*pattern) {
	from, to := f.span(call)
	patterns = map[string][]*pattern{}
	for _, p := range f.patterns {
		for _, folder := range p.folders(from.In(f.zone()), to.In(f.zone())) {
			if !slices.Contains(all, folder) {
				all = append(all, folder)
			}
			patterns[folder] = append(patterns[folder], p)
		}
	}
	slices.SortStableFunc(all, func(a, b string) int { return cmp.Compare(boolInt(a == ""), boolInt(b == "")) })
	if root := len(all) - 1; root >= MaxFolders {
		all[MaxFolders-1] = all[root]
		all = all[:MaxFolders]
	}
	return all, patterns
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// named looks for the files that Asterisk has named.
func (f *Finder) named(ctx context.Context, call Call) ([]Candidate, error) {
	var found []Candidate
	for _, r := range call.Recordings {
		for _, file := range r.Files {
			name, ok := f.below(file)
			if !ok {
				continue
			}
			info, err := f.Store.Stat(ctx, name)
			switch {
			case errors.Is(err, fs.ErrNotExist), errors.Is(err, ErrOutside):
				continue
			case err != nil:
				return nil, err
			case info.Dir:
				continue
			}
			reason := "Asterisk has named this file"
			if r.By != "" {
				reason += ", started by " + r.By
			}
			found = append(found, Candidate{Info: info, Exact: true, Score: 100, Reasons: []string{reason}})
		}
	}
	return found, nil
}

// below tells the name that a file of the PBX has in the store. What a call says is not trusted: a path that is not below one of
// the roots, or not safe, has none.
func (f *Finder) below(file string) (string, bool) {
	roots := f.Roots
	if roots == nil {
		roots = DefaultRoots
	}
	if path.IsAbs(file) {
		for _, root := range roots {
			if name, ok := strings.CutPrefix(path.Clean(file), path.Clean(root)+"/"); ok {
				return name, !strings.Contains(file, "..") && CheckName(name) == nil
			}
		}
		return "", false
	}
	return file, CheckName(file) == nil
}

// judge tells whether a file may be the call's.
func (f *Finder) judge(call Call, patterns []*pattern, file Info) (Candidate, bool) {
	if IsPart(file.Name) {
		return Candidate{}, false
	}
	best := Candidate{Info: file}
	stem := file.Base()
	if hasExtension(stem) {
		stem = strings.TrimSuffix(stem, path.Ext(stem))
	}
	for _, p := range patterns {
		r, ok := p.match(stem, f.zone())
		if !ok {
			continue
		}
		if score, reasons := f.weigh(call, stem, r); score > best.Score {
			best.Score, best.Reasons = score, append([]string{"named as by " + p.Name}, reasons...)
		}
	}
	return best, best.Score > 0
}

// hasExtension tells whether what follows the last dot is a format, not the rest of a unique id.
func hasExtension(name string) bool {
	return strings.ContainsFunc(path.Ext(name), func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' })
}

// weigh is how much speaks for a name. One that has neither a unique id of the call, nor its time and one of its numbers, is not the
// call's.
func (f *Finder) weigh(call Call, stem string, r read) (score int, reasons []string) {
	from, to := f.span(call)
	timely := false
	for _, at := range r.at {
		timely = timely || !at.Before(from.Truncate(time.Second)) && !at.After(to)
	}
	numbers := 0
	for _, number := range r.numbers {
		if slices.ContainsFunc(call.Numbers, func(own string) bool { return sameNumber(own, number) }) {
			numbers++
			reasons = append(reasons, "the number "+number+" took part")
		}
	}
	if timely {
		reasons = append(reasons, "its time is within the call")
	}
	if id := f.uniqueid(call, stem); id != "" {
		score = certain
		if id == call.ID {
			score += 5
		}
		if timely {
			score += 5
		}
		return min(score+2*numbers, 99), append([]string{"it has the unique id " + id}, reasons...)
	}
	if !timely || numbers == 0 {
		return 0, nil
	}
	score = 30 + 15*min(numbers, 2)
	if r.unique != "" && len(call.Uniqueids) > 0 {
		score -= 20
		reasons = append(reasons, "but its unique id is none of the call's")
	}
	return score, reasons
}

// uniqueid is the one of the call's unique ids that a name has in it, not as a part of a longer number. An id of digits only, as one of
// a database may be, is not looked for: in names these are numbers and times too.
func (f *Finder) uniqueid(call Call, stem string) string {
	for _, id := range append([]string{call.ID}, call.Uniqueids...) {
		if len(id) < len("1.1") || !strings.ContainsFunc(id, func(r rune) bool { return r < '0' || r > '9' }) {
			continue
		}
		for at, rest := 0, stem; ; {
			i := strings.Index(rest, id)
			if i < 0 {
				break
			}
			at += i
			before, after := at == 0 || !isDigit(stem[at-1]), at+len(id) == len(stem) || !isDigit(stem[at+len(id)])
			if before && after {
				return id
			}
			at++
			rest = stem[at:]
		}
	}
	return ""
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }
