package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// upgrade is the operation that is the websocket itself.
const upgrade = "eventWebsocket"

func (r *rest) operationFile() *source {
	s := newSource()
	s.f("const (\n")
	for i, o := range r.operations {
		s.f("%s", opName(o))
		if i == 0 {
			s.f(" = iota")
		}
		s.f("\n")
	}
	s.f(")\n\n")
	s.comment("operations are all that Asterisk has, by the constants above.")
	s.f("var operations = [...]Operation{\n")
	for _, o := range r.operations {
		s.f("%s: {Noun: %q, Name: %q, Method: %q, Path: %q, Result: %q", opName(o), o.Noun, o.Name, o.Method, o.Path, o.Result)
		if len(o.Since) > 0 {
			s.f(", Since: %q", strings.Join(o.Since, ", "))
		}
		if len(o.missing) > 0 {
			s.f(", NotIn: %q", strings.Join(o.missing, ", "))
		}
		if len(o.params) > 0 {
			s.f(", Params: []Param{\n")
			for _, p := range o.params {
				s.param(p)
			}
			s.f("}")
		}
		s.f("},\n")
	}
	s.f("}\n")
	return s
}

func (s *source) param(p field) {
	s.f("{Name: %q, In: %q, Type: %q", p.Name, p.In, p.Type)
	if p.Required {
		s.f(", Required: true")
	}
	if p.Multiple {
		s.f(", Multiple: true")
	}
	if p.Default != "" {
		s.f(", Default: %q", p.Default)
	}
	if len(p.Enum) > 0 {
		s.f(", Enum: %#v", p.Enum)
	}
	if len(p.missing) > 0 {
		s.f(", NotIn: %q", strings.Join(p.missing, ", "))
	}
	s.f("},\n")
}

func opName(o *operation) string { return "op" + exported(o.Noun) + exported(o.Name) }

// nounFile writes a noun and its operations.
func (r *rest) nounFile(noun string) *source {
	s := newSource("context", "io", "time")
	name := exported(noun)
	s.comment("%s are the operations of Asterisk's resource %s: see [Client.%s] and %s%s_REST_API/.", name, noun, name, docs, docsNoun(noun))
	s.f("type %s struct{ c *Client }\n\n", name)
	s.comment("%s returns the operations of the resource %s.", name, noun)
	s.f("func (c *Client) %s() %s { return %s{c} }\n\n", name, name, name)
	for _, o := range r.operations {
		if o.Noun == noun && o.Name != upgrade {
			r.method(s, o)
		}
	}
	return imports(s, "context", "io", "time")
}

// docsNoun is a resource as the addresses of Asterisk's documentation spell it.
func docsNoun(noun string) string {
	return strings.ToUpper(noun[:1]) + strings.ToLower(noun[1:])
}

// shape is how a method takes its parameters: some by themselves, the others in a struct.
type shape struct {
	path, single, grouped []field
	structName            string
}

// maxSingle is how many parameters a method takes by themselves, ctx apart.
const maxSingle = 3

func (r *rest) shape(o *operation) shape {
	var sh shape
	var others []field
	required := false
	for _, p := range o.params {
		if p.In == "path" {
			sh.path = append(sh.path, p)
			continue
		}
		others = append(others, p)
		required = required || p.Required
	}
	if len(others) <= 1 || len(others) == 2 && required && len(sh.path)+len(others) <= maxSingle {
		sh.single = others
		return sh
	}
	sh.grouped = others
	singular := strings.TrimSuffix(exported(o.Noun), "s")
	if strings.HasSuffix(o.Noun, "boxes") {
		singular = strings.TrimSuffix(exported(o.Noun), "es")
	}
	sh.structName = r.goName(o.Noun, o.Name) + "Params"
	if !strings.Contains(sh.structName, singular) {
		sh.structName = singular + sh.structName
	}
	return sh
}

func (r *rest) method(s *source, o *operation) {
	sh := r.shape(o)
	name := r.goName(o.Noun, o.Name)
	if sh.structName != "" {
		r.paramStruct(s, o, sh)
	}
	signature, path := []string{"ctx context.Context"}, []string{opName(o)}
	for _, p := range sh.path {
		signature = append(signature, argName(p)+" string")
		path = append(path, argName(p))
	}
	for _, p := range sh.single {
		signature = append(signature, argName(p)+" "+p.goType)
	}
	if sh.structName != "" {
		signature = append(signature, "p "+sh.structName)
	}
	result, call := r.result(o)
	about := fmt.Sprintf("%s is %s %s", name, o.Method, o.Path)
	if len(o.Since) > 0 {
		about += ", since Asterisk " + strings.Join(o.Since, ", ")
	}
	about += "." + notIn(o.missing)
	if len(o.Refuses) > 0 {
		about += " It is refused with " + codes(o.Refuses) + "."
	}
	s.comment("%s See %s%s_REST_API/#%s.", about, docs, docsNoun(o.Noun), strings.ToLower(o.Name))
	s.f("func (n %s) %s(%s) %s {\n", exported(o.Noun), name, strings.Join(signature, ", "), result)
	s.f("r := newRequest(%s)\n", strings.Join(path, ", "))
	for _, p := range sh.single {
		s.f("%s\n", writeExpr(p, argName(p)))
	}
	if sh.structName != "" {
		s.f("p.fill(r)\n")
	}
	s.f("%s\n}\n\n", call)
}

