package ari

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Finding is something that [Client.Diagnose] has found wrong, and what would put it right.
type Finding struct {
	// Problem is what is wrong, and what does not work because of it.
	Problem string
	// Remedy is what to do: lines of a configuration file, or a command.
	Remedy string
}

// Diagnose is [Doctor.Examine] for some languages, of which only the findings are wanted.
func (c *Client) Diagnose(ctx context.Context, languages ...string) ([]Finding, error) {
	report, err := (&Doctor{Client: c, Languages: languages}).Examine(ctx)
	if report == nil {
		return nil, err
	}
	return report.Findings, err
}

// Doctor looks for what is wrong with an Asterisk that answers.
type Doctor struct {
	// Client asks it.
	Client *Client
	// Languages are those that sounds are wanted in, such as en.
	Languages []string
	// Formats are those that calls and recordings need, as Asterisk calls them: ulaw, g722, wav. Sounds of the Languages that
	// are in none of them that calls have must be converted for each play: that is noted, and found if it cannot be done.
	Formats []string
	// Stall has it tried out whether an Asterisk that does not tell, such as 16, waits for a websocket that is not read for a
	// second: by 18 MB of events for an application of its own. If the machines are so busy that the events take long, it may
	// be wrong.
	Stall bool
}

// Report is what a [Doctor] has found.
type Report struct {
	// Version is that of Asterisk.
	Version string
	// Findings are what is wrong.
	Findings []Finding
	// Notes are worth knowing: what could not be found out, and how to see to it.
	Notes []string
	// Lacks are the operations and events that the version does not have, such as channels.progress and event CallClaimed.
	Lacks []string
}

// Examine looks for modules that are missing, no right to write, a websocket that is cut off soon, no sounds of a language,
// formats without a module, no folder for recordings, clocks that differ. It changes nothing but for a bridge that it makes,
// records and destroys. The report is nil if Asterisk cannot be asked at all; otherwise the error is the first thing that
// could not be looked at.
func (x *Doctor) Examine(ctx context.Context) (*Report, error) {
	info, err := x.Client.Asterisk().GetInfo(ctx, nil)
	if err != nil {
		return nil, err
	}
	d := doctor{c: x.Client}
	if info.System != nil {
		d.report.Version = info.System.Version
		d.report.Lacks = lacks(info.System.Version)
	}
	d.clock(ctx)
	d.modules(ctx, x.Formats)
	d.websocket(ctx, x.Stall)
	d.password(ctx)
	for _, language := range x.Languages {
		d.sounds(ctx, language, x.Formats)
	}
	d.recordings(ctx, info)
	return &d.report, d.err
}

// doctor is one Examine.
type doctor struct {
	c       *Client
	report  Report
	running map[string]bool // the modules
	err     error           // the first that is none of what it looks for
}

func (d *doctor) find(remedy, problem string, args ...any) {
	d.report.Findings = append(d.report.Findings, Finding{Problem: fmt.Sprintf(problem, args...), Remedy: remedy})
}

func (d *doctor) failed(err error) {
	if d.err == nil {
		d.err = err
	}
}

// maxClockOffset is how far the clocks may differ until that is worth a word.
const maxClockOffset = 2 * time.Second

func (d *doctor) clock(ctx context.Context) {
	before := time.Now()
	ping, err := d.c.Asterisk().Ping(ctx)
	if err != nil {
		d.failed(err)
		return
	}
	middle := before.Add(time.Since(before) / 2)
	if offset := ping.Timestamp.Sub(middle); offset.Abs() > maxClockOffset {
		d.find("synchronise both clocks with NTP", "Asterisk's clock differs from ours by %v: the times of events are off by that",
			offset.Round(time.Millisecond))
	}
}

// wantedModules are those without which handles do not work, and what for.
var wantedModules = [][2]string{
	{"res_stasis_answer.so", "Answer"},
	{"res_stasis_playback.so", "Play"},
	{"res_stasis_recording.so", "Record"},
	{"res_stasis_snoop.so", "Snoop"},
	{"app_stasis.so", "Stasis in the dialplan"},
	{"res_stasis_device_state.so", "device states"},
}

func (d *doctor) modules(ctx context.Context, formats []string) {
	modules, err := d.c.Asterisk().ListModules(ctx)
	if err != nil {
		d.failed(err)
		return
	}
	running := map[string]bool{}
	for _, m := range modules {
		running[m.Name] = m.Status == "Running"
	}
	d.running = running
	for _, want := range wantedModules {
		if !running[want[0]] {
			d.find("modules.conf: load = "+want[0], "the module %s is not running: no %s", want[0], want[1])
		}
	}
	for _, format := range formats {
		d.format(running, format)
	}
}

// recordings tries to record, as nothing else tells whether the folder is there. It needs the right to write.
func (d *doctor) recordings(ctx context.Context, info *AsteriskInfo) {
	id := newID()
	var refused *Error
	_, err := d.c.Bridges().CreateWithID(ctx, id, BridgeCreateWithIDParams{Type: "mixing", Name: "diagnose"})
	switch {
	case errors.As(err, &refused) && refused.Status == 403:
		d.find("ari.conf: read_only = no", "the user %s may only read: nothing can be done with calls", d.c.Username)
		return
	case err != nil:
		d.failed(err)
		return
	}
	defer cleanup(ctx, func(ctx context.Context) { d.failed(ignoreGone(d.c.Bridges().Destroy(ctx, id))) })
	_, err = d.c.Bridges().Record(ctx, id, BridgeRecordParams{Name: id, Format: DefaultFormat})
	switch {
	case errors.As(err, &refused) && refused.Status == 500:
		user := "asterisk"
		if info.Config != nil && info.Config.SetID.User != "" {
			user = info.Config.SetID.User
		}
		d.find(fmt.Sprintf("install -d -o %s /var/spool/asterisk/recording (astspooldir in asterisk.conf)", user),
			"Asterisk has no folder for recordings, or may not write there: every recording is answered with 500")
	case errors.As(err, &refused) && strings.Contains(strings.ToLower(refused.Message), "format"):
		d.find("modules.conf: load = format_wav.so", "Asterisk cannot write %s", DefaultFormat)
	case err != nil:
		d.failed(err)
	default:
		cleanup(ctx, func(ctx context.Context) { d.discard(ctx, id) })
	}
}

// discard removes the recording of a bridge in which nobody is.
func (d *doctor) discard(ctx context.Context, name string) {
	rec := &Recording{app: &App{Client: d.c}, name: name}
	if err := rec.Discard(ctx); err != nil {
		d.failed(err)
	}
}
