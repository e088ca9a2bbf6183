package menu

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/asterism-go/asterism/ivr"
)

// DefaultDeadline is how long a server may take to say what to do.
const DefaultDeadline = 3 * time.Second

// maxReply is the largest reply in bytes, maxValue the largest value that it may set.
const (
	maxReply = 64 << 10
	maxValue = 1000
)

// Question is what a server is asked, as JSON by POST. The request is signed as Standard Webhooks have it
// (https://www.standardwebhooks.com): the headers webhook-id, webhook-timestamp and webhook-signature.
type Question struct {
	// Call is the id of the call, the same each time that it asks. Node is where it asks.
	Call string `json:"call"`
	Node string `json:"node"`
	// Caller, CallerName and Dialed are as they came with the call, Language is the language now.
	Caller     string `json:"caller,omitempty"`
	CallerName string `json:"caller_name,omitempty"`
	Dialed     string `json:"dialed,omitempty"`
	Language   string `json:"language,omitempty"`
	// Values are those of Send that are set, Targets those that the reply may go to.
	Values  map[string]string `json:"values,omitempty"`
	Targets []string          `json:"targets"`
}

// Reply is what the server answers, with status 200. What is not in the Set and Targets of the node makes it wrong.
type Reply struct {
	// Goto is where the call goes on.
	Goto string `json:"goto"`
	// Set are values to set.
	Set map[string]string `json:"set,omitempty"`
	// Play are sounds to play before.
	Play []string `json:"play,omitempty"`
}

func (n *Webhook) ready(c *checker) kind {
	if _, ok := c.in.Webhooks[n.Server]; !ok {
		c.bad(".server", "there is no server %q", n.Server)
	}
	for _, value := range n.Send {
		c.fills(c.path+".send", "${"+value+"}")
	}
	for _, value := range n.Set {
		c.sets(".set", value)
	}
	if len(n.Targets) == 0 {
		c.bad(".targets", "there are no targets: the server could say nothing")
	}
	return n
}

func (n *Webhook) edges() []edge {
	list := []edge{{key: ".failed", to: n.Failed, label: "failed", silent: true}}
	for _, to := range n.Targets {
		list = append(list, edge{key: ".targets", to: to, label: "answer", silent: true})
	}
	return list
}

func (n *Webhook) run(ctx context.Context, r *Session) (step, error) {
	reply, err := n.ask(ctx, r)
	if err != nil {
		if ctx.Err() != nil { // the call is over
			return step{}, context.Cause(ctx)
		}
		r.log().ErrorContext(ctx, "menu: a server did not say what to do", "node", r.node, "server", n.Server, "error", err)
		return step{n.Failed, "failed"}, nil
	}
	for name, value := range reply.Set {
		r.values[name] = value
	}
	return step{reply.Goto, "answer"}, r.play(ctx, Sounds(reply.Play...), false)
}

func (n *Webhook) ask(ctx context.Context, r *Session) (Reply, error) {
	server := r.set.servers[n.Server]
	ctx, cancel := context.WithTimeout(ctx, or(time.Duration(server.Deadline), DefaultDeadline))
	defer cancel()
	question := Question{
		Call: r.values["id"], Node: r.node, Caller: r.values["caller"], CallerName: r.values["caller_name"], Dialed: r.values["dialed"],
		Language: r.values["language"], Targets: n.Targets, Values: map[string]string{},
	}
	for _, name := range n.Send {
		if value, ok := r.values[name]; ok {
			question.Values[name] = value
		}
	}
	body, err := json.Marshal(question)
	if err != nil {
		return Reply{}, err
	}
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, bytes.NewReader(body))
	if err != nil {
		return Reply{}, err
	}
	if err := sign(post, body, r.engine.cfg.Env(server.SecretEnv)); err != nil {
		return Reply{}, err
	}
	answer, err := r.engine.client.Do(post)
	if err != nil {
		return Reply{}, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return Reply{}, fmt.Errorf("it answers %s", answer.Status)
	}
	return n.read(answer.Body)
}

// read reads a reply strictly.
func (n *Webhook) read(body io.Reader) (Reply, error) {
	text, err := io.ReadAll(io.LimitReader(body, maxReply+1))
	if err != nil {
		return Reply{}, err
	}
	if len(text) > maxReply {
		return Reply{}, fmt.Errorf("the reply has more than %d bytes", maxReply)
	}
	var reply Reply
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&reply); err != nil {
		return Reply{}, fmt.Errorf("the reply is wrong: %w", err)
	}
	if decoder.More() {
		return Reply{}, errors.New("the reply goes on after its JSON")
	}
	if !slices.Contains(n.Targets, reply.Goto) {
		return Reply{}, fmt.Errorf("the reply goes to %q, which is none of the targets", reply.Goto)
	}
	for name, value := range reply.Set {
		if !slices.Contains(n.Set, name) || len(value) > maxValue {
			return Reply{}, fmt.Errorf("the reply sets %q, which it may not, or to more than %d bytes", name, maxValue)
		}
	}
	if len(reply.Play) > MaxSegments {
		return Reply{}, fmt.Errorf("the reply plays more than %d sounds", MaxSegments)
	}
	for _, sound := range reply.Play {
		if !soundShape.MatchString(sound) || strings.Contains(sound, "..") || strings.HasPrefix(sound, "/") || strings.HasPrefix(sound, ivr.RecordingPrefix) {
			return Reply{}, fmt.Errorf("the reply plays %q, which is no sound", sound)
		}
	}
	return reply, nil
}

// plainClient is a client that follows no redirects: a signed request goes to the server that it is for, and nowhere else.
func plainClient(base *http.Client) *http.Client {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute, TLSHandshakeTimeout: DefaultDeadline}}
	if base != nil {
		*client = *base
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return client
}

// signer returns what signs with a key.
func signer(key string) (*standardwebhooks.Webhook, error) {
	if key == "" {
		return nil, errors.New("the environment variable with the key is not set")
	}
	w, err := standardwebhooks.NewWebhook(key)
	if err != nil {
		return nil, errors.New("the environment variable holds no key in base64")
	}
	return w, nil
}

// sign adds the headers of a signed request.
func sign(post *http.Request, body []byte, key string) error {
	w, err := signer(key)
	if err != nil {
		return err
	}
	id, now := "msg_"+uuid.NewString(), time.Now()
	signature, err := w.Sign(id, now, body)
	if err != nil {
		return err
	}
	post.Header.Set("Content-Type", "application/json")
	post.Header.Set(standardwebhooks.HeaderWebhookID, id)
	post.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	post.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	return nil
}
