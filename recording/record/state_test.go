package record_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/recording/record"
)

// script is an engine that writes down what it is told.
type script struct {
	plan record.Plan
	told []string
	fail map[string]error
}

func (s *script) Start(_ context.Context, plan record.Plan) (record.Tape, error) {
	s.plan = plan
	err := s.tell("start")
	return s, err
}

func (s *script) tell(what string) error {
	s.told = append(s.told, what)
	return s.fail[what]
}

func (s *script) Pause(_ context.Context, on bool) error { return s.tell(fmt.Sprint("pause ", on)) }
func (s *script) Mask(_ context.Context, on bool) error  { return s.tell(fmt.Sprint("mask ", on)) }
func (s *script) Stop(context.Context) error             { return s.tell("stop") }

const plain = "{date}-{time}-{uniqueid}"

func started(t *testing.T, engine *script) *record.Recording {
	t.Helper()
	r, err := (&record.Recorder{Engine: engine, Template: plain}).Start(t.Context(), record.Request{Channel: "1.1", Uniqueid: "1.1"})
	if err != nil {
		t.Fatal(err)
	}
	engine.told = nil
	return r
}

// TestStates plays each row of the table of verbs and states.
func TestStates(t *testing.T) {
	verbs := map[record.Verb]func(*record.Recording, context.Context) error{
		record.Pause: (*record.Recording).Pause, record.Resume: (*record.Recording).Resume, record.Mask: (*record.Recording).Mask,
		record.Unmask: (*record.Recording).Unmask, record.Stop: (*record.Recording).Stop,
	}
	reach := map[record.State][]record.Verb{
		record.Recorded: nil, record.Masked: {record.Mask}, record.Paused: {record.Pause},
		record.PausedMasked: {record.Mask, record.Pause}, record.Stopped: {record.Stop},
	}
	type row struct {
		from record.State
		verb record.Verb
		to   record.State
		told string
		err  error
	}
	rows := []row{
		{record.Recorded, record.Pause, record.Paused, "pause true", nil},
		{record.Recorded, record.Resume, record.Recorded, "", record.ErrNotNow},
		{record.Recorded, record.Mask, record.Masked, "mask true", nil},
		{record.Recorded, record.Unmask, record.Recorded, "", record.ErrNotNow},
		{record.Recorded, record.Stop, record.Stopped, "stop", nil},
		{record.Masked, record.Pause, record.PausedMasked, "pause true", nil},
		{record.Masked, record.Resume, record.Masked, "", record.ErrNotNow},
		{record.Masked, record.Mask, record.Masked, "", nil},
		{record.Masked, record.Unmask, record.Recorded, "mask false", nil},
		{record.Masked, record.Stop, record.Stopped, "stop", nil},
		{record.Paused, record.Pause, record.Paused, "", nil},
		{record.Paused, record.Resume, record.Recorded, "pause false", nil},
		{record.Paused, record.Mask, record.PausedMasked, "mask true", nil},
		{record.Paused, record.Unmask, record.Paused, "", record.ErrNotNow},
		{record.Paused, record.Stop, record.Stopped, "stop", nil},
		{record.PausedMasked, record.Pause, record.PausedMasked, "", nil},
		{record.PausedMasked, record.Resume, record.PausedMasked, "", record.ErrMasked},
		{record.PausedMasked, record.Mask, record.PausedMasked, "", nil},
		{record.PausedMasked, record.Unmask, record.Paused, "mask false", nil},
		{record.PausedMasked, record.Stop, record.Stopped, "stop", nil},
		{record.Stopped, record.Pause, record.Stopped, "", record.ErrEnded},
		{record.Stopped, record.Resume, record.Stopped, "", record.ErrEnded},
		{record.Stopped, record.Mask, record.Stopped, "", record.ErrEnded},
		{record.Stopped, record.Unmask, record.Stopped, "", record.ErrEnded},
		{record.Stopped, record.Stop, record.Stopped, "", nil},
	}
	if len(rows) != len(reach)*len(verbs) {
		t.Errorf("%d rows", len(rows))
	}
	for _, row := range rows {
		engine := &script{}
		r := started(t, engine)
		for _, verb := range reach[row.from] {
			if err := verbs[verb](r, t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		engine.told = nil
		before := r.State()
		err := verbs[row.verb](r, t.Context())
		if told := strings.Join(engine.told, ", "); before != row.from || r.State() != row.to || told != row.told || !errors.Is(err, row.err) {
			t.Errorf("%v in %v: %v, %q, %v", row.verb, before, r.State(), told, err)
		}
	}
	if s := record.State(9).String() + record.PausedMasked.String(); s != "State(9)paused and masked" {
		t.Error(s)
	}
}

// TestFailures: a failure leaves the state as it was, and the end of the channel ends it.
func TestFailures(t *testing.T) {
	lost := errors.New("lost")
	engine := &script{fail: map[string]error{"mask true": lost, "pause true": fmt.Errorf("gone: %w", record.ErrEnded)}}
	r := started(t, engine)
	called := false
	if err := r.Masked(t.Context(), func(context.Context) error { called = true; return nil }); !errors.Is(err, lost) || called || r.State() != record.Recorded {
		t.Errorf("%v, called: %v, %v", err, called, r.State())
	}
	if err := r.Pause(t.Context()); !errors.Is(err, record.ErrEnded) || r.State() != record.Stopped {
		t.Errorf("%v, %v", err, r.State())
	}
	if want := []string{"mask true", "pause true", "stop"}; !slices.Equal(engine.told, want) {
		t.Errorf("%q", engine.told)
	}
	if err := r.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if marks := r.Marks(); len(marks) != 1 || marks[0].State != record.Stopped || marks[0].At.IsZero() {
		t.Errorf("%v", marks)
	}
}

// TestMasked unmasks whatever becomes of what is done, but not what another has masked.
func TestMasked(t *testing.T) {
	engine := &script{}
	r := started(t, engine)
	wrong := errors.New("wrong card")
	ctx, cancel := context.WithCancel(t.Context())
	err := r.Masked(ctx, func(context.Context) error { cancel(); return wrong })
	if !errors.Is(err, wrong) || r.State() != record.Recorded {
		t.Errorf("%v, %v", err, r.State())
	}
	func() {
		defer func() { _ = recover() }()
		_ = r.Masked(t.Context(), func(context.Context) error { panic("here") })
	}()
	if r.State() != record.Recorded {
		t.Error(r.State())
	}
	if err := r.Mask(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.Masked(t.Context(), func(context.Context) error { return nil }); err != nil || r.State() != record.Masked {
		t.Errorf("%v, %v", err, r.State())
	}
	if want := []string{"mask true", "mask false", "mask true", "mask false", "mask true"}; !slices.Equal(engine.told, want) {
		t.Errorf("%q", engine.told)
	}
}

// TestConsent records nothing before there is one, and tells the audit of all.
func TestConsent(t *testing.T) {
	engine := &script{fail: map[string]error{}}
	answer, asked := false, errors.New("the caller hung up")
	var entries []record.Entry
	recorder := &record.Recorder{
		Engine: engine, Template: "{id}", Audit: func(e record.Entry) { entries = append(entries, e) },
		Consent: func(_ context.Context, r record.Request) (bool, error) {
			if len(engine.told) > 0 || r.Number != "200" {
				t.Errorf("%q, %+v", engine.told, r)
			}
			return answer, asked
		},
	}
	req := record.Request{Channel: "1.1", Number: "200"}
	if _, err := recorder.Start(t.Context(), req); !errors.Is(err, asked) {
		t.Error(err)
	}
	asked = nil
	if _, err := recorder.Start(t.Context(), req); !errors.Is(err, record.ErrNoConsent) {
		t.Error(err)
	}
	answer = true
	r, err := recorder.Start(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, e := range entries {
		if e.At.IsZero() || e.Channel != "1.1" || len(e.Files) != 1 {
			t.Errorf("%+v", e)
		}
		said = append(said, fmt.Sprintf("%s %v %v", e.Verb, e.State, e.Err))
	}
	want := []string{
		"start recorded the caller hung up", "start recorded record: there is no consent", "start recorded <nil>", "stop stopped <nil>",
	}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Error(diff)
	}
}

// TestNames: no name is used twice within a second, also not after the end.
func TestNames(t *testing.T) {
	engine := &script{}
	recorder := &record.Recorder{Engine: engine, Template: "{uniqueid}/x-{time}", Sides: record.Apart, Format: "gsm", Zone: time.UTC}
	req := record.Request{Channel: "PJSIP/101-00000001", Uniqueid: "1.1"}
	for range 20 { // two of them at least are in the same second
		before := len(engine.told)
		r, err := recorder.Start(t.Context(), req)
		if errors.Is(err, record.ErrNameTaken) {
			if len(engine.told) != before {
				t.Error("it was started all the same")
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		files := r.Files()
		if len(files) != 2 || !strings.HasPrefix(files[0], "1.1/x-") || !strings.HasSuffix(files[0], "-in.gsm") || !strings.HasSuffix(files[1], "-out.gsm") {
			t.Errorf("%q", files)
		}
		if err := r.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	t.Error("the same name was used twice")
}

// TestMaskedAtOnce: who is done first does not unmask what another still says, nor does an Unmask of a third.
func TestMaskedAtOnce(t *testing.T) {
	engine := &script{}
	r := started(t, engine)
	first, second, both := make(chan struct{}), make(chan struct{}), make(chan struct{}, 2)
	var wg sync.WaitGroup
	for _, end := range []chan struct{}{first, second} {
		wg.Go(func() {
			err := r.Masked(t.Context(), func(context.Context) error {
				both <- struct{}{}
				<-end
				return nil
			})
			if err != nil {
				t.Error(err)
			}
			both <- struct{}{}
		})
	}
	<-both
	<-both
	if err := r.Unmask(t.Context()); !errors.Is(err, record.ErrNotNow) {
		t.Error(err)
	}
	if err := r.Mask(t.Context()); err != nil {
		t.Error(err)
	}
	close(first)
	<-both
	if err := r.Unmask(t.Context()); err != nil || r.State() != record.Masked {
		t.Errorf("%v, %v", err, r.State())
	}
	close(second)
	wg.Wait()
	if want := []string{"mask true", "mask false"}; !slices.Equal(engine.told, want) || r.State() != record.Recorded {
		t.Errorf("%q, %v", engine.told, r.State())
	}
}
