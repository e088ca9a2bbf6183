package calls_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/callcenter/calls"
)

// Who is in a room is told while the calls live: by the changes of who joins and leaves, and by Rooms.
func TestRooms(t *testing.T) {
	var told, rooms []string
	player := calls.Player{Tracker: calls.NewTracker(recordedConfig(t))}
	for _, message := range situation(t, "conf3").messages(t) {
		for _, change := range player.Feed(message, time.Time{}) {
			if change.Kind != calls.Joined && change.Kind != calls.Left {
				continue
			}
			there := []string{}
			for _, m := range change.Call.Conferences[0].Members {
				if m.Left.IsZero() {
					there = append(there, m.Channel)
				}
			}
			told = append(told, fmt.Sprint(change.Kind, " ", change.Call.Legs[0].Channel, ": ", strings.Join(there, " ")))
			rooms = append(rooms, roomsText(t, player.Tracker))
		}
	}
	const a, b, c = "PJSIP/101-000000df", "PJSIP/102-000000e0", "PJSIP/trunk-main-000000e1"
	wantTold := []string{
		"joined " + a + ": " + a, "joined " + b + ": " + a + " " + b, "joined " + c + ": " + a + " " + b + " " + c,
		"left " + b + ": " + a + " " + c, "left " + c + ": " + a, "left " + a + ": ",
	}
	if diff := cmp.Diff(wantTold, told); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	wantRooms := []string{
		"c600: " + a, "c600: " + a + " " + b, "c600: " + a + " " + b + " " + c, "c600: " + a + " " + c, "c600: " + a, "",
	}
	if diff := cmp.Diff(wantRooms, rooms); diff != "" {
		t.Errorf("rooms (-want +got):\n%s", diff)
	}
}

func roomsText(t *testing.T, tracker *calls.Tracker) string {
	t.Helper()
	var rooms []string
	for _, room := range tracker.Rooms() {
		members := []string{}
		for _, m := range room.Members {
			if m.Call == "" || m.Joined.IsZero() {
				t.Errorf("member %+v", m)
			}
			members = append(members, m.Channel)
		}
		rooms = append(rooms, room.Name+": "+strings.Join(members, " "))
	}
	return strings.Join(rooms, "; ")
}

// Of a full room a call that lives tells its own leg only, so that a join does not cost more the more have joined.
func TestFullRoom(t *testing.T) {
	s := newScript(t, office)
	for i := range 40 {
		s.play(fmt.Sprintf(`
%[1]d.0 Newchannel a=m%[2]d/%[2]d Linkedid=%[2]d ChannelStateDesc=Ring CallerIDNum=%[2]d Exten=600
%[1]d.1 BridgeEnter a=m%[2]d/%[2]d BridgeUniqueid=C BridgeTechnology=softmix BridgeCreator=ConfBridge BridgeName=600`, 100+i, i+1))
	}
	joined := 0
	for _, change := range s.changes {
		if change.Kind != calls.Joined {
			continue
		}
		joined++
		want := joined
		if joined > 32 {
			want = 1
		}
		if got := len(change.Call.Conferences[0].Members); got != want {
			t.Errorf("after %d have joined: %d members", joined, got)
		}
	}
	if rooms := s.tracker.Rooms(); joined != 40 || len(rooms) != 1 || len(rooms[0].Members) != 40 {
		t.Errorf("%d have joined, rooms %+v", joined, rooms)
	}
}

// A stay so short that all events of one kind come before those of the other is one stay.
func TestShortStayInARoom(t *testing.T) {
	const begin = "100.0 Newchannel a=alice/1 Linkedid=1 CallerIDNum=101 Exten=600\n"
	const enter, leave = "%s BridgeEnter a=alice/1 BridgeUniqueid=C BridgeCreator=ConfBridge BridgeName=600\n", "%s BridgeLeave a=alice/1 BridgeUniqueid=C\n"
	const join, part = "%s ConfbridgeJoin a=alice/1 BridgeUniqueid=C Conference=600\n", "%s ConfbridgeLeave a=alice/1 BridgeUniqueid=C Conference=600\n"
	const over = "110.0 Hangup a=alice/1 Cause=16\n"
	tests := []struct {
		name, order string
		stays       int
	}{
		{"bridge first", fmt.Sprintf(enter+leave+join+part, "101.000", "101.001", "101.002", "101.003"), 1},
		{"conference first", fmt.Sprintf(join+part+enter+leave, "101.000", "101.001", "101.002", "101.003"), 1},
		{"crossed", fmt.Sprintf(join+enter+part+leave, "101.000", "101.001", "101.002", "101.003"), 1},
		{"twice", fmt.Sprintf(join+enter+part+leave+join+enter+leave+part, "101.0", "101.1", "101.2", "101.3", "101.4", "101.5", "101.6", "101.7"), 2},
		{"long after", fmt.Sprintf(join+part+enter+leave, "101.000", "101.001", "103.002", "103.003"), 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := newScript(t, office).play(begin + test.order + over).one()
			stays := 0
			for _, conference := range c.Conferences {
				stays += len(conference.Members)
			}
			if stays != test.stays {
				t.Errorf("%d stays: %+v", stays, c.Conferences)
			}
		})
	}
}
