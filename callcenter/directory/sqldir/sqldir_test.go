package sqldir_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/numbers"
	"github.com/asterism-go/asterism/callcenter/directory/sqldir"
)

var plan = numbers.Must(numbers.Config{Region: "GR", Extensions: []string{"2XX"}})

const schema = `
CREATE TABLE staff (login TEXT, full_name TEXT, dept TEXT, phone TEXT, mobile TEXT, ext TEXT, since DATE, pin INTEGER);
CREATE TABLE member (login TEXT, team TEXT);
INSERT INTO staff VALUES
	('maria', 'Μαρία Παπαδάκη', 'patra', '+302101234567', '', '204', '2020-01-02', 7),
	('nikos', 'Nikos', 'larissa', '2310 555 555;2310 555 556', '+306971234567', '', NULL, 0),
	('*)(uid=*', 'odd', '', NULL, '', '', NULL, 0),
	('empty', 'empty', '', '', '', '', NULL, 0);
INSERT INTO member VALUES ('maria', 'staff'), ('maria', 'heads'), ('nikos', 'staff');`

const byNumber = `SELECT s.login AS username, full_name AS name, dept AS unit, phone AS number, mobile AS number, ext AS number,
	team AS "group", pin, since
	FROM staff s LEFT JOIN member m ON m.login = s.login
	WHERE phone IN ({e164}, {national}) OR phone LIKE {ending} OR mobile = {e164} OR ext = {digits} ORDER BY s.login, team`

const byUsername = `SELECT login, full_name, dept, phone FROM staff WHERE login = {username}`

func database(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "staff.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.ExecContext(t.Context(), schema); err != nil {
		t.Fatal(err)
	}
	return db
}

func open(t *testing.T, change func(*sqldir.Config)) *sqldir.Source {
	t.Helper()
	cfg := sqldir.Config{
		DB: database(t), ByNumber: byNumber, ByUsername: byUsername, Mapping: map[string]string{"dept": "unit"},
	}
	if change != nil {
		change(&cfg)
	}
	s, err := sqldir.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestByNumber(t *testing.T) {
	c := &directory.Chain{Plan: plan, Links: []directory.Link{{Source: open(t, nil), Deadline: time.Minute}}, Budget: time.Minute}
	for number, want := range map[string]string{"2101234567": "maria", "204": "maria", "6971234567": "nikos", "": "", "2310999999": ""} {
		answer, err := c.ByNumber(t.Context(), plan.Parse("", number))
		if answer.Person.Username != want || (err == nil) != (want != "") {
			t.Errorf("%q: %v, %v; want %q", number, answer, err, want)
		}
	}
	answer, err := c.ByNumber(t.Context(), plan.Parse("", "204"))
	p := answer.Person
	if err != nil || p.Name != "Μαρία Παπαδάκη" || p.Unit != "patra" || p.Source != "sql" ||
		!slices.Equal(p.Groups, []string{"heads", "staff"}) || !slices.Equal(p.Numbers, []string{"+302101234567", "204"}) {
		t.Errorf("it is %+v, %v", p, err)
	}
	if !slices.Equal(p.Attribute("pin"), []string{"7"}) || !slices.Equal(p.Attribute("since"), []string{"2020-01-02T00:00:00Z"}) {
		t.Errorf("the other columns are %v", p.Attributes)
	}
}

func TestByUsername(t *testing.T) {
	s := open(t, nil)
	for _, injection := range []string{`' OR '1'='1`, `maria'--`, `"; DROP TABLE staff; --`, "%", "*", "maria\x00"} {
		if found, err := s.ByUsername(t.Context(), injection); err != nil || len(found) != 0 {
			t.Errorf("%q finds %v, %v", injection, found, err)
		}
	}
	for _, name := range []string{"maria", "*)(uid=*"} {
		found, err := s.ByUsername(t.Context(), name)
		if err != nil || len(found) != 1 || found[0].Username != name {
			t.Errorf("%q finds %v, %v", name, found, err)
		}
	}
	found, err := s.ByUsername(t.Context(), "nikos")
	if err != nil || len(found) != 1 || found[0].Unit != "larissa" {
		t.Errorf("nikos is %+v, %v", found, err)
	}
}

// TestLastDigitsNeedNumbers has queries that find people by last digits and do not tell the numbers: nobody can compare them.
func TestLastDigitsNeedNumbers(t *testing.T) {
	for query, want := range map[string]int{
		"SELECT login FROM staff WHERE phone LIKE {ending}":           0,
		"SELECT login FROM staff WHERE phone LIKE '%' || {last}":      0,
		"SELECT login, phone FROM staff WHERE phone LIKE {ending}":    1,
		"SELECT login FROM staff WHERE phone IN ({e164}, {national})": 1,
	} {
		s := open(t, func(c *sqldir.Config) { c.ByNumber = query })
		if found, err := s.ByNumber(t.Context(), plan.Parse("", "2101234567")); err != nil || len(found) != want {
			t.Errorf("%s finds %v, %v; want %d", query, found, err, want)
		}
	}
}

func TestTooManyRows(t *testing.T) {
	s := open(t, func(c *sqldir.Config) {
		c.MaxRows = 3
		c.ByUsername = "SELECT login FROM staff WHERE {username} <> ''"
	})
	found, err := s.ByUsername(t.Context(), "x")
	if !errors.Is(err, directory.ErrTooMany) || len(found) != 3 {
		t.Errorf("%d people, %v", len(found), err)
	}
}

func TestErrors(t *testing.T) {
	s := open(t, func(c *sqldir.Config) { c.ByUsername = "SELECT login FROM nowhere WHERE login = {username}" })
	if _, err := s.ByUsername(t.Context(), "x"); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("error is %v", err)
	}
	s = open(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.ByUsername(ctx, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	if found, err := open(t, func(c *sqldir.Config) { c.ByNumber = "" }).ByNumber(t.Context(), plan.Parse("", "204")); err != nil || found != nil {
		t.Errorf("without a query: %v, %v", found, err)
	}
}

func TestConfigErrors(t *testing.T) {
	tests := []struct {
		name   string
		change func(*sqldir.Config)
		want   string
	}{
		{"no DB", func(c *sqldir.Config) { c.DB = nil }, "no DB"},
		{"no query", func(c *sqldir.Config) { c.ByNumber, c.ByUsername = "", "" }, "neither"},
		{"in quotes", func(c *sqldir.Config) { c.ByNumber = "SELECT 1 WHERE x LIKE '%{last}'" }, "ByNumber: {last} is inside quotes"},
		{"no parameter", func(c *sqldir.Config) { c.ByUsername = "SELECT 1" }, "ByUsername: it has no parameter"},
		{"unknown parameter", func(c *sqldir.Config) { c.ByNumber = "SELECT {phone}" }, "{phone}"},
		{"not closed", func(c *sqldir.Config) { c.ByNumber = "SELECT {e164" }, "{e164"},
		{"mapping", func(c *sqldir.Config) { c.Mapping = map[string]string{"x": "telephone"} }, `"telephone" is none of`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cfg := sqldir.Config{DB: &sql.DB{}, ByNumber: byNumber, ByUsername: byUsername}
			test.change(&cfg)
			if _, err := sqldir.New(cfg); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want one with %q", err, test.want)
			}
		})
	}
}
