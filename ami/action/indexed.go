package action

import (
	"fmt"
	"strconv"
)

// ConfigChange is one change of [UpdateConfig], one of the sets of headers that end with the same number.
type ConfigChange struct {
	// Action is what to do. Required.
	Action ConfigAction
	// Cat is the category, as the section of a configuration file is called. Required.
	Cat string
	// Var and Value are the variable and its value. With RenameCat, Value is the new name.
	Var, Value string
	// Match is what the present value must be.
	Match string
	// Line is the line of the category to work on; nil is none. The first is 0.
	Line *int
	// Options are further options of the action, as Asterisk's documentation says.
	Options string
}

// ConfigAction is what a [ConfigChange] does.
type ConfigAction string

// The actions of a [ConfigChange].
const (
	NewCat    ConfigAction = "NewCat"
	RenameCat ConfigAction = "RenameCat"
	DelCat    ConfigAction = "DelCat"
	EmptyCat  ConfigAction = "EmptyCat"
	Update    ConfigAction = "Update"
	Delete    ConfigAction = "Delete"
	Append    ConfigAction = "Append"
	Insert    ConfigAction = "Insert"
)

// changes sends Action-000000, Cat-000000 and so on, then those with 000001 (action_updateconfig in main/manager.c).
func (b *builder) changes(changes []ConfigChange) {
	for i, c := range changes {
		suffix := fmt.Sprintf("-%06d", i)
		b.requireText("Action"+suffix, string(c.Action))
		b.requireText("Cat"+suffix, c.Cat)
		b.text("Var"+suffix, c.Var)
		if c.Value != "" || c.Var != "" && c.Action != Delete {
			b.add("Value"+suffix, c.Value)
		}
		b.text("Match"+suffix, c.Match)
		if c.Line != nil {
			b.add("Line"+suffix, strconv.Itoa(*c.Line))
		}
		b.text("Options"+suffix, c.Options)
	}
}

// AOCUnit is one number of units of [AOCMessage], of a type if there are several.
type AOCUnit struct {
	Amount int
	// Type is the type of the units; nil is none.
	Type *int
}

// maxAOCUnits is how many Asterisk takes (AOC_... in main/aoc.c: up to 32).
const maxAOCUnits = 32

// units sends UnitAmount(0), UnitType(0) and so on (aoc_cli and action_aocmessage in main/manager.c).
func (b *builder) units(units []AOCUnit) {
	if len(units) > maxAOCUnits {
		b.invalid("UnitAmount", "is more than 32 units")
	}
	for i, u := range units {
		b.add(fmt.Sprintf("UnitAmount(%d)", i), strconv.Itoa(u.Amount))
		if u.Type != nil {
			b.add(fmt.Sprintf("UnitType(%d)", i), strconv.Itoa(*u.Type))
		}
	}
}
