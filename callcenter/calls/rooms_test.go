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
