package sshd

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Get fetches a file with OpenSSH's own sftp client, which logs in with the key: the opponent of measurements. The folder of
// local is used for the files that the client needs.
func (s *Server) Get(ctx context.Context, remote, local string) error {
	dir := filepath.Dir(local)
	ssh, err := s.Command(ctx, "usr/bin/ssh")
	if err != nil {
		return err
	}
	// sftp starts ssh by itself, which needs the loader of the set too.
	script := "#!/bin/sh\nexec " + strings.Join(ssh.Args, " ") + " \"$@\"\n"
	for name, content := range map[string]string{"key": string(s.Key), "hosts": s.KnownHosts(), "ssh": script} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o700); err != nil { //nolint:gosec // one is a program
			return err
		}
	}
	get, err := s.Command(ctx, "usr/bin/sftp", "-q", "-F", "none", "-S", filepath.Join(dir, "ssh"), "-i", filepath.Join(dir, "key"),
		"-o", "IdentitiesOnly=yes", "-o", "UserKnownHostsFile="+filepath.Join(dir, "hosts"), "-o", "StrictHostKeyChecking=yes",
		"-o", "BatchMode=yes", "sftp://"+User+"@"+s.Addr.String()+"/"+remote, local)
	if err != nil {
		return err
	}
	if out, err := get.CombinedOutput(); err != nil {
		return fmt.Errorf("sftp: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}
