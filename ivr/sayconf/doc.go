// Package sayconf says numbers, dates and times by the rules of Asterisk's say.conf, as Playback(num:42,say) does in the dialplan.
//
//	rules, err := sayconf.Read("/etc/asterisk/say.conf")
//	sounds, ok, err := rules.Say("en_GB", "num:142") // digits/1 digits/hundred vm-and digits/42 ...
//
// Asterisk itself goes by say.conf in Playback only, which ARI has not, and in AGI's SAY commands if mode=new. Here the rules make the
// names of sounds, so that both transports say the same: a [File] is an ivr.Sayer, for menu.Config or ivr.Call.SetSayer.
//
// # What it takes
//
// Sections, templates ([de](date-base,digit-base), [digit-base](!), [de](+)), comments, rules as patterns of the dialplan. In a rule
// the value is ${SAY} or ${SAY:offset:length}; $[...] reckons with whole numbers (+ - * / % and comparisons), and ${IF($[...]?a:b)} chooses. All
// else, such as other functions and #include, is an error with file and line: Asterisk would say something else in silence.
package sayconf
