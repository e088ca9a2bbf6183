package acd

import (
	"slices"
	"testing"
)

// Every input in every state either is a row of the table or changes nothing.
func TestMachines(t *testing.T) {
	for from := range callStates {
		for on := offer; on < inputs; on++ {
			i := slices.IndexFunc(callerRows, func(r row[CallerState]) bool { return r.from == from && r.on == on })
			c := caller{state: from}
			switch ok := c.step(on); {
			case ok != (i >= 0):
				t.Errorf("caller %v, %v: possible is %v", from, on, ok)
			case !ok && c.state != from, ok && c.state != callerRows[i].to:
				t.Errorf("caller %v, %v: %v", from, on, c.state)
			}
		}
	}
	for from := range activities {
		for on := offer; on < inputs; on++ {
			i := slices.IndexFunc(agentRows, func(r row[Activity]) bool { return r.from == from && r.on == on })
			a := agent{activity: from}
			switch ok := a.step(on); {
			case ok != (i >= 0):
				t.Errorf("agent %v, %v: possible is %v", from, on, ok)
			case !ok && a.activity != from, ok && a.activity != agentRows[i].to:
				t.Errorf("agent %v, %v: %v", from, on, a.activity)
			}
		}
	}
}
