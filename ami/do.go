package ami

import (
	"context"
	"fmt"
	"strconv"
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
// main/manager.c).
func (c *Client) Do(ctx context.Context, a Action) (Message, error) {
	list, err := c.ask(ctx, a, false)
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
	list, err := c.ask(ctx, a, true)
	if err != nil {
		return list, err
	}
	if n, ok := list.Complete.Lookup("ListItems"); ok && n != strconv.Itoa(len(list.Items)) {
		return list, &ProtocolError{Problem: fmt.Sprintf("%s lists %d items and says %s", a.Name, len(list.Items), n)}
	}
	return list, nil
}

func (c *Client) ask(ctx context.Context, a Action, list bool) (List, error) {
	c.mu.Lock()
	s, why := c.session, c.err
	c.mu.Unlock()
	if s == nil {
		if why == nil {
			why = ErrNotConnected
		}
		return List{}, &ActionError{Action: a.Name, Err: why}
	}
	asked := time.Now()
	answer, err := s.ask(ctx, a, list)
	if answer.Response.Len() > 0 {
		c.metrics.answered(a.Name, time.Since(asked))
	}
	return answer, err
}
