package agi_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/agi/agitest"
)

// On FastAGI, where Asterisk must not get a command before it has answered the last one, a batch is one after the other.
func TestBatch(t *testing.T) {
	outcome := agitest.Call(t, agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		replies, err := s.Batch(ctx,
			agi.Command{Name: "NOOP"},
			agi.Command{Name: "SPEECH CREATE", Args: []string{"x y"}},
			agi.Command{Name: "SET VARIABLE", Args: []string{"A", "1"}},
		)
		var refused *agi.CommandError
		if !errors.As(err, &refused) || refused.Code != 510 {
			t.Errorf("error %v", err)
		}
		var texts []string
		for _, reply := range replies {
			texts = append(texts, reply.Text)
		}
		if diff := cmp.Diff([]string{"200 result=0", "510 Invalid or unknown command", "200 result=1"}, texts); diff != "" {
			t.Errorf("replies (-want +got):\n%s", diff)
		}
		replies, err = s.Batch(ctx, agi.Command{Name: "NOOP"}, agi.Command{Name: "NOOP", Args: []string{"a\nb"}}, agi.Command{Name: "NOOP"})
		var unsent *agi.ArgumentError
		if !errors.As(err, &unsent) || len(replies) != 1 {
			t.Errorf("%d replies, %v", len(replies), err)
		}
		return nil
	}), agitest.Channel{Replies: map[string][]string{"SPEECH CREATE": {"510 Invalid or unknown command"}}})
	want := []string{"NOOP", "SPEECH CREATE x y", "SET VARIABLE A 1", "NOOP"}
	if diff := cmp.Diff(want, outcome.Commands); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
}
