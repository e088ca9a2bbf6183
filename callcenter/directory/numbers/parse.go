package numbers

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// noNumber are the names by which phones, Asterisk (main/callerid.c, main/app.c) and carriers say that there is no number.
var noNumber = map[string]bool{
	"anonymous": true, "anonymous caller": true, "private": true, "private number": true, "restricted": true,
	"unavailable": true, "unknown": true, "unknown caller": true, "withheld": true, "blocked": true, "hidden": true,
	"no number": true, "not available": true, "asterisk": true, "s": true, "<unknown>": true, "(null)": true,
	"number unavailable": true, "id unavailable": true, "out of area": true, "nocallerid": true, "no caller id": true,
	"απόκρυψη": true, "άγνωστος": true, "ناشناس": true, "خصوصی": true,
}

func (p *Plan) parse(t *trunk, text string) Number {
	n := Number{Raw: text}
	cut := text
	for _, junk := range t.junk {
		cut = junk.ReplaceAllString(cut, "")
	}
	tidy := tidy(cut)
	n.Digits = tidy.digits
	n.Display = n.Digits
	switch {
	case p.isWithheld(text, tidy):
		return Number{Raw: text, Kind: Withheld}
	case n.Digits == "":
		n.Display = strings.TrimSpace(text)
	case !tidy.plus && !t.outside && p.isExtension(n.Digits):
		n.Kind = Extension
	case !tidy.plus && isShort(n.Digits, t.region):
		n.Kind, n.Region = Short, t.region
	default:
		if found := t.public(tidy); found != nil {
			describe(&n, found)
		}
	}
	return n
}

func (p *Plan) isWithheld(text string, t tidied) bool {
	if t.text == "" {
		return true
	}
	for _, name := range []string{strings.ToLower(t.text), strings.ToLower(strings.TrimSpace(text)), t.digits} {
		if name != "" && (noNumber[name] || p.withheld[name]) {
			return true
		}
	}
	return false
}

func (p *Plan) isExtension(digits string) bool {
	for _, pattern := range p.extensions {
		if pattern.match(digits) {
			return true
		}
	}
	return false
}

// maxShort is more digits than any short code has.
const maxShort = 7

func isShort(digits, region string) bool {
	if region == "" || len(digits) > maxShort {
		return false
	}
	number, err := phonenumbers.Parse(digits, region)
	return err == nil && phonenumbers.IsValidShortNumberForRegion(number, region)
}

// public reads a number of the public network, or returns nil. What is valid as it stands is left as it is; what is not is
// tried without what carriers and exchanges add. A number with a country code whose length is right is taken at the end
// even though the tables of this program do not know its range, because ranges are added every month.
func (t *trunk) public(in tidied) *phonenumbers.PhoneNumber {
	for _, spelling := range t.spellings(in) {
		number, err := phonenumbers.Parse(spelling, t.region)
		if err == nil && phonenumbers.IsValidNumber(number) {
			return number
		}
	}
	if !in.plus {
		return nil
	}
	number, err := phonenumbers.Parse(in.number(), t.region)
	if err == nil && phonenumbers.IsPossibleNumber(number) {
		return number
	}
	return nil
}

// spellings are the ways to read a number, the likeliest first.
func (t *trunk) spellings(in tidied) []string {
	spellings := []string{in.number()}
	if !in.plus {
		for _, prefix := range t.prefixes {
			if rest, ok := strings.CutPrefix(in.digits, prefix); ok && prefix != "" && rest != "" {
				spellings = append(spellings, rest)
			}
		}
		if t.region == "" { // no country's own way of writing an international number is known: the usual one
			if rest, ok := strings.CutPrefix(in.digits, "00"); ok {
				spellings = append(spellings, "+"+rest)
			}
		}
	}
	// 0306971234567, +00306971234567: zeros before the country code
	if digits := strings.TrimLeft(in.digits, "0"); t.country != "" && strings.HasPrefix(digits, t.country) {
		spellings = append(spellings, "+"+digits)
	}
	if in.plus { // +2101234567: a plus before a national number
		spellings = append(spellings, in.digits)
	}
	if t.areaCode != "" && !in.plus {
		spellings = append(spellings, "+"+t.country+t.areaCode+in.digits)
	}
	return spellings
}

func describe(n *Number, found *phonenumbers.PhoneNumber) {
	n.Kind = Public
	n.E164 = phonenumbers.Format(found, phonenumbers.E164)
	n.National = phonenumbers.GetNationalSignificantNumber(found)
	n.Region = phonenumbers.GetRegionCodeForNumber(found)
	n.Line = line(phonenumbers.GetNumberType(found))
	n.Display = display(n.Region, n.National, found)
}

func line(kind phonenumbers.PhoneNumberType) Line {
	switch kind {
	case phonenumbers.FIXED_LINE:
		return Fixed
	case phonenumbers.MOBILE:
		return Mobile
	case phonenumbers.FIXED_LINE_OR_MOBILE:
		return FixedOrMobile
	case phonenumbers.TOLL_FREE:
		return TollFree
	case phonenumbers.PREMIUM_RATE:
		return Premium
	default:
		return OtherLine
	}
}

// display writes a number as people in its country do. Greeks write 210 123 4567 and 2310 123456; the library's tables
// say 21 0123 4567.
func display(region, national string, found *phonenumbers.PhoneNumber) string {
	if region == "GR" && len(national) == 10 {
		if national[0] == '2' && national[:2] != "21" {
			return national[:4] + " " + national[4:]
		}
		return national[:3] + " " + national[3:6] + " " + national[6:]
	}
	return phonenumbers.Format(found, phonenumbers.NATIONAL)
}
