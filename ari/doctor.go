package ari

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (d *doctor) note(text string) { d.report.Notes = append(d.report.Notes, text) }

// minWriteTimeout is how long Asterisk should wait for one who reads its events: a pause of the garbage collector, or of a
// virtual machine, must not cost the connection.
const minWriteTimeout = time.Second

const writeTimeoutRemedy = "ari.conf:\n[general]\nwebsocket_write_timeout = 5000"

// websocket looks how long Asterisk waits until it cuts off one who does not read (websocket_write_timeout, by default
// 100 ms). An Asterisk that keeps ari.conf as objects tells (22.10 does, 16 does not).
func (d *doctor) websocket(ctx context.Context, measure bool) {
	value, known := d.setting(ctx, "general", "general", "websocket_write_timeout")
	if !known && measure {
		d.measured(ctx)
		return
	}
	if !known {
		d.note("how long Asterisk waits for a websocket that is not read cannot be asked of this version; the default, 100 ms, is too short. " +
			writeTimeoutRemedy)
		return
	}
	ms, err := strconv.Atoi(value)
	if err == nil {
		d.waits(time.Duration(ms) * time.Millisecond)
	}
}

// waits judges how long Asterisk waits; 0 is some time that is too short.
func (d *doctor) waits(wait time.Duration) {
	long := wait.String()
	if wait == 0 { // it is not known better
		long = minWriteTimeout.String() + " or less"
	}
	if wait < minWriteTimeout {
		d.find(writeTimeoutRemedy, "Asterisk ends the websocket of a program that does not read for %s: its application is gone then, and new calls fail", long)
	}
}

// measured judges whether Asterisk is seen to wait.
func (d *doctor) measured(ctx context.Context) {
	ended, err := d.stall(ctx, minWriteTimeout)
	switch {
	case err != nil:
		d.failed(err)
	case ended:
		d.waits(0)
	}
}

// password looks whether Asterisk gives the password away: to everybody who has a user of ARI it tells those of all
// (asterisk.getObject of res_ari/user).
func (d *doctor) password(ctx context.Context) {
	format, known := d.setting(ctx, "user", d.c.Username, "password_format")
	if known && format == "plain" {
		d.note("Asterisk tells every user of ARI the passwords of all, as ari.conf has them in plain text. ari.conf:\n[" + d.c.Username +
			"]\npassword_format = crypt\npassword = (what \"ari mkpasswd\" in its console prints)")
	}
}

// setting asks for one value of ari.conf.
func (d *doctor) setting(ctx context.Context, kind, id, name string) (value string, known bool) {
	if id == "" {
		return "", false
	}
	fields, err := d.c.Asterisk().GetObject(ctx, "res_ari", kind, id)
	var refused *Error
	if err != nil && !errors.As(err, &refused) {
		d.failed(err)
	}
	for _, field := range fields {
		if field.Attribute == name {
			return field.Value, true
		}
	}
	return "", false
}

// formatModules are what Asterisk needs for a format: to convert it, and to read and write files of it.
var formatModules = map[string][]string{
	"ulaw": {"codec_ulaw.so", "format_pcm.so"}, "alaw": {"codec_alaw.so", "format_pcm.so"}, "gsm": {"codec_gsm.so", "format_gsm.so"},
	"g722": {"codec_g722.so", "format_pcm.so"}, "g726": {"codec_g726.so", "format_g726.so"}, "speex": {"codec_speex.so"},
	"ilbc": {"codec_ilbc.so", "format_ilbc.so"}, "opus": {"codec_opus.so|codec_opus_open_source.so"}, "slin": {"codec_resample.so", "format_sln.so"},
	"wav": {"format_wav.so"}, "wav16": {"format_wav.so"}, "wav49": {"format_wav_gsm.so"}, "sln": {"format_sln.so"}, "sln16": {"format_sln.so"},
	"g729": {"codec_g729a.so|codec_g729.so", "format_g729.so"},
}

func (d *doctor) format(running map[string]bool, format string) {
	modules, known := formatModules[strings.ToLower(format)]
	if !known {
		d.note("which modules the format " + format + " needs is not known here")
	}
	for _, module := range modules {
		either := strings.Split(module, "|")
		if !slices.ContainsFunc(either, func(name string) bool { return running[name] }) {
			d.find("modules.conf: load = "+either[0], "the module %s is not running: the format %s is missing", strings.Join(either, " or "), format)
		}
	}
}

// lateEvents are the events that came without an operation of their own, and since when, as in Asterisk's change logs.
var lateEvents = []struct{ name, since string }{
	{"event ChannelTransfer", "20.13.0, 21.8.0, 22.3.0"},
	{"event CallBroadcast", "20.17.0, 22.7.0, 23.1.0"},
	{"event CallClaimed", "20.17.0, 22.7.0, 23.1.0"},
}

// lacks lists what a version does not have.
func lacks(version string) (names []string) {
	for i := range operations {
		if op := &operations[i]; !op.In(version) {
			names = append(names, op.String())
		}
	}
	for _, event := range lateEvents {
		if !hasSince(event.since, version) {
			names = append(names, event.name)
		}
	}
	return names
}

// In reports whether a version of Asterisk, such as 22.10.1, has the operation. A version that cannot be read has all.
func (o *Operation) In(version string) bool { return hasSince(o.Since, version) }

// hasSince compares a version with those that have brought something, one for each branch: it is in a branch since its own
// version, and in all branches that are newer than those.
func hasSince(since, version string) bool {
	v, ok := numbers(version)
	if !ok {
		return true
	}
	newest := 0
	for one := range strings.SplitSeq(since, ",") {
		first, ok := numbers(strings.TrimSpace(one))
		if !ok {
			return true
		}
		if first[0] == v[0] {
			return slices.Compare(v[:], first[:]) >= 0
		}
		newest = max(newest, first[0])
	}
	return v[0] > newest
}

// numbers reads a version: major, minor, patch. What follows, as in 22.10.1+dfsg, is left out.
func numbers(version string) (n [3]int, ok bool) {
	for i, part := range strings.SplitN(version, ".", 3) {
		end := strings.IndexFunc(part, func(r rune) bool { return r < '0' || r > '9' })
		if end >= 0 {
			part = part[:end]
		}
		var err error
		if n[i], err = strconv.Atoi(part); err != nil {
			return n, false
		}
	}
	return n, true
}
