package agi

//go:generate go run ../internal/agigen commands zz_gen_commands.go

// Interrupt is what becomes of a command when Asterisk gets another one while it runs.
type Interrupt int

const (
	// Waits means that the other command waits until this one has its reply. Nothing ends it sooner.
	Waits Interrupt = iota
	// StopsSilently means that the command stops and never gets a reply.
	StopsSilently
	// StopsAndAnswers means that it stops and gets the reply "200 result=1".
	StopsAndAnswers
)

// CommandInfo is what is known of a command of Asterisk's.
type CommandInfo struct {
	// Name is the command's, such as STREAM FILE. Parameters names its arguments, the optional ones in brackets.
	Name, Parameters string
	// Dead says that Asterisk permits the command after the hangup.
	Dead bool
	// Interrupt is what another command does to it.
	Interrupt Interrupt
	// Since are the versions of Asterisk that have brought it, or "" if it is not documented.
	Since string
}

// LookupCommand returns what is known of a command by its name in capital letters, and whether Asterisk 22 has it.
func LookupCommand(name string) (CommandInfo, bool) {
	info, known := commands[name]
	return info, known
}
