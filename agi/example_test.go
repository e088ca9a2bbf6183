package agi_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/agi/agitest"
)

// console takes the place of a *testing.T in the examples.
type console struct{}

func (console) Helper() {}

func (console) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }

func (console) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// A server with two routes. The dialplan calls them by AGI(agi://127.0.0.1:4573/helpdesk/sales), and so on.
func ExampleServer() {
	mux := agi.NewMux()
	mux.HandleFunc("helpdesk/{queue}", func(ctx context.Context, s *agi.Session) error {
		return s.SetVariable(ctx, "DESK", s.Param("queue")+" for "+s.Env().CallerID)
	})
	mux.HandleFunc("hours", func(ctx context.Context, s *agi.Session) error {
		return s.SetVariable(ctx, "OPEN", s.Query().Get("day"))
	})
	srv := &agi.Server{Handler: mux}

	listener, err := net.Listen("tcp", "127.0.0.1:0") // in place of srv.ListenAndServe()
	if err != nil {
		fmt.Println(err)
		return
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(listener) }()
	for _, script := range []string{"helpdesk/sales", "hours?day=monday", "nothing"} {
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			fmt.Println(err)
			return
		}
		call, err := agitest.Play(conn, agitest.Channel{Environment: agi.Environment{Script: script, CallerID: "2101234567"}})
		conn.Close()
		fmt.Println(script, call.Status, call.Variables, err)
	}
	fmt.Println(srv.Shutdown(context.Background()), errors.Is(<-served, agi.ErrServerClosed))
	// Output:
	// helpdesk/sales SUCCESS map[DESK:sales for 2101234567] <nil>
	// hours?day=monday SUCCESS map[OPEN:monday] <nil>
	// nothing FAILURE map[] <nil>
	// <nil> true
}

// Middleware does something for every call: here it lets nobody wait for a slow database.
func ExampleMux_Use() {
	deadline := func(next agi.Handler) agi.Handler {
		return agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
			ctx, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
			defer cancel()
			return next.ServeAGI(ctx, s)
		})
	}
	mux := agi.NewMux()
	mux.Use(deadline)
	mux.HandleFunc("lookup", func(ctx context.Context, _ *agi.Session) error {
		<-ctx.Done() // a database that does not answer
		return context.Cause(ctx)
	})
	call := agitest.Call(console{}, mux, agitest.Channel{Environment: agi.Environment{Script: "lookup"}})
	fmt.Println(call.Status)
	// Output: FAILURE
}

// A menu asks until it has a digit that means something.
func ExampleSession_GetData() {
	menu := agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		desks := map[string]string{"1": "sales", "2": "support"}
		for range 3 {
			pressed, err := s.GetData(ctx, "menu", 5*time.Second, 1)
			if err != nil {
				return err
			}
			if desk := desks[pressed.Digits]; desk != "" {
				return s.SetVariable(ctx, "DESK", desk)
			}
			if _, err := s.StreamFile(ctx, "option-is-invalid", ""); err != nil {
				return err
			}
		}
		return s.SetVariable(ctx, "DESK", "operator")
	})
	call := agitest.Call(console{}, menu, agitest.Channel{Replies: map[string][]string{
		"GET DATA": {"200 result= (timeout)", "200 result=7", "200 result=2"},
	}})
	fmt.Println(call.Variables["DESK"], len(call.Commands))
	// Output: support 6
}

// What is to be saved when the caller has hung up goes through Dead, with a context that goes on.
func ExampleSession_Dead() {
	survey := agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		var answers []byte
		defer func() {
			after, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			if err := s.Dead().SetVariable(after, "ANSWERS", string(answers)); err != nil {
				fmt.Println(err)
			}
		}()
		for {
			pressed, err := s.GetData(ctx, "question", 5*time.Second, 1)
			if err != nil {
				return err
			}
			answers = append(answers, pressed.Digits...)
		}
	})
	call := agitest.Call(console{}, survey, agitest.Channel{
		Replies:     map[string][]string{"GET DATA": {"200 result=4", "200 result=5", "200 result=-1"}},
		HangupAfter: 3,
	})
	fmt.Println(call.Status, call.Variables["ANSWERS"])
	// Output: HANGUP 45
}

// A prompt that takes too long is stopped, and the call goes on.
func ExampleSession_StreamFile() {
	news := agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		short, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
		defer cancel()
		played, err := s.StreamFile(short, "news", "")
		fmt.Println(played.Stopped, errors.Is(err, context.DeadlineExceeded), s.Hungup())
		return s.Noop(ctx)
	})
	call := agitest.Call(console{}, news, agitest.Channel{Replies: map[string][]string{"STREAM FILE": {""}}})
	fmt.Println(call.Status, call.Commands)
	// Output:
	// true true false
	// SUCCESS [STREAM FILE news  NOOP]
}
