package asterisktest

import (
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// stopGrace is how long Asterisk may take to end by itself before it is killed.
const stopGrace = 5 * time.Second

// process is a child process that does not outlive this one.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when the process has ended and was reaped
	err  error         // of Wait; to be read after done
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
			p.err = cmd.Wait()
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
	p.signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(stopGrace):
		p.kill()
		return fmt.Errorf("Asterisk did not end within %v of SIGTERM and was killed", stopGrace)
	}
	p.signal(syscall.SIGKILL) // what it has started: AGI programs, music players
	return nil
}

// kill ends the process and whatever it has started at once.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.done
}

// signal sends a signal to the process group. There is nobody to tell when nothing is left of it.
func (p *process) signal(sig syscall.Signal) {
	if err := syscall.Kill(-p.cmd.Process.Pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		panic(fmt.Sprintf("asterisktest: signal %v: %v", sig, err)) // a process of ours: cannot be forbidden
	}
}
