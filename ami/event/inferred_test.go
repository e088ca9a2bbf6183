package event_test

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/ami/event"
)

// stringsByChoice are fields that hold nothing but numbers or yes and no in the recorded stream, and are strings all the
// same: numbers of callers and extensions, names that happen to be numbers, words of which there are more than two, and
// what Asterisk's own tests say.
var stringsByChoice = []string{
	"CallerIDNum", "CallerIDani", "CallerIDnum", "DtlsVerify", "EffectiveConnectedLineNum", "MediaEncryption", "ParkingSpace",
	"Port", "Priority", "RTT", "Rate", "Rel100", "SecurityNegotiation", "Source", "StirShaken", "Timers",
	"snapshot CallerIDNum", "snapshot ConnectedLineNum",
}

// What the recorded stream shows to be numbers, yes and no is typed as that, unless it is a string by choice.
func TestInferredTypes(t *testing.T) {
	found := inference{}
	for _, m := range trace(t) {
		if m.Event() != "" {
			found.fields("", reflect.ValueOf(event.Decode(m)).Elem())
		}
	}
	var got []string
	for name, values := range found {
		if values.typed == len(values.seen) && len(values.seen) > 0 {
			got = append(got, name)
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff(stringsByChoice, got); diff != "" {
		t.Errorf("strings that look like something else (-by choice +in the stream):\n%s", diff)
	}
}

// inference has the string fields of all events with their values.
type inference map[string]*inferred

type inferred struct {
	seen  map[string]bool
	typed int // how many of them are numbers or yes and no
}

var typed = regexp.MustCompile(`^(?i:-?\d+|-?\d+\.\d+|yes|no|true|false|on|off)$`)

func (in inference) fields(prefix string, v reflect.Value) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		value := v.Field(i)
		switch {
		case f.Name == "Base":
		case value.Kind() == reflect.Struct && strings.HasSuffix(f.Type.Name(), "Snapshot"):
			in.fields("snapshot ", value)
		case value.Kind() == reflect.String && value.String() != "" && !strings.HasPrefix(value.String(), "<"):
			in.value(prefix+f.Name, value.String())
		}
	}
}

func (in inference) value(name, value string) {
	if in[name] == nil {
		in[name] = &inferred{seen: map[string]bool{}}
	}
	if in[name].seen[value] {
		return
	}
	in[name].seen[value] = true
	if typed.MatchString(value) {
		in[name].typed++
	}
}
