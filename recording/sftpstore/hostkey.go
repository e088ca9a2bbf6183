package sftpstore

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// What can be wrong with the key of a host, asked of an error with errors.Is. Trying again does not help: somebody has to look.
var (
	// ErrHostUnknown is a host of which no key is known: add the one that the error tells, if its owner confirms it.
	ErrHostUnknown = errors.New("the host is not known")
	// ErrHostChanged is a host whose key is not the one that is known: it was installed anew, or somebody else answers.
	ErrHostChanged = errors.New("the host has another key than the known one")
	// ErrHostRevoked is a host whose key is marked as revoked.
	ErrHostRevoked = errors.New("the key of the host is revoked")
)

// HostKeyError is a host that was not connected to because of its key.
type HostKeyError struct {
	// Host is its address, Fingerprint its key's, as "ssh-ed25519 SHA256:...".
	Host, Fingerprint string
	// Line is the key as a line of known_hosts, to be added once it is confirmed.
	Line string
	// Known are the keys that are known, with the file and the line that have them.
	Known []string
	// Err is ErrHostUnknown, ErrHostChanged or ErrHostRevoked.
	Err error
}

func (e *HostKeyError) Error() string {
	text := fmt.Sprintf("%v: %s answers with %s", e.Err, e.Host, e.Fingerprint)
	if len(e.Known) > 0 {
		text += "; known: " + strings.Join(e.Known, ", ")
	}
	return text
}

func (e *HostKeyError) Unwrap() error { return e.Err }

// hostKeys knows the keys of hosts.
type hostKeys struct {
	file  ssh.HostKeyCallback
	fixed []ssh.PublicKey
}

func newHostKeys(cfg *Config) (*hostKeys, error) {
	if len(cfg.HostKeys) > 0 {
		return &hostKeys{fixed: cfg.HostKeys}, nil
	}
	file, err := knownhosts.New(cfg.KnownHosts...)
	if err != nil {
		return nil, fmt.Errorf("known hosts: %w", err)
	}
	return &hostKeys{file: file}, nil
}

// check is an ssh.HostKeyCallback. Its error is a HostKeyError.
func (h *hostKeys) check(host string, remote net.Addr, key ssh.PublicKey) error {
	told := &HostKeyError{
		Host: host, Fingerprint: fingerprint(key), Line: knownhosts.Line([]string{knownhosts.Normalize(host)}, key), Err: ErrHostChanged,
	}
	if h.file == nil {
		if slices.ContainsFunc(h.fixed, func(k ssh.PublicKey) bool { return bytes.Equal(k.Marshal(), key.Marshal()) }) {
			return nil
		}
		for _, known := range h.fixed {
			told.Known = append(told.Known, fingerprint(known))
		}
		return told
	}
	err := h.file(host, remote, key)
	var other *knownhosts.KeyError
	var revoked *knownhosts.RevokedError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &revoked):
		told.Err = ErrHostRevoked
	case errors.As(err, &other) && len(other.Want) == 0:
		told.Err = ErrHostUnknown
	case errors.As(err, &other):
		for _, known := range other.Want {
			told.Known = append(told.Known, fmt.Sprintf("%s (%s:%d)", fingerprint(known.Key), known.Filename, known.Line))
		}
	default:
		return err
	}
	return told
}

// algorithms are the kinds of keys to ask a host for: those that are known of it. A host has several keys and shows the one
// that the client likes best; if only another one is known, it would seem to have changed.
func (h *hostKeys) algorithms(host string) []string {
	known := h.fixed
	if h.file != nil {
		var other *knownhosts.KeyError
		if err := h.file(host, &net.TCPAddr{}, noKey{}); errors.As(err, &other) {
			for _, k := range other.Want {
				known = append(known, k.Key)
			}
		}
	}
	var names []string
	for _, key := range known {
		if key.Type() == ssh.KeyAlgoRSA {
			names = append(names, ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256)
		}
		names = append(names, key.Type())
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// noKey is a key that nobody has: asking for it tells those that are known.
type noKey struct{}

func (noKey) Type() string                        { return "none" }
func (noKey) Marshal() []byte                     { return []byte("none") }
func (noKey) Verify([]byte, *ssh.Signature) error { return errors.New("no key") }

func fingerprint(key ssh.PublicKey) string { return key.Type() + " " + ssh.FingerprintSHA256(key) }
