package menu_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asterism-go/asterism/ivr"
	"github.com/asterism-go/asterism/ivr/ivrtest"
)

// TestRecordingNames holds that a second message does not overwrite the first, and that no value makes a name that Asterisk refuses.
func TestRecordingNames(t *testing.T) {
	for name, want := range map[string]string{
		"":                   "vm-7.1, vm-7.1-2",
		"name: 'x/${id}',":   "x/7.1, x/7.1-2",
		"name: greeting,":    "greeting, greeting",
		"name: '${v}',":      "vm-7.1, vm-7.1-2",
		"name: 'a/${v}./b',": "a/b, a/b",
		"name: 'a/.${v}.',":  "a, a",
	} {
		text := "start: init\nnodes:\n  init: {set: {values: {v: ''}, next: main}}\n  main: {menu: {prompt: x, options: {1: vm, 2: hangup}}}\n" +
			"  vm: {record: {prompt: x, " + name + " max: 60s, next: main}}\n"
		synctest.Test(t, func(t *testing.T) {
			w := newWorld()
			c := &ivrtest.Channel{About: ivr.Info{ID: "7.1", Language: "en"}}
			message := ivrtest.Script{ivrtest.Press("1"), ivrtest.Wait(20 * time.Second), ivrtest.Press("#")}
			script := append(append(message, message...), ivrtest.Press("2"), ivrtest.Ended())
			if err := ivrtest.Run(t.Context(), c, w.engine(t, text).Serve, script); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			var got []string
			for _, m := range w.messages {
				got = append(got, m.Name)
			}
			if strings.Join(got, ", ") != want {
				t.Errorf("%q: recordings %q, want %s", name, got, want)
			}
		})
	}
}
