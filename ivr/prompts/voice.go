package prompts

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"time"
)

// maxWAV is the largest WAV file in bytes that a voice may return.
const maxWAV = 32 << 20

// pipeDelay is how long the output of a program may stay open behind its end, or the end of its time: what it has started
// may hold it.
const pipeDelay = time.Second

// errLarge says that a voice returns too much.
var errLarge = fmt.Errorf("it says more than %d bytes", maxWAV)

// Command is a [Voice] that is a program: the text comes on its standard input, in UTF-8, and the WAV file is wanted on its
// standard output. There is no shell.
type Command struct {
	// Args are the program and its arguments. In an argument {language} stands for the language, or for what Languages has
	// for it.
	Args []string
	// Languages are the program's names of languages, by Asterisk's.
	Languages map[string]string
}

var _ Voice = Command{}

// ID is the command.
func (c Command) ID() string {
	return "command " + strings.Join(c.Args, "\x00") + fmt.Sprint(c.Languages)
}

// Speak runs the program. The end of ctx kills it and, on Unix, what it has started.
func (c Command) Speak(ctx context.Context, language, text string) ([]byte, error) {
	if len(c.Args) == 0 {
		return nil, errors.New("no command")
	}
	if name, ok := c.Languages[language]; ok {
		language = name
	}
	args := make([]string, len(c.Args))
	for i, arg := range c.Args {
		args[i] = strings.ReplaceAll(arg, "{language}", language)
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Stdin = strings.NewReader(text)
	cmd.WaitDelay = pipeDelay
	killGroup(cmd)
	out := &limited{}
	var complaint limited
	cmd.Stdout, cmd.Stderr = out, &complaint
	if err := cmd.Run(); err != nil {
		if out.full {
			err = errLarge
		}
		line, _, _ := strings.Cut(strings.TrimSpace(complaint.String()), "\n")
		return nil, fmt.Errorf("%s: %w %.200s", args[0], err, line)
	}
	return out.Bytes(), nil
}

// limited is a buffer that refuses more than maxWAV.
type limited struct {
	bytes.Buffer
	full bool
}

func (l *limited) Write(p []byte) (int, error) {
	if l.Len()+len(p) > maxWAV {
		l.full = true
		return 0, errLarge
	}
	return l.Buffer.Write(p)
}

// Server is a [Voice] that is an HTTP server: it is sent {"language":"el","text":"..."} by POST and answers with a WAV file.
type Server struct {
	// URL is where requests go; redirects are not followed.
	URL string
	// Header is added to requests, for credentials.
	Header http.Header
	// Client, if not nil, is used in place of a plain one.
	Client *http.Client
}

var _ Voice = Server{}

// ID is the URL.
func (s Server) ID() string { return "server " + s.URL }

// Speak asks the server.
func (s Server) Speak(ctx context.Context, language, text string) ([]byte, error) {
	body, err := json.Marshal(map[string]string{"language": language, "text": text})
	if err != nil {
		return nil, err
	}
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for name, values := range s.Header {
		post.Header[name] = values
	}
	post.Header.Set("Content-Type", "application/json")
	client := http.Client{}
	if s.Client != nil {
		client = *s.Client
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	answer, err := client.Do(post)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the server answers %s", answer.Status)
	}
	wav, err := io.ReadAll(io.LimitReader(answer.Body, maxWAV+1))
	if err == nil && len(wav) > maxWAV {
		err = errLarge
	}
	return wav, err
}
