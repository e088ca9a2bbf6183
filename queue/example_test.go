package queue_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/queue"
	"github.com/asterism-go/asterism/queue/acd"
	"github.com/asterism-go/asterism/queue/queuelog"
)

// A queue with one agent, whose file Asternic and QueueMetrics read.
func ExampleServer() {
	serve := func(ctx context.Context, client *ari.Client) error {
		store, err := queue.OpenFile("/var/lib/callcentre/queue.jsonl")
		if err != nil {
			return err
		}
		defer store.Close()
		file, err := os.OpenFile("/var/log/asterisk/queue_log", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o640)
		if err != nil {
			return err
		}
		defer file.Close()
		log := queuelog.Writer{W: file}
		server := &queue.Server{
			App:    &ari.App{Client: client, Name: "queue"},
			Queues: []queue.Queue{{Queue: acd.Queue{Name: "support", Strategy: acd.LongestIdle, WrapUp: 10 * time.Second}}},
			Agents: []queue.Agent{{
				Agent: acd.Agent{ID: "anna", Members: []acd.Member{{Queue: "support"}}}, Endpoint: "PJSIP/anna", LoggedIn: true,
			}},
			Store: store,
			Observe: func(t acd.Transition) {
				if err := log.Add(t); err != nil {
					fmt.Fprintln(os.Stderr, err)
				}
			},
		}
		return server.Serve(ctx)
	}
	_ = serve
}
