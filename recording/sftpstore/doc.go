// Package sftpstore is a folder on an SFTP server as a store of recordings: the usual way to those of a PBX.
//
//	store, err := sftpstore.New(sftpstore.Config{
//		Addr: "pbx.example", User: "recordings", Keys: [][]byte{key},
//		KnownHosts: []string{"/etc/ssh/ssh_known_hosts"},
//		Root: "/var/spool/asterisk/monitor",
//	})
//
// The key of the host is always checked. Connections are kept and used again, each by one call or one open file at a time;
// one that broke is replaced by the next call. Use package recording's Download for a copy that goes on where it was cut.
//
// Names are confined: the server is asked what a name means with its links resolved, and what is not below the root is not
// touched. Whoever may write on the server can exchange a folder for a link between the two; SFTP knows nothing
// against that, only a chroot there (ChrootDirectory in sshd_config) does.
package sftpstore
