package csvdir_test

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/csvdir"
	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

var plan = numbers.Must(numbers.Config{Region: "GR", Extensions: []string{"2XX"}})

const people = "\ufeffusername,name,Unit,number,mobile,email,group,role\r\n" +
	"maria,Μαρία Παπαδάκη,patra,210 123 4567; 204,,maria@example.org,staff,head\r\n" +
	"maria,,,,6971234567,,heads,\r\n" +
	"\"nikos\",\"Nikos, \"\"N\"\"\",larissa,2310 555 555,,,,\r\n"

func write(t *testing.T, file, text string) {
	t.Helper()
	part := file + ".part"
	if err := os.WriteFile(part, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(part, file); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, text string, change func(*csvdir.Config)) (*csvdir.Source, string, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "people.csv")
	write(t, file, text)
	cfg := csvdir.Config{File: file, Plan: plan, CheckEvery: time.Nanosecond}
	if change != nil {
		change(&cfg)
	}
	s, err := csvdir.New(cfg)
	if err == nil {
		t.Cleanup(func() { s.Close() })
	}
	return s, file, err
}

func TestCSV(t *testing.T) {
	s, _, err := open(t, people, nil)
	if err != nil || s.Len() != 2 {
		t.Fatal(s.Len(), err)
	}
	c := &directory.Chain{Plan: plan, Links: []directory.Link{{Source: s}}}
	for number, want := range map[string]string{"+302101234567": "maria", "204": "maria", "6971234567": "maria", "2310555555": "nikos", "205": ""} {
		if answer, err := c.ByNumber(t.Context(), plan.Parse("", number)); answer.Person.Username != want || (err == nil) != (want != "") {
			t.Errorf("%s: %v, %v; want %q", number, answer, err, want)
		}
	}
	answer, err := c.ByUsername(t.Context(), "Maria")
	p := answer.Person
	if err != nil || p.Name != "Μαρία Παπαδάκη" || p.Unit != "patra" || p.Source != "csv" || !slices.Equal(p.Groups, []string{"staff", "heads"}) ||
		!slices.Equal(p.Attribute("role"), []string{"head"}) || !slices.Equal(p.Emails, []string{"maria@example.org"}) {
		t.Errorf("it is %+v, %v", p, err)
	}
}

func TestOtherColumns(t *testing.T) {
	s, _, err := open(t, "tel\tdept\tname\n2101234567\tpatra\tx\n", func(c *csvdir.Config) {
		c.Comma, c.Mapping = "\t", map[string]string{"TEL": "number", "dept": "unit", "name": ""}
	})
	if err != nil {
		t.Fatal(err)
	}
	found, err := s.ByNumber(t.Context(), plan.Parse("", "2101234567"))
	if err != nil || len(found) != 1 || found[0].Unit != "patra" || found[0].Name != "" {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestFileErrors(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty", "", ":1:1: empty"},
		{"no columns of use", "colour,size\nred,1\n", ":1:1: no column is a number or a username"},
		{"a column too many", "username,name\nmaria,M\nnikos,N,x\n", ":3:1: wrong number of fields"},
		{"a quote", "username,name\nmaria,M\nnikos,\"N\n", ":3:10: extraneous or missing"},
		{"another encoding", "username,name\nmaria,M\nnikos,\xcd\xdf\n", ":3:7: not UTF-8"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, file, err := open(t, test.text, nil)
			if err == nil || !strings.Contains(err.Error(), file+test.want) {
				t.Errorf("error is %v, want one with %q", err, test.want)
			}
		})
	}
	if _, err := csvdir.New(csvdir.Config{File: filepath.Join(t.TempDir(), "none.csv")}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error is %v", err)
	}
	if _, _, err := open(t, people, func(c *csvdir.Config) { c.Mapping = map[string]string{"x": "y"} }); err == nil {
		t.Error("a mapping to nothing was taken")
	}
	for _, comma := range []string{";;", "\""} {
		if _, _, err := open(t, people, func(c *csvdir.Config) { c.Comma = comma }); err == nil {
			t.Errorf("the comma %q was taken", comma)
		}
	}
}

// log is a log that may be read while it is written.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *log) count(part string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), part)
}

// await asks until the fact is there: a question only starts the reading.
func await(t *testing.T, s *csvdir.Source, fact func() bool) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	for !fact() {
		if _, err := s.ByUsername(t.Context(), "maria"); err != nil {
			t.Fatal(err)
		}
		select {
		case <-deadline:
			t.Fatalf("it does not come: %d people, %v", s.Len(), s.Err())
		case <-time.After(time.Millisecond):
		}
	}
}

func TestHotReload(t *testing.T) {
	var said log
	s, file, err := open(t, people, func(c *csvdir.Config) { c.Logger = slog.New(slog.NewTextHandler(&said, nil)) })
	if err != nil {
		t.Fatal(err)
	}
	knows := func(name string) bool {
		found, err := s.ByUsername(t.Context(), name)
		return err == nil && len(found) == 1
	}
	write(t, file, "username\neleni\n")
	await(t, s, func() bool { return knows("eleni") && !knows("maria") })
	write(t, file, "username,name\nsofia\n") // at fault
	await(t, s, func() bool { return s.Err() != nil })
	if !knows("eleni") || !strings.Contains(s.Err().Error(), ":2:1: wrong number of fields") {
		t.Errorf("what was read before is gone: %v", s.Err())
	}
	write(t, file, "username,name\nsofia,S\n")
	await(t, s, func() bool { return s.Err() == nil && knows("sofia") })
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	await(t, s, func() bool { return errors.Is(s.Err(), os.ErrNotExist) })
	if !knows("sofia") {
		t.Error("people are gone with the file")
	}
	write(t, file, "username\neleni\n")
	await(t, s, func() bool { return s.Err() == nil && knows("eleni") })
	if reads, faults := said.count("was read again"), said.count("cannot be read"); reads != 3 || faults != 2 {
		t.Errorf("the log tells of %d reads and %d faults, want 3 and 2:\n%s", reads, faults, said.text.String())
	}
	s.Close()
	write(t, file, "username\nmaria\n")
	for range 3 {
		if knows("maria") {
			t.Error("it reads on when it is closed")
		}
	}
}
