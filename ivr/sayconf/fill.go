package sayconf

import (
	"fmt"
	"strconv"
	"strings"
)

// fill puts a value into a part of a rule.
func fill(part, say string) (string, error) {
	var all strings.Builder
	for {
		i := opening(part)
		if i < 0 {
			all.WriteString(part)
			return all.String(), nil
		}
		end := closing(part[i+1:])
		if end < 0 {
			return "", fmt.Errorf("%q: there is no %c to its %c", part, part[i+1]+2, part[i+1])
		}
		inner, err := fill(part[i+2:i+1+end], say)
		if err != nil {
			return "", err
		}
		value, err := variable(inner, say)
		if part[i+1] == '[' {
			value, err = reckon(inner)
		}
		if err != nil {
			return "", err
		}
		all.WriteString(part[:i] + value)
		part = part[i+2+end:]
	}
}

// opening is where the first ${ or $[ begins.
func opening(part string) int {
	for i := range len(part) - 1 {
		if part[i] == '$' && (part[i+1] == '{' || part[i+1] == '[') {
			return i
		}
	}
	return -1
}

// closing is where the bracket that a text begins with is closed.
func closing(text string) int {
	depth := 0
	for i := range len(text) {
		switch text[i] {
		case text[0]:
			depth++
		case text[0] + 2: // } is two behind {, and ] two behind [
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// variable is the value of what is between ${ and }.
func variable(name, say string) (string, error) {
	if condition, ok := strings.CutPrefix(name, "IF("); ok && strings.HasSuffix(name, ")") {
		return choose(strings.TrimSuffix(condition, ")"))
	}
	fields := strings.Split(name, ":")
	if fields[0] != "SAY" || len(fields) > 3 {
		return "", fmt.Errorf("${%s}: want SAY, SAY:offset:length or IF(condition?this:that)", name)
	}
	numbers := []int{0, len(say)}
	for i, field := range fields[1:] {
		n, err := strconv.Atoi(strings.TrimSpace(field))
		if err != nil {
			return "", fmt.Errorf("${%s}: %q is no number", name, field)
		}
		numbers[i] = n
	}
	return part(say, numbers[0], numbers[1]), nil
}

// part is a part of a value as Asterisk takes it (substring in main/pbx_variables.c): what is negative counts from the end.
func part(say string, offset, length int) string {
	if offset < 0 {
		offset = max(len(say)+offset, 0)
	}
	if offset >= len(say) {
		return ""
	}
	say = say[offset:]
	if length < 0 {
		return say[:max(len(say)+length, 0)]
	}
	return say[:min(length, len(say))]
}

// choose is the value of IF(condition?this:that), whose condition is reckoned already.
func choose(text string) (string, error) {
	condition, rest, ok := strings.Cut(text, "?")
	if !ok {
		return "", fmt.Errorf("IF(%s): want condition?this:that", text)
	}
	this, that, _ := strings.Cut(rest, ":")
	if condition = strings.TrimSpace(condition); condition == "" || condition == "0" {
		return strings.TrimSpace(that), nil
	}
	return strings.TrimSpace(this), nil
}
