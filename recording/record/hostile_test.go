package record_test

import (
	"context"
	"errors"
	"path"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ami/amitest"
	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/record"
)

// attacks are what a caller could have as a number or a name.
var attacks = []string{
	"", ".", "..", "../../etc/passwd", "/etc/passwd", "a/b", `..\..\x`, "x.wav,b,touch /tmp/owned", "x,i(ID)", "x)t(/etc/x", "${SHELL(id)}", "$[1+1]",
	"^{SHELL(id)}", "`id`", "$(id)", ";id", "|id", "&id", "a\r\nAction: Originate", "a\nVariable: x", "a\x00b", `"a`, `a\,b`, "a'b", "-rf", "~root",
	"%2e%2e%2f", "a b", "١٢٣", "\xff\xfe", "a\u2028b", strings.Repeat("x", 5000), "+30 210 123", "*98", "#31#", "CON", "x.wav.part",
}

var safe = regexp.MustCompile(`^[A-Za-z0-9+._/-]+$`)

// TestAttacksOnNames: whatever a caller is called, the name is a path below the folder, and is not an argument or an expression.
func TestAttacksOnNames(t *testing.T) {
	template, err := record.ParseTemplate("{year}/{queue}-{agent}-{linkedid}/{direction}-{exten}-{number}-{time}-{uniqueid}")
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range attacks {
		name := template.Name(record.Request{Direction: a, Number: a, Exten: a, Queue: a, Agent: a, Uniqueid: a, Linkedid: a}, time.Unix(0, 0).UTC())
		if err := recording.CheckName(name); err != nil || !safe.MatchString(name) || path.Clean(name) != name || strings.Count(name, "/") != 2 ||
			strings.Contains(name, "/.") || strings.Contains(name, "/-") || len(name) > 600 {
			t.Errorf("%q becomes %q: %v", a, name, err)
		}
	}
}

// TestTemplates has what they make, and what is none.
func TestTemplates(t *testing.T) {
	at := time.Date(2026, 11, 5, 4, 3, 2, 0, time.UTC)
	req := record.Request{Direction: "in", Number: "+30 210", Exten: "*98", Uniqueid: "1795607252.1"}
	for text, want := range map[string]string{
		record.DefaultTemplate:             "2026/11/05/in-_98-+30_210-20261105-040302-1795607252.1",
		"a/{uniqueid}.{time}":              "a/1795607252.1.040302",
		"{date}_{time}_{uniqueid}_{queue}": "20261105_040302_1795607252.1_none",
	} {
		template, err := record.ParseTemplate(text)
		if err != nil {
			t.Fatal(err)
		}
		if name := template.Name(req, at); name != want {
			t.Errorf("%s: %s", text, name)
		}
	}
	id, err := record.ParseTemplate("x{id}")
	if err != nil {
		t.Fatal(err)
	}
	if one, other := id.Name(req, at), id.Name(req, at); one == other || len(one) != 13 {
		t.Errorf("%s, %s", one, other)
	}
	for text, want := range map[string]string{
		"":                       "record: Template is empty or over 256 bytes",
		strings.Repeat("x", 257): "record: Template is empty or over 256 bytes",
		"{uniqueid}":             "record: Template makes the same name twice: it needs {id}, or {time} and {uniqueid}",
		"{time}":                 "record: Template makes the same name twice: it needs {id}, or {time} and {uniqueid}",
		"/{id}":                  "record: Template has a folder or a file that is empty or begins with . or -",
		"../{id}":                "record: Template has a folder or a file that is empty or begins with . or -",
		"a//{id}":                "record: Template has a folder or a file that is empty or begins with . or -",
		"-{id}":                  "record: Template has a folder or a file that is empty or begins with . or -",
		"{id}/":                  "record: Template has a folder or a file that is empty or begins with . or -",
		"a b{id}":                "record: Template has a character that is not of letters, digits and + . _ - /",
		"{id},x":                 "record: Template has a character that is not of letters, digits and + . _ - /",
		"${id}":                  "record: Template has a character that is not of letters, digits and + . _ - /",
		"{id}}":                  "record: Template has a character that is not of letters, digits and + . _ - /",
		"{queue}{agent}{number}{exten}{direction}{uniqueid}{id}": "record: Template has too many fields in one name",
		"{secret}": `record: Template has no field "secret"`,
		"{id":      `record: Template has no field "id"`,
	} {
		if _, err := record.ParseTemplate(text); err == nil || err.Error() != want {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestHostileOrders: nothing that is not what it should be is sent; the fake Asterisk of this test takes a login and no more.
func TestHostileOrders(t *testing.T) {
	manager := amitest.Start(t, []amitest.Step{amitest.Login("user", "secret")})
	client := &ami.Client{Addr: manager.Addr, Username: "user", Secret: "secret", BootTimeout: -1}
	if err := client.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	orders := map[string]func(ctx context.Context, v string) error{
		"channel": func(ctx context.Context, v string) error {
			return start(ctx, &record.Recorder{Engine: &record.AMI{Client: client}}, "PJSIP/1,"+v)
		},
		"format": func(ctx context.Context, v string) error {
			return start(ctx, &record.Recorder{Engine: &record.AMI{Client: client}, Format: "," + v}, "1.1")
		},
		"folder": func(ctx context.Context, v string) error {
			return start(ctx, &record.Recorder{Engine: &record.AMI{Client: client, Dir: ",/" + v}}, "1.1")
		},
		"folder of two": func(ctx context.Context, v string) error {
			return start(ctx, &record.Recorder{Engine: &record.AMI{Client: client, Dir: "/" + v + ")"}, Sides: record.Apart}, "1.1")
		},
		"template": func(ctx context.Context, v string) error {
			return start(ctx, &record.Recorder{Engine: &record.AMI{Client: client}, Template: "{id}," + v}, "1.1")
		},
		"sides": func(ctx context.Context, _ string) error {
			return start(ctx, &record.Recorder{Engine: &record.AMI{Client: client}, Sides: 9}, "1.1")
		},
		"beep": func(ctx context.Context, _ string) error {
			return start(ctx, &record.Recorder{Engine: &record.AMI{Client: client}, BeepEvery: time.Millisecond}, "1.1")
		},
	}
	for what, order := range orders {
		for _, a := range attacks {
			var invalid *record.ValueError
			if err := order(t.Context(), a); !errors.As(err, &invalid) || len(a) > 6 && strings.Contains(err.Error(), a) {
				t.Errorf("%s with %q: %v", what, a, err)
			}
		}
	}
	for _, channel := range []string{"", "PJSIP/1 2", "PJSIP/1\r\nAction: x", strings.Repeat("1", 201), "${X}"} {
		var invalid *record.ValueError
		if err := start(t.Context(), &record.Recorder{Engine: &record.AMI{Client: client}}, channel); !errors.As(err, &invalid) {
			t.Errorf("%q: %v", channel, err)
		}
	}
}

func start(ctx context.Context, r *record.Recorder, channel string) error {
	_, err := r.Start(ctx, record.Request{Channel: channel})
	return err
}
