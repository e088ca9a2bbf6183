package queue

import (
	"context"
	"slices"
	"strings"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/queue/acd"
)

// NoDevice is for Agent.Device: no device is followed.
const NoDevice = "none"

// device is what Asterisk calls the telephone of an agent, empty if nothing is to be followed.
func (a *Agent) device() string {
	switch {
	case a.Device == NoDevice:
		return ""
	case a.Device != "":
		return a.Device
	}
	tech, resource, _ := strings.Cut(a.Endpoint, "/")
	if tech == "Local" || resource == "" || strings.ContainsAny(resource, "/@&") {
		return ""
	}
	return a.Endpoint
}

// inUse reports whether who has such a device is in a call, or rung.
func inUse(state ari.DeviceStateValue) bool {
	switch state {
	case ari.DeviceStateValueInuse, ari.DeviceStateValueBusy, ari.DeviceStateValueRinging, ari.DeviceStateValueRinginuse,
		ari.DeviceStateValueOnhold:
		return true
	default: // nothing is known against it; whether it can be reached shows when it is rung
		return false
	}
}

// devices are the devices of the agents, in order.
func (s *Server) devices() []string {
	var all []string
	for i := range s.Agents {
		if d := s.Agents[i].device(); d != "" {
			all = append(all, d)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// deviceChunk is how many devices are asked for in one request, so that its line is not too long for Asterisk.
const deviceChunk = 40

// watch has Asterisk tell of the devices, and finds out what they do now.
func (s *Server) watch(ctx context.Context) {
	devices := s.devices()
	for chunk := range slices.Chunk(devices, deviceChunk) {
		sources := make([]string, len(chunk))
		for i, d := range chunk {
			sources[i] = "deviceState:" + d
		}
		if _, err := s.App.Client.Applications().Subscribe(ctx, s.App.Name, sources); err != nil {
			s.log().Warn("queue: the telephones of the agents are not followed", "error", err)
			return
		}
	}
	for _, d := range devices {
		s.lookAt(ctx, d)
	}
}

// lookAt finds out what a device does.
func (s *Server) lookAt(ctx context.Context, device string) {
	var before int
	err := s.look(ctx, func(*acd.State) error { before = s.changes[device]; return nil })
	if err != nil {
		return
	}
	now, err := s.App.Client.DeviceStates().Get(ctx, device)
	if err != nil {
		if ctx.Err() == nil && s.App.Err() == nil {
			s.log().Warn("queue: the state of a telephone is not known", "device", device, "error", err)
		}
		return
	}
	s.tell(func(state *acd.State) {
		if s.changes[device] == before { // otherwise the answer may be older than the event
			s.deviceIs(state, device, now.State)
		}
	})
}

// deviceIs says what a device does. While we ring or talk there ourselves, that it is in use is no news.
func (s *Server) deviceIs(state *acd.State, device string, is ari.DeviceStateValue) {
	busy := inUse(is)
	for id, a := range s.agents {
		if a.device() != device || busy && s.ours[id] > 0 {
			continue
		}
		if err := state.SetBusy(id, busy); err != nil {
			s.log().Debug("queue: a telephone of nobody", "device", device, "error", err)
		}
	}
}

// deviceChanged takes an event.
func (s *Server) deviceChanged(e ari.Event) {
	decoded, err := e.Decode()
	if err != nil {
		return
	}
	d := decoded.(*ari.DeviceStateChanged).DeviceState
	s.tell(func(state *acd.State) {
		s.changes[d.Name]++
		s.deviceIs(state, d.Name, d.State)
	})
}

// lines are the channels to agents that we have made, and whose they are.
type lines map[string]string

// hungUp says that a channel to an agent is there no more: what the telephone does is then a call of somebody else.
func (s *Server) hungUp(channel string) {
	id, ok := s.lines[channel]
	if !ok {
		return
	}
	delete(s.lines, channel)
	if s.ours[id]--; s.ours[id] > 0 {
		return
	}
	delete(s.ours, id)
	if d := s.agents[id].device(); d != "" {
		s.tasks.Go(func() { s.lookAt(s.life, d) })
	}
}

// line notes that a channel to an agent is there.
func (s *Server) line(channel, agent string) {
	if _, ok := s.lines[channel]; !ok {
		s.lines[channel] = agent
		s.ours[agent]++
	}
}
