package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/internal/yamlfile"
	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/aristore"
	"github.com/asterism-go/asterism/recording/diskstore"
	"github.com/asterism-go/asterism/recording/ftpstore"
	"github.com/asterism-go/asterism/recording/record"
	"github.com/asterism-go/asterism/recording/s3store"
	"github.com/asterism-go/asterism/recording/sftpstore"
)

// storeConfig is one kind of store.
type storeConfig struct {
	// Disk is a folder on this machine.
	Disk string `yaml:"disk"`
	// The others are on another one.
	SFTP *sftpConfig `yaml:"sftp"`
	FTP  *ftpConfig  `yaml:"ftp"`
	S3   *s3Config   `yaml:"s3"`
	ARI  *ariConfig  `yaml:"ari"`
}

type sftpConfig struct {
	// Address is host:port.
	Address string `yaml:"address"`
	User    string `yaml:"user"`
	// Key is the file of the private key, if that is how to log in.
	Key          string `yaml:"key"`
	PasswordEnv  string `yaml:"password_env"`
	PasswordFile string `yaml:"password_file"`
	// KnownHosts are files that know the host's key.
	KnownHosts []string `yaml:"known_hosts"`
	// Root is the folder there.
	Root string `yaml:"root"`
}

type ftpConfig struct {
	Address      string `yaml:"address"`
	User         string `yaml:"user"`
	PasswordEnv  string `yaml:"password_env"`
	PasswordFile string `yaml:"password_file"`
	// TLS is explicit, implicit or none.
	TLS string `yaml:"tls"`
	// CA is a file of certificates, in PEM, that are trusted in place of the system's.
	CA   string `yaml:"ca"`
	Root string `yaml:"root"`
}

type s3Config struct {
	Endpoint      string `yaml:"endpoint"`
	Bucket        string `yaml:"bucket"`
	Prefix        string `yaml:"prefix"`
	Region        string `yaml:"region"`
	AccessKey     string `yaml:"access_key"`
	SecretKeyEnv  string `yaml:"secret_key_env"`
	SecretKeyFile string `yaml:"secret_key_file"`
	CA            string `yaml:"ca"`
}

type ariConfig struct {
	// URL is as http://pbx.example:8088/ari.
	URL          string `yaml:"url"`
	User         string `yaml:"user"`
	PasswordEnv  string `yaml:"password_env"`
	PasswordFile string `yaml:"password_file"`
}

type amiConfig struct {
	Address    string `yaml:"address"`
	User       string `yaml:"user"`
	SecretEnv  string `yaml:"secret_env"`
	SecretFile string `yaml:"secret_file"`
}

func (c storeConfig) open(file *yamlfile.File, path string) (recording.Store, error) {
	var opens []func() (recording.Store, error)
	add := func(is bool, open func() (recording.Store, error)) {
		if is {
			opens = append(opens, open)
		}
	}
	add(c.Disk != "", func() (recording.Store, error) { return diskstore.Open(c.Disk) })
	add(c.SFTP != nil, func() (recording.Store, error) { return c.SFTP.open() })
	add(c.FTP != nil, func() (recording.Store, error) { return c.FTP.open() })
	add(c.S3 != nil, func() (recording.Store, error) { return c.S3.open() })
	add(c.ARI != nil, func() (recording.Store, error) { return c.ARI.open() })
	if len(opens) != 1 {
		return nil, file.Errorf(path, "needs one of disk, sftp, ftp, s3 and ari")
	}
	store, err := opens[0]()
	if err != nil {
		return nil, file.Errorf(path, "%v", err)
	}
	return store, nil
}

func (c *sftpConfig) open() (recording.Store, error) {
	cfg := sftpstore.Config{Addr: c.Address, User: c.User, KnownHosts: c.KnownHosts, Root: c.Root}
	var err error
	if cfg.Password, err = secret(c.PasswordEnv, c.PasswordFile); err != nil {
		return nil, err
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

func (c *ftpConfig) open() (recording.Store, error) {
	cfg := ftpstore.Config{Addr: c.Address, User: c.User, Root: c.Root}
	switch c.TLS {
	case "explicit":
		cfg.TLS = ftpstore.Explicit
	case "implicit":
		cfg.TLS = ftpstore.Implicit
	case "none":
	default:
		return nil, errors.New("tls must be explicit, implicit or none")
	}
	trusted, err := certificates(c.CA)
	if err == nil {
		cfg.Config = &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}
		cfg.Password, err = secret(c.PasswordEnv, c.PasswordFile)
	}
	if err != nil {
		return nil, err
	}
	return ftpstore.New(cfg)
}

func (c *s3Config) open() (recording.Store, error) {
	cfg := s3store.Config{Endpoint: c.Endpoint, Bucket: c.Bucket, Prefix: c.Prefix, Region: c.Region, AccessKey: c.AccessKey}
	trusted, err := certificates(c.CA)
	if err == nil {
		cfg.SecretKey, err = secret(c.SecretKeyEnv, c.SecretKeyFile)
	}
	if err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}
	cfg.Transport = transport
	store, err := s3store.New(cfg)
	if err != nil {
		return nil, err
	}
	return closing{store, transport}, nil
}

