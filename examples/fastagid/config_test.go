package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func check(t *testing.T, text string) (code int, said string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "f.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	code = run(t.Context(), []string{"check", file}, &out, &out)
	return code, strings.ReplaceAll(out.String(), filepath.Dir(file)+"/", "")
}

func TestCheck(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := listener.Addr().String()
	listener.Close()
	for name, test := range map[string]struct{ text, want string }{
		"unknown key": {"routes:\n  - path: a\n    eco: {}\n", `f.yaml:3:5: unknown field "eco"`},
		"wrong type":  {"limits: {sessions: many}\n", "f.yaml:1:20: want a whole number"},
		"bad route":   {"routes:\n  - {path: \"a//b\", echo: {}}\n", `f.yaml:2:12: "a//b": the segment "" is neither a name nor {name}`},
		"two targets": {"routes:\n  - {path: a, echo: {}, health: {}}\n", `f.yaml:2:6: route "a" has 2 targets`},
		"no target":   {"routes:\n  - path: a\n", `f.yaml:2:5: route "a" has 0 targets`},
		"path twice":  {"routes:\n  - {path: \"a/{b}\", echo: {}}\n  - {path: \"a/{c}\", echo: {}}\n", `f.yaml:3:12: "a/{c}": route 1 has this path already`},
		"no routes":   {"listen: 127.0.0.1:1\n", "f.yaml:1:1: no routes"},
		"listen":      {"listen: nowhere\nroutes: [{path: a, echo: {}}]\n", `f.yaml:1:9: "nowhere" is not an address`},
		"manager": {
			"manager: {address: pbx, username: a, secret_file: /no/such.secret}\nroutes: [{path: a, echo: {}}]\n",
			`f.yaml:1:20: "pbx" is not an address of the form host:port`,
		},
		"manager's secret": {"manager: {address: \"127.0.0.1:5038\", username: a, secret_file: /no/such.secret}\nroutes: [{path: a, echo: {}}]\n", "f.yaml:1:11: open /no/such.secret"},
		"database": {
			"directory: {sources: [{sql: {driver: oracle, dsn: x, by_username: SELECT 1}}]}\nroutes: [{path: a, echo: {}}]\n",
			`f.yaml:1:24: sql: driver "oracle": want mysql, postgres or sqlite`,
		},
		"database's name": {"directory: {sources: [{sql: {driver: mysql, by_username: SELECT 1}}]}\nroutes: [{path: a, echo: {}}]\n", "f.yaml:1:24: sql: want either dsn or dsn_file"},
		"database's password (mysql)": {
			"directory: {sources: [{sql: {driver: mysql, dsn: \"root:hunter2/db\", by_username: SELECT 1}}]}\nroutes: [{path: a, echo: {}}]\n",
			"f.yaml:1:24: sql: dsn: the driver cannot parse it",
		},
		"database's network (mysql)": {
			"directory: {sources: [{sql: {driver: mysql, dsn: \"u:hunter2(h:3306)/db\", by_username: SELECT 1}}]}\nroutes: [{path: a, echo: {}}]\n",
			"f.yaml:1:24: sql: dsn: want USER:PASSWORD@tcp(HOST:PORT)/DATABASE",
		},
		"database's password (postgres)": {
			"directory: {sources: [{sql: {driver: postgres, dsn: \"host=h port=x password = hunter2\", by_username: SELECT 1}}]}\nroutes: [{path: a, echo: {}}]\n",
			"f.yaml:1:24: sql: dsn: the driver cannot parse it",
		},
		"no question":        {"directory: {sources: [{sql: {driver: sqlite, dsn: x}}]}\nroutes: [{path: a, echo: {}}]\n", "f.yaml:1:24: sqldir: neither ByNumber nor ByUsername"},
		"network":            {"allow: [10.0.0.0/33]\nroutes: [{path: a, echo: {}}]\n", "f.yaml:1:8: 10.0.0.0/33 is not a network"},
		"level":              {"log: {level: loud}\nroutes: [{path: a, echo: {}}]\n", `f.yaml:1:14: "loud": want debug, info, warn or error`},
		"no such program":    {"routes:\n  - {path: a, exec: {program: /no/such}}\n", "f.yaml:2:31: stat /no/such: no such file"},
		"no program":         {"routes:\n  - {path: a, exec: {program: /etc/passwd}}\n", "f.yaml:2:31: /etc/passwd is not a program"},
		"sound file":         {"routes:\n  - {path: a, playback: {files: [\"../x\"]}}\n", `f.yaml:2:34: "../x" is not the name of a sound file`},
		"callers":            {"routes:\n  - {path: a, lookup: {file: /no/such.csv}}\n", "f.yaml:2:30: open /no/such.csv"},
		"no URL":             {"routes:\n  - {path: a, webhook: {url: crm}}\n", `f.yaml:2:30: "crm" is not an address of the form`},
		"webhook":            {fmt.Sprintf("routes:\n  - {path: a, webhook: {url: \"http://%s/x\"}}\n", closed), "f.yaml:2:30: the webhook cannot be reached"},
		"no secret":          {"routes:\n  - {path: a, webhook: {url: \"http://127.0.0.1:1/x\", secret_file: /etc/passwd}}\n", "f.yaml:2:67: /etc/passwd: want whsec_"},
		"variable":           {"routes:\n  - {path: a, helpdesk: {variable: \"SHELL(id)\", default: x}}\n", `f.yaml:2:36: "SHELL(id)" is not the name`},
		"two mistakes":       {"listen: x\nroutes:\n  - {path: a}\n", `f.yaml:3:6: route "a"`},
		"record without dir": {"routes:\n  - {path: a, record: {directory: tmp, format: wav}}\n", `f.yaml:2:35: "tmp": want an absolute path`},
	} {
		code, said := check(t, test.text)
		if code != exitFail || !strings.Contains(said, test.want) || strings.Contains(said, "hunter2") {
			t.Errorf("%s: exit code %d, %s, want %s", name, code, said, test.want)
		}
	}
	if code, said := check(t, "routes:\n  - {path: \"a/{b}\", echo: {}}\n"); code != exitOK || said != "f.yaml: 1 routes, nothing wrong\n" {
		t.Errorf("exit code %d, %s", code, said)
	}
}

// The example has every key, and only what does not exist here is wrong with it.
func TestExample(t *testing.T) {
	_, _, err := loadConfig("dist/fastagid.yaml")
	for line := range strings.Lines(fmt.Sprint(err)) {
		if !strings.Contains(line, "no such file") {
			t.Errorf("the example: %s", line)
		}
	}
	text, err := os.ReadFile("dist/fastagid.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{
		"pbx", "listen", "allow", "http", "drain", "level", "format", "sessions", "per_source", "environment", "timeout", "silence",
		"files", "escape", "directory", "longest", "beep", "digits", "variable", "default", "prefix", "desk", "url", "secret_file",
		"program", "args", "env", "health",
	} {
		if !strings.Contains(string(text), key+":") {
			t.Errorf("the example does not show %s", key)
		}
	}
}
