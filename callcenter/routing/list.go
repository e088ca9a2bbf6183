package routing

import (
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// List is some values. In a file one value may stand without brackets, and a number need not be quoted.
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

// Text is a text that may look like a number, such as 0123: in a file it is taken as it is written.
type Text string

// UnmarshalYAML reads the text.
func (t *Text) UnmarshalYAML(node ast.Node) error {
	text, err := scalar(node)
	*t = Text(text)
	return err
}

// scalar returns a value as it is written: a telephone number is no integer.
func scalar(node ast.Node) (string, error) {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value, nil
	case *ast.LiteralNode:
		return n.Value.Value, nil
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, nil
	}
	return "", &yaml.SyntaxError{Message: "want a text, or where there can be several a list of texts", Token: node.GetToken()}
}
