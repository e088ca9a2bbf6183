// Recordings finds, fetches, plays, archives and checks the recordings of a PBX, on this machine or over SFTP, FTP, S3 or ARI.
//
//	go run ./examples/recordings -config recordings.yaml find -on 2026-11-25 2101234567
//	go run ./examples/calls ... | go run ./examples/recordings -config recordings.yaml find -call -
//	go run ./examples/recordings -config recordings.yaml get 2026/11/25/in-2101234567-101.wav call.wav
//	go run ./examples/recordings -config recordings.yaml play 2026/11/25/in-2101234567-101.wav   # in a browser, with its waveform
//	go run ./examples/recordings -config recordings.yaml archive                                # all that is finished
//	go run ./examples/recordings -config recordings.yaml verify                                 # what is in the archive
//
// The file recordings.yaml beside this program has every key.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/archive"
	"github.com/asterism-go/asterism/recording/sound"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "recordings:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

// program is what all commands need.
type program struct {
	config config
	source recording.Store
	kept   *archive.Archive // nil without an archive
	ami    *ami.Client      // nil unless it is asked what goes on
	tool   sound.Tool
	out    io.Writer
}

// command is a command, and how many arguments it takes at least.
type command struct {
	least int
	usage string
	run   func(p *program, ctx context.Context, args []string) error
}

var commands = map[string]command{
	"find":    {0, "[-call FILE | -on YYYY-MM-DD [NUMBER]]", (*program).find},
	"get":     {2, "NAME FILE", (*program).get},
	"play":    {1, "NAME", (*program).play},
	"archive": {0, "", (*program).archive},
	"verify":  {0, "", (*program).verify},
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("recordings", flag.ContinueOnError)
	file := flags.String("config", "recordings.yaml", "configuration `file`")
	if err := flags.Parse(args); err != nil {
		return err
	}
	args = flags.Args()
	if len(args) == 0 {
		return errors.New("what? find, get, play, archive or verify")
	}
	cmd, ok := commands[args[0]]
	if !ok {
		return fmt.Errorf("%s? find, get, play, archive or verify", args[0])
	}
	if len(args)-1 < cmd.least {
		return fmt.Errorf("want %s %s", args[0], cmd.usage)
	}
	p := &program{out: out}
	if err := p.open(*file); err != nil {
		return err
	}
	return errors.Join(cmd.run(p, ctx, args[1:]), p.close())
}

// find lists the recordings of a call, or those of a day whose names have a number in them.
func (p *program) find(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("find", flag.ContinueOnError)
	on := flags.String("on", time.Now().Format(time.DateOnly), "the `day`")
	of := flags.String("call", "", "`file` with a call, as examples/calls prints it; - is the standard input")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *of != "" {
		return p.findCall(ctx, *of)
	}
	day, err := time.Parse(time.DateOnly, *on)
	if err != nil {
		return err
	}
	for info, err := range archive.Walk(ctx, p.source, p.config.folder(day)) {
		if err != nil {
			return err
		}
		if strings.Contains(info.Base(), flags.Arg(0)) && !recording.IsPart(info.Name) {
			fmt.Fprintf(p.out, "%s  %10d  %s\n", info.Time.Format(time.DateTime), info.Size, info.Name)
		}
	}
	return nil
}

// findCall lists the recordings of a call, the likeliest first.
func (p *program) findCall(ctx context.Context, file string) error {
	if file == "-" {
		file = "/dev/stdin"
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var call recording.Call
	if err := json.Unmarshal(text, &call); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	found, err := (&recording.Finder{Store: p.source}).Find(ctx, call)
	for _, c := range found {
		fmt.Fprintf(p.out, "%3d  %10d  %s  (%s)\n", c.Score, c.Size, c.Name, strings.Join(c.Reasons, "; "))
	}
	return err
}

// archive moves all that is finished.
func (p *program) archive(ctx context.Context, _ []string) error {
	if p.kept == nil {
		return errNoArchive
	}
	var names []string
	for info, err := range archive.Walk(ctx, p.source, "") {
		if err != nil {
			return err
		}
		if !recording.IsPart(info.Name) {
			names = append(names, info.Name)
		}
	}
	var errs []error
	slices.Sort(names)
	for _, name := range names {
		m, err := p.kept.Move(ctx, p.source, name)
		switch {
		case errors.Is(err, recording.ErrLive):
			fmt.Fprintf(p.out, "not yet   %s\n", name)
		case err != nil:
			errs = append(errs, err)
		default:
			fmt.Fprintf(p.out, "archived  %s  %d bytes  SHA-256 %s\n", name, m.Size, m.SHA256)
		}
	}
	return errors.Join(errs...)
}

// verify checks the archive.
func (p *program) verify(ctx context.Context, _ []string) error {
	if p.kept == nil {
		return errNoArchive
	}
	report, err := p.kept.Verify(ctx)
	if err != nil {
		return err
	}
	for _, finding := range report.Findings {
		fmt.Fprintln(p.out, finding)
	}
	fmt.Fprintf(p.out, "%d recordings, %d bytes, %d deletions proven, %d findings\n", report.Recordings, report.Bytes, report.Deletions, len(report.Findings))
	if len(report.Findings) > 0 {
		return fmt.Errorf("%d things are wrong", len(report.Findings))
	}
	return nil
}
