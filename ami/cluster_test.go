package ami_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ami/amitest"
)

func TestCluster(t *testing.T) {
	servers := map[string]*ami.Client{
		"down": {Addr: "127.0.0.1:1", ReconnectWait: time.Hour},
	}
	for i := range 3 {
		name := fmt.Sprintf("pbx%d", i)
		manager := amitest.Start(t, script(amitest.Send("Event: Hello", "From: "+name)))
		servers[name] = &ami.Client{Addr: manager.Addr, Username: user, Secret: secret}
	}
	cluster := &ami.Cluster{Servers: servers}
	defer cluster.Close()
	events := cluster.Events(t.Context())
	if err := cluster.Start(); err != nil {
		t.Fatal(err)
	}
	var heard []string
	for event, err := range events {
		if err != nil {
			t.Fatal(err)
		}
		if event.Event() == "Hello" {
			if event.Get("From") != event.Server {
				t.Errorf("%s is said to come from %s", event, event.Server)
			}
			heard = append(heard, event.Server)
		}
		if len(heard) == 3 {
			break
		}
	}
	if slices.Sort(heard); !slices.Equal(heard, []string{"pbx0", "pbx1", "pbx2"}) {
		t.Errorf("%q", heard)
	}
	for name, client := range servers {
		if name == "down" {
			continue
		}
		if err := client.Ready(t.Context()); err != nil {
			t.Error(err)
		}
	}
	for state, why := range servers["down"].States(t.Context()) {
		if state == ami.Connecting && why != nil {
			break
		}
	}
	health := cluster.Health()
	if len(health) != 4 || health[0].Server != "down" || health[0].State == ami.Up || health[0].Err == nil || health[3].State != ami.Up {
		t.Errorf("%+v", health)
	}
	if _, err := servers["pbx1"].Do(t.Context(), ami.Action{Name: "Ping"}); err != nil {
		t.Error(err)
	}
}

// TestClusterEnds: with one client its events end, with the cluster everybody's.
func TestClusterEnds(t *testing.T) {
	servers := map[string]*ami.Client{}
	for _, name := range []string{"a", "b"} {
		manager := amitest.Start(t, script(amitest.Expect("Logoff"), amitest.Reply("Response: Goodbye")))
		servers[name] = &ami.Client{Addr: manager.Addr, Username: user, Secret: secret}
	}
	cluster := &ami.Cluster{Servers: servers}
	events := cluster.Events(t.Context())
	if err := cluster.Start(); err != nil {
		t.Fatal(err)
	}
	for _, client := range servers {
		if err := client.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := cluster.Drain(t.Context()); err != nil {
		t.Error(err)
	}
	booted := 0
	for event, err := range events {
		if err != nil {
			if !errors.Is(err, ami.ErrClosed) {
				t.Error(err)
			}
			break
		}
		if event.Event() == "FullyBooted" {
			booted++
		}
	}
	if booted != 2 {
		t.Errorf("%d of 2", booted)
	}
	for _, err := range cluster.Events(t.Context()) {
		if !errors.Is(err, ami.ErrClosed) {
			t.Errorf("after the end: %v", err)
		}
	}
	if err := servers["a"].Start(); !errors.Is(err, ami.ErrClosed) {
		t.Errorf("%v", err)
	}
}
