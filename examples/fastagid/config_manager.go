package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/routing/queueload"
)

// managerConfig is Asterisk's Manager, which tells how much queues have to do.
type managerConfig struct {
	// Address is that of the Manager; manager.conf has the port.
	Address string `yaml:"address"`
	// Username is a user in manager.conf who may read the class agent; SecretFile holds the secret, and nothing else but white
	// space around it.
	Username   string `yaml:"username"`
	SecretFile string `yaml:"secret_file"`
	// TLS is for tlsenable in manager.conf. CAFile holds who has signed the server's certificate. Default: the system's.
	TLS    bool   `yaml:"tls"`
	CAFile string `yaml:"ca_file"`
}

func (m *managerConfig) check(wrong checker) {
	if _, err := net.ResolveTCPAddr("tcp", m.Address); err != nil {
		wrong("$.manager.address", "%q is not an address of the form host:port", m.Address)
	}
	if m.Username == "" {
		wrong("$.manager", "want a username and a secret_file")
	}
	if m.CAFile != "" && !m.TLS {
		wrong("$.manager.ca_file", "it is for tls, which is off")
	}
	if _, err := m.client(); err != nil {
		wrong("$.manager", "%v", err)
	}
}

// client returns one that is not connected.
func (m *managerConfig) client() (*ami.Client, error) {
	secret, err := readSecretText(m.SecretFile)
	if err != nil {
		return nil, err
	}
	client := &ami.Client{
		Addr: m.Address, Username: m.Username, Secret: secret, Subscribe: queueload.EventNames(), Snapshots: ami.SnapshotQueues,
	}
	if !m.TLS {
		return client, nil
	}
	client.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	if m.CAFile == "" {
		return client, nil
	}
	text, err := os.ReadFile(m.CAFile)
	if err != nil {
		return nil, err
	}
	client.TLS.RootCAs = x509.NewCertPool()
	if !client.TLS.RootCAs.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s: %w", m.CAFile, errors.New("no certificate in it"))
	}
	return client, nil
}
