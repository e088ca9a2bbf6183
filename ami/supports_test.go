package ami_test

import (
	"testing"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ami/amitest"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

func TestSupports(t *testing.T) {
	a := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{"manager.conf": `
[caller]
secret = s
read = call
write = originate
`}})
	for user, want := range map[string]map[string]bool{
		asterisktest.Username: {"Originate": true, "queuestatus": true, "NoSuchAction": false, "Response": false},
		"caller":              {"Originate": true, "CoreShowChannels": false},
	} {
		secret := "s"
		if user == asterisktest.Username {
			secret = asterisktest.Secret
		}
		client := connect(t, &ami.Client{Addr: a.AMI.String(), Username: user, Secret: secret, BootTimeout: 1})
		for action, supported := range want {
			if got, err := client.Supports(t.Context(), action); err != nil || got != supported {
				t.Errorf("%s of %s: %v, %v", action, user, got, err)
			}
		}
	}
}

// Asterisk is asked once for each connection.
func TestSupportsAsksOnce(t *testing.T) {
	manager := amitest.Start(t, amitest.Script{
		amitest.Login("board", "secret"),
		amitest.Expect("ListCommands"),
		amitest.Reply("Response: Success", "Ping: Keepalive command.  (Priv: <none>)"),
		amitest.ExpectClose(),
	})
	client := connect(t, &ami.Client{Addr: manager.Addr, Username: "board", Secret: "secret", BootTimeout: -1})
	for range 3 {
		if ok, err := client.Supports(t.Context(), "Ping"); !ok || err != nil {
			t.Fatalf("%v, %v", ok, err)
		}
	}
	client.Close()
	if _, err := client.Supports(t.Context(), "Ping"); ami.SafeToRetry(err) != true {
		t.Errorf("of a client that is closed: %v", err)
	}
}
