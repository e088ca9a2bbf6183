package action

import (
	"math"
	"strconv"
	"strings"
	"time"
)

func (r *Reply) asInt(key string) int {
	value := r.Response.Get(key)
	n, err := strconv.Atoi(value)
	if err != nil && value != "" {
		r.problem(key, value, "a number")
	}
	return n
}

func (r *Reply) asFloat(key string) float64 {
	value := r.Response.Get(key)
	f, err := strconv.ParseFloat(value, 64)
	if value != "" && (err != nil || math.IsNaN(f) || math.IsInf(f, 0)) {
		r.problem(key, value, "a number")
		return 0
	}
	return f
}

func (r *Reply) asBool(key string) bool {
	value := r.Response.Get(key)
	switch strings.ToLower(value) {
	case "yes", "true", "1", "on":
		return true
	case "no", "false", "0", "off", "":
	default:
		r.problem(key, value, "yes or no")
	}
	return false
}

// asEpoch reads a time such as 1795319273.123456.
func (r *Reply) asEpoch(key string) time.Time {
	value := r.Response.Get(key)
	if value == "" {
		return time.Time{}
	}
	seconds, fraction, _ := strings.Cut(value, ".")
	s, err := strconv.ParseInt(seconds, 10, 64)
	us, err2 := strconv.ParseInt((fraction + "000000")[:6], 10, 64)
	if err != nil || err2 != nil {
		r.problem(key, value, "a time since 1970 in seconds")
		return time.Time{}
	}
	return time.Unix(s, us*int64(time.Microsecond))
}

// asCommands reads the headers whose keys are the names of actions.
func (r *Reply) asCommands() []CommandInfo {
	var commands []CommandInfo
	for key, value := range r.Response.All() {
		synopsis, privileges, ok := strings.Cut(value, "(Priv: ")
		if !ok {
			continue
		}
		privileges = strings.TrimSuffix(strings.TrimSpace(privileges), ")")
		command := CommandInfo{Name: key, Synopsis: strings.TrimSpace(synopsis)}
		if privileges != "<none>" {
			command.Privileges = strings.Split(strings.TrimSuffix(privileges, ",all"), ",")
		}
		commands = append(commands, command)
	}
	return commands
}

// CommandInfo is an action that an Asterisk has, as [ListCommands] is answered.
type CommandInfo struct {
	Name, Synopsis string
	// Privileges are those one of which a user needs in write to run it. It is empty if everybody may.
	Privileges []string
}

// asCategories reads Category-000000, Category-000001 and so on.
func (r *Reply) asCategories() []string {
	var categories []string
	for key, value := range r.Response.All() {
		if number, ok := strings.CutPrefix(key, "Category-"); ok && isNumber(number) {
			categories = append(categories, value)
		}
	}
	return categories
}

// ConfigCategory is a category of a configuration file, as [GetConfig] is answered.
type ConfigCategory struct {
	Name string
	// IsTemplate is true if it is a template, and Templates are those that it is based on.
	IsTemplate bool
	Templates  []string
	// Lines are its variables in order.
	Lines []Variable
}

// asConfig reads Category-000000, Line-000000-000000 and so on (action_getconfig in main/manager.c).
func (r *Reply) asConfig() []ConfigCategory {
	var categories []ConfigCategory
	for key, value := range r.Response.All() {
		name, number, _ := strings.Cut(key, "-")
		if name == "Category" && isNumber(number) {
			categories = append(categories, ConfigCategory{Name: value})
			continue
		}
		if len(categories) == 0 {
			continue
		}
		c := &categories[len(categories)-1]
		switch name {
		case "IsTemplate":
			c.IsTemplate = value == "1"
		case "Templates":
			c.Templates = strings.Split(strings.Trim(value, `"`), ",")
		case "Line":
			variable, text, _ := strings.Cut(value, "=")
			c.Lines = append(c.Lines, Variable{Name: variable, Value: text})
		}
	}
	return categories
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
