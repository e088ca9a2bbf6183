package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Request is what the server is asked.
type Request struct {
	// Session names the session; it is the same in all of its turns. Turn counts from 1.
	Session string `json:"session"`
	Turn    int    `json:"turn"`
	// Route is the pattern of the route, Params the values of its {names}, Query that of the address.
	Route  string              `json:"route"`
	Params map[string]string   `json:"params,omitempty"`
	Query  map[string][]string `json:"query,omitempty"`
	// Call is what Asterisk says of the call; see [agi.Environment].
	Call Call `json:"call"`
	// Results are those of the steps of the turn before.
	Results []Result `json:"results,omitempty"`
}

// Call is the part of the environment that a server may want.
type Call struct {
	Uniqueid     string   `json:"uniqueid"`
	Channel      string   `json:"channel"`
	CallerID     string   `json:"caller_id,omitempty"`
	CallerIDName string   `json:"caller_id_name,omitempty"`
	DNID         string   `json:"dnid,omitempty"`
	RDNIS        string   `json:"rdnis,omitempty"`
	Context      string   `json:"context"`
	Extension    string   `json:"extension"`
	Language     string   `json:"language,omitempty"`
	Args         []string `json:"args,omitempty"`
}

// Response is what the server wants to be done.
type Response struct {
	Steps []Step `json:"steps"`
	// More asks for another turn after the steps.
	More bool `json:"more,omitempty"`
}

// Step is one thing to do: exactly one of its fields is given.
type Step struct {
	Answer *struct{} `json:"answer,omitempty"`
	Hangup *struct{} `json:"hangup,omitempty"`
	Play   *Play     `json:"play,omitempty"`
	Digits *Digits   `json:"digits,omitempty"`
	Say    *Say      `json:"say,omitempty"`
	Set    *Set      `json:"set,omitempty"`
	Get    *Get      `json:"get,omitempty"`
	Goto   *Goto     `json:"goto,omitempty"`
}

// Play plays a sound file until its end or one of the escape digits.
type Play struct {
	File   string `json:"file"`
	Escape string `json:"escape,omitempty"`
}

// Digits plays a sound file and collects digits.
type Digits struct {
	File string `json:"file"`
	// Seconds is how long a pause may be. Default: 5.
	Seconds float64 `json:"seconds,omitempty"`
	// Max is how many digits are wanted; 0: any number, ended by # or a pause.
	Max int `json:"max,omitempty"`
}

// Say says digits one by one.
type Say struct {
	Digits string `json:"digits"`
	Escape string `json:"escape,omitempty"`
}

// Set sets a channel variable.
type Set struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Get reads a channel variable.
type Get struct {
	Name string `json:"name"`
}

// Goto says where the dialplan goes on.
type Goto struct {
	Context   string `json:"context,omitempty"`
	Extension string `json:"extension,omitempty"`
	Priority  string `json:"priority,omitempty"`
}

// Result is how a step went.
type Result struct {
	// Step is its name, such as digits.
	Step string `json:"step"`
	// Digits are those that were pressed; Timeout says that a pause ended them.
	Digits  string `json:"digits,omitempty"`
	Timeout bool   `json:"timeout,omitempty"`
	// Value is that of the variable.
	Value string `json:"value,omitempty"`
}

// maxResponse is the largest response in bytes, maxSteps how many steps it may have.
const (
	maxResponse = 256 << 10
	maxSteps    = 100
)

// readResponse reads a response strictly: a key that nobody knows is a mistake of the server's.
func readResponse(r io.Reader) (Response, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxResponse+1))
	if err != nil {
		return Response{}, err
	}
	if len(text) > maxResponse {
		return Response{}, fmt.Errorf("the response has more than %d bytes", maxResponse)
	}
	var response Response
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&response); err != nil {
		return Response{}, fmt.Errorf("the response is no JSON of steps: %w", err)
	}
	if decoder.More() {
		return Response{}, errors.New("the response goes on after its JSON")
	}
	if len(response.Steps) > maxSteps {
		return Response{}, fmt.Errorf("the response has more than %d steps", maxSteps)
	}
	for i, step := range response.Steps {
		if n := len(step.actions()); n != 1 {
			return Response{}, fmt.Errorf("step %d of the response says %d things to do: want one", i+1, n)
		}
	}
	return response, nil
}
