package queue

import (
	"fmt"
	"strings"
	"testing"

	"github.com/asterism-go/asterism/queue/acd"
)

// What is dialled for a customer is digits that are allowed, whatever was typed or sent.
func TestCallbackNumber(t *testing.T) {
	c, err := (&Callback{Endpoint: "PJSIP/{number}@trunk", Allow: []string{"26", "0030"}, Plus: "00"}).withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"2610123456": "2610123456", "+302610123456": "00302610123456", "0900123": "", "26": "", "": "", "+": "", "26a0123": "",
		"26${SHELL(id)}": "", "2610/n@default": "", "2610&PJSIP/200": "", "26101234567890123456": "", "٢٦١٠": "", "26*1#": "", "2610\n": "",
	} {
		if got, ok := c.number(text); ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q, %v", text, got, ok)
		}
	}
	for _, wrong := range []Callback{
		{},
		{Endpoint: "PJSIP/{number}"},
		{Endpoint: "PJSIP/trunk", Allow: []string{""}},
		{Endpoint: "{number}", Allow: []string{"+"}},
		{Endpoint: "{number}", Allow: []string{""}, Min: 9, Max: 3},
		{Endpoint: "{number}", Allow: []string{""}, Attempts: -1},
	} {
		if _, err := wrong.withDefaults(); err == nil {
			t.Errorf("%+v is taken", wrong)
		}
	}
}

// The names of messages stay in their folder, and keys have one meaning.
func TestEarChecks(t *testing.T) {
	v, err := (&Voicemail{}).withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	name := v.name(acd.Caller{Queue: "../sales dept", ID: "1795.1/../x"}, acd.New(1).Now())
	if strings.Contains(name, "..") || !strings.HasPrefix(name, "voicemail/---sales-dept/") || strings.Count(name, "/") != 2 {
		t.Errorf("%q", name)
	}
	for _, q := range []Queue{
		{Queue: acd.Queue{Name: "@agent"}},
		{Queue: acd.Queue{Name: "q"}, Ear: Ear{Voicemail: &Voicemail{Folder: "../etc"}}},
		{Queue: acd.Queue{Name: "q", Exits: map[string]string{"9": "x"}}, Ear: Ear{Voicemail: &Voicemail{Key: "9"}}},
		{Queue: acd.Queue{Name: "q", Exits: map[string]string{"2": "x"}}, Ear: Ear{
			Callback: &Callback{Key: "2", Endpoint: "{number}", Allow: []string{""}},
		}},
	} {
		if err := q.prepareEar(); err == nil {
			t.Errorf("%+v is taken", q)
		}
	}
}

// A PIN is masked however it is printed.
func TestPIN(t *testing.T) {
	pin := PIN("7391")
	if text := fmt.Sprintf("%v %s %q %#v %+v", pin, pin, pin, pin, Agent{PIN: pin}); strings.Contains(text, "7391") {
		t.Error(text)
	}
}
