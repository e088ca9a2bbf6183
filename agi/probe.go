package agi

import "context"

// askHangup finds out whether the channel is dead: what is not permitted there is answered with 511. Nothing else runs.
func (s *Session) askHangup() {
	const command = "CHANNEL STATUS"
	line, err := commandLine(command, nil)
	if err != nil {
		return
	}
	s.asks = false // not again
	defer func() { s.asks = true }()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), healTime)
	defer cancel()
	s.locked(ctx, call{name: command, line: line}) //nolint:errcheck // judge takes note of a dead channel
}
