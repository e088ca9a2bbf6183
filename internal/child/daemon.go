package child

import (
	"os/exec"
	"sync"
)

// Daemon is the process of a server that can be killed and started again. The zero value has none yet. Its methods may be called by
// several goroutines at once.
type Daemon struct {
	mu   sync.Mutex
	proc *Process
	stop sync.Once
	err  error
}

// Start starts the command: see the function [Start].
func (d *Daemon) Start(cmd *exec.Cmd) (*Process, error) {
	proc, err := Start(cmd)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.proc = proc
	return proc, nil
}

// Process is the one that was started last, nil if none was.
func (d *Daemon) Process() *Process {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.proc
}

// Stop kills the process, with the connections, which outlive a listener that is asked to end, and removes what it had. Further calls do
// nothing and return what the first one did.
func (d *Daemon) Stop(remove func() error) error {
	d.stop.Do(func() {
		if proc := d.Process(); proc != nil {
			proc.Kill()
		}
		d.err = remove()
	})
	return d.err
}
