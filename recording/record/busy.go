package record

import (
	"context"
	"errors"
	"path"
	"strings"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ami/action"
)

// Busy tells whether a file, named as a store names it, belongs to a call that goes on: MixMonitor writes it, or the channel that it was
// started for is still there, so that it may only be paused ([Recording.Pause], or StopMixMonitor in the dialplan). Give it to
// archive.Archive as its Busy. The user in manager.conf needs to write reporting (Status) and command.
//
// A channel tells all MixMonitors that run, but of those that were stopped only the file of the last that was started
// (MIXMONITOR_FILENAME, which mixmonitor_exec in apps/app_mixmonitor.c sets). Files are compared from their end on: a file of the same
// name below another folder is busy too.
func (a *AMI) Busy(ctx context.Context, name string) (bool, error) {
	order := action.Status{AllVariables: true}.Action()
	channels, err := a.Client.List(ctx, order)
	if err != nil {
		return false, err
	}
	stem := strings.TrimSuffix(name, path.Ext(name)) // the list has files without their format
	is := func(file string) bool {
		return strings.HasSuffix("/"+file, "/"+name) || strings.HasSuffix("/"+file, "/"+stem)
	}
	for _, channel := range channels.Items {
		for _, variable := range channel.Values("Variable") {
			if file, ok := strings.CutPrefix(variable, "MIXMONITOR_FILENAME="); ok && is(file) {
				return true, nil
			}
		}
		files, err := a.monitored(ctx, channel.Get("Channel"))
		if err != nil {
			return false, err
		}
		for _, file := range files {
			if is(file) {
				return true, nil
			}
		}
	}
	return false, nil
}

// monitored are the files that are written of a channel, none if it has gone: handle_cli_mixmonitor prints a line for each MixMonitor,
// with tabs between its id, the file, and those of either side.
func (a *AMI) monitored(ctx context.Context, channel string) ([]string, error) {
	answer, err := a.Client.Do(ctx, action.Command{Command: "mixmonitor list " + channel}.Action())
	var refused *ami.ResponseError
	if errors.As(err, &refused) && refused.Message != "Permission denied" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var files []string
	for _, line := range answer.Values("Output") {
		if fields := strings.Split(line, "\t"); strings.HasPrefix(strings.TrimSpace(line), "0x") {
			files = append(files, fields[1:]...)
		}
	}
	return files, nil
}
