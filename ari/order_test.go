package ari

import "testing"

// Asterisk sends the begin of a dial after its answer if that is given at once (a Local channel): it is answered all the same.
func TestBeginOfDialAfterAnswer(t *testing.T) {
	ch := newChannel(nil, "x")
	for _, status := range []string{"ANSWER", ""} {
		e, err := parseEvent(`{"type":"Dial","application":"a","dialstatus":"` + status + `","peer":{"id":"x"}}`)
		if err != nil {
			t.Fatal(err)
		}
		ch.follow(e)
	}
	if over, err := ch.dialled(); !over || err != nil {
		t.Errorf("over %v, %v", over, err)
	}
}

// A call may be found by Resume before its StasisStart comes.
func TestStartAfterResume(t *testing.T) {
	ch := newChannel(nil, "x")
	ch.resume()
	e, err := parseEvent(`{"type":"StasisStart","application":"a","args":["one"],"channel":{"id":"x"}}`)
	if err != nil {
		t.Fatal(err)
	}
	ch.start(e)
	if args := ch.Args(); len(args) != 1 || args[0] != "one" {
		t.Errorf("args %q", args)
	}
}
