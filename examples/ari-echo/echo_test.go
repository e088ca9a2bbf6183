package main

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// lines is a writer that tells of each line.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
	line chan string
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.line <- string(p)
	return l.text.Write(p)
}

func TestRun(t *testing.T) {
	a := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{"extensions.conf": `
[default]
exten => 600,1,Stasis(echo)
exten => caller,1,Answer()
 same => n,SendDTMF(42#)
 same => n,Wait(60)
`}})
	t.Setenv("ASTERISM_ARI_PASSWORD", asterisktest.Secret)
	url := "http://" + a.HTTP.String() + "/ari"
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out := &lines{line: make(chan string, 1)}
	over := make(chan error, 1)
	go func() { over <- run(ctx, []string{"-url", url, "-user", asterisktest.Username}, out) }()

	client := &ari.Client{URL: url, Username: asterisktest.Username, Password: asterisktest.Secret}
	defer client.Close()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for _, err := client.Applications().Get(ctx, "echo"); err != nil; <-tick.C {
		if ctx.Err() != nil {
			t.Fatal(err)
		}
		_, err = client.Applications().Get(ctx, "echo")
	}
	_, err := client.Channels().Originate(ctx, ari.ChannelOriginateParams{Endpoint: "Local/600@default/n", Extension: "caller", Context: "default"})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case line := <-out.line:
		if !strings.HasSuffix(line, ": 42 <nil>\n") {
			t.Errorf("got %q", line)
		}
	case <-ctx.Done():
		t.Error("no line")
	}
	cancel()
	if err := <-over; err != nil {
		t.Error(err)
	}
}
