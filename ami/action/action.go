package action

import (
	"context"
	"errors"
	"fmt"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ami/event"
)

// Doer sends an action and returns the answer to it, as [ami.Client.Do] does.
type Doer interface {
	Do(ctx context.Context, a ami.Action) (ami.Message, error)
}

// Lister sends an action and returns the list that it is answered with, as [ami.Client.List] does.
type Lister interface {
	List(ctx context.Context, a ami.Action) (ami.List, error)
}

// Action is what all actions of this package are.
type Action interface {
	// Action returns the action as it is sent, whether it is valid or not.
	Action() ami.Action
	// Validate says what is missing or cannot be sent. The error is an [*ami.InvalidActionError] that names the field.
	Validate() error
}

// Request is an action that is answered with an R.
type Request[R any] interface {
	Action
	// Reply returns the answer typed.
	Reply(answer ami.Message) R
}

// ListRequest is an action that is answered with a list of E: a pointer to a struct of package event, or event.Event if
// there are several.
type ListRequest[E event.Event] interface {
	Action
	// Item returns the event typed, and whether it is one of the list's.
	Item(e event.Event) (E, bool)
}

// Do sends an action and returns the answer typed:
//
//	status, err := action.Do(ctx, client, action.CoreStatus{})
//
// An action that lacks something is not sent: the error is an [*ami.InvalidActionError]. All other errors are those of d.
func Do[R any](ctx context.Context, d Doer, r Request[R]) (R, error) {
	var none R
	if err := r.Validate(); err != nil {
		return none, err
	}
	answer, err := d.Do(ctx, r.Action())
	if err != nil {
		return none, err
	}
	return r.Reply(answer), nil
}

// Listing is the answer to an action that is answered with a list.
type Listing[E event.Event] struct {
	// Reply is the answer that begins the list.
	Reply Reply
	// Items are the events of the list.
	Items []E
	// Other are the events of the list that its documentation does not name.
	Other []event.Event
	// Complete is the event that ends the list; nil if the answer was no list.
	Complete event.Event
}

// List sends an action and returns the list that it is answered with, typed:
//
//	channels, err := action.List(ctx, client, action.CoreShowChannels{})
//	for _, c := range channels.Items {
//
// The errors are those of [Do]. If what came is not what Asterisk says it is (an [*ami.ProtocolError]) the list is returned
// with the error, but for those lists that Asterisk is known to miscount ([Info]). Asterisk itself says no, with an
// [*ami.ResponseError], where some lists are empty: that of [PJSIPShowContacts], for one.
func List[E event.Event](ctx context.Context, l Lister, r ListRequest[E]) (Listing[E], error) {
	if err := r.Validate(); err != nil {
		return Listing[E]{}, err
	}
	a := r.Action()
	list, err := l.List(ctx, a)
	if miscounted(a.Name, list, err) {
		err = nil
	}
	listing := Listing[E]{Reply: newReply(list.Response)}
	for _, m := range list.Items {
		e := event.Decode(m)
		if item, ok := r.Item(e); ok {
			listing.Items = append(listing.Items, item)
		} else {
			listing.Other = append(listing.Other, e)
		}
	}
	if list.Complete.Len() > 0 {
		listing.Complete = event.Decode(list.Complete)
	}
	return listing, err
}

// miscounted reports whether the error is only that Asterisk counted a list wrong, as it always does for this one.
func miscounted(name string, list ami.List, err error) bool {
	var wrong *ami.ProtocolError
	if list.Complete.Len() == 0 || !errors.As(err, &wrong) {
		return false
	}
	info, _ := Lookup(name)
	return info.Miscounted
}

// Reply is the answer to an action.
type Reply struct {
	// Response is the answer as it came, with all its headers.
	Response ami.Message
	// Message is Asterisk's own words about it, such as "Originate successfully queued".
	Message string

	problems []error
}

func newReply(answer ami.Message) Reply {
	return Reply{Response: answer, Message: answer.Get("Message")}
}

// Err says which fields had a value that is not of their type. Those fields have their zero value.
func (r *Reply) Err() error { return errors.Join(r.problems...) }

func (r *Reply) problem(field, value, want string) {
	r.problems = append(r.problems, fmt.Errorf("action: the answer's %s is %q, not %s", field, value, want))
}
