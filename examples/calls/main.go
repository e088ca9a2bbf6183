// Command calls tells the calls of an Asterisk.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/calls"
)

func main() {
	dir := os.Args[2]
	var in struct {
		Trunks     []string
		Extensions map[string]calls.Identity
		Prefixes   []string `json:"outbound_prefixes"`
		Parking    struct{ Exten string }
	}
	b, err := os.ReadFile(filepath.Join(dir, "input.json"))
	if err != nil {
		panic(err)
	}
	if err := json.Unmarshal(b, &in); err != nil {
		panic(err)
	}
	t := calls.NewTracker(calls.Config{Trunks: in.Trunks, Extensions: in.Extensions, OutboundPrefixes: in.Prefixes, ParkingExten: in.Parking.Exten})
	f, err := os.Open(filepath.Join(dir, "ami.txt"))
	if err != nil {
		panic(err)
	}
	r := ami.NewReader(f)
	pl := calls.Player{Tracker: t}
	out := struct {
		Calls []calls.Call `json:"calls"`
	}{Calls: []calls.Call{}}
	take := func(ch []calls.Change) {
		for _, c := range ch {
			if c.Kind == calls.Finished {
				out.Calls = append(out.Calls, c.Call)
			}
		}
	}
	for {
		m, err := r.ReadMessage()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			panic(err)
		}
		take(pl.Feed(m, time.Time{}))
	}
	take(pl.End())
	e, err := json.Marshal(out)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(e))
}
