package agents

import "testing"

// One case per row of the table, and one for none: with each, facts that later rows ask for, which must not matter.
func TestTransitions(t *testing.T) {
	all := lost | talks | holds | rings | inUse | loggedIn | paused | gone | undisturbed | engaged | wraps
	cases := []struct {
		name  string
		facts fact
		want  State
	}{
		{"events are missing", all, Unknown},
		{"a conversation", all &^ lost, Talking},
		{"a conversation of who is logged out", talks, Talking},
		{"a hold", all &^ (lost | talks), Held},
		{"rung", all &^ (lost | talks | holds), Ringing},
		{"rung while paused", rings | loggedIn | paused, Ringing},
		{"dialling", all &^ (lost | talks | holds | rings), Busy},
		{"in no queue", paused | gone | undisturbed | engaged | wraps, Offline},
		{"nothing at all", 0, Offline},
		{"paused, and the telephone is gone", loggedIn | paused | gone | undisturbed | engaged | wraps, Paused},
		{"gone", loggedIn | gone | undisturbed | engaged | wraps, Unreachable},
		{"do not disturb", loggedIn | undisturbed | engaged | wraps, DND},
		{"a busy device", loggedIn | engaged | wraps, Busy},
		{"after a call", loggedIn | wraps, WrapUp},
		{"none of it", loggedIn, Ready},
	}
	reached := map[State]bool{}
	for _, c := range cases {
		if got := transition(c.facts); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		reached[c.want] = true
	}
	for _, state := range States() {
		if !reached[state] {
			t.Errorf("no case leads to %v", state)
		}
	}
}

// Every row decides something: without it, some facts lead elsewhere.
func TestEveryRowMatters(t *testing.T) {
	const sets = 1 << 11
	decides := map[row]bool{}
	for facts := range fact(sets) {
		for _, r := range transitions {
			if (facts&r.fact != 0) != r.lacking {
				decides[r] = true
				break
			}
		}
	}
	for _, r := range transitions {
		if !decides[r] {
			t.Errorf("the row for %v never decides", r.state)
		}
	}
}

func TestStateNames(t *testing.T) {
	seen := map[string]bool{}
	for _, state := range States() {
		if name := state.String(); name == "" || name == "invalid" || seen[name] {
			t.Errorf("state %d is called %q", state, name)
		} else {
			seen[name] = true
		}
	}
	if got := State(200).String(); got != "invalid" {
		t.Errorf("no state is called %q", got)
	}
}

func TestDeviceStates(t *testing.T) {
	for n, name := range deviceStates {
		if got := parseDeviceState(name); got != DeviceState(n) || got.String() != name {
			t.Errorf("%s is %d %v", name, got, got)
		}
	}
	for text, want := range map[string]DeviceState{
		"6": DeviceRinging, "ringing": DeviceRinging, "8": OnHold, "9": DeviceUnknown, "": DeviceUnknown, "-1": DeviceUnknown, "x": DeviceUnknown,
	} {
		if got := parseDeviceState(text); got != want {
			t.Errorf("%q is %v, want %v", text, got, want)
		}
	}
}

func TestDeviceOfExtension(t *testing.T) {
	for status, want := range map[int]DeviceState{
		0: NotInUse, 1: InUse, 2: DeviceBusy, 4: Unavailable, 8: DeviceRinging, 9: RingInUse, 16: OnHold, 17: OnHold,
		-1: DeviceUnknown, -2: DeviceUnknown, 3: DeviceBusy,
	} {
		if got := deviceOf(status); got != want {
			t.Errorf("%d is %v, want %v", status, got, want)
		}
	}
}
