package prompts

import (
	"context"
	"fmt"
	"strings"
)

// FromCLI asks Asterisk for its sounds by its command line, for those who have AMI and no ARI: run runs a command of it and returns
// what it prints, as the action Command of AMI does for a user who may write "command". Commands are core show sounds, and core show
// sound NAME for each of them (main/sounds.c), half a second for a few thousand. Like ARI, Asterisk tells of the sounds that were there when
// it started, or when module reload sounds was run last.
func FromCLI(ctx context.Context, run func(ctx context.Context, command string) (string, error)) (*Library, error) {
	list, err := run(ctx, "core show sounds")
	if err != nil {
		return nil, err
	}
	const title = "Available audio files:"
	_, names, ok := strings.Cut(list, title)
	if !ok {
		return nil, fmt.Errorf("prompts: core show sounds: no %q in %.100q", title, list)
	}
	l := &Library{}
	for line := range strings.Lines(names) {
		name := strings.TrimRight(line, "\r\n")
		if name == "" || strings.HasPrefix(name, "--END") {
			continue
		}
		about, err := run(ctx, "core show sound "+commandWord.Replace(name))
		if err != nil {
			return nil, err
		}
		l.addAbout(about, name)
	}
	return l, nil
}

// commandWord makes one word of a name (parse_args in main/cli.c).
var commandWord = strings.NewReplacer(`\`, `\\`, `"`, `\"`, " ", `\ `, "\t", "\\\t")

// addAbout adds a sound in the languages that Asterisk tells of, each in a line of its own with the formats below it.
func (l *Library) addAbout(about, sound string) {
	for line := range strings.Lines(about) {
		if language, ok := strings.CutPrefix(strings.TrimSpace(line), "Language "); ok {
			l.add(strings.TrimSuffix(language, ":"), sound)
		}
	}
}
