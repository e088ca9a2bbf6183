package agi

import "context"

// DeadSession is what may still be done when the call is over: the commands that Asterisk permits on a dead channel and
// that make sense there.
type DeadSession struct{ s *Session }

// Dead returns the session as it is after the hangup. Its commands want a context that goes on, such as
// context.WithoutCancel(ctx) with a timeout of its own. Before the hangup they work as well.
func (s *Session) Dead() DeadSession { return DeadSession{s} }

// GetVariable is [Session.GetVariable].
func (d DeadSession) GetVariable(ctx context.Context, name string) (string, error) {
	return d.s.GetVariable(ctx, name)
}

// SetVariable is [Session.SetVariable].
func (d DeadSession) SetVariable(ctx context.Context, name, value string) error {
	return d.s.SetVariable(ctx, name, value)
}

// Evaluate is [Session.Evaluate].
func (d DeadSession) Evaluate(ctx context.Context, expression string) (string, error) {
	return d.s.Evaluate(ctx, expression)
}

// Verbose is [Session.Verbose].
func (d DeadSession) Verbose(ctx context.Context, message string, level int) error {
	return d.s.Verbose(ctx, message, level)
}

// Exec is [Session.Exec]; what the application may do on a dead channel is up to it.
func (d DeadSession) Exec(ctx context.Context, application, options string) (string, error) {
	return d.s.Exec(ctx, application, options)
}

// DatabaseGet is [Session.DatabaseGet].
func (d DeadSession) DatabaseGet(ctx context.Context, family, key string) (string, bool, error) {
	return d.s.DatabaseGet(ctx, family, key)
}

// DatabasePut is [Session.DatabasePut].
func (d DeadSession) DatabasePut(ctx context.Context, family, key, value string) error {
	return d.s.DatabasePut(ctx, family, key, value)
}

// LookupVariable is [Session.LookupVariable].
func (d DeadSession) LookupVariable(ctx context.Context, name string) (string, bool, error) {
	return d.s.LookupVariable(ctx, name)
}

// SetFunction is [Session.SetFunction].
func (d DeadSession) SetFunction(ctx context.Context, function, value string) error {
	return d.s.SetFunction(ctx, function, value)
}

// Raw is [Session.Raw] for a command that Asterisk permits on a dead channel. Others are not sent and fail with [ErrDead].
func (d DeadSession) Raw(ctx context.Context, command string, args ...string) (Reply, error) {
	if info, known := LookupCommand(command); known && !info.Dead {
		return Reply{}, ErrDead
	}
	return d.s.Raw(ctx, command, args...)
}

// Noop is [Session.Noop].
func (d DeadSession) Noop(ctx context.Context) error { return d.s.Noop(ctx) }
