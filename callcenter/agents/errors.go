package agents

import "fmt"

// InvalidError says why something was not taken. It names the field, not the value.
type InvalidError struct {
	Field, Problem string
}

func (e *InvalidError) Error() string { return fmt.Sprintf("agents: %s %s", e.Field, e.Problem) }
