package record_test

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/internal/asterisktest"
	"github.com/asterism-go/asterism/internal/sipphone"
	"github.com/asterism-go/asterism/recording/record"
	"github.com/asterism-go/asterism/recording/sound"
)

// What is heard in the files: the customer's and the agent's telephones, and the music on hold of asterisktest.
const (
	customer = 500.0
	agent    = 650.0
	music    = 150.0
)

// office is a real Asterisk with a call of two telephones, which is recorded at the customer's channel.
type office struct {
	t       *testing.T
	ctx     context.Context //nolint:containedctx // of the test
	pbx     *asterisktest.Asterisk
	client  *ami.Client
	app     *ari.App
	call    *sipphone.Call // of the customer
	other   *sipphone.Call // of the agent
	channel string         // the customer's, by its Uniqueid
}

func openOffice(t *testing.T) *office {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	o := &office{t: t, ctx: ctx}
	o.pbx = asterisktest.Start(t, asterisktest.Config{Files: map[string]string{
		"pjsip.conf":      sipphone.PJSIPConfig("101", "pw101") + sipphone.PJSIPConfig("102", "pw102"),
		"extensions.conf": "[default]\nexten => _10X,1,Dial(PJSIP/${EXTEN},60)\n",
	}})
	t.Cleanup(o.pbx.Kill) // it would wait for its calls to end
	o.client = &ami.Client{Addr: o.pbx.AMI.String(), Username: asterisktest.Username, Secret: asterisktest.Secret}
	o.must(o.client.Connect(ctx))
	t.Cleanup(func() { o.client.Close() })
	rest := &ari.Client{URL: "http://" + o.pbx.HTTP.String() + "/ari", Username: asterisktest.Username, Password: asterisktest.Secret}
	t.Cleanup(func() { rest.Close() })
	o.app = &ari.App{Client: rest, Name: "record"}
	o.must(o.app.Connect(ctx))
	t.Cleanup(func() { o.app.Close() })
	o.talk()
	return o
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) phone(user string, tone float64, take func(*sipphone.Call)) *sipphone.Phone {
	o.t.Helper()
	p, err := sipphone.New(o.ctx, sipphone.Config{Server: o.pbx.SIP, User: user, Password: "pw" + user, Tone: tone, OnInvite: take})
	o.must(err)
	o.t.Cleanup(func() { p.Close() })
	return p
}

// talk lets the customer call the agent.
func (o *office) talk() {
	o.t.Helper()
	taken := make(chan *sipphone.Call, 1)
	o.phone("102", agent, func(c *sipphone.Call) {
		if c.Answer(o.ctx) == nil {
			taken <- c
		}
	})
	var err error
	o.call, err = o.phone("101", customer, nil).Dial(o.ctx, "102")
	o.must(err)
	o.must(o.call.WaitAnswered(o.ctx))
	o.other = <-taken
	o.must(o.call.WaitHears(o.ctx, agent))
	o.must(o.other.WaitHears(o.ctx, customer))
	channels, err := o.client.List(o.ctx, ami.Action{Name: "CoreShowChannels"})
	o.must(err)
	for _, ch := range channels.Items {
		if strings.HasPrefix(ch.Get("Channel"), "PJSIP/101-") {
			o.channel = ch.Get("Uniqueid")
		}
	}
	if o.channel == "" {
		o.t.Fatal("no channel of the customer")
	}
}

// hold lets the agent put the customer on hold and back: what the customer hears then is the secret of these tests.
func (o *office) hold() {
	o.t.Helper()
	o.must(o.other.Hold(o.ctx))
	o.must(o.call.WaitSilent(o.ctx, agent))
	o.speak()
	o.must(o.other.Resume(o.ctx))
	o.must(o.call.WaitHears(o.ctx, agent))
	o.speak()
}

// speak lets half a second pass: sound takes time.
func (o *office) speak() {
	select {
	case <-time.After(500 * time.Millisecond):
	case <-o.ctx.Done():
		o.t.Fatal("it took too long")
	}
}

func (o *office) engines() map[string]record.Engine {
	return map[string]record.Engine{"AMI": &record.AMI{Client: o.client}, "ARI": &record.ARI{App: o.app}}
}

// path is where Asterisk has recorded.
func (o *office) path(engine, name string) string {
	return filepath.Join(o.pbx.Dir, "spool", map[string]string{"AMI": "monitor", "ARI": "recording"}[engine], name)
}

// file reads what Asterisk has recorded.
func (o *office) file(engine, name string) heard {
	o.t.Helper()
	info, file := o.inspect(engine, name)
	if info.Live {
		o.t.Errorf("%s is not complete", name)
	}
	reader, err := sound.NewReader(bytes.NewReader(file), name, int64(len(file)))
	o.must(err)
	h := listen(reader)
	h.took = info.Duration()
	return h
}

// listen finds the tones in a sound.
func listen(r *sound.Reader) (h heard) {
	rate := r.Info().Rate
	p := make([]int16, rate/20) // 50 ms: whole periods of all tones
	for have := 0; ; {
		n, err := r.ReadSamples(p[have:])
		if err != nil {
			return h
		}
		if have += n; have == len(p) {
			h.windows = append(h.windows, tonesIn(p, float64(rate)))
			have = 0
		}
	}
}

// heard is what is in a file, in windows of 50 ms: which of the tones, as letters c, a and m.
type heard struct {
	took    time.Duration
	windows []string
}

func tonesIn(p []int16, rate float64) string {
	var tones []byte
	for letter, hz := range map[byte]float64{'c': customer, 'a': agent, 'm': music} {
		var sin, cos float64
		for i, s := range p {
			sin += float64(s) * math.Sin(2*math.Pi*hz*float64(i)/rate)
			cos += float64(s) * math.Cos(2*math.Pi*hz*float64(i)/rate)
		}
		if math.Hypot(sin, cos)/float64(len(p)) > 100 {
			tones = append(tones, letter)
		}
	}
	return string(tones)
}

// order is in which order the agent and the music are heard, each for two windows at least.
func (h heard) order() string {
	order, run, before := "", 0, ""
	for _, w := range h.windows {
		now := strings.Trim(strings.ReplaceAll(w, "c", ""), " ")
		if len(now) != 1 {
			continue
		}
		if run++; now != before {
			before, run = now, 1
		}
		if run == 2 && !strings.HasSuffix(order, now) {
			order += now
		}
	}
	return order
}

// has is how many windows a tone is in.
func (h heard) has(letter string) (n int) {
	for _, w := range h.windows {
		if strings.Contains(w, letter) {
			n++
		}
	}
	return n
}

// silence is the longest one, in windows.
func (h heard) silence() (longest int) {
	run := 0
	for _, w := range h.windows {
		if run++; w != "" {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}

// inspect tells what a file holds, and returns it.
func (o *office) inspect(engine, name string) (sound.Info, []byte) {
	o.t.Helper()
	file, err := os.ReadFile(o.path(engine, name))
	o.must(err)
	info, err := sound.Inspect(bytes.NewReader(file), name, int64(len(file)))
	o.must(err)
	return info, file
}
