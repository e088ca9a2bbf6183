package main

import (
	"encoding/json"
	"io"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/calls"
)

// replay prints the calls of a recording as one document. Calls that had not ended come last, as they were.
func replay(o options, stdout, stderr io.Writer) error {
	player, source, cfg, err := open(o)
	if err != nil {
		return err
	}
	told := []calls.Call{}
	take := func(changes []calls.Change) {
		for _, change := range changes {
			if change.Kind == calls.Finished {
				told = append(told, change.Call)
			}
		}
	}
	if err := source.each(func(message ami.Message, arrived time.Time) { take(player.Feed(message, arrived)) }); err != nil {
		return err
	}
	take(player.End())
	if o.cel != "" || o.cdr != "" {
		if told, err = witnessed(o, cfg, told, stderr); err != nil {
			return err
		}
	}
	told = append(told, player.Tracker.Live()...)
	return json.NewEncoder(stdout).Encode(map[string]any{"calls": told})
}

func open(o options) (*calls.Player, *stream, calls.Config, error) {
	cfg, err := readConfig(o)
	if err != nil {
		return nil, nil, cfg, err
	}
	source, err := openStream(o.replay)
	if err != nil {
		return nil, nil, cfg, err
	}
	return &calls.Player{Tracker: calls.NewTracker(cfg)}, source, cfg, nil
}
