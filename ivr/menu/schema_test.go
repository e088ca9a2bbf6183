package menu_test

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/asterism-go/asterism/ivr/menu"
)

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(menu.Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("menu.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("menu.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// instance is a file as a schema sees it; ok is false if it is no YAML.
func instance(t *testing.T, text string) (value any, ok bool) {
	t.Helper()
	raw, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		return nil, false
	}
	value, err = jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	return value, err == nil
}

// TestSchemaRefuses holds that the schema refuses what is of the wrong shape, and takes what is wrong in another way.
func TestSchemaRefuses(t *testing.T) {
	s := schema(t)
	for name, test := range broken {
		value, ok := instance(t, test.text)
		if err := s.Validate(value); ok && (err != nil) != test.shape {
			t.Errorf("%s: the schema says %v, want it refused: %v", name, err, test.shape)
		}
	}
}

// TestSchemaTakes holds that the schema takes what the package takes.
func TestSchemaTakes(t *testing.T) {
	s := schema(t)
	example, err := os.ReadFile("../../examples/ivr/helpdesk.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"the tests' desk": desk, "the example": string(example), "a server": strings.Replace(asking, "URL", "https://crm.example.com/ask", 1), "fallbacks": speaking,
	} {
		if _, err := menu.Parse("f.yaml", []byte(text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		value, ok := instance(t, text)
		if err := s.Validate(value); !ok || err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSchemaIsComplete holds that the schema and the types have the same fields.
func TestSchemaIsComplete(t *testing.T) {
	var doc struct {
		Properties map[string]struct{ Properties map[string]any }
		Defs       map[string]struct{ Properties map[string]any } `json:"$defs"`
	}
	if err := json.Unmarshal(menu.Schema, &doc); err != nil {
		t.Fatal(err)
	}
	for _, value := range []any{
		menu.Node{},
		menu.Menu{},
		menu.LanguageMenu{},
		menu.Play{},
		menu.Collect{},
		menu.PIN{},
		menu.Hours{},
		menu.Directory{},
		menu.Extension{},
		menu.Record{},
		menu.Callback{},
		menu.Queue{},
		menu.Webhook{},
		menu.Transfer{},
		menu.Assign{},
		menu.Switch{},
		menu.Do{},
		menu.Hangup{},
		menu.Segment{},
		menu.Option{},
		menu.Language{},
		menu.Keys{},
		menu.Calendar{},
		menu.Server{},
		menu.Person{},
	} {
		typ := reflect.TypeOf(value)
		sameFields(t, typ, doc.Defs[typ.Name()].Properties)
	}
	top := map[string]any{}
	for name := range doc.Properties {
		top[name] = nil
	}
	sameFields(t, reflect.TypeFor[menu.Menus](), top)
	sameFields(t, reflect.TypeFor[menu.Patience](), doc.Properties["defaults"].Properties)
}

func sameFields(t *testing.T, typ reflect.Type, properties map[string]any) {
	t.Helper()
	fields := map[string]bool{}
	for _, f := range reflect.VisibleFields(typ) {
		if tag := f.Tag.Get("yaml"); !strings.HasPrefix(tag, ",") {
			fields[tag] = true
		}
	}
	for name := range fields {
		if _, ok := properties[name]; !ok {
			t.Errorf("%v: the schema has no %s", typ, name)
		}
	}
	for name := range properties {
		if !fields[name] {
			t.Errorf("%v: the schema has %s, the type not", typ, name)
		}
	}
}
