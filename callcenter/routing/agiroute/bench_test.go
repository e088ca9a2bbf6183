package agiroute_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/ldapdir"
	"github.com/asterism-go/asterism/callcenter/directory/numbers"
	"github.com/asterism-go/asterism/callcenter/routing"
	"github.com/asterism-go/asterism/callcenter/routing/agiroute"
	"github.com/asterism-go/asterism/internal/asterisktest"
	"github.com/asterism-go/asterism/internal/slapd"
)

// stopwatch takes the time of a handler's sessions, and of the LDAP lookups in them.
type stopwatch struct {
	handler agi.Handler
	took    chan time.Duration
}

func (w *stopwatch) ServeAGI(ctx context.Context, s *agi.Session) error {
	begin := time.Now()
	err := w.handler.ServeAGI(ctx, s)
	w.took <- time.Since(begin)
	return err
}

// timedDirectory takes the time of the lookups.
type timedDirectory struct {
	directory.Directory
	took chan time.Duration
}

func (d *timedDirectory) ByNumber(ctx context.Context, number numbers.Number) (directory.Answer, error) {
	answer, err := d.Directory.ByNumber(ctx, number)
	d.took <- answer.Steps[0].Took
	return answer, err
}

// BenchmarkRealLookup calls a real Asterisk as people of a real LDAP server, whom no cache knows, one after the other. It
// reports how long the LDAP server takes, and how much longer AGI() takes from its first command to its last.
func BenchmarkRealLookup(b *testing.B) {
	school := slapd.School{Users: 10_000}
	server := slapd.Start(b, slapd.Config{LDIF: school.LDIF()})
	set, err := routing.Parse("rules.yaml", []byte("numbers: {region: GR}\ndesks: {a: {queue: a}, n: {queue: n}}\nrules: [{person: {unit: patra}, desk: a}]\ndefault: n\n"))
	if err != nil {
		b.Fatal(err)
	}
	source, err := ldapdir.New(ldapdir.Config{
		URLs: []string{server.URL()}, BindDN: school.ServiceDN(), Password: slapd.Password, BaseDN: slapd.DefaultSuffix, Timeout: patience,
	})
	if err != nil {
		b.Fatal(err)
	}
	defer source.Close()
	lookups := &timedDirectory{&directory.Chain{
		Plan: set.Plan(), Budget: patience, Links: []directory.Link{{Source: source, Deadline: patience}},
	}, make(chan time.Duration, 1)}
	watch := &stopwatch{
		&agiroute.Handler{Router: routing.New(set, routing.Config{Directory: lookups, Budget: patience})}, make(chan time.Duration, 1),
	}
	call := dialer(b, watch)
	var ldap, all, over []time.Duration
	for i := 0; b.Loop(); i++ {
		call(school.User(i * 7 % school.Users).Phone)
		one, whole := <-lookups.took, <-watch.took
		if i == 0 {
			continue // the connection to the server is made
		}
		ldap, all, over = append(ldap, one), append(all, whole), append(over, whole-one)
	}
	for name, times := range map[string][]time.Duration{"ldap": ldap, "agi": all, "agi-ldap": over} {
		slices.Sort(times)
		if n := len(times); n > 0 {
			b.ReportMetric(float64(times[n/2].Microseconds())/1000, name+"-p50-ms")
			b.ReportMetric(float64(times[n*99/100].Microseconds())/1000, name+"-p99-ms")
		}
	}
}

// dialer starts an Asterisk whose calls run the handler, and returns what calls it as somebody.
func dialer(b *testing.B, handler agi.Handler) (call func(number string)) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	srv := &agi.Server{Handler: handler}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(listener) }()
	b.Cleanup(func() {
		srv.Close()
		if err := <-served; !errors.Is(err, agi.ErrServerClosed) {
			b.Error(err)
		}
	})
	pbx := asterisktest.Start(b, asterisktest.Config{Files: map[string]string{
		"extensions.conf": fmt.Sprintf("[default]\nexten => help,1,AGI(agi://%s/)\n same => n,Hangup()\n", listener.Addr()),
	}})
	manager := &ami.Client{Addr: pbx.AMI.String(), Username: asterisktest.Username, Secret: asterisktest.Secret, EventMask: "off"}
	if err := manager.Connect(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { manager.Close() })
	return func(number string) {
		if _, err := manager.Do(b.Context(), ami.Action{Name: "Originate"}.With("Channel", "Local/help@default").With("CallerID", number).
			With("Application", "Wait").With("Data", "0").With("Async", "true")); err != nil {
			b.Fatal(err)
		}
	}
}
