package asterisktest

import (
	"fmt"
	"regexp"
	"strconv"
)

// Asterisk goes on without what it cannot read in a configuration file, and tells its log about it in two forms:
// "... line 3 of /etc/asterisk/extensions.conf ..." (main/config.c, pbx/pbx_config.c) and
// "... from configuration file 'pjsip.conf' ..." (res/res_sorcery_config.c).
var (
	complaint     = regexp.MustCompile(`(?m)^\[.*?\] (?:WARNING|ERROR)\[\d+\](?:\[\S+\])?(?: \S+:)? (.*)$`)
	complaintLine = regexp.MustCompile(`,? ?(?:in |at )?line (\d+) of (?:\S*/)?([\w-]+\.conf)`)
	complaintFile = regexp.MustCompile(` from configuration file '([\w-]+\.conf)'`)
)

// configFault finds the first complaint in Asterisk's log about one of the caller's files. skipped says how many lines of
// a default come before the caller's in each file.
func configFault(log string, files map[string]string, skipped map[string]int) error {
	var first string
	more := 0
	for _, m := range complaint.FindAllStringSubmatch(log, -1) {
		text := locate(m[1], files, skipped)
		switch {
		case text == "":
		case first == "":
			first = text
		default:
			more++
		}
	}
	switch {
	case first == "":
		return nil
	case more > 0:
		return fmt.Errorf("%s (and %d more like it): correct the file", first, more)
	}
	return fmt.Errorf("%s: correct the file", first)
}

// locate turns a complaint about a file of the caller's into "file:line: complaint"; others into nothing.
func locate(text string, files map[string]string, skipped map[string]int) string {
	if m := complaintLine.FindStringSubmatchIndex(text); m != nil {
		file := text[m[4]:m[5]]
		line, err := strconv.Atoi(text[m[2]:m[3]])
		if _, ours := files[file]; !ours || err != nil {
			return ""
		}
		return fmt.Sprintf("%s:%d: Asterisk says: %s%s", file, line-skipped[file], text[:m[0]], text[m[1]:])
	}
	if m := complaintFile.FindStringSubmatchIndex(text); m != nil {
		file := text[m[2]:m[3]]
		if _, ours := files[file]; ours {
			return fmt.Sprintf("%s: Asterisk says: %s%s", file, text[:m[0]], text[m[1]:])
		}
	}
	return ""
}
