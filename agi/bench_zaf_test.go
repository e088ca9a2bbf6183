package agi_test

import (
	"bufio"
	"net"

	zaf "github.com/zaf/agi"
)

// serveZAF is the server of the example of github.com/zaf/agi: an accept loop, and a goroutine for each session.
func serveZAF(listener net.Listener) {
	accept(listener, func(conn net.Conn) {
		session := zaf.New()
		if session.Init(bufio.NewReadWriter(bufio.NewReader(conn), bufio.NewWriter(conn))) != nil {
			return
		}
		for _, command := range []func() (zaf.Reply, error){
			session.Answer,
			func() (zaf.Reply, error) { return session.GetVariable("X") },
			func() (zaf.Reply, error) { return session.StreamFile("hello-world", "") },
			func() (zaf.Reply, error) { return session.SetVariable("Y", "value") },
			func() (zaf.Reply, error) { return session.Hangup() },
		} {
			if _, err := command(); err != nil {
				return
			}
		}
	})
}
