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
	"github.com/asterism-go/asterism/recording/archive"
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
	// Settle is how long a recording must not have changed until it is moved. Of a source that is an ARI it says nothing.
	Settle yamlfile.Duration `yaml:"settle"`
	// AMI is asked whether a recording goes on although it has not changed for so long: one that is paused. A source that is an ARI is
	// asked itself.
	AMI *amiConfig `yaml:"ami"`
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
	p.kept, err = p.config.Archive.open(file)
	if err == nil {
		err = apart(file, p.config.Source, p.config.Archive.Store)
	}
	if err == nil {
		err = p.askWhoRecords(file)
	}
	if err != nil {
		return errors.Join(err, p.close())
	}
	return nil
}

func (p *program) close() error {
	err := p.source.Close()
	if p.kept != nil {
		err = errors.Join(err, p.kept.Store.Close())
	}
	if p.ami != nil {
		err = errors.Join(err, p.ami.Close())
	}
	return err
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
		if len(a.Key) < archive.MinKey {
			return nil, file.Errorf("$.archive.seal", "%s has %d bytes: needs a secret of at least %d", c.Seal, len(a.Key), archive.MinKey)
		}
	}
	var err error
	if a.Store, err = c.Store.open(file, "$.archive.store"); err != nil {
		return nil, err
	}
	return a, nil
}
