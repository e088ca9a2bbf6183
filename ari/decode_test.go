package ari

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	cycore "github.com/CyCoreSystems/ari/v5"
)

// recorded are events of real Asterisks.
func recorded(t testing.TB) []string {
	t.Helper()
	var all []string
	for _, series := range []string{"16", "22"} {
		text, err := os.ReadFile("testdata/events-" + series + ".jsonl")
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, strings.Split(strings.TrimSpace(string(text)), "\n")...)
	}
	return all
}

// Every event of a real Asterisk is decoded, has no field that is not known, and says what an independent decoder says.
func TestDecodeRecorded(t *testing.T) {
	for _, text := range recorded(t) {
		e, err := parseEvent(text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		d, err := e.Decode()
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if _, unknown := d.(*UnknownEvent); unknown {
			t.Errorf("%s is not known", e.Type)
		}
		noExtra(t, reflect.ValueOf(d).Elem(), e.Type)
		theirs, err := cycore.DecodeEvent([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if theirs.GetType() != e.Type || theirs.GetApplication() != e.Application {
			t.Errorf("they: %s %s, we: %s %s", theirs.GetType(), theirs.GetApplication(), e.Type, e.Application)
		}
		if start, ok := theirs.(*cycore.StasisStart); ok {
			ours := d.(*StasisStart)
			same := start.Channel.ID == ours.Channel.ID && start.Channel.Name == ours.Channel.Name && start.Channel.State == string(ours.Channel.State) &&
				start.Channel.Creationtime.Seconds == ours.Channel.CreationTime.Unix() && start.Channel.Dialplan.Exten == ours.Channel.Dialplan.Exten &&
				reflect.DeepEqual(start.Args, append([]string{}, ours.Args...)) && time.Time(start.Timestamp).Equal(ours.Timestamp)
			if !same {
				t.Errorf("they: %+v\nwe:   %+v", start, ours)
			}
		}
	}
}

// noExtra fails if a field was not known.
func noExtra(t *testing.T, v reflect.Value, path string) {
	t.Helper()
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			noExtra(t, v.Elem(), path)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				noExtra(t, v.Field(i), path+"."+v.Type().Field(i).Name)
			}
		}
	case reflect.Map:
		if extra, ok := v.Interface().(Extra); ok && len(extra) > 0 {
			t.Errorf("%s is %s", path, extra)
		}
	default:
	}
}

func TestParseTime(t *testing.T) {
	for text, want := range map[string]string{
		"2026-11-25T08:22:39.123+0000": "2026-11-25T08:22:39.123Z",
		"2026-11-25T08:22:39.123+0530": "2026-11-25T02:52:39.123Z",
		"2026-12-31T23:59:59.999-0100": "2027-01-01T00:59:59.999Z",
		"2026-11-25T08:22:39Z":         "2026-11-25T08:22:39Z",
	} {
		got, ok := parseTime(text)
		if w, err := time.Parse(time.RFC3339Nano, want); err != nil || !ok || !got.Equal(w) {
			t.Errorf("%s: got %v, want %s", text, got, want)
		}
	}
	for _, text := range []string{"", "x", "2026-13-25T08:22:39.123+0000", "2026-11-25T08:22:39.1x3+0000", "2026-11-25 08:22:39.123+0000"} {
		if got, ok := parseTime(text); ok {
			t.Errorf("%q: got %v", text, got)
		}
	}
}

// The decoder takes what encoding/json takes, and reads strings as that does.
func FuzzDecoder(f *testing.F) {
	for _, text := range recorded(f) {
		f.Add(text)
	}
	for _, text := range []string{
		`{}`, `[]`, `null`, `"\ud83d\ude00\ud83d\n"`, `{"a":[1,-2.5e3,true,false,null]}`, `[1,]`, `{"a":1,}`, `01`, `1.`, `"`, `"\u12"`, `{"a" : {}} x`,
		"\"\x01\"", `{"type":"x","channel":5}`, `{"type":"Dial","peer":{"id":"a\tb"}}`, strings.Repeat("[", 300) + strings.Repeat("]", 300),
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d := decoder{text: text}
		raw := d.skip()
		err := d.end()
		if valid := json.Valid([]byte(text)); valid != (err == nil) && strings.Count(text, "[")+strings.Count(text, "{") < maxDepth {
			t.Fatalf("encoding/json takes it: %v, we: %v", valid, err)
		}
		if err == nil && strings.TrimSpace(text) != raw {
			t.Errorf("got %q", raw)
		}
		var want string
		if json.Unmarshal([]byte(text), &want) == nil && strings.HasPrefix(raw, `"`) && strings.ToValidUTF8(text, "") == text {
			s := decoder{text: text}
			if got := s.str(); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
		if e, err := parseEvent(text); err == nil {
			if !json.Valid([]byte(text)) {
				t.Errorf("an event that is no JSON: %q", text)
			}
			_, _ = e.Decode() // must not panic
		}
	})
}

func BenchmarkRoute(b *testing.B) {
	events := recorded(b)
	frames := make([][]byte, len(events))
	for i, e := range events {
		frames[i] = []byte(e)
	}
	app := &App{Client: &Client{}, Name: "test"}
	app.setup()
	_, stop := app.router.watch(subject{aboutChannel, "nobody"})
	defer stop()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		e, err := parseEvent(string(frames[i%len(frames)]))
		if err != nil {
			b.Fatal(err)
		}
		app.router.publish(e)
		i++
	}
}

func BenchmarkDecode(b *testing.B) {
	events := recorded(b)
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			e, err := parseEvent(string([]byte(events[i%len(events)])))
			if err != nil {
				b.Fatal(err)
			}
			if _, err := e.Decode(); err != nil {
				b.Fatal(err)
			}
			i++
		}
	})
	b.Run("CyCoreSystems", func(b *testing.B) {
		frames := make([][]byte, len(events))
		for i, e := range events {
			frames[i] = bytes.Clone([]byte(e))
		}
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			if _, err := cycore.DecodeEvent(frames[i%len(frames)]); err != nil {
				b.Fatal(err)
			}
			i++
		}
	})
}
