package prompts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"time"
)

// Voice makes speech of a text.
type Voice interface {
	// Speak returns the text, spoken, as a WAV file: 16-bit samples at any rate.
	Speak(ctx context.Context, language, text string) (wav []byte, err error)
	// ID is what makes this voice sound different from others: what is kept for one is not taken for another.
	ID() string
}

// The defaults of a [Speaker].
const (
	DefaultTimeout = 10 * time.Second
	DefaultMax     = 10_000
)

// MaxText is how long a text may be, in bytes.
const MaxText = 4000

// Speaker makes sounds of texts and keeps them. The fields must not change once it is in use. Its methods may be called by
// several goroutines at once: what several of them want is made once.
type Speaker struct {
	// Dir is the folder of the sounds, made if need be. Asterisk must find it by the same absolute path.
	Dir string
	// Voice speaks.
	Voice Voice
	// Timeout bounds the speaking of one text. Default: [DefaultTimeout].
	Timeout time.Duration
	// Max is how many sounds are kept: beyond that those go that were made first. Other files in Dir neither count nor go.
	// Default: [DefaultMax].
	Max int

	mu      sync.Mutex
	making  map[string]*making
	counted bool
	count   int
}

// making is a sound that is being made.
type making struct {
	done chan struct{}
	err  error
}

var (
	languageShape = regexp.MustCompile(`^[A-Za-z]{2,8}([_-][A-Za-z0-9]{1,8})*$`)
	// soundShape is that of the files that a Speaker makes, see name: no other is removed
	soundShape = regexp.MustCompile(`^[A-Za-z]{2,8}([_-][A-Za-z0-9]{1,8})*-[0-9a-f]{40}\.wav$`)
)

// Speak returns the sound of a text: its path without a format, as Asterisk wants it. It is an 8 kHz WAV file. The end of ctx ends
// the waiting, not the making, which others may wait for, and which Timeout ends.
func (s *Speaker) Speak(ctx context.Context, language, text string) (sound string, err error) {
	switch {
	case !languageShape.MatchString(language):
		return "", fmt.Errorf("prompts: %q is no language", language)
	case text == "" || len(text) > MaxText:
		return "", fmt.Errorf("prompts: a text of %d bytes: want 1 to %d", len(text), MaxText)
	}
	dir, err := filepath.Abs(s.Dir)
	if err != nil {
		return "", fmt.Errorf("prompts: %w", err)
	}
	sound = filepath.Join(dir, s.name(language, text))
	if _, err := os.Stat(sound + ".wav"); err == nil {
		return sound, nil
	}
	m := s.make(ctx, sound, language, text)
	select {
	case <-m.done:
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	if m.err != nil {
		return "", fmt.Errorf("prompts: speaking in %q: %w", language, m.err)
	}
	return sound, nil
}

// name is that of the sound of a text: the hash of all that makes it.
func (s *Speaker) name(language, text string) string {
	hash := sha256.New()
	for _, part := range []string{"1", s.Voice.ID(), language, text} {
		fmt.Fprintf(hash, "%d:%s", len(part), part)
	}
	return language + "-" + hex.EncodeToString(hash.Sum(nil)[:20])
}

// make has the sound made, unless somebody makes it already.
func (s *Speaker) make(ctx context.Context, sound, language, text string) *making {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.making[sound]; m != nil {
		return m
	}
	if s.making == nil {
		s.making = map[string]*making{}
	}
	m := &making{done: make(chan struct{})}
	s.making[sound] = m
	timeout := s.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), timeout, fmt.Errorf("not within %v", timeout))
	go func() {
		defer cancel()
		defer close(m.done)
		m.err = s.write(ctx, sound, language, text)
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.making, sound)
	}()
	return m
}

func (s *Speaker) write(ctx context.Context, sound, language, text string) error {
	wav, err := s.Voice.Speak(ctx, language, text)
	if err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return err
	}
	samples, rate, err := readWAV(wav)
	if err != nil {
		return err
	}
	if len(samples) == 0 {
		return errors.New("the voice said nothing")
	}
	if err := os.MkdirAll(filepath.Dir(sound), 0o755); err != nil {
		return err
	}
	if err := s.makeRoom(filepath.Dir(sound)); err != nil {
		return err
	}
	return put(sound+".wav", writeWAV(resample(samples, rate)))
}

// put writes a file that is there as a whole or not at all, even if another process makes the same one.
func put(name string, content []byte) error {
	part, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*.part")
	if err != nil {
		return err
	}
	_, err = part.Write(content)
	if err == nil {
		err = part.Chmod(0o644) // Asterisk may be another user
	}
	err = errors.Join(err, part.Close())
	if err == nil {
		err = os.Rename(part.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(part.Name()))
	}
	return nil
}

// makeRoom removes those sounds that were made first, if there are too many: a tenth of them, so that it is seldom done.
func (s *Speaker) makeRoom(dir string) error {
	limit := s.Max
	if limit <= 0 {
		limit = DefaultMax
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	if s.counted && s.count <= limit {
		return nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var files []string
	for _, entry := range entries {
		if entry.Type().IsRegular() && soundShape.MatchString(entry.Name()) {
			files = append(files, filepath.Join(dir, entry.Name()))
		}
	}
	s.counted, s.count = true, len(files)+1
	if s.count <= limit {
		return nil
	}
	made := map[string]time.Time{}
	for _, file := range files {
		if info, err := os.Stat(file); err == nil {
			made[file] = info.ModTime()
		}
	}
	slices.SortFunc(files, func(a, b string) int { return made[a].Compare(made[b]) })
	for _, file := range files[:min(len(files), s.count-limit+limit/10)] {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		s.count--
	}
	return nil
}