func codes(list []int) string {
	var words []string
	for _, c := range slices.Compact(slices.Clone(list)) {
		words = append(words, strconv.Itoa(c))
	}
	if len(words) == 1 {
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// result is the type that a method returns, and the statement that makes it.
func (r *rest) result(o *operation) (result, call string) {
	name := r.modelName(o.Result)
	switch {
	case o.Result == "void":
		return "error", "return n.c.void(ctx, r)"
	case o.Result == "binary":
		return "(io.ReadCloser, error)", "return n.c.stream(ctx, r)"
	case r.overlay.Unwrap[o.Result] != "":
		i := slices.IndexFunc(r.models, func(m *modelType) bool { return m.Name == o.Result })
		f := r.models[i].fields[0]
		return "(" + f.goType + ", error)",
			fmt.Sprintf("answer, err := fetch[%s](ctx, n.c, r)\nreturn answer.%s, err", name, f.goName)
	case strings.HasPrefix(o.Result, "List["):
		name = r.modelName(element(o.Result))
		return "([]" + name + ", error)", fmt.Sprintf("return fetchList[%s](ctx, n.c, r)", name)
	}
	return "(*" + name + ", error)", fmt.Sprintf("return fetch[%s](ctx, n.c, r)", name)
}

func argName(p field) string {
	if strings.ToUpper(p.goName) == p.goName {
		return strings.ToLower(p.goName)
	}
	runes := []rune(p.goName)
	runes[0] = unicode.ToLower(runes[0])
	return string(runes)
}

func (r *rest) paramStruct(s *source, o *operation, sh shape) {
	s.comment("%s are the parameters of [%s.%s]. What is zero is not sent.", sh.structName, exported(o.Noun), r.goName(o.Noun, o.Name))
	s.f("type %s struct {\n", sh.structName)
	for _, p := range sh.grouped {
		s.f("%s %s%s\n", p.goName, p.goType, paramNote(o, p))
	}
	s.f("}\n\nfunc (p *%s) fill(r *request) {\n", sh.structName)
	for _, p := range sh.grouped {
		s.f("%s\n", writeExpr(p, "p."+p.goName))
	}
	s.f("}\n\n")
}

// paramNote is the comment behind a field.
func paramNote(o *operation, p field) string {
	var notes []string
	if p.Required {
		notes = append(notes, "required")
	}
	if p.Default != "" && p.Default != "0" && p.Default != "false" {
		unit := map[string]string{"seconds": " s", "milliseconds": " ms"}[p.kind]
		notes = append(notes, "default: "+p.Default+unit)
		if unit != "" {
			notes = append(notes, "negative: "+map[bool]string{true: "none", false: "0"}[p.Name == "timeout"])
		}
	}
	if len(p.missing) > 0 && len(o.missing) == 0 {
		notes = append(notes, "not in Asterisk "+strings.Join(p.missing, " and "))
	}
	if len(notes) == 0 {
		return ""
	}
	return " // " + strings.Join(notes, ", ")
}

// writeExpr is the statement that puts a parameter into a request.
func writeExpr(p field, value string) string {
	switch {
	case p.Multiple:
		return fmt.Sprintf("addList(r, %q, %s, %v)", p.Name, value, p.Required)
	case p.kind == "enum":
		value = "string(" + value + ")"
	}
	switch p.kind {
	case "string", "enum":
		if p.Required {
			return fmt.Sprintf("r.must(%q, %s)", p.Name, value)
		}
		return fmt.Sprintf("r.str(%q, %s)", p.Name, value)
	case "int", "long":
		return fmt.Sprintf("r.num(%q, int64(%s), %v)", p.Name, value, p.Required)
	case "boolean":
		return fmt.Sprintf("r.flag(%q, %s)", p.Name, value)
	case "seconds", "milliseconds":
		unit := map[string]string{"seconds": "time.Second", "milliseconds": "time.Millisecond"}[p.kind]
		none := map[bool]string{true: "-1", false: "0"}[p.Name == "timeout" && p.Default != "0"]
		return fmt.Sprintf("r.duration(%q, %s, %s, %s)", p.Name, value, unit, none)
	case "flat":
		return fmt.Sprintf("r.flat(%s)", value)
	case "filter":
		return fmt.Sprintf("r.filter(%s)", value)
	}
	return fmt.Sprintf("r.set(%q, %s, len(%s) > 0)", p.Name, value, value)
}