// closing ends what its transport has open.
type closing struct {
	recording.Store
	transport *http.Transport
}

func (c closing) Close() error {
	c.transport.CloseIdleConnections()
	return c.Store.Close()
}

func (c *ariConfig) open() (recording.Store, error) {
	password, err := secret(c.PasswordEnv, c.PasswordFile)
	if err != nil {
		return nil, err
	}
	return aristore.New(&ari.Client{URL: c.URL, Username: c.User, Password: password}), nil
}

// secret is what a variable of the environment holds, or a file, without the end of its line; empty if neither is named.
func secret(env, file string) (string, error) {
	text := ""
	switch {
	case env != "" && file != "":
		return "", errors.New("a secret is either in the environment or in a file")
	case env != "":
		if text = os.Getenv(env); text == "" {
			return "", fmt.Errorf("the environment has no %s", env)
		}
	case file != "":
		content, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		if text = strings.TrimRight(string(content), "\r\n"); text == "" {
			return "", fmt.Errorf("%s is empty", file)
		}
	}
	return text, nil
}

// certificates are those in a file; nil, the system's, if none is named.
func certificates(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s has no certificate", file)
	}
	return pool, nil
}

// askWhoRecords makes the archive ask before it moves what may only be paused.
func (p *program) askWhoRecords(file *yamlfile.File) error {
	if over, ok := p.source.(*aristore.Store); ok { // it tells no times, and knows better
		p.kept.Settle, p.kept.Busy = -1, over.Busy
	}
	c := p.config.Archive.AMI
	if c == nil {
		return nil
	}
	password, err := secret(c.SecretEnv, c.SecretFile)
	if err != nil {
		return file.Errorf("$.archive.ami", "%v", err)
	}
	p.ami = &ami.Client{Addr: c.Address, Username: c.User, Secret: password}
	engine := &record.AMI{Client: p.ami}
	connected := false
	p.kept.Busy = func(ctx context.Context, name string) (bool, error) {
		if !connected {
			if err := p.ami.Connect(ctx); err != nil {
				return false, err
			}
			connected = true
		}
		return engine.Busy(ctx, name)
	}
	return nil
}

// apart refuses an archive that lies in the source, or the other way round: it would be archived itself.
func apart(file *yamlfile.File, source, kept storeConfig) error {
	if source.Disk != "" && kept.Disk != "" {
		nested, err := within(source.Disk, kept.Disk)
		if err != nil {
			return file.Errorf("$.archive.store.disk", "%v", err)
		}
		if nested {
			return file.Errorf("$.archive.store.disk", "%s and the source %s are one folder, or one lies in the other", kept.Disk, source.Disk)
		}
	}
	host, folder := source.where()
	keptHost, keptFolder := kept.where()
	if host != "" && host == keptHost && (below(folder, keptFolder) || below(keptFolder, folder)) {
		return file.Errorf("$.archive.store", "and the source are one folder of %s, or one lies in the other", host)
	}
	return nil
}

// within tells whether one of two folders is the other or lies in it, whatever symbolic links and mounts name them.
func within(a, b string) (bool, error) {
	inside, err := liesIn(a, b)
	if err != nil || inside {
		return inside, err
	}
	return liesIn(b, a)
}

// liesIn tells whether a folder, or one above it, is another one.
func liesIn(inner, outer string) (bool, error) {
	want, err := os.Stat(outer)
	if err != nil {
		return false, err
	}
	if inner, err = filepath.EvalSymlinks(inner); err != nil {
		return false, err
	}
	if inner, err = filepath.Abs(inner); err != nil {
		return false, err
	}
	for {
		info, err := os.Stat(inner)
		if err != nil || os.SameFile(want, info) {
			return err == nil, err
		}
		if inner == filepath.Dir(inner) {
			return false, nil
		}
		inner = filepath.Dir(inner)
	}
}

// where tells which machine a store is on, empty for this one, and the folder there as it is named.
func (c storeConfig) where() (host, folder string) {
	switch {
	case c.SFTP != nil:
		return "sftp " + c.SFTP.Address, path.Clean(c.SFTP.Root)
	case c.FTP != nil:
		return "ftp " + c.FTP.Address, path.Clean(c.FTP.Root)
	case c.S3 != nil:
		return "s3 " + c.S3.Endpoint + "/" + c.S3.Bucket, path.Clean(strings.Trim(c.S3.Prefix, "/"))
	}
	return "", ""
}

// below tells whether a folder is another one or lies in it; "." is that of the login, or the whole bucket.
func below(outer, inner string) bool {
	return outer == inner || outer == "/" || outer == "." && !path.IsAbs(inner) || strings.HasPrefix(inner, outer+"/")
}
