package ami

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"
)

// Do sends an action and returns Asterisk's answer to it. Any number of actions may be in flight; each gets its own answer.
//
// The error is an [*InvalidActionError] if the action was not sent because Asterisk would misread it, a [*ResponseError] if
// Asterisk says no (its answer is returned too), and an [*ActionError] if no answer came: the context ended or the
// connection did. [SafeToRetry] says whether Asterisk cannot have got it. When ctx ends Do returns at once; an answer that
// comes later is dropped.
//
// Asterisk carries out the actions of a connection one after the other, and is deaf and mute meanwhile: an Originate
// without "Async: true" holds up all later answers and all events until the call is answered (session_do in
// main/manager.c). So such an action goes over a second connection, which is made when the first of them comes: see
// Action.Blocking.
func (c *Client) Do(ctx context.Context, a Action) (Message, error) {
	list, err := c.ask(ctx, a, nil)
	return list.Response, err
}

// List is the answer to an action that Asterisk answers with a list of events, such as CoreShowChannels.
type List struct {
	// Response is the answer that begins the list.
	Response Message
	// Items are the events of the list, in order.
	Items []Message
	// Complete is the event that ends the list. It is empty if the answer was not a list.
	Complete Message
}

// List sends an action and collects the list that it is answered with: from "EventList: start" of the response up to the
// event with "EventList: Complete" (astman_send_listack and astman_send_list_complete_start in main/manager.c). The events
// of the list do not reach [Client.Events]. An answer without a list is returned with Response alone.
//
// The errors are those of [Client.Do]. A list whose length is not what Asterisk says it is (ListItems) is returned with a
// [*ProtocolError].
func (c *Client) List(ctx context.Context, a Action) (List, error) {
	var items []Message
	list, err := c.ask(ctx, a, func(m Message) { items = append(items, m) })
	if err != nil {
		return list, err
	}
	list.Items = items
	return list, list.check(a, len(items))
}

// Stream is [Client.List] for lists that are too long to be held: it yields each item as it comes. The last thing it yields
// is the error, if there is one. Breaking out of the loop drops the rest of the list; Asterisk sends it all the same.
//
// Items wait for a slow consumer like events do, up to QueueSize; beyond that the list ends with a [*GapError].
func (c *Client) Stream(ctx context.Context, a Action) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		q := newQueue(c.queueSize())
		var asking sync.WaitGroup
		defer asking.Wait()
		defer cancel()
		asking.Go(func() {
			n := 0
			list, err := c.ask(ctx, a, func(m Message) { n++; q.put(m) })
			if err == nil {
				err = list.check(a, n)
			}
			q.end(cmp.Or(err, errOver), false)
		})
		err := q.each(context.WithoutCancel(ctx), yield)
		if err != nil && !errors.Is(err, errOver) {
			yield(Message{}, err)
		}
	}
}

// current returns the session for an action.
func (c *Client) current(action string) (*session, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var why error
	switch {
	case c.state == Up:
		return c.session, nil
	case c.err != nil:
		why = c.err
	case c.state == Draining:
		why = ErrClosed
	case c.state == Reconnecting && c.why != nil:
		why = fmt.Errorf("%w: %w", ErrNotConnected, c.why)
	default:
		why = ErrNotConnected
	}
	return nil, &ActionError{Action: action, Err: why}
}

// ask sends an action and waits for the whole answer. If each is not nil the answer may be a list, and each is called with
// its items, by the reader of the connection.
func (c *Client) ask(ctx context.Context, a Action, each func(Message)) (List, error) {
	s, err := c.current(a.Name)
	if err == nil && a.blocks() {
		s, err = c.apart(ctx, a)
	}
	if err != nil {
		return List{}, err
	}
	return c.askOn(ctx, s, a, each)
}

// askOn is ask on a certain session.
func (c *Client) askOn(ctx context.Context, s *session, a Action, each func(Message)) (List, error) {
	asked := time.Now()
	answer, err := s.ask(ctx, a, each)
	took := time.Since(asked)
	if answer.Response.Len() > 0 {
		c.metrics.answered(a.Name, took)
	}
	if c.Hooks.Action != nil {
		c.Hooks.Action(a.Name, took, err)
	}
	return answer, err
}
