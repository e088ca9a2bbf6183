package asterisktest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/asterism-go/asterism/internal/child"
)

// bootPoll is how often a start looks whether Asterisk has opened its control socket.
const bootPoll = 10 * time.Millisecond

func (a *Asterisk) controlSocket() string { return filepath.Join(a.Dir, "run", "asterisk.ctl") }

// start runs Asterisk in the foreground; what it prints before its log is open goes to a file.
func (a *Asterisk) start() (*child.Process, error) {
	cmd, err := a.program.command(context.Background(), "-f", "-C", a.configFile())
	if err != nil {
		return nil, err
	}
	out, err := os.Create(filepath.Join(a.Dir, "log", "stdout"))
	if err != nil {
		return nil, err
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	cmd.Dir = a.Dir
	return child.Start(cmd)
}

// waitBooted returns when this Asterisk is fully booted and listens on its ports. It asks over the control socket, which
// cannot be another's, as a port could be.
func (a *Asterisk) waitBooted(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stopWatch := make(chan struct{})
	defer close(stopWatch)
	go func() {
		select {
		case <-a.proc.Done():
			cancel(fmt.Errorf("Asterisk ended while starting: %s", a.lastWords()))
		case <-stopWatch:
		}
	}()
	for {
		if err := a.waitControlSocket(ctx); err != nil {
			return err
		}
		// answered when the boot is complete (main/asterisk.c, "core waitfullybooted")
		_, err := a.CLI(ctx, "core waitfullybooted")
		switch {
		case err == nil:
			return bindFault(a.Log())
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case !strings.Contains(err.Error(), notListening):
			return err
		}
		select { // the socket exists a moment before Asterisk listens on it
		case <-time.After(bootPoll):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// notListening is what the command line says when nobody answers at the control socket (main/asterisk.c).
const notListening = "Unable to connect to remote asterisk"

func (a *Asterisk) waitControlSocket(ctx context.Context) error {
	tick := time.NewTicker(bootPoll)
	defer tick.Stop()
	for {
		if _, err := os.Stat(a.controlSocket()); err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// lastWords is what an Asterisk that has ended printed or logged last.
func (a *Asterisk) lastWords() string {
	for _, name := range []string{"stdout", "messages.log"} {
		text, err := os.ReadFile(filepath.Join(a.Dir, "log", name))
		if err != nil {
			continue
		}
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		if last := lines[len(lines)-1]; last != "" {
			return last
		}
	}
	return "it said nothing"
}

// bindFaults are what Asterisk logs about a port that it could not bind: main/tcptls.c (AMI and HTTP) and
// res/res_pjsip/config_transport.c.
var bindFaults = regexp.MustCompile(`(?m)(?:Unable to bind (?:AMI|http|manager) ?server to|Transport '.*' could not be started: Address).*$`)

func bindFault(log string) error {
	if line := bindFaults.FindString(log); line != "" {
		return fmt.Errorf("%w: %s", errPortTaken, line)
	}
	return nil
}
