package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"time"

	"filippo.io/age"

	"github.com/asterism-go/asterism/internal/yamlfile"
	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/archive"
	"github.com/asterism-go/asterism/recording/diskstore"
	"github.com/asterism-go/asterism/recording/sftpstore"
)

// config is the file that -config names; recordings.yaml has every key.
type config struct {
	// Source is where recordings are made.
	Source storeConfig `yaml:"source"`
	// Folders is the folder of a day: {year}, {month} and {day} stand for the date.
	Folders string `yaml:"folders"`
	// Archive is where they are kept.
	Archive archiveConfig `yaml:"archive"`
	// HTTP is where play listens.
	HTTP string `yaml:"http"`
}

// storeConfig is one of two kinds of store.
type storeConfig struct {
	// Disk is a folder on this machine.
	Disk string `yaml:"disk"`
	// SFTP is one on another.
	SFTP *sftpConfig `yaml:"sftp"`
}

type sftpConfig struct {
	// Address is host:port.
	Address string `yaml:"address"`
	User    string `yaml:"user"`
	// Key is the file of the private key; PasswordEnv names the variable of the environment that holds the password.
	Key         string `yaml:"key"`
	PasswordEnv string `yaml:"password_env"`
	// KnownHosts are files that know the host's key.
	KnownHosts []string `yaml:"known_hosts"`
	// Root is the folder there.
	Root string `yaml:"root"`
}

type archiveConfig struct {
	Store storeConfig `yaml:"store"`
	// Recipients are the public keys of age that recordings are encrypted for; Identity is the file with the private key that
	// decrypts them, which only who plays them needs.
	Recipients []string `yaml:"recipients"`
	Identity   string   `yaml:"identity"`
	// Seal is a file with a secret that authenticates what the archive says of itself.
	Seal string `yaml:"seal"`
	// Keep is for how long recordings are kept; 0: until they are deleted.
	Keep yamlfile.Duration `yaml:"keep"`
	// Settle is how long a recording must not have changed until it is moved.
	Settle yamlfile.Duration `yaml:"settle"`
}

var errNoArchive = errors.New("the configuration has no archive")

// folder is where the recordings of a day are.
func (c config) folder(day time.Time) string {
	return strings.NewReplacer("{year}", day.Format("2006"), "{month}", day.Format("01"), "{day}", day.Format("02")).Replace(c.Folders)
}

// open reads the configuration and opens the stores.
func (p *program) open(name string) error {
	p.config = config{Folders: "{year}/{month}/{day}", HTTP: "127.0.0.1:8085"}
	file, err := yamlfile.Read(name, &p.config)
	if err != nil {
		return err
	}
	if addr, err := netip.ParseAddrPort(p.config.HTTP); err != nil || !addr.Addr().IsLoopback() {
		return file.Errorf("$.http", "is not an address of this machine, as 127.0.0.1:8085: the player asks nobody who he is")
	}
	if p.source, err = p.config.Source.open(file, "$.source"); err != nil {
		return err
	}
	if p.config.Archive.Store == (storeConfig{}) {
		return nil
	}
	if p.kept, err = p.config.Archive.open(file); err != nil {
		return errors.Join(err, p.close())
	}
	return nil
}

func (p *program) close() error {
	err := p.source.Close()
	if p.kept != nil {
		err = errors.Join(err, p.kept.Store.Close())
	}
	return err
}

func (c storeConfig) open(file *yamlfile.File, path string) (recording.Store, error) {
	var (
		store recording.Store
		err   error
	)
	switch {
	case c.Disk != "" && c.SFTP == nil:
		store, err = diskstore.Open(c.Disk)
	case c.SFTP != nil && c.Disk == "":
		store, err = c.SFTP.open()
	default:
		return nil, file.Errorf(path, "needs either disk or sftp")
	}
	if err != nil {
		return nil, file.Errorf(path, "%v", err)
	}
	return store, nil
}

func (c *sftpConfig) open() (recording.Store, error) {
	cfg := sftpstore.Config{Addr: c.Address, User: c.User, KnownHosts: c.KnownHosts, Root: c.Root}
	if c.PasswordEnv != "" {
		cfg.Password = os.Getenv(c.PasswordEnv)
	}
	if c.Key != "" {
		key, err := os.ReadFile(c.Key)
		if err != nil {
			return nil, err
		}
		cfg.Keys = [][]byte{key}
	}
	return sftpstore.New(cfg)
}

func (c *archiveConfig) open(file *yamlfile.File) (*archive.Archive, error) {
	a := &archive.Archive{Keep: time.Duration(c.Keep), Settle: time.Duration(cmp.Or(c.Settle, yamlfile.Duration(archive.DefaultSettle)))}
	for i, text := range c.Recipients {
		to, err := age.ParseX25519Recipient(text)
		if err != nil {
			return nil, file.Errorf(fmt.Sprintf("$.archive.recipients[%d]", i), "is not a recipient of age, as in age1...")
		}
		a.Recipients = append(a.Recipients, to)
	}
	if c.Identity != "" {
		f, err := os.Open(c.Identity)
		if err == nil {
			a.Identities, err = age.ParseIdentities(f)
			f.Close()
		}
		if err != nil {
			return nil, file.Errorf("$.archive.identity", "%s cannot be read as identities of age", c.Identity)
		}
	}
	if c.Seal != "" {
		var err error
		if a.Key, err = os.ReadFile(c.Seal); err != nil {
			return nil, file.Errorf("$.archive.seal", "%v", err)
		}
	}
	var err error
	a.Store, err = c.Store.open(file, "$.archive.store")
	return a, err
}
