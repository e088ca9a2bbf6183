// Package ivrtest tests programs that talk to callers without Asterisk and without waiting: a [Channel] is a caller that a
// test is, or that carries out a [Script].
//
//	synctest.Test(t, func(t *testing.T) {
//		caller := &ivrtest.Channel{}
//		script := ivrtest.Script{ivrtest.Hear("welcome"), ivrtest.Press("1"), ivrtest.Hear("sales"), ivrtest.HangUp()}
//		if err := ivrtest.Run(t.Context(), caller, menu, script); err != nil {
//			t.Error(err)
//		}
//	})
//
// The same Script can be carried out by a telephone at a real Asterisk: by whatever is a [Caller].
package ivrtest
