package record

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ami/action"
)

// AMI records with MixMonitor (apps/app_mixmonitor.c). The user in manager.conf needs to write system (MixMonitor), call
// (StopMixMonitor, MixMonitorMute) and reporting (Getvar, CoreSettings); command too if Asterisk is older than 22 and stretches
// are masked.
type AMI struct {
	// Client is connected.
	Client *ami.Client
	// Dir is the folder on Asterisk's machine that names are relative to, absolute. Default: Asterisk's own folder for monitor.
	Dir string
}

var _ Engine = (*AMI)(nil)

// mix is a MixMonitor.
type mix struct {
	*AMI
	channel string
	file    string // empty if the sides are apart
	options string
	id      string // empty while none runs
	paused  bool
	muted   bool // and with it all MixMonitors of the channel, since 22
	silent  bool // a mask leaves out what comes
}

// Start implements [Engine].
func (a *AMI) Start(ctx context.Context, plan Plan) (Tape, error) {
	m := &mix{AMI: a, channel: plan.Channel}
	if err := m.plan(plan); err != nil {
		return nil, err
	}
	first := ""
	if plan.Beep {
		first = "p"
	}
	if err := m.run(ctx, first); err != nil {
		return nil, err
	}
	return m, nil
}

// plan makes the file and the options. Options that Asterisk does not know are ignored by it: S is new in 18.
func (m *mix) plan(plan Plan) error {
	if m.Dir != "" {
		if !path.IsAbs(m.Dir) || strings.ContainsFunc(m.Dir, func(r rune) bool { return !isPlain(r) && r != '/' }) {
			return &ValueError{"Dir", "is not an absolute path of letters, digits and + . _ -"}
		}
	}
	file := func(i int) string { return path.Join(m.Dir, plan.Files[i]) }
	switch plan.Sides {
	case Mixed:
		m.file = file(0)
	case Received:
		m.options = "r(" + file(0) + ")S"
	case Sent:
		m.options = "t(" + file(0) + ")S"
	case Apart:
		m.options = "r(" + file(0) + ")t(" + file(1) + ")S"
	}
	if plan.BeepEvery > 0 {
		m.options += fmt.Sprintf("B(%d)", max(1, (plan.BeepEvery+time.Second/2)/time.Second))
	}
	return nil
}

// run starts a MixMonitor, and learns its id, so that none of others is ever stopped.
func (m *mix) run(ctx context.Context, more string) error {
	variable := "ASTERISM_MIXMONITOR_" + randomID()
	order := action.MixMonitor{Channel: m.channel, File: m.file, Options: m.options + more + "i(" + variable + ")"}
	if _, err := action.Do(ctx, m.Client, order); err != nil {
		return ended(err)
	}
	err := m.learn(ctx, variable)
	if err == nil || errors.Is(err, ErrEnded) {
		return err
	}
	// nobody would stop it: ctx may be what has ended
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	if m.learn(ctx, variable) == nil {
		return errors.Join(err, m.end(ctx))
	}
	return err
}

const cleanupTimeout = 5 * time.Second

// learn asks for the id that option i has put into a variable.
func (m *mix) learn(ctx context.Context, variable string) error {
	answer, err := m.Client.Do(ctx, action.Getvar{Channel: m.channel, Variable: variable}.Action())
	if err != nil {
		return ended(err)
	}
	if m.id = answer.Get("Value"); m.id == "" {
		return errors.New("record: Asterisk does not tell the id of the MixMonitor")
	}
	return nil
}

// ended says of an answer that there is no such channel any more. StopMixMonitor and MixMonitorMute answer the same if there is
// no MixMonitor: the dialplan may have ended it.
func ended(err error) error {
	var refused *ami.ResponseError
	if errors.As(err, &refused) {
		for _, message := range []string{"No such channel", "Could not stop monitoring channel", noMixMonitor} {
			if refused.Message == message {
				return fmt.Errorf("%w: %w", ErrEnded, err)
			}
		}
	}
	return err
}

// Pause implements [Tape]: MixMonitor knows no pause. Option a appends.
func (m *mix) Pause(ctx context.Context, on bool) error {
	var err error
	if on {
		err = m.end(ctx)
	} else {
		err = m.run(ctx, "a")
	}
	if err == nil {
		m.paused = on
	}
	return err
}

// end stops the MixMonitor, which closes its file (mixmonitor_ds_close_fs).
func (m *mix) end(ctx context.Context) error {
	if m.id == "" {
		return nil
	}
	_, err := action.Do(ctx, m.Client, action.StopMixMonitor{Channel: m.channel, MixMonitorID: m.id})
	if err == nil {
		m.id = ""
	}
	return ended(err)
}

// Mask implements [Tape]. The mute is of the channel's MixMonitors and remains when this one has been stopped for a pause.
func (m *mix) Mask(ctx context.Context, on bool) error {
	if on {
		return m.mask(ctx)
	}
	if m.silent && !m.paused {
		if err := m.run(ctx, "a"); err != nil {
			return err
		}
	}
	m.silent = false
	if !m.muted {
		return nil
	}
	err := m.mute(ctx, "0")
	if err == nil {
		m.muted = false
	}
	return err
}

func (m *mix) mask(ctx context.Context) error {
	sure, err := m.muteIsSure(ctx)
	if err != nil {
		return err
	}
	if !sure {
		m.silent = true
		return m.end(ctx)
	}
	if err := m.mute(ctx, "1"); err != nil {
		return err
	}
	m.muted = true
	return nil
}

// mute sets the flag of the channel's MixMonitors. In a pause there may be none.
func (m *mix) mute(ctx context.Context, state string) error {
	order := ami.Action{Name: "MixMonitorMute"}.With("Channel", m.channel).With("Direction", "both").With("State", state)
	_, err := m.Client.Do(ctx, order)
	var refused *ami.ResponseError
	if m.paused && errors.As(err, &refused) && refused.Message == noMixMonitor {
		return nil
	}
	return ended(err)
}

// noMixMonitor is what MixMonitorMute answers if there is none.
const noMixMonitor = "Cannot set mute flag"

// muteIsSure tells whether MixMonitorMute mutes this MixMonitor: before 22 it mutes the oldest of a channel
// (ast_audiohook_set_mute in main/audiohook.c), so this must be the only one.
func (m *mix) muteIsSure(ctx context.Context) (bool, error) {
	answer, err := m.Client.Do(ctx, action.CoreSettings{}.Action())
	if err != nil {
		return false, err
	}
	major, _, _ := strings.Cut(answer.Get("AsteriskVersion"), ".")
	if n, err := strconv.Atoi(major); err == nil && n >= 22 {
		return true, nil
	}
	if m.paused {
		return false, nil
	}
	answer, err = m.Client.Do(ctx, action.Command{Command: "mixmonitor list " + m.channel}.Action())
	var refused *ami.ResponseError
	if errors.As(err, &refused) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	n := 0
	for _, line := range answer.Values("Output") {
		if strings.HasPrefix(strings.TrimSpace(line), "0x") {
			n++
		}
	}
	return n == 1, nil
}

// Stop implements [Tape]. Others are not left muted.
func (m *mix) Stop(ctx context.Context) error {
	err := m.end(ctx)
	if m.muted {
		m.paused = true // it does not run any more
		err = errors.Join(err, m.Mask(ctx, false))
	}
	if errors.Is(err, ErrEnded) {
		return nil
	}
	return err
}
