package agi

import (
	"context"
	"strconv"
	"strings"
	"time"
)

// Speech is what SpeechRecognize has heard.
type Speech struct {
	// Results are what the engine takes the speech for, its best guess first. It is empty if the caller was silent until
	// the timeout, or pressed a digit.
	Results []SpeechResult
	// Digit was pressed instead, or "".
	Digit string
	// Timeout says that nothing came.
	Timeout bool
	// Endpos is where the prompt was stopped, in samples.
	Endpos int64
}

// SpeechResult is one guess.
type SpeechResult struct {
	// Score is how sure the engine is; its range is the engine's.
	Score int
	// Text is what was said; Grammar is the one that knows it.
	Text, Grammar string
}

// SpeechRecognize plays a prompt and recognises what the caller says, for up to a timeout after it, in whole milliseconds.
// A session needs [Session.SpeechCreate] before.
func (s *Session) SpeechRecognize(ctx context.Context, prompt string, timeout time.Duration) (Speech, error) {
	const command = "SPEECH RECOGNIZE"
	reply, err := s.run(ctx, command, prompt, milliseconds(max(timeout, 0)))
	if err != nil {
		return Speech{}, err
	}
	speech, ok := parseSpeech(reply.Text)
	if ok {
		return speech, nil
	}
	err = &ResultError{Command: command, Result: reply.Result, Data: reply.Data}
	if strings.HasPrefix(reply.Text, valuePrefix+"hangup)") {
		err = s.whyHungup(err)
	}
	return Speech{}, err
}

// whyHungup is ErrHangup if the call is over, or else the error.
func (s *Session) whyHungup(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watcher.stop()
	defer func() { s.watcher.start(time.Now()) }()
	if !s.Hungup() {
		if _, lost := s.sync(); lost != nil {
			return lost
		}
	}
	if s.Hungup() {
		return ErrHangup
	}
	return err
}

// parseSpeech reads a reply of SPEECH RECOGNIZE (handle_speechrecognize in res/res_agi.c). Asterisk does not escape the
// text, so a quote in it does not end it; what ends it is the name of the grammar of the same number.
func parseSpeech(text string) (Speech, bool) {
	rest, ok := strings.CutPrefix(text, valuePrefix)
	kind, rest, found := strings.Cut(rest, ") ")
	if !ok || !found {
		return Speech{}, false
	}
	var speech Speech
	if kind == "digit" {
		digit, more, found := strings.Cut(strings.TrimPrefix(rest, "digit="), " ")
		if !found {
			return Speech{}, false
		}
		speech.Digit, rest = digit, more
	}
	position, rest, _ := strings.Cut(strings.TrimPrefix(rest, "endpos="), " ")
	var err error
	if speech.Endpos, err = strconv.ParseInt(position, 10, 64); err != nil {
		return Speech{}, false
	}
	switch kind {
	case "digit":
	case "timeout":
		speech.Timeout = true
	case "speech":
		speech.Results = speechResults(rest)
	default:
		return Speech{}, false
	}
	return speech, true
}

// speechResults reads "results=1 score0=250 text0="two" grammar0=digits" and so on.
func speechResults(rest string) []SpeechResult {
	_, rest, _ = strings.Cut(rest, " ") // the number of results
	var results []SpeechResult
	for i := 0; ; i++ {
		n := strconv.Itoa(i)
		score, after, ok := strings.Cut(strings.TrimPrefix(rest, "score"+n+"="), " text"+n+`="`)
		number, err := strconv.Atoi(score)
		if !ok || err != nil {
			return results
		}
		said, after, ok := strings.Cut(after, `" grammar`+n+"=")
		if !ok {
			return results
		}
		grammar, after, _ := strings.Cut(after, " score"+strconv.Itoa(i+1)+"=")
		results = append(results, SpeechResult{Score: number, Text: said, Grammar: strings.TrimSpace(grammar)})
		rest = after
	}
}
