package menu

import (
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// Prompt is what a caller hears in one go. In a file it is a list of segments, or a single one; a text alone is a sound:
//
//	prompt: [welcome, {digits: "${extension}"}, {text: {el: Παρακαλώ περιμένετε, en: Please wait}}]
type Prompt []Segment

// Sounds returns the prompt of some sounds.
func Sounds(names ...string) Prompt {
	p := make(Prompt, len(names))
	for i, name := range names {
		p[i].Sound = name
	}
	return p
}

// Segment is a part of a [Prompt]: exactly one of its fields but Language, Currency and, if there is a Sound too, Text. Values
// such as ${extension} are filled in where it says so.
type Segment struct {
	// Sound is a sound file, without language and format. If Text is given too it is spoken where there is no such sound.
	Sound string `yaml:"sound"`
	// Text is spoken by the [Speaker]. By language: that of the call, or of its fallbacks. Values are filled in.
	Text Translations `yaml:"text"`
	// Digits are said one by one, Number as a number. Date and Time are said of "now", or of a date such as 2026-12-24 or
	// 2026-12-24T18:00:00+02:00. Money is an amount such as 12.50 in a Currency, a code of ISO 4217. Values are filled in.
	Digits   string `yaml:"digits"`
	Number   string `yaml:"number"`
	Date     string `yaml:"date"`
	Time     string `yaml:"time"`
	Money    string `yaml:"money"`
	Currency string `yaml:"currency"`
	// Recording is the name of a recording that is played. Values are filled in.
	Recording string `yaml:"recording"`
	// Language is that of the segment. Default: that of the call.
	Language string `yaml:"language"`
}

// Translations are a text by language. In a file a text alone is one for all languages, whose key is "".
type Translations map[string]string

// UnmarshalYAML reads the text or the texts.
func (t *Translations) UnmarshalYAML(node ast.Node) error {
	if _, ok := node.(ast.MapNode); ok {
		return (*TextMap)(t).UnmarshalYAML(node)
	}
	text, err := scalar(node)
	*t = Translations{"": text}
	return err
}

// UnmarshalYAML reads a sound, a segment or a list of both.
func (p *Prompt) UnmarshalYAML(node ast.Node) error {
	nodes := []ast.Node{node}
	if sequence, ok := node.(*ast.SequenceNode); ok {
		nodes = sequence.Values
	}
	*p = make(Prompt, len(nodes))
	for i, n := range nodes {
		var err error
		if _, ok := n.(ast.MapNode); ok {
			err = yaml.NodeToValue(n, &(*p)[i], yaml.Strict())
		} else {
			(*p)[i].Sound, err = scalar(n)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Prompts are several prompts, for several times. In a file a sound or a segment alone stands for a list of one.
type Prompts []Prompt

// UnmarshalYAML reads a list of prompts.
func (p *Prompts) UnmarshalYAML(node ast.Node) error {
	nodes := []ast.Node{node}
	if sequence, ok := node.(*ast.SequenceNode); ok {
		nodes = sequence.Values
	}
	*p = make(Prompts, len(nodes))
	for i, n := range nodes {
		if err := (*p)[i].UnmarshalYAML(n); err != nil {
			return err
		}
	}
	return nil
}
