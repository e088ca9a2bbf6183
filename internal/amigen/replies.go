package main

import (
	"fmt"
	"strings"
)

// replyKinds say how a field of an answer is typed and read: %[1]q is its key.
var replyKinds = map[string]kind{
	"":           {"string", "answer.Get(%[1]q)"},
	"int":        {"int", "r.asInt(%[1]q)"},
	"float":      {"float64", "r.asFloat(%[1]q)"},
	"bool":       {"bool", "r.asBool(%[1]q)"},
	"epoch":      {"time.Time", "r.asEpoch(%[1]q)"},
	"lines":      {"[]string", "answer.Values(%[1]q)"},
	"commands":   {"[]CommandInfo", "r.asCommands()"},
	"categories": {"[]string", "r.asCategories()"},
	"config":     {"[]ConfigCategory", "r.asConfig()"},
}

// reply writes the type of the answer to an action and the method that reads it.
func (g *actionGenerator) reply(s *source, a *modelAction) error {
	fields := g.overlay.Replies[a.name]
	if len(fields) == 0 {
		s.f("// Reply returns the answer.\nfunc (a %s) Reply(answer ami.Message) Reply { return newReply(answer) }\n\n", a.name)
		return nil
	}
	name := a.name + "Reply"
	if err := g.names.take(name, "the reply to "+a.name); err != nil {
		return err
	}
	s.f("// %s is the answer to [%s].\ntype %s struct {\nReply\n", name, a.name, name)
	var read strings.Builder
	for _, f := range fields {
		key, kindName, _ := strings.Cut(f, " ")
		field, wire, ok := strings.Cut(key, "=")
		if !ok {
			wire = key
		}
		k, ok := replyKinds[kindName]
		if !ok {
			return fmt.Errorf("the reply's field %q has no kind that is known", f)
		}
		s.f("%s %s\n", exported(field), k.goType)
		value := k.read
		if strings.Contains(value, "%") {
			value = fmt.Sprintf(value, wire)
		}
		fmt.Fprintf(&read, "r.%s = %s\n", exported(field), value)
	}
	s.f("}\n\n// Reply returns the answer typed.\n")
	s.f("func (a %s) Reply(answer ami.Message) %s {\nr := %s{Reply: newReply(answer)}\n%sreturn r\n}\n\n", a.name, name, name, read.String())
	return nil
}
