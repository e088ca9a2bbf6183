package main

import (
	"database/sql"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

const busyRules = `
numbers: {region: GR}
desks: {patra: {queue: patra, max_waiting: 1, fallback: [athens]}, athens: {queue: athens}, national: {queue: national}}
rules:
  - {name: western Greece, caller: {prefix: ["261"]}, desk: patra}
default: national
`

// What desks do when they are full is decided by how many callers wait in the queues of a real Asterisk, and when its Manager is
// gone, calls are served as if they were not.
func TestFullDesk(t *testing.T) {
	pbx := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{
		"queues.conf":     "[patra]\njoinempty = yes\n[athens]\njoinempty = yes\n",
		"extensions.conf": "[default]\nexten => wait,1,Answer()\n same => n,Wait(600)\nexten => _q-.,1,Queue(${EXTEN:2})\n",
	}})
	secret := write(t, "secret", asterisktest.Secret+"\n", 0o600)
	rules := write(t, "rules.yaml", busyRules, 0o600)
	manager := fmt.Sprintf("manager: {address: %q, username: %s, secret_file: %q}\n", pbx.AMI, asterisktest.Username, secret)
	d := startDaemon(t, fmt.Sprintf("  - {path: desk, helpdesk: {rules: %q}}\n%s", rules, manager))
	file := write(t, "explain.yaml", fmt.Sprintf("%sroutes: [{path: desk, helpdesk: {rules: %q}}]\n", manager, rules), 0o600)
	says := func(want string) func() bool {
		return func() bool { return d.call(channel("desk", "2610123456")).Variables["ROUTE_DESK"] == want }
	}
	waitFor(t, says("patra"), func() string { return "the desk is free: " + d.said.String() })
	if out, errs, _ := explained(t, "-config", file, "-number", "2610123456"); !strings.Contains(out, "So the call goes to patra") || errs != "" {
		t.Errorf("%s\n%s", out, errs)
	}
	admin := &ami.Client{Addr: pbx.AMI.String(), Username: asterisktest.Username, Secret: asterisktest.Secret}
	if err := admin.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	waiting := ami.Action{Name: "Originate"}.With("Channel", "Local/wait@default/n").With("Context", "default").
		With("Exten", "q-patra").With("Priority", "1").With("Async", "true")
	if _, err := admin.Do(t.Context(), waiting); err != nil {
		t.Fatal(err)
	}
	waitFor(t, says("athens"), func() string { return "the desk is full: " + d.said.String() })
	if out, errs, _ := explained(t, "-config", file, "-number", "2610123456"); !strings.Contains(out, "1 callers wait already") ||
		!strings.Contains(out, "So the call goes to athens") || errs != "" {
		t.Errorf("%s\n%s", out, errs)
	}
	if page := get(t, d.http+"/metrics"); !strings.Contains(page, `asterisk_ami_up{pbx="main"} 1`) {
		t.Error("the metrics do not tell of the Manager")
	}
	pbx.Kill()
	waitFor(t, says("patra"), func() string { return "without the Manager: " + d.said.String() })
}

// The Manager that does not answer is told, and the call is explained without it.
func TestExplainWithoutManager(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := listener.Addr().String()
	listener.Close()
	file := write(t, "explain.yaml", fmt.Sprintf("manager: {address: %q, username: a, secret_file: %q}\nroutes: [{path: desk, helpdesk: {rules: %q}}]\n",
		addr, write(t, "secret", "hunter2", 0o600), write(t, "rules.yaml", busyRules, 0o600)), 0o600)
	out, errs, code := explained(t, "-config", file, "-number", "2610123456")
	if code != exitOK || !strings.Contains(out, "So the call goes to patra") || strings.Contains(out+errs, "hunter2") ||
		!strings.Contains(errs, "the Manager at "+addr+" does not tell how much queues have to do: no answer within 5s") {
		t.Errorf("%d, %s\n%s", code, out, errs)
	}
}

func TestExplainAsksDatabase(t *testing.T) {
	name := filepath.Join(t.TempDir(), "crm.db")
	db, err := sql.Open("sqlite", name)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), `CREATE TABLE staff (login, name, dept, phone);
		INSERT INTO staff VALUES ('papadaki', 'Maria Papadaki', 'patra', '2101234567'), ('x', 'Nobody', 'athens', '*)(uid=*')`); err != nil {
		t.Fatal(err)
	}
	const columns = "SELECT login AS username, name, dept AS unit, phone AS number FROM staff WHERE "
	cfg := writeConfig(t, write(t, "rules.yaml", someRules, 0o600), fmt.Sprintf(
		"{deadline: 20s, sql: {driver: sqlite, dsn_file: %q, by_number: %q, by_username: %q}}",
		write(t, "dsn", "file:"+name+"?mode=ro\n", 0o600), columns+"phone IN ({e164}, {national})", columns+"login = {username}"))
	for _, test := range []struct{ want, flag, value string }{
		{"The directory knows +302101234567: Maria Papadaki (papadaki, patra) by sql", "-number", "+302101234567"},
		{"The directory knows papadaki: Maria Papadaki", "-username", "papadaki"},
		{"national, queue national, the default", "-username", "' OR 1=1 --"},
	} {
		if out, errs, code := explained(t, "-config", cfg, test.flag, test.value); !strings.Contains(out, test.want) || code != exitOK {
			t.Errorf("%s %s: %d, %s\n%s", test.flag, test.value, code, out, errs)
		}
	}
}
