package ami

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Snapshots chooses what of Asterisk's state a client reads after each login, see Client.Snapshots. They are bits; combine
// them with |.
type Snapshots uint

const (
	// SnapshotChannels is CoreShowChannels: a CoreShowChannel for each channel.
	SnapshotChannels Snapshots = 1 << iota
	// SnapshotBridges is BridgeList and a BridgeInfo for each bridge: a BridgeListItem for each bridge, followed by a
	// BridgeInfoChannel for each channel in it. Asterisk does not say in which bridge that channel is; here each
	// BridgeInfoChannel has a last header BridgeUniqueid that does. Its ActionID ends with the same id, if that has no more
	// than 36 bytes.
	SnapshotBridges
	// SnapshotQueues is QueueStatus: a QueueParams for each queue, a QueueMember for each member and a QueueEntry for each
	// caller.
	SnapshotQueues
	// SnapshotDeviceStates is DeviceStateList: a DeviceStateChange for each device that ever had a state.
	SnapshotDeviceStates
	// SnapshotParking is ParkedCalls: a ParkedCall for each call.
	SnapshotParking
	// SnapshotConferences is ConfbridgeListRooms and a ConfbridgeList for each room: a ConfbridgeListRooms for each room,
	// followed by a ConfbridgeList for each who is in it.
	SnapshotConferences

	// AllSnapshots is all of them.
	AllSnapshots Snapshots = 1<<iota - 1
)

// snapshot says which list is read, and for each of its items which list about it.
type snapshot struct {
	bit         Snapshots
	action      string
	item        string // the event that names a thing to ask about
	key         string // its header with the name
	each        string // the action that asks
	parameter   string // its header with the name
	emptyIsNo   string // the beginning of Asterisk's words for an empty list
	namesNobody bool   // the items of the inner list do not say what they are in
}

var snapshots = []snapshot{
	{bit: SnapshotChannels, action: "CoreShowChannels"},
	{
		bit: SnapshotBridges, action: "BridgeList", item: "BridgeListItem", key: "BridgeUniqueid",
		each: "BridgeInfo", parameter: "BridgeUniqueid", namesNobody: true,
	},
	{bit: SnapshotQueues, action: "QueueStatus"},
	{bit: SnapshotDeviceStates, action: "DeviceStateList"},
	{bit: SnapshotParking, action: "ParkedCalls"},
	{
		bit: SnapshotConferences, action: "ConfbridgeListRooms", item: "ConfbridgeListRooms", key: "Conference",
		each: "ConfbridgeList", parameter: "Conference", emptyIsNo: "No active conferences",
	},
}

// Resync reads the state that Client.Snapshots asks for once more: ResyncBegin, the snapshots and ResyncEnd come in the
// stream of everybody who listens. A model needs it after a [GapError], and if it begins to listen to a client that is
// already connected. When Resync returns, ResyncEnd has been sent to the streams, unless the error is that of a lost
// connection or of ctx. After a reconnect the client does the same by itself.
func (c *Client) Resync(ctx context.Context) error {
	s, err := c.current("Resync")
	if err != nil {
		return err
	}
	return c.resync(ctx, s, true)
}

// resyncAfterLogin goes on from the ResyncBegin that came before the first event of the session.
func (c *Client) resyncAfterLogin(s *session) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if err := c.resync(ctx, s, false); err != nil {
		c.log().Warn("ami: state not read again", "addr", c.addr(), "error", err)
	}
}

func (c *Client) resync(ctx context.Context, s *session, begin bool) error {
	select {
	case s.resyncing <- struct{}{}: // one after the other
		defer func() { <-s.resyncing }()
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-s.done:
		return s.err
	}
	if begin {
		c.publish(announce(ResyncBegin, Header{"Event", "Resync"}, Header{"Phase", "Begin"}, Header{"Cause", "asked for"}))
	}
	end := []Header{{"Event", "Resync"}, {"Phase", "End"}}
	for _, snap := range snapshots {
		if c.Snapshots&snap.bit == 0 {
			continue
		}
		err := c.read(ctx, s, snap)
		var refused *ResponseError
		switch {
		case errors.As(err, &refused):
			end = append(end, Header{"Refused", refused.Action + ": " + refused.Message})
			c.log().Warn("ami: a part of the state cannot be read", "addr", c.addr(), "error", err)
		case err != nil:
			return err
		}
	}
	c.publish(announce(ResyncEnd, end...))
	return nil
}

// read publishes a snapshot. Of what is gone before it can be asked about, nothing comes.
func (c *Client) read(ctx context.Context, s *session, snap snapshot) error {
	var names []string
	err := s.stream(ctx, Action{Name: snap.action}, func(m Message) {
		c.publish(m.marked(Snapshot))
		if snap.each != "" && m.Event() == snap.item {
			names = append(names, m.Get(snap.key))
		}
	})
	if err != nil && !snap.empty(err) {
		return err
	}
	for _, name := range names {
		err := s.stream(ctx, s.about(snap, name), func(m Message) {
			if snap.namesNobody {
				m = m.with(snap.key, name)
			}
			c.publish(m.marked(Snapshot))
		})
		var refused *ResponseError
		var invalid *InvalidActionError
		if err != nil && !errors.As(err, &refused) && !errors.As(err, &invalid) {
			return err
		}
	}
	return nil
}

// maxNameInID is how long a name may be to have a place in an ActionID.
const maxNameInID = 36

// about returns the action that asks about one thing. Its ActionID, which all items of the answer carry, ends with the
// thing's name if that fits.
func (s *session) about(snap snapshot, name string) Action {
	a := Action{Name: snap.each}.With(snap.parameter, name)
	if snap.namesNobody && len(name) <= maxNameInID && checkLine("ActionID", name) == "" {
		a.ID = s.inflight.newID() + "-" + name
	}
	return a
}

// empty reports whether an error is how Asterisk says that the list has no items.
func (snap snapshot) empty(err error) bool {
	var refused *ResponseError
	return snap.emptyIsNo != "" && errors.As(err, &refused) && strings.HasPrefix(refused.Message, snap.emptyIsNo)
}

// stream sends an action and gives each item of the list that answers it to the function, which must not wait.
func (s *session) stream(ctx context.Context, a Action, each func(Message)) error {
	n := 0
	list, err := s.ask(ctx, a, func(m Message) { n++; each(m) })
	if err != nil {
		return err
	}
	return list.check(a, n)
}

// check compares how many items came with how many Asterisk says there are.
func (l List) check(a Action, n int) error {
	if items, ok := l.Complete.Lookup("ListItems"); ok && items != strconv.Itoa(n) {
		return &ProtocolError{Problem: fmt.Sprintf("%s lists %d items and says %s", a.Name, n, items)}
	}
	return nil
}
