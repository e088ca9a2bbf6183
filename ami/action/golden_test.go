package action

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/ami"
)

var update = flag.Bool("update", false, "write the golden file")

// Every action as it is sent with all its fields set, and what is wrong with it with none. The file is there to be read:
// against Asterisk's documentation, and in the changes of who generates anew.
func TestGolden(t *testing.T) {
	const golden = "testdata/actions.golden"
	var b strings.Builder
	for _, a := range all {
		full := filled(t, a)
		if err := full.Validate(); err != nil {
			t.Errorf("all fields are set, and still: %v", err)
		}
		name := full.Action().Name
		if got := reflect.TypeOf(a).Name(); got != name {
			t.Errorf("%s sends %s", got, name)
		}
		fmt.Fprintf(&b, "Action: %s\n", name)
		for _, h := range full.Action().Headers {
			fmt.Fprintf(&b, "%s: %s\n", h.Key, h.Value)
		}
		fmt.Fprintf(&b, "# %s\n\n", lacks(t, a))
	}
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")); diff != "" {
		t.Errorf("-want +got (write it anew with -update):\n%s", diff)
	}
}

// lacks says what an empty action lacks, and checks that it is sent with nothing but what is always sent.
func lacks(t *testing.T, a Action) string {
	t.Helper()
	var always []string
	for _, h := range a.Action().Headers {
		always = append(always, h.Key+": "+h.Value)
	}
	err := a.Validate()
	var invalid *ami.InvalidActionError
	switch {
	case err == nil && always == nil:
		return "lacks nothing"
	case err == nil:
		return "lacks nothing, and sends " + strings.Join(always, ", ")
	case !errors.As(err, &invalid) || invalid.Action != reflect.TypeOf(a).Name():
		t.Errorf("%T: %v", a, err)
	}
	return invalid.Field + " " + invalid.Problem
}

// filled returns the action with all fields set.
func filled(t *testing.T, a Action) Action {
	t.Helper()
	v := reflect.New(reflect.TypeOf(a)).Elem()
	for i := range v.NumField() {
		f := v.Field(i)
		switch f.Interface().(type) {
		case time.Duration:
			f.SetInt(int64(90 * time.Second))
		case []Variable:
			f.Set(reflect.ValueOf([]Variable{{Name: "A", Value: `say "1,2"`}, {Name: "A", Value: ""}}))
		case []string:
			f.Set(reflect.ValueOf([]string{"a", "b"}))
		case []ami.Header:
			f.Set(reflect.ValueOf([]ami.Header{{Key: "X-Extra", Value: "x"}}))
		case []ConfigChange:
			f.Set(reflect.ValueOf([]ConfigChange{
				{Action: Update, Cat: "c", Var: "v", Value: "new", Match: "old", Line: new(0), Options: "o"}, {Action: DelCat, Cat: "d"},
			}))
		case []AOCUnit:
			f.Set(reflect.ValueOf([]AOCUnit{{Amount: 5, Type: new(1)}, {Amount: 0}}))
		case *bool:
			f.Set(reflect.ValueOf(new(false)))
		case bool:
			f.SetBool(true)
		case int:
			f.SetInt(7)
		default:
			f.SetString("v")
		}
	}
	return v.Interface().(Action)
}

func TestInvalid(t *testing.T) {
	tests := map[string]struct {
		action         Action
		field, problem string
	}{
		"a required name":       {Originate{}, "Channel", "is required"},
		"the first of several":  {Redirect{Channel: "A", Context: "b"}, "Exten", "is required"},
		"not whole seconds":     {AbsoluteTimeout{Channel: "A", Timeout: 1500 * time.Millisecond}, "Timeout", "is not a whole number of 1s, the unit of Asterisk here"},
		"a negative time":       {Originate{Channel: "A", Timeout: -1}, "Timeout", "is negative"},
		"a variable's name":     {Originate{Channel: "A", Variable: []Variable{{Name: "A=1,B", Value: "2"}}}, "Variable", "has a variable whose name is empty or cannot be one"},
		"a comma in a name":     {Status{Variables: []string{"A,B"}}, "Variables", "has a name that is empty or has a comma"},
		"a change without kind": {UpdateConfig{SrcFilename: "a", DstFilename: "a", Changes: []ConfigChange{{Action: DelCat, Cat: "a"}, {}}}, "Action-000001", "is required"},
		"too many units":        {AOCMessage{MsgType: "D", Units: make([]AOCUnit, 33)}, "UnitAmount", "is more than 32 units"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := test.action.Validate()
			var invalid *ami.InvalidActionError
			if !errors.As(err, &invalid) || invalid.Field != test.field || invalid.Problem != test.problem {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestVariableString(t *testing.T) {
	for v, want := range map[Variable]string{
		{"A", "1"}:         "A=1",
		{"A", ""}:          "A=",
		{"A", "1,B=2"}:     `A=1\,B=2`,
		{"A", `"x" (y[z\`}: `A=\"x\" \(y\[z\\`,
	} {
		if got := v.String(); got != want {
			t.Errorf("%+v is sent as %s, want %s", v, got, want)
		}
	}
}

func TestReplyErrors(t *testing.T) {
	answer, err := ami.ParseMessage("Response: Success\r\nMessage: m\r\nPing: Pong\r\nTimestamp: soon\r\nCoreCurrentCalls: many\r\n" +
		"CoreMaxLoadAvg: NaN\r\nCoreHTTPenabled: perhaps\r\nCoreMaxCalls: 3")
	if err != nil {
		t.Fatal(err)
	}
	ping, status, settings := Ping{}.Reply(answer), CoreStatus{}.Reply(answer), CoreSettings{}.Reply(answer)
	if ping.Err() == nil || !ping.Timestamp.IsZero() || ping.Ping != "Pong" || ping.Message != "m" {
		t.Errorf("%+v", ping)
	}
	if status.Err() == nil || status.CoreCurrentCalls != 0 {
		t.Errorf("%+v", status)
	}
	if err := settings.Err(); err == nil || settings.CoreMaxCalls != 3 || settings.CoreMaxLoadAvg != 0 ||
		!strings.Contains(err.Error(), "CoreMaxLoadAvg") || !strings.Contains(err.Error(), "CoreHTTPenabled") {
		t.Errorf("%+v: %v", settings, err)
	}
}

func TestLookup(t *testing.T) {
	info, ok := Lookup("coreshowchannels")
	if !ok || info.Name != "CoreShowChannels" || info.Complete != "CoreShowChannelsComplete" || len(info.Privileges) != 2 {
		t.Errorf("got %+v", info)
	}
	if _, ok := Lookup("Nonsense"); ok {
		t.Error("Nonsense is known")
	}
	if len(Infos()) != len(all) {
		t.Errorf("%d are known, and %d have a struct", len(Infos()), len(all))
	}
	for name, want := range map[string][2]bool{
		"SIPpeers": {true, false}, "CoreShowChannelMap": {false, true}, "Originate": {true, true}, "PJSIPShowMaintenance": {false, true},
	} {
		if got := [2]bool{Supports("16.28.0", name), Supports("22.10.1", name)}; got != want {
			t.Errorf("%s is in 16 and 22: %v", name, got)
		}
	}
}
