package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/asterism-go/asterism/ami"
)

// options are what the command line says.
type options struct {
	addr, user     string
	record, replay string
	count          bool
	globs          []string
}

func parse(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("events", flag.ContinueOnError)
	flags.StringVar(&o.addr, "addr", ami.DefaultAddr, "`host:port` of the Manager")
	flags.StringVar(&o.user, "user", "", "`name` of the user in manager.conf; the secret is in ASTERISM_AMI_SECRET")
	flags.StringVar(&o.record, "record", "", "`file` to record everything in, without secrets")
	flags.StringVar(&o.replay, "replay", "", "`file` to read instead of an Asterisk")
	flags.BoolVar(&o.count, "count", false, "print only how many there were, at the end")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	o.globs = flags.Args()
	for _, glob := range o.globs {
		if _, err := path.Match(glob, ""); err != nil {
			return o, fmt.Errorf("%q: %w", glob, err)
		}
	}
	return o, nil
}

func run(ctx context.Context, args []string, out io.Writer) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	show := &shower{options: o, out: bufio.NewWriter(out), events: map[string]int{}}
	if o.replay != "" {
		err = replay(o.replay, show)
	} else {
		err = listen(ctx, o, show)
	}
	if o.count {
		show.counts()
	}
	return errors.Join(err, show.out.Flush())
}

// replay shows a recording.
func replay(name string, show *shower) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	var text io.Reader = bufio.NewReader(file)
	if strings.HasSuffix(name, ".gz") {
		if text, err = gzip.NewReader(text); err != nil {
			return err
		}
	}
	reader := ami.NewReader(text)
	for {
		m, err := reader.Borrow()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		show.message(m)
	}
}

// listen shows an Asterisk until ctx ends.
func listen(ctx context.Context, o options, show *shower) (err error) {
	client := &ami.Client{Addr: o.addr, Username: o.user, Secret: os.Getenv("ASTERISM_AMI_SECRET")}
	if o.record != "" {
		file, err := os.Create(o.record)
		if err != nil {
			return err
		}
		recorder := ami.NewRecorder(file)
		client.Hooks.Message = recorder.Record
		defer func() { err = errors.Join(err, recorder.Err(), file.Close()) }()
	}
	events := client.Events(ctx)
	if err := client.Connect(ctx); err != nil {
		return err
	}
	defer client.Close()
	for event, err := range events {
		switch {
		case errors.Is(err, ami.ErrSlowConsumer):
			fmt.Fprintf(show.out, "# %v\n\n", err)
		case ctx.Err() != nil:
			return nil // Ctrl-C
		case err != nil:
			return err
		default:
			show.message(event)
		}
		if err := show.out.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// shower prints messages, and counts them.
type shower struct {
	options
	out               *bufio.Writer
	messages, replies int
	events            map[string]int
}

func (s *shower) message(m ami.Message) {
	s.messages++
	if m.IsResponse() {
		s.replies++
		return
	}
	s.events[strings.Clone(m.Event())]++
	if s.count || !s.wanted(m.Event()) {
		return
	}
	if why := m.Suspicious(); why != "" {
		fmt.Fprintf(s.out, "# perhaps forged: %s\n", why)
	}
	for key, value := range m.All() {
		fmt.Fprintf(s.out, "%s: %s\n", key, value)
	}
	fmt.Fprintln(s.out)
}

func (s *shower) wanted(name string) bool {
	if len(s.globs) == 0 {
		return true
	}
	return slices.ContainsFunc(s.globs, func(glob string) bool {
		fits, err := path.Match(glob, name)
		return err == nil && fits
	})
}

// counts prints how many messages there were.
func (s *shower) counts() {
	fmt.Fprintf(s.out, "messages %d\nreplies %d\n", s.messages, s.replies)
	for _, name := range slices.Sorted(maps.Keys(s.events)) {
		if s.wanted(name) {
			fmt.Fprintf(s.out, "event %s %d\n", name, s.events[name])
		}
	}
}
