package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"golang.org/x/sys/unix"
)

// tell says something to systemd, if it has started this program with Type=notify.
func tell(logger *slog.Logger, state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		logger.Warn("telling systemd", "state", strings.SplitN(state, "\n", 2)[0], "error", err)
	}
}

// reloading is the notice of a reload, with the time that systemd wants beside it (sd_notify(3)).
func reloading() string {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		return "RELOADING=1"
	}
	return fmt.Sprintf("RELOADING=1\nMONOTONIC_USEC=%d", now.Nano()/int64(time.Microsecond))
}

// watchdog tells systemd again and again that the server takes connections, after having tried. systemd starts the program
// anew if that stops.
func watchdog(logger *slog.Logger, addr net.Addr) (stop func()) {
	interval, err := daemon.SdWatchdogEnabled(false)
	if err != nil || interval == 0 {
		return func() {}
	}
	done := make(chan struct{})
	go func() {
		ticker := time.NewTicker(interval / 3)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
			}
			dialer := net.Dialer{Timeout: interval / 3}
			conn, err := dialer.DialContext(context.Background(), addr.Network(), addr.String())
			if err != nil {
				logger.Error("the watchdog cannot connect", "error", err)
				continue
			}
			conn.Close()
			tell(logger, daemon.SdNotifyWatchdog)
		}
	}()
	return func() { close(done) }
}
