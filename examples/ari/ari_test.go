package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/asterism-go/asterism/internal/asterisktest"
)

func TestRun(t *testing.T) {
	a := asterisktest.Start(t, asterisktest.Config{})
	t.Setenv("ASTERISM_ARI_PASSWORD", asterisktest.Secret)
	for args, want := range map[string]string{
		"":                               "channels.getChannelVar",
		"asterisk.ping":                  `"ping": "pong"`,
		"asterisk.getInfo only=system":   a.Version,
		"channels.get channelId=x":       `404 "Channel not found"`,
		"channels.get":                   "channelId",
		"no.such":                        "is not one that answers",
		"-doctor languages=en,xx":        "there are no sounds in the language \"xx\"",
		"-doctor formats=ulaw":           "; Asterisk " + a.Version,
		"-doctor x":                      "is not name=value",
		"channels.list nothing":          "is not name=value",
		"asterisk.setGlobalVar value=x":  "Variable name is required",
		"-body {} bridges.create name=x": `"name": "x"`,
	} {
		var out bytes.Buffer
		all := append([]string{"-url", "http://" + a.HTTP.String() + "/ari", "-user", asterisktest.Username}, strings.Fields(args)...)
		if err := run(t.Context(), all, &out); err != nil {
			out.WriteString(err.Error())
		}
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s: got %s, want %s", args, &out, want)
		}
	}
}
