// Package callcenter is the live call centre: the calls, the agents, the telephones and the queues of an Asterisk as one
// picture that is kept up to date, and the commands that act on it.
//
//	center := &callcenter.Center{Client: client, Policy: control.DefaultPolicy()}
//	go center.Run(ctx)
//	picture, changes := center.Watch(ctx)
//	for change, err := range changes {
//		if err != nil {
//			return err // too slow, or the end: watch again for a new picture
//		}
//		picture.Apply(change)
//	}
//
// A [Picture] and the changes that follow it give the next picture: a board that applies them shows what another one that
// begins later is given at once.
//
// The rooms below can be used without it: calls, agents, control.
package callcenter
