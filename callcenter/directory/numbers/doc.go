// Package numbers reads telephone numbers as trunks and people write them and makes them comparable.
//
//	plan, err := numbers.New(numbers.Config{
//		Region:     "GR",
//		Extensions: []string{"2XX"},
//		Trunks:     map[string]numbers.Trunk{"tehran": {Region: "IR", AreaCode: "21", Prefixes: []string{"9"}}},
//	})
//	n := plan.Parse("", "210 123 4567") // n.E164 is +302101234567
//
// A [Plan] tests first whether a caller withholds the number, then whether it is an extension of the PBX or a short code,
// and only then reads it as a public number, because 204 is somebody's desk here and an invalid number everywhere else. It
// takes Persian, Arabic and full-width digits, SIP and tel URIs, and removes what carriers and exchanges add: prefixes of
// outside lines, a zero before the country code, a plus before a national number.
//
// [Compare] says how well two numbers agree. The same last digits make a candidate for a person to choose from, never a hit.
//
// The tables of countries are those of Google's libphonenumber (github.com/nyaruka/phonenumbers). Reading a new number takes
// about 30 microseconds; a Plan remembers what it has read, and then it takes well below one.
package numbers
