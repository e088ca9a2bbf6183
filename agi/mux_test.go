package agi_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/agi/agitest"
)

// telling is a handler that sets SEEN to what it has been called with.
func telling(names ...string) agi.HandlerFunc {
	return func(ctx context.Context, s *agi.Session) error {
		seen := []string{s.Route()}
		for _, name := range names {
			seen = append(seen, name+"="+s.Param(name))
		}
		if query := s.Query().Encode(); query != "" {
			seen = append(seen, "?"+query)
		}
		return s.SetVariable(ctx, "SEEN", strings.Join(seen, " "))
	}
}

func TestMux(t *testing.T) {
	mux := agi.NewMux()
	mux.Handle("/helpdesk/", telling())
	mux.Handle("helpdesk/sales", telling())
	mux.Handle("helpdesk/{queue}", telling("queue"))
	mux.Handle("helpdesk/{queue}/menu", telling("queue"))
	mux.Handle("helpdesk/sales/hours", telling())
	mux.Handle("{tenant}/ivr/{menu}", telling("tenant", "menu"))
	for script, want := range map[string]string{
		"helpdesk":              "helpdesk",
		"helpdesk/":             "helpdesk",
		"helpdesk?vip=1&n=a%20": "helpdesk ?n=a+&vip=1",
		"helpdesk/sales":        "helpdesk/sales",
		"helpdesk/athens":       "helpdesk/{queue} queue=athens",
		"helpdesk/a%2Fb":        "helpdesk/{queue} queue=a/b",
		"helpdesk/100%":         "helpdesk/{queue} queue=100%",
		"helpdesk/sales/menu":   "helpdesk/{queue}/menu queue=sales", // the names did not fit to their end
		"helpdesk/sales/hours":  "helpdesk/sales/hours",
		"acme/ivr/main":         "{tenant}/ivr/{menu} tenant=acme menu=main",
		"":                      "",
		"nothing":               "",
		"helpdesk/a/b":          "",
		"helpdesk//menu":        "",
		"Helpdesk":              "",
	} {
		got := agitest.Call(t, mux, agitest.Channel{Environment: agi.Environment{Script: script}})
		status := "SUCCESS"
		if want == "" {
			status = "FAILURE"
		}
		if got.Variables["SEEN"] != want || got.Status != status {
			t.Errorf("%q: %q, %s; want %q, %s", script, got.Variables["SEEN"], got.Status, want, status)
		}
	}
}

func TestMuxPatternsThatAreMistakes(t *testing.T) {
	for _, pattern := range []string{"", "/", "a//b", "{", "{}", "a{b}", "{a", "a}", "{a}{b}", "a?x", "taken", "/taken/", "{other}/x"} {
		mux := agi.NewMux()
		mux.Handle("taken", telling())
		mux.Handle("{tenant}/x", telling())
		if err := mux.Add(pattern, telling()); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q", pattern)) {
			t.Errorf("%q: %v, want an error that names it", pattern, err)
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("Handle(%q) does not panic", pattern)
				}
			}()
			mux.Handle(pattern, telling())
		}()
	}
}

func TestMiddleware(t *testing.T) {
	var order []string
	named := func(name string) agi.Middleware {
		return func(next agi.Handler) agi.Handler {
			return agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
				order = append(order, name+" before "+s.Route())
				err := next.ServeAGI(ctx, s)
				order = append(order, name+" after")
				return err
			})
		}
	}
	mux := agi.NewMux()
	mux.HandleFunc("early", func(context.Context, *agi.Session) error { return nil })
	mux.Use(named("outer"), named("inner"))
	failed := errors.New("failed")
	mux.HandleFunc("late", func(context.Context, *agi.Session) error { return failed })
	if got := agitest.Call(t, mux, agitest.Channel{Environment: agi.Environment{Script: "early"}}); got.Status != "SUCCESS" || order != nil {
		t.Errorf("added before Use: %s, %v", got.Status, order)
	}
	got := agitest.Call(t, mux, agitest.Channel{Environment: agi.Environment{Script: "late"}})
	want := "[outer before late inner before late inner after outer after]"
	if got.Status != "FAILURE" || fmt.Sprint(order) != want {
		t.Errorf("%s, %v; want FAILURE, %s", got.Status, order, want)
	}
}
