package slapd

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// stopGrace is how long slapd may take to end by itself before it is killed.
const stopGrace = 5 * time.Second

// process is a child process that does not outlive this one.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when the process has ended and was reaped
}

// startProcess starts the command in a process group of its own, so that a Ctrl-C at the terminal does not reach it, and
// with a parent-death signal, so that the kernel kills it when this process dies.
func startProcess(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, done: make(chan struct{})}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
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

// stop asks the process to end, kills it if it does not, and returns when it has ended.
func (p *process) stop() error {
	p.thaw()
	p.signal(syscall.SIGTERM)
	select {
	case <-p.done:
		return nil
	case <-time.After(stopGrace):
		p.kill()
		return fmt.Errorf("slapd: it did not end within %v of SIGTERM and was killed", stopGrace)
	}
}

func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.done
}

// freeze stops the process and returns when each of its threads stands still: they stop when they come to run next.
func (p *process) freeze() {
	p.signal(syscall.SIGSTOP)
	for !p.standsStill() {
		select {
		case <-p.done:
			return
		case <-time.After(startPoll):
		}
	}
}

// standsStill tells whether all threads are stopped (proc(5), /proc/pid/task/tid/stat).
func (p *process) standsStill() bool {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", p.cmd.Process.Pid))
	if err != nil {
		return false
	}
	for _, file := range threads {
		text, err := os.ReadFile(file)
		if err != nil {
			return false
		}
		_, state, _ := strings.Cut(string(text), ") ") // after the name, which is in brackets
		if !strings.HasPrefix(state, "T") {
			return false
		}
	}
	return true
}

func (p *process) thaw() { p.signal(syscall.SIGCONT) }

// signal sends a signal to the process. There is nobody to tell when it has ended.
func (p *process) signal(sig syscall.Signal) {
	select {
	case <-p.done: // reaped: its number may be another's by now
		return
	default:
	}
	if err := syscall.Kill(p.cmd.Process.Pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		panic(fmt.Sprintf("slapd: signal %v: %v", sig, err)) // a process of ours: cannot be forbidden
	}
}
