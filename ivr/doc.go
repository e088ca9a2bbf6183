// Package ivr talks to callers: it plays to them, takes the digits that they press, and records them, the same over AGI as
// over ARI.
//
// # Talk
//
// A program is a [Handler]: a function that has a [Call] and reads like it. Each call is a goroutine, and the caller's hangup
// ends whatever it waits for, with [ErrHangup]:
//
//	func pin(ctx context.Context, c *ivr.Call) error {
//		if err := c.Answer(ctx); err != nil {
//			return err
//		}
//		for range 3 {
//			got, err := c.Collect(ctx, ivr.Digits{Prompt: ivr.Say(ivr.Sound("agent-pass")), Max: 8, End: "#"})
//			if err != nil {
//				return err
//			}
//			if ok(got.Digits) {
//				return c.Continue(ctx, ivr.Place{Context: "agents", Extension: "login"})
//			}
//		}
//		return c.Say(ctx, ivr.Sound("vm-goodbye"))
//	}
//
// Menus need not be written so: package menu has them in YAML, with retries, languages, hours and what else a help desk needs,
// and runs them on a Call as well.
//
// # Serve
//
// Packages agichannel and arichannel make a program one for AGI() and one for Stasis() in the dialplan:
//
//	mux.Handle("pin", agichannel.Handler(pin))             // same => n,AGI(agi://ivr.example.com/pin)
//	err := ari.Serve(ctx, app, arichannel.Handler(pin))    // same => n,Stasis(pin)
//
// What a program returns means the same over both; see [Handler].
//
// # Digits
//
// No digit is lost: those that are pressed before a prompt, in it, behind it or while the program thinks are in [Keys], in
// their order, until somebody takes them. A digit stops a prompt unless that is Deaf, and a caller who knows the menus may type
// ahead of them; [Digits.Fresh] forgets what he typed, where that matters. Digits are text: leading zeros, * and # are as they were
// pressed. Only during a recording digits are not kept, but for the one that ends it. What Asterisk itself makes of digits on a machine that is
// overloaded is said in packages agichannel (it may lose one) and arichannel (it may tell one twice).
//
// # Say
//
// Numbers, dates, times and money are said with sounds, in Greek, English and Persian: see [Sounds] for their names. Whoever has rules of
// his own in Asterisk's say.conf, for whatever language, reads it with package sayconf and sets it with [Call.SetSayer]. Asterisk's own
// applications are not asked, so that both transports say the same.
//
// # Test
//
// Package ivrtest has a caller without a telephone, in virtual time: a test of a whole menu takes a millisecond.
package ivr
