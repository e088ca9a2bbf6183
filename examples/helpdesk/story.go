package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/asterism-go/asterism/callcenter/routing"
	"github.com/asterism-go/asterism/internal/sipphone"
)

// The numbers of the help desk.
const (
	helpNumber    = "2100001000"
	englishNumber = "2100001001"
)

// visit is one call of the story.
type visit struct {
	tells  string
	caller string
	dials  string   // default: helpNumber
	types  []string // on the keypad, when asked
	desk   string   // that takes the call; empty: nobody does, the call ends by itself
	before func(ctx context.Context) error
}

// script is the story.
func (n *network) script() []visit {
	user := n.school.User
	return []visit{
		{tells: "A teacher calls from her school in Tripoli.", caller: user(10).Phone[3:], desk: "tripoli"},
		{tells: "A teacher of Thessaloniki calls from his mobile.", caller: user(3).Mobile, desk: "thessaloniki"},
		{tells: "The head of a school of Patra calls.", caller: user(4).Phone, desk: "heads"},
		{tells: "A teacher of Kozani calls, where nobody is at the desk.", caller: user(21).Phone, desk: "larissa"},
		{tells: "A teacher of Mytilini calls, where the desk has closed.", caller: user(11).Phone, desk: "piraeus"},
		{tells: "Somebody calls from a borrowed mobile and types a username of Ioannina.", caller: "6900000001", types: []string{routing.Keys(user(7).UID)}, desk: "ioannina"},
		{
			tells: "The same calls again, and is not asked.", caller: "6900000001", desk: "ioannina",
			before: func(ctx context.Context) error { return n.remembered(ctx, "6900000001") },
		},
		{tells: "Somebody from Chania mistypes twice.", caller: "2821012345", types: []string{"999", "888"}, desk: "chania"},
		{tells: "Somebody who withholds the number calls.", caller: "anonymous", desk: "national"},
		{tells: "Somebody dials the number for English.", caller: "+493012345678", dials: englishNumber, desk: "national"},
		{tells: "A nuisance caller calls.", caller: "2100666666"},
		{
			tells: "The LDAP server dies. A secretary of Komotini calls from her school.", caller: user(8 + 12*5).Phone, desk: "komotini",
			before: func(context.Context) error { n.ldap.Kill(); return nil },
		},
		{tells: "A teacher calls from a mobile, while nobody can say who that is.", caller: user(25).Mobile, desk: "national"},
	}
}

// patience bounds one call.
const patience = time.Minute

// story lets everybody call, one after the other.
func (n *network) story(ctx context.Context) error {
	for i, v := range n.script() {
		if v.before != nil {
			if err := v.before(ctx); err != nil {
				return err
			}
		}
		fmt.Fprintf(n.out, "%d. %s\n", i+1, v.tells)
		if err := n.play(ctx, v); err != nil {
			return fmt.Errorf("call %d, from %s: %w", i+1, v.caller, err)
		}
	}
	fmt.Fprintln(n.out, "Everybody has reached the right desk.")
	return nil
}

// play places one call and checks who takes it: that the caller hears the desk's own tone.
func (n *network) play(ctx context.Context, v visit) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	phone, err := sipphone.New(ctx, sipphone.Config{Server: n.pbx.SIP, User: v.caller, Tone: callerTone})
	if err != nil {
		return err
	}
	defer phone.Close()
	number := v.dials
	if number == "" {
		number = helpNumber
	}
	call, err := phone.Dial(ctx, number)
	if err != nil {
		return err
	}
	if err := v.answerQuestions(ctx, call); err != nil {
		return err
	}
	if v.desk == "" {
		select {
		case <-call.Done():
			fmt.Fprintln(n.out, "   An announcement, and the call is over.")
			return nil
		case t := <-n.office.calls:
			return fmt.Errorf("%s takes the call, which nobody should", t.desk)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return n.reach(ctx, v, call)
}

// remembered waits until it is known who served a caller: the call has ended in the eyes of Asterisk then, too.
func (n *network) remembered(ctx context.Context, caller string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(lookAgain)
	defer tick.Stop()
	for {
		if _, _, known := n.memory.Last(n.router.Set().Plan().Parse("", caller)); known {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// answerQuestions types as soon as the prompt is heard.
func (v visit) answerQuestions(ctx context.Context, call *sipphone.Call) error {
	for i, keys := range v.types {
		if i > 0 {
			if err := call.WaitHears(ctx, unknownTone); err != nil {
				return err
			}
		}
		if err := errors.Join(call.WaitAnswered(ctx), call.WaitHears(ctx, usernameTone), call.SendDTMF(ctx, keys+"#")); err != nil {
			return err
		}
	}
	return nil
}

func (n *network) reach(ctx context.Context, v visit, call *sipphone.Call) error {
	select {
	case t := <-n.office.calls:
		if t.desk != v.desk {
			return fmt.Errorf("%s takes the call, want %s", t.desk, v.desk)
		}
		if err := errors.Join(call.WaitAnswered(ctx), call.WaitHears(ctx, toneOf(t.desk))); err != nil {
			return err
		}
		shows := t.number
		if t.name != "" {
			shows = t.name + ", " + t.number
		}
		fmt.Fprintf(n.out, "   %s takes the call. Its telephone shows %s.\n", t.desk, shows)
		return call.Hangup(ctx)
	case <-call.Done():
		return fmt.Errorf("nobody takes the call: %w", errors.Join(call.Err(), errors.New("it has ended")))
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
