package agents

import (
	"encoding/json"
	"time"
)

// MarshalJSON returns the durations in seconds.
func (s Stats) MarshalJSON() ([]byte, error) {
	pause := make(map[string]float64, len(s.Pause))
	for reason, d := range s.Pause {
		pause[reason] = d.Seconds()
	}
	times := make(map[string]float64, len(stateNames))
	for _, state := range States() {
		times[state.String()] = s.Of(state).Seconds()
	}
	return json.Marshal(struct {
		Seconds  map[string]float64 `json:"seconds"`
		Pause    map[string]float64 `json:"pause_seconds"`
		Calls    int                `json:"calls"`
		NoAnswer int                `json:"no_answer"`
		Refused  int                `json:"refused"`
	}{times, pause, s.Calls, s.NoAnswer, s.Refused})
}

// plainMember is a Member without MarshalJSON.
type plainMember Member

// MarshalJSON returns the wrap-up time in seconds, and other times in seconds since 1970.
func (m Member) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		plainMember
		LastCall  int64   `json:"last_call,omitempty"`
		LastPause int64   `json:"last_pause,omitempty"`
		LoginTime int64   `json:"login_time,omitempty"`
		WrapUp    float64 `json:"wrap_up,omitempty"`
	}{plainMember(m), unixOf(m.LastCall), unixOf(m.LastPause), unixOf(m.LoginTime), m.WrapUp.Seconds()})
}

// plainAgent is an Agent without MarshalJSON.
type plainAgent Agent

// MarshalJSON returns Since in seconds since 1970, with fractions.
func (a Agent) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		plainAgent
		Since float64 `json:"since"`
	}{plainAgent(a), float64(a.Since.UnixMicro()) / 1e6})
}

func unixOf(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return at.Unix()
}
