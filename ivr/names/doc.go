// Package names finds people by names that callers type on a telephone's keypad, one key for each letter.
//
// A name may be written in Latin, Greek or Persian letters, and a caller's keypad may show any of them: a Greek name can be
// typed on Greek keys (ΑΒΓ on 2, ELOT) or in the Latin spelling of ELOT 743, a Persian one on Persian keys (ا on 3, ب پ ت ث
// on 2) or in Latin letters, where Persian does not write the short vowels that Latin has: they are supplied as a caller may.
// Accents, and capital letters, do not matter.
//
//	index := names.New([]names.Person{{Name: "Μαρία Παπαδοπούλου", Extension: "204"}})
//	found := index.Find("7272") // papa..., or παπα...
package names
