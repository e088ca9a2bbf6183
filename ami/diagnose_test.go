package ami_test

import (
	"strings"
	"testing"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

func TestDiagnose(t *testing.T) {
	a := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{"manager.conf": `
[general](+)
timestampevents = no

[poor]
secret = s
read = call
write = call

[system]
secret = s
read = call
write = system

[good]
secret = s
read = all
write = all
writetimeout = 5000
`}})
	for user, want := range map[string][]string{
		"poor": {
			"may not use CoreShowChannels", "write = ...,system,reporting,originate",
			"may not read system", "read = ...,system", "may not read manager.conf",
		},
		"system": {
			"may not use", "write = system,call", "read = call,system",
			"does not read for 100ms", "writetimeout = 1000", "do not say when they happened", "timestampevents = yes",
		},
		"good": {"timestampevents = yes"},
	} {
		client := connect(t, &ami.Client{Addr: a.AMI.String(), Username: user, Secret: "s", BootTimeout: 1})
		found, err := client.Diagnose(t.Context())
		if err != nil {
			t.Errorf("%s: %v", user, err)
			continue
		}
		var text strings.Builder
		for _, advice := range found {
			text.WriteString(advice.String())
		}
		for _, part := range want {
			if !strings.Contains(text.String(), part) {
				t.Errorf("%s: no %q in\n%s", user, part, &text)
			}
		}
		if user == "good" && len(found) != 1 {
			t.Errorf("%s: %s", user, &text)
		}
	}
	client := connect(t, of(a))
	found, err := client.Diagnose(t.Context(), "NoSuchAction", "Ping")
	if err != nil || len(found) == 0 || !strings.Contains(found[0].Problem, "NoSuchAction") || strings.Contains(found[0].Problem, "Ping") {
		t.Errorf("%v, %v", found, err)
	}
}
