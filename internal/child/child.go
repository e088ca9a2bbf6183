// Package child runs servers of tests and demos as children that do not outlive their parent, however that ends, and can be
// stopped, killed as by a crash, and frozen.
package child

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// stopGrace is how long a server may take to end by itself before it is killed.
const stopGrace = 5 * time.Second

// Process is a child process that does not outlive this one.
type Process struct {
	cmd  *exec.Cmd
	done chan struct{}
}

// Start starts the command in a process group of its own, so that a Ctrl-C at the terminal does not reach it, and
// with a parent-death signal, so that the kernel kills it when this process dies.
func Start(cmd *exec.Cmd) (*Process, error) {
	p := &Process{cmd: cmd, done: make(chan struct{})}
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid, cmd.SysProcAttr.Pdeathsig = true, syscall.SIGKILL
	started := make(chan error)
	go func() {
		// The signal comes when the thread that started the child ends, not the process (prctl(2), PR_SET_PDEATHSIG):
		// this goroutine keeps its thread until the child has ended.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ends is not asked: it is ended by signals
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// Done is closed when the process has ended and was reaped.
func (p *Process) Done() <-chan struct{} { return p.done }

// Stop asks the process to end, kills it if it does not, and returns when it has ended. What it has started and has left behind
// is killed.
func (p *Process) Stop() error {
	p.Thaw()
	p.signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(stopGrace):
		p.Kill()
		return fmt.Errorf("it did not end within %v of SIGTERM and was killed", stopGrace)
	}
	p.signal(syscall.SIGKILL)
	return nil
}

// Kill ends the process, and what it has started, as a crash would, and returns when it has ended.
func (p *Process) Kill() {
	p.signal(syscall.SIGKILL)
	<-p.done
}

// Freeze stops the process with what it has started, and returns when each of them stands still: they stop when they come to run
// next.
func (p *Process) Freeze() {
	p.signal(syscall.SIGSTOP)
	for !p.standsStill() {
		select {
		case <-p.done:
			return
		case <-time.After(poll):
		}
	}
}

// standsStill tells whether all threads of all processes of the group are stopped (proc(5), /proc/pid/task/tid/stat).
func (p *Process) standsStill() bool {
	all, err := filepath.Glob("/proc/[0-9]*/task/*/stat")
	if err != nil {
		return false
	}
	for _, file := range all {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		_, rest, _ := strings.Cut(string(text), ") ") // after the name, which is in brackets
		fields := strings.Fields(rest)                // state, parent, group
		if len(fields) > 2 && fields[2] == strconv.Itoa(p.cmd.Process.Pid) && !strings.ContainsAny(fields[0], "TZX") {
			return false
		}
	}
	return true
}

// Thaw lets a frozen process go on.
func (p *Process) Thaw() { p.signal(syscall.SIGCONT) }

// signal sends a signal to the process and to what it has started, which is in its group. There is nobody to tell when nothing is
// left of it.
func (p *Process) signal(sig syscall.Signal) {
	if err := syscall.Kill(-p.cmd.Process.Pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		panic(fmt.Sprintf("child: signal %v: %v", sig, err)) // a process of ours: cannot be forbidden
	}
}

// poll is how often Freeze and WaitUp look.
const poll = 5 * time.Millisecond
