package main

import (
	"bufio"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"regexp"
	"sort"
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// anonymiseFile prints a stream with other numbers and names, the same ones for the same everywhere: of a number with more
// than four digits the last six are replaced, names become "Name 1" and so on, addresses those of the documentation net.
// The calls stay as they are. Events of the class security are left out, and the values of variables but for those that
// tell something about the call. Extensions, endpoints, queues and contexts keep their names: look at them.
func anonymiseFile(path string, stdout io.Writer) error {
	a, err := newAnonymiser()
	if err != nil {
		return err
	}
	source, err := openStream(path)
	if err != nil {
		return err
	}
	if err := source.each(func(m ami.Message, _ time.Time) { a.collect(m) }); err != nil {
		return err
	}
	a.sortNames()
	if source, err = openStream(path); err != nil {
		return err
	}
	out := bufio.NewWriter(stdout)
	if err := source.each(func(m ami.Message, _ time.Time) { a.write(out, m) }); err != nil {
		return err
	}
	return out.Flush()
}

// anonymiser replaces. What is replaced by what depends on a key that nobody keeps.
type anonymiser struct {
	key     []byte
	names   map[string]string
	order   []string // the longest first
	numbers map[string]string
	taken   map[string]bool
	hosts   map[string]string
	replace *strings.Replacer
}

func newAnonymiser() (*anonymiser, error) {
	a := &anonymiser{
		key: make([]byte, sha256.Size), names: map[string]string{}, numbers: map[string]string{}, taken: map[string]bool{},
		hosts: map[string]string{},
	}
	_, err := rand.Read(a.key)
	return a, err
}

// collect learns the names of people.
func (a *anonymiser) collect(m ami.Message) {
	for key, value := range m.All() {
		if !isName(key) || len(value) < 2 || strings.HasPrefix(value, "<") || a.names[value] != "" {
			continue
		}
		a.names[value] = fmt.Sprintf("Name %d", len(a.names)+1)
		a.order = append(a.order, value)
	}
}

func isName(key string) bool {
	lower := strings.ToLower(key)
	return strings.HasSuffix(lower, "calleridname") || strings.HasSuffix(lower, "connectedlinename") || lower == "membername"
}

func (a *anonymiser) sortNames() {
	sort.SliceStable(a.order, func(i, j int) bool { return len(a.order[i]) > len(a.order[j]) })
	var pairs []string
	for _, name := range a.order {
		if strings.ContainsAny(name, " \t") || len(name) > 5 { // a short word may be anything elsewhere
			pairs = append(pairs, name, a.names[name])
		}
	}
	a.replace = strings.NewReplacer(pairs...)
}

// kept are the variables whose values say something about calls.
var kept = map[string]bool{
	"MIXMONITOR_FILENAME": true, "QUEUESTATUS": true, "DIALSTATUS": true, "BLINDTRANSFER": true, "ATTENDEDTRANSFER": true,
}

func (a *anonymiser) write(out io.Writer, m ami.Message) {
	if strings.HasPrefix(m.Get("Privilege"), "security") {
		return
	}
	hide := m.Event() == "VarSet" && !kept[m.Get("Variable")]
	for key, value := range m.All() {
		switch lower := strings.ToLower(key); {
		case hide && key == "Value":
			value = ""
		case isName(key) && a.names[value] != "":
			value = a.names[value]
		case strings.HasSuffix(lower, "uniqueid"), strings.HasSuffix(lower, "linkedid"), key == "Timestamp", key == "ActionID":
		case lower == "secret" || lower == "key":
			value = ""
		default:
			value = a.text(value)
		}
		fmt.Fprintf(out, "%s: %s\r\n", key, value)
	}
	io.WriteString(out, "\r\n") //nolint:errcheck // a bufio.Writer says so at its Flush
}

var (
	// a number, or what looks like one: the end of a channel's name, PJSIP/101-0000001a, or a Uniqueid
	longNumber = regexp.MustCompile(`-[0-9a-f]{8}\b|[0-9]{5,}(\.[0-9]+)?`)
	address    = regexp.MustCompile(`\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b`)
)

func (a *anonymiser) text(value string) string {
	value = address.ReplaceAllStringFunc(a.replace.Replace(value), a.host)
	return longNumber.ReplaceAllStringFunc(value, func(found string) string {
		if strings.ContainsAny(found, "-.") {
			return found
		}
		return a.number(found)
	})
}

func (a *anonymiser) host(found string) string {
	if found == "127.0.0.1" || found == "0.0.0.0" {
		return found
	}
	if a.hosts[found] == "" {
		a.hosts[found] = fmt.Sprintf("192.0.2.%d", len(a.hosts)%254+1)
	}
	return a.hosts[found]
}

// replacedDigits is how many digits at the end of a number are replaced. Those before stay, so that a number with the prefix
// for an outside line is still that number.
const replacedDigits = 6

func (a *anonymiser) number(digits string) string {
	head := digits[:max(0, len(digits)-replacedDigits)]
	tail := digits[len(head):]
	if a.numbers[tail] == "" {
		a.numbers[tail] = a.unused(tail)
	}
	return head + a.numbers[tail]
}

func (a *anonymiser) unused(tail string) string {
	mac := hmac.New(sha256.New, a.key)
	mac.Write([]byte(tail))
	limit := uint64(1)
	for range tail {
		limit *= 10
	}
	for n := binary.BigEndian.Uint64(mac.Sum(nil)) % limit; ; n = (n + 1) % limit {
		if other := fmt.Sprintf("%0*d", len(tail), n); !a.taken[other] {
			a.taken[other] = true
			return other
		}
	}
}
