package sayconf

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// operators are those of an expression, the weakest first (main/ast_expr2.y).
var operators = [][]string{{"=", "!=", "<", ">", "<=", ">="}, {"+", "-"}, {"*", "/", "%"}}

// reckon is the value of $[...].
func reckon(text string) (string, error) {
	e := expression{words: words(text)}
	n, err := e.value(0)
	if err == nil && len(e.words) > 0 {
		err = fmt.Errorf("what is %q", e.words[0])
	}
	if err != nil {
		return "", fmt.Errorf("$[%s]: %w: whole numbers are reckoned with, by + - * / %% and comparisons", text, err)
	}
	return strconv.Itoa(n), nil
}

// words are numbers, operators and parentheses; what is neither is a word too.
func words(text string) []string {
	var all []string
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		size := len(text) - len(strings.TrimLeft(text, "0123456789"))
		switch {
		case size > 0:
		case len(text) > 1 && slices.Contains(operators[0], text[:2]):
			size = 2
		default:
			size = 1
		}
		all, text = append(all, text[:size]), text[size:]
	}
	return all
}

type expression struct{ words []string }

// next takes a word, or "" at the end.
func (e *expression) next() string {
	if len(e.words) == 0 {
		return ""
	}
	word := e.words[0]
	e.words = e.words[1:]
	return word
}

// value reckons what operators of a level, and stronger ones, join.
func (e *expression) value(level int) (int, error) {
	if level == len(operators) {
		return e.term()
	}
	left, err := e.value(level + 1)
	for err == nil && len(e.words) > 0 && slices.Contains(operators[level], e.words[0]) {
		operator := e.next()
		var right int
		if right, err = e.value(level + 1); err == nil {
			left, err = apply(left, operator, right)
		}
	}
	return left, err
}

// term is a number, with a sign or without, or what is in parentheses.
func (e *expression) term() (int, error) {
	switch word := e.next(); word {
	case "-":
		n, err := e.term()
		return -n, err
	case "(":
		n, err := e.value(0)
		if err == nil && e.next() != ")" {
			err = errors.New("there is no ) to its (")
		}
		return n, err
	default:
		n, err := strconv.Atoi(word)
		if err != nil {
			return 0, fmt.Errorf("%q is no number", word)
		}
		return n, nil
	}
}

func apply(left int, operator string, right int) (int, error) {
	compared := map[string]bool{
		"=": left == right, "!=": left != right, "<": left < right, ">": left > right, "<=": left <= right, ">=": left >= right,
	}
	switch operator {
	case "+":
		return left + right, nil
	case "-":
		return left - right, nil
	case "*":
		return left * right, nil
	case "/", "%":
		if right == 0 {
			return 0, errors.New("a division by nothing")
		}
		if operator == "%" {
			return left % right, nil
		}
		return left / right, nil
	}
	if compared[operator] {
		return 1, nil
	}
	return 0, nil
}
