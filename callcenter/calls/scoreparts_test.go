package calls_test

import (
	"slices"
	"strings"
)

func (s *score) legs(want *trueCall, got *toldCall) {
	byChannel := map[string]jsonLeg{}
	var names, wantNames []string
	for _, leg := range got.Legs {
		byChannel[leg.Channel] = leg
		names = append(names, leg.Channel)
	}
	for _, leg := range want.Legs {
		if !s.inGap(leg.Started) || !s.inGap(leg.Ended) { // else nobody can have seen it
			wantNames = append(wantNames, leg.Channel)
		}
		if told, ok := byChannel[leg.Channel]; ok {
			s.leg(want, leg, told)
		}
	}
	slices.Sort(names)
	slices.Sort(wantNames)
	s.same(want.ID+" legs", wantNames, names)
}

func (s *score) leg(call *trueCall, want trueLeg, got jsonLeg) {
	name := call.ID + " " + want.Channel
	s.same(name+" participant", want.Participant, got.Participant)
	s.same(name+" number", want.Number, got.Number)
	if call.Race {
		return
	}
	if !s.inGap(want.Ended) && !s.inGap(want.Answered) {
		s.same(name+" outcome", want.Outcome, got.Outcome)
	}
	s.at(name+" started", want.Started, got.Started, timeTolerance)
	s.at(name+" answered", want.Answered, got.Answered, timeTolerance)
	if !want.Placed { // who places a call rings nowhere; the truth notes the ringing that he heard
		s.at(name+" ringing", want.Ringing, got.Ringing, timeTolerance)
	}
	handed, isHanded := s.handed[want.ID]
	if !isHanded || got.Ended < handed-timeTolerance || got.Ended > want.Ended+timeTolerance {
		s.at(name+" ended", want.Ended, got.Ended, timeTolerance)
	}
	slack := s.lost(want.Started, want.Ended)
	s.near(name+" talked", want.TalkSeconds, got.TalkSeconds, s.talkTolerance()+slack)
	if s.codes && isHanded { // the feature code itself held the caller, no telephone did
		return
	}
	if isHanded {
		slack += max(0, want.Ended-handed)
	}
	s.near(name+" held", want.HoldSeconds, got.HoldSeconds, s.talkTolerance()+slack)
}

func (s *score) transfers(want *trueCall, got *toldCall) {
	visible := slices.DeleteFunc(slices.Clone(want.Transfers), func(x trueTransfer) bool { return !shown(x.Visible) })
	s.same(want.ID+" number of transfers", len(visible), len(got.Transfers))
	for i, x := range visible[:min(len(visible), len(got.Transfers))] {
		s.transfer(want.ID+" transfer", x.jsonTransfer, got.Transfers[i])
	}
}

func (s *score) transfer(name string, want, got jsonTransfer) {
	s.same(name+" type", want.Type, got.Type)
	s.same(name+" result", want.Result, got.Result)
	s.same(name+" by", s.channels[want.By], got.By)
	if want.Type != "bridge" {
		s.same(name+" number", want.Number, got.Number)
		s.same(name+" transferee", s.channels[want.Transferee], got.Transferee)
		s.same(name+" to", s.channels[want.To], got.To)
	}
	tolerance := 0.6
	if want.How == "dtmf" {
		tolerance = 1.3
	}
	s.near(name+" at", want.At, got.At, tolerance)
}

func (s *score) queues(want *trueCall, got *toldCall) {
	s.same(want.ID+" number of queues", len(want.Queues), len(got.Queues))
	for i, v := range want.Queues[:min(len(want.Queues), len(got.Queues))] {
		told, name := got.Queues[i], want.ID+" queue"
		s.same(name, v.Name, told.Name)
		unseen := s.inGap(v.Left)
		s.check(unseen || v.Outcome == told.Outcome, "%s outcome %s, want %s", name, told.Outcome, v.Outcome)
		s.check(unseen || s.channels[v.Agent] == told.Agent, "%s agent %s, want %s", name, told.Agent, s.channels[v.Agent])
		if !unseen {
			s.near(name+" waited", v.Waited, told.Waited, queueTolerance)
		}
		var attempts, toldAttempts []string
		for _, a := range v.Attempts {
			attempts = append(attempts, s.channels[a.Leg]+" "+s.unlessInGap(a.Outcome, a.Ended))
		}
		for _, a := range told.Attempts {
			attempt := a.Channel + " " + a.Outcome
			if slices.Contains(attempts, a.Channel+" ?") {
				attempt = a.Channel + " ?"
			}
			toldAttempts = append(toldAttempts, attempt)
		}
		slices.Sort(attempts)
		slices.Sort(toldAttempts)
		s.same(name+" attempts", attempts, toldAttempts)
	}
}

func (s *score) unlessInGap(outcome string, ended float64) string {
	if s.inGap(ended) {
		return "?"
	}
	return outcome
}

func (s *score) others(want *trueCall, got *toldCall) {
	s.same(want.ID+" recordings", files(want.Recordings), files(got.Recordings))
	for i, r := range want.Recordings[:min(len(want.Recordings), len(got.Recordings))] {
		if r.By == "ami" {
			s.near(want.ID+" recording start", r.Start, got.Recordings[i].Start, 1)
			s.near(want.ID+" recording end", r.End, got.Recordings[i].End, 1)
		}
	}
	var spies, toldSpies, parks, toldParks, pickups, toldPickups, rooms, toldRooms []string
	for _, v := range want.Spies {
		spies = append(spies, join(s.channels[v.Leg], s.channels[v.Target], v.Mode))
	}
	for _, v := range got.Spies {
		toldSpies = append(toldSpies, join(v.Channel, v.Target, v.Mode))
	}
	for _, v := range want.Parking {
		parks = append(parks, join(v.Lot, v.Slot, v.Outcome, s.channels[v.By]))
	}
	for _, v := range got.Parking {
		toldParks = append(toldParks, join(v.Lot, v.Slot, v.Outcome, v.By))
	}
	for _, v := range want.Pickups {
		pickups = append(pickups, join(s.channels[v.By], s.channels[v.Ringing]))
	}
	for _, v := range got.Pickups {
		toldPickups = append(toldPickups, join(v.By, v.Ringing))
	}
	for _, v := range want.Conferences {
		var members []string
		for _, m := range v.Members {
			members = append(members, s.channels[m.Leg])
		}
		slices.Sort(members)
		rooms = append(rooms, join(append(members, v.Name)...))
	}
	for _, v := range got.Conferences {
		slices.Sort(v.Members)
		toldRooms = append(toldRooms, join(append(v.Members, v.Name)...))
	}
	s.same(want.ID+" spies", spies, toldSpies)
	s.same(want.ID+" parking", parks, toldParks)
	s.same(want.ID+" pickups", pickups, toldPickups)
	s.same(want.ID+" conferences", rooms, toldRooms)
	s.same(want.ID+" voicemail", mailbox(want.Voicemail), mailbox(got.Voicemail))
}

func join(parts ...string) string { return strings.Join(parts, " ") }

func files(recordings []jsonRecording) []string {
	var all []string
	for _, r := range recordings {
		all = append(all, r.File...)
	}
	slices.Sort(all)
	return all
}

func mailbox(v *jsonVoicemail) string {
	if v == nil {
		return ""
	}
	return v.Mailbox
}
