//go:build unix

package prompts

import (
	"os/exec"
	"syscall"
)

// killGroup has the end of a command's context kill what it has started, too: a script's programs would go on.
func killGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
