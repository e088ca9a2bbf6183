// Package prompts knows which sounds there are, by language, and speaks texts for which there is none.
//
// A [Library] is the sounds of an Asterisk, read over ARI, from its command line over AMI ([FromCLI]) or from its folder. menu.Set.Missing checks menus against it at the
// start, and menu.Config takes it for the fallbacks of languages:
//
//	library, err := prompts.FromARI(ctx, client)
//	for _, err := range set.Missing(library.Has) { ... }
//
// A [Speaker] makes a sound of a text, by a program ([Command]) or by a server ([Server]), once: it is kept by the hash of all
// that makes it. A text never comes near a shell, nor into the name of a file:
//
//	speaker := &prompts.Speaker{
//		Dir:   "/var/lib/asterisk/spoken", // Asterisk must be able to read it by the same path
//		Voice: prompts.Command{Args: []string{"espeak-ng", "-v", "{language}", "--stdin", "--stdout"}},
//	}
//
// The sounds that Asterisk brings itself (digits/1, vm-goodbye ...) are in its libraries like all others; numbers, dates and
// amounts are said with them by package ivr, or by say.conf where that is told to.
package prompts
