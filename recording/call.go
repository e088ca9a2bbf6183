package recording

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"
)

// Call is what of a call is needed to find its recordings. It can be decoded from the JSON of a call, schema call/1, as
// callcenter/calls writes it; what is not known stays empty, and makes the search less certain.
type Call struct {
	// ID is the call's, which is the unique id of its first channel where callcenter/calls made it.
	ID string
	// Direction is inbound, outbound or internal.
	Direction string
	// Dialed is what was dialled first.
	Dialed string
	// Numbers are those of all who took part: callers, callees, legs, targets of transfers, queues.
	Numbers []string
	// Uniqueids are those of its channels.
	Uniqueids []string
	// Started and Ended bound the call. Ended is zero while it goes on.
	Started, Ended time.Time
	// Recordings are the files that Asterisk has named.
	Recordings []Named
}

// Named is a recording that MixMonitor, AMI or ARI has named.
type Named struct {
	// Files are paths on the PBX, or names below its folder of recordings.
	Files []string
	// Start and End bound it. End is zero while it goes on.
	Start, End time.Time
	// By is who started it: dialplan, queue, ami.
	By string
}

// seconds is a time in seconds since 1970.
type seconds float64

func (s seconds) time() time.Time {
	if s == 0 {
		return time.Time{}
	}
	whole, part := math.Modf(float64(s))
	return time.Unix(int64(whole), int64(math.Round(part*1e6))*1000).UTC()
}

type callJSON struct {
	Schema    string  `json:"schema"`
	ID        string  `json:"id"`
	Direction string  `json:"direction"`
	Dialed    string  `json:"dialed"`
	Started   seconds `json:"started"`
	Ended     seconds `json:"ended"`
	Caller    struct {
		Number string `json:"number"`
	} `json:"caller"`
	Callee struct {
		Number string `json:"number"`
	} `json:"callee"`
	Legs []struct {
		Uniqueid string  `json:"uniqueid"`
		Number   string  `json:"number"`
		Endpoint string  `json:"endpoint"`
		Ended    seconds `json:"ended"`
	} `json:"legs"`
	Transfers []struct {
		Number string `json:"target_number"`
	} `json:"transfers"`
	Queues []struct {
		Name string `json:"name"`
	} `json:"queues"`
	Recordings []struct {
		File  []string `json:"file"`
		Start seconds  `json:"start"`
		End   seconds  `json:"end"`
		By    string   `json:"by"`
	} `json:"recordings"`
}

// UnmarshalJSON reads a call in the schema call/1. Fields that are not needed are passed over.
func (c *Call) UnmarshalJSON(text []byte) error {
	var in callJSON
	if err := json.Unmarshal(text, &in); err != nil {
		return fmt.Errorf("recording: call: %w", err)
	}
	if in.Schema != "" && in.Schema != "call/1" {
		return fmt.Errorf("recording: call: the schema is %q, not call/1", in.Schema)
	}
	*c = Call{ID: in.ID, Direction: in.Direction, Dialed: in.Dialed, Started: in.Started.time(), Ended: in.Ended.time()}
	numbers := []string{in.Caller.Number, in.Callee.Number, in.Dialed}
	for _, leg := range in.Legs {
		c.Uniqueids = append(c.Uniqueids, leg.Uniqueid)
		numbers = append(numbers, leg.Number, leg.Endpoint)
		if !c.Ended.IsZero() && leg.Ended.time().After(c.Ended) {
			c.Ended = leg.Ended.time()
		}
	}
	for _, transfer := range in.Transfers {
		numbers = append(numbers, transfer.Number)
	}
	for _, queue := range in.Queues {
		numbers = append(numbers, queue.Name)
	}
	seen := map[string]bool{"": true}
	for _, number := range numbers {
		if !seen[number] {
			seen[number] = true
			c.Numbers = append(c.Numbers, number)
		}
	}
	for _, r := range in.Recordings {
		c.Recordings = append(c.Recordings, Named{Files: r.File, Start: r.Start.time(), End: r.End.time(), By: r.By})
	}
	return nil
}

// sameNumber tells whether two numbers are the same telephone's: equal, or both long enough and equal from the end on, as a number is
// with and without its prefixes.
func sameNumber(a, b string) bool {
	if a == b {
		return a != ""
	}
	a, b = digits(a), digits(b)
	const enough, tail = 7, 9
	if len(a) < enough || len(b) < enough {
		return a == b && a != ""
	}
	n := min(len(a), len(b), tail)
	return a[len(a)-n:] == b[len(b)-n:]
}

// digits leaves out what is no digit, unless there are letters: those are names.
func digits(number string) string {
	if strings.ContainsFunc(number, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }) {
		return number
	}
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, number)
}
