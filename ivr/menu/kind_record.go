package menu

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/asterism-go/asterism/internal/yamlfile"
	"github.com/asterism-go/asterism/ivr"
)

// The keys of a review.
const (
	keepKey, listenKey, againKey = "1", "2", "3"
	// maxTakes is how often a caller may record anew.
	maxTakes = 20
)

// MaxRecording is how long a recording may be.
const MaxRecording = time.Hour

func (n *Record) ready(c *checker) kind {
	r := *n
	c.prompt(".prompt", r.Prompt, true)
	c.prompt(".review", r.Review, false)
	r.Name, r.End, r.Into = or(r.Name, c.node+"-${id}"), or(r.End, "#"), or(r.Into, "recording")
	r.Min, r.Empty = or(r.Min, yamlfile.Duration(time.Second)), or(r.Empty, r.Next)
	if d := time.Duration(r.Max); d < time.Second || d > MaxRecording {
		c.bad(".max", "want how long a recording may be: 1s to %v", MaxRecording)
	}
	if !isDigits(string(r.End)) {
		c.bad(".end", "%q are no keys: want digits, * and #", r.End)
	}
	c.fills(c.path+".name", r.Name)
	c.sets(".into", r.Into)
	return &r
}

func (n *Record) edges() []edge {
	list := []edge{{key: ".next", to: n.Next, label: "recorded", silent: true}}
	if n.Empty != n.Next {
		list = append(list, edge{key: ".empty", to: n.Empty, label: "empty", silent: true})
	}
	return list
}

func (n *Record) run(ctx context.Context, r *Session) (step, error) {
	name := r.recordingName(n.Name)
	for range maxTakes {
		if err := r.play(ctx, n.Prompt, false); err != nil {
			return step{}, err
		}
		r.call.Keys().Forget() // what cut the prompt short is not part of a review
		made, err := r.call.Record(ctx, ivr.Recording{
			Name: name, Max: time.Duration(n.Max), Silence: time.Duration(n.Silence), End: string(n.End), Beep: n.Beep,
		})
		enough := made.Duration >= time.Duration(n.Min)
		if errors.Is(err, ivr.ErrHangup) && enough {
			return step{}, errors.Join(err, r.keep(ctx, made))
		}
		if err != nil {
			return step{}, err
		}
		if !enough {
			return step{n.Empty, "empty"}, nil
		}
		again, err := n.review(ctx, r, made.Name)
		if errors.Is(err, ivr.ErrHangup) { // whoever does not say otherwise wants it kept
			return step{}, errors.Join(err, r.keep(ctx, made))
		}
		if err != nil {
			return step{}, err
		}
		if !again {
			r.values[n.Into] = made.Name
			return step{n.Next, "recorded"}, r.keep(ctx, made)
		}
	}
	return step{n.Empty, "empty"}, nil
}

// review lets the caller hear the recording and decide; again says that he wants another. One who says nothing keeps it.
func (n *Record) review(ctx context.Context, r *Session, recording string) (again bool, err error) {
	if len(n.Review) == 0 {
		return false, nil
	}
	prompt := n.Review
	for range maxTakes {
		key := keepKey
		_, err := r.ask(ctx, &question{
			patience: &Patience{MaxNoInput: 2, MaxNoMatch: DefaultAttempts}, prompt: prompt, digits: choices([]string{keepKey, listenKey, againKey}),
			accept: func(digits string) (step, bool) {
				ok := digits == keepKey || digits == listenKey || digits == againKey
				if ok {
					key = digits
				}
				return step{}, ok
			},
		})
		if err != nil || key != listenKey {
			return key == againKey, err
		}
		prompt = append(Prompt{{Recording: recording}}, n.Review...)
	}
	return false, nil
}

// keep hands a recording over.
func (r *Session) keep(ctx context.Context, made ivr.Recorded) error {
	if r.engine.cfg.Recorded == nil {
		return nil
	}
	ctx, cancel := afterCall(ctx)
	defer cancel()
	err := r.engine.cfg.Recorded(ctx, Message{
		Name: made.Name, Node: r.node, Duration: made.Duration, Caller: r.values["caller"], Language: r.values["language"], At: r.engine.now(),
	})
	if err != nil {
		return fmt.Errorf("the recording %s: %w", made.Name, err)
	}
	return nil
}

// recordingName is the name of the next recording. One that has the id of the call in it is for that recording alone, so it gets
// a number if the call had it before; another is as the menus want it, to be written anew.
func (r *Session) recordingName(text string) string {
	name, alone := safeName(fill(text, r.values)), strings.Contains(text, "${id}")
	if name == "" {
		name, alone = safeName(r.node+"-"+r.values["id"]), true
	}
	if !alone {
		return name
	}
	if r.recordings == nil {
		r.recordings = map[string]bool{}
	}
	free := name
	for i := 2; r.recordings[free]; i++ {
		free = name + "-" + strconv.Itoa(i)
	}
	r.recordings[free] = true
	return free
}

// safeName is a text as the name of a recording: what cannot be in one is a hyphen, and parts that are only dots are left out.
func safeName(text string) string {
	name := strings.Map(func(r rune) rune {
		if r < 0x80 && soundShape.MatchString(string(r)) {
			return r
		}
		return '-'
	}, text)
	for strings.Contains(name, "..") || strings.Contains(name, "//") {
		name = strings.NewReplacer("..", ".", "//", "/").Replace(name)
	}
	parts := slices.DeleteFunc(strings.Split(name, "/"), func(part string) bool { return strings.Trim(part, ".") == "" })
	return strings.Trim(strings.Join(parts, "/"), "/.")
}
