//go:build !unix

package prompts

import "os/exec"

// killGroup does nothing here: the end of a command's context kills the command alone.
func killGroup(*exec.Cmd) {}
