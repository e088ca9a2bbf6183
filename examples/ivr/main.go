// Ivr is a help desk's menus in Greek, Persian and English, over AGI and over ARI at once.
//
//	go run ./examples/ivr check helpdesk.yaml                    # says what is wrong with a file of menus
//	go run ./examples/ivr -demo                                  # a real Asterisk, and callers who call it both ways
//	go run ./examples/ivr -graph menu.svg -journal calls.jsonl   # draws the menus with what callers did
//	go run ./examples/ivr -agi :4573 -ari http://pbx:8088/ari -user ivr -app helpdesk -journal calls.jsonl \
//	   -speak "espeak-ng -v {language} --stdin --stdout" -spoken /var/lib/asterisk/spoken
//
// The menus are helpdesk.yaml, or the file of -menu, which is read again whenever it changes: calls in progress finish on the
// old ones. extensions.conf has the dialplan to go with it. The passwords of ARI and AMI are in the variables ASTERISM_ARI_PASSWORD
// and ASTERISM_AMI_SECRET, the PINs of the accounts, separated by commas, in HELPDESK_PINS. The journal has a line of JSON for each call, message and wish
// to be called back.
package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/asterism-go/asterism/ivr/menu"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "ivr:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

//go:embed helpdesk.yaml
var helpdesk string

// options are the command line.
type options struct {
	menu, journal, graph string
	agi                  string
	ari, user, app       string
	ami, amiUser         string
	http                 string
	speak, spoken        string
	sounds, say          string
	drain                time.Duration
	demo, verbose        bool
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("ivr", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.menu, "menu", "", "the `file` with the menus; empty: those that are built in")
	flags.StringVar(&o.journal, "journal", "", "the `file` that gets, or with -graph has, a line for each call")
	flags.StringVar(&o.graph, "graph", "", "draw the menus into this SVG `file`, and nothing else")
	flags.StringVar(&o.agi, "agi", "", "serve AGI at this `address`, such as :4573")
	flags.StringVar(&o.ari, "ari", "", "serve ARI at this `URL`, such as http://127.0.0.1:8088/ari")
	flags.StringVar(&o.user, "user", "ivr", "the `user` of ARI")
	flags.StringVar(&o.app, "app", "helpdesk", "the Stasis `application`")
	flags.StringVar(&o.ami, "ami", "", "ask AMI at this `address`, such as 127.0.0.1:5038, which sounds there are; for AGI without ARI")
	flags.StringVar(&o.amiUser, "ami-user", "ivr", "the `user` of AMI, who may write command")
	flags.StringVar(&o.http, "http", "", "show metrics and the drawing at this `address`")
	flags.StringVar(&o.speak, "speak", "", "the `command` that speaks texts, without a shell: text in, WAV out, {language} filled in")
	flags.StringVar(&o.spoken, "spoken", "spoken", "the `folder` of what was spoken, the same for Asterisk")
	flags.StringVar(&o.sounds, "sounds", "", "the `folder` of Asterisk's sounds, to check which there are; empty: ask ARI or AMI")
	flags.StringVar(&o.say, "say", "", "say numbers, dates and times by this `file`, a say.conf of Asterisk, in the languages that it has")
	flags.DurationVar(&o.drain, "drain", 30*time.Second, "how `long` calls in progress may take at the end")
	flags.BoolVar(&o.demo, "demo", false, "start an Asterisk, and callers")
	flags.BoolVar(&o.verbose, "v", false, "tell more about what happens")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("what is %q? There is check FILE, and options", flags.Arg(0))
	}
	return o, nil
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if len(args) > 0 && args[0] == "check" {
		return check(args[1:], stdout, stderr)
	}
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	level := slog.LevelInfo
	if o.verbose {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level}))
	switch {
	case o.graph != "":
		return draw(ctx, o)
	case o.demo:
		return demo(ctx, o, stdout, log)
	case o.agi == "" && o.ari == "":
		return errors.New("want -agi or -ari, or both; or -demo, -graph FILE, check FILE")
	}
	d := &desk{options: o, log: log}
	return errors.Join(d.serve(ctx), d.close())
}

// menus reads the menus.
func (o options) menus() (*menu.Set, error) {
	if o.menu == "" {
		return menu.Parse("helpdesk.yaml", []byte(helpdesk))
	}
	return menu.Read(o.menu)
}

// command splits a command at spaces.
func command(text string) []string { return strings.Fields(text) }
