package menu

import (
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// Text is a text that may look like a number, such as 0123: in a file it is taken as it is written.
type Text string

// UnmarshalYAML reads the text.
func (t *Text) UnmarshalYAML(node ast.Node) error {
	text, err := scalar(node)
	*t = Text(text)
	return err
}

// List is a list of texts. In a file a single one stands for a list of one.
type List []string

// UnmarshalYAML reads a value or a list of values, as they are written.
func (l *List) UnmarshalYAML(node ast.Node) error {
	sequence, ok := node.(*ast.SequenceNode)
	if !ok {
		text, err := scalar(node)
		*l = List{text}
		return err
	}
	*l = make(List, 0, len(sequence.Values))
	for _, value := range sequence.Values {
		text, err := scalar(value)
		if err != nil {
			return err
		}
		*l = append(*l, text)
	}
	return nil
}

// TextMap is texts by keys. Both may look like numbers.
type TextMap map[string]string

// UnmarshalYAML reads the keys and values as they are written.
func (m *TextMap) UnmarshalYAML(node ast.Node) error {
	*m = TextMap{}
	return entries(node, func(key string, value ast.Node) error {
		text, err := scalar(value)
		(*m)[key] = text
		return err
	})
}

// Options are the options of a [Menu], by their digits.
type Options map[string]Option

// Option is where an option leads. In a file a target alone stands for it.
type Option struct {
	Goto string `yaml:"goto"`
	// Label is its name in drawings.
	Label string `yaml:"label"`
	// Set sets values.
	Set TextMap `yaml:"set"`
}

// UnmarshalYAML reads the digits as they are written: 01 is not 1.
func (o *Options) UnmarshalYAML(node ast.Node) error {
	*o = Options{}
	return entries(node, func(key string, value ast.Node) error {
		var option Option
		var err error
		if _, ok := value.(ast.MapNode); ok {
			err = yaml.NodeToValue(value, &option, yaml.Strict())
		} else {
			option.Goto, err = scalar(value)
		}
		(*o)[key] = option
		return err
	})
}

// entries calls f with the entries of a mapping.
func entries(node ast.Node, f func(key string, value ast.Node) error) error {
	mapping, ok := node.(ast.MapNode)
	if !ok {
		return &yaml.SyntaxError{Message: "want a mapping", Token: node.GetToken()}
	}
	for each := mapping.MapRange(); each.Next(); {
		key, err := scalar(each.Key())
		if err == nil {
			err = f(key, each.Value())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// scalar is the text of a single value.
func scalar(node ast.Node) (string, error) {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value, nil
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return node.GetToken().Value, nil
	default:
		return "", &yaml.SyntaxError{Message: "want a text, in quotes if it has a colon", Token: node.GetToken()}
	}
}
