package numbers_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

// plan is that of a school network: Greek lines, one trunk from Tehran behind an exchange that puts a 9 before, one that
// adds the local area code of Athens.
func plan(t testing.TB) *numbers.Plan {
	t.Helper()
	p, err := numbers.New(numbers.Config{
		Region:     "GR",
		Extensions: []string{"2XX", "[67]XXX", "_51."},
		Withheld:   []string{"0000000000"},
		Trunks: map[string]numbers.Trunk{
			"tehran":  {Region: "IR", AreaCode: "21", Prefixes: []string{"9", "0"}},
			"outside": {Prefixes: []string{"9", "0"}},
			"hiding":  {Junk: []string{`^\*31\*`, `^#31#`}},
			"local":   {AreaCode: "210"},
			"abroad":  {Region: "DE"},
			"public":  {Outside: true},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestParse(t *testing.T) {
	p := plan(t)
	const athens, mobile, tehran, irMobile = "+302101234567", "+306971234567", "+982188776655", "+989121234567"
	tests := []struct {
		trunk, text string
		kind        numbers.Kind
		want        string // E.164, else digits
	}{
		// Greece
		{"", "2101234567", numbers.Public, athens},
		{"", "+30 210 123 4567", numbers.Public, athens},
		{"", "00302101234567", numbers.Public, athens},
		{"", "302101234567", numbers.Public, athens},
		{"", "+30 (0) 210 123-4567", numbers.Public, athens},
		{"", "+2101234567", numbers.Public, athens},
		{"", "6971234567", numbers.Public, mobile},
		{"", "306971234567", numbers.Public, mobile},
		{"", "0306971234567", numbers.Public, mobile},
		{"", "+00306971234567", numbers.Public, mobile},
		{"", "+306971234567", numbers.Public, mobile},
		{"", "112", numbers.Short, "112"},
		{"", "204", numbers.Extension, "204"},
		{"", "6123", numbers.Extension, "6123"},
		{"", "51", numbers.Unknown, "51"},
		{"", "511", numbers.Extension, "511"},
		{"", "+204", numbers.Unknown, "204"},
		// an outside line's prefix
		{"outside", "92101234567", numbers.Public, athens},
		{"outside", "02101234567", numbers.Public, athens},
		{"outside", "000302101234567", numbers.Public, athens},
		{"outside", "900302101234567", numbers.Public, athens},
		{"", "92101234567", numbers.Unknown, "92101234567"},
		// a local number
		{"local", "1234567", numbers.Public, athens},
		{"", "1234567", numbers.Unknown, "1234567"},
		// another country's trunk
		{"abroad", "00302101234567", numbers.Public, athens},
		{"abroad", "2101234567", numbers.Public, "+492101234567"},
		// Iran
		{"tehran", "02188776655", numbers.Public, tehran},
		{"tehran", "88776655", numbers.Public, tehran},
		{"tehran", "+982188776655", numbers.Public, tehran},
		{"tehran", "902188776655", numbers.Public, tehran},
		{"tehran", "9121234567", numbers.Public, irMobile},
		{"tehran", "09121234567", numbers.Public, irMobile},
		{"tehran", "00989121234567", numbers.Public, irMobile},
		{"tehran", "0989121234567", numbers.Public, irMobile},
		{"tehran", "909121234567", numbers.Public, irMobile},
		{"tehran", "۰۹۱۲۱۲۳۴۵۶۷", numbers.Public, irMobile},
		{"tehran", "٠٩١٢١٢٣٤٥٦٧", numbers.Public, irMobile},
		{"tehran", "\u202a+۹۸ ۹۱۲ ۱۲۳ ۴۵۶۷\u202c", numbers.Public, irMobile},
		{"tehran", "110", numbers.Short, "110"},
		{"tehran", "۱۱۰", numbers.Short, "110"},
		// how protocols write it
		{"", "sip:+302101234567@sip.example.net;user=phone", numbers.Public, athens},
		{"", `"Maria" <sip:2101234567@10.0.0.1>`, numbers.Public, athens},
		{"", "tel:+30-210-123-4567", numbers.Public, athens},
		{"", "tel:1234567;phone-context=+30210", numbers.Public, athens},
		{"", "+302101234567;npdi", numbers.Public, athens},
		{"hiding", "*31*2101234567", numbers.Public, athens},
		{"", "*31*2101234567", numbers.Unknown, "*31*2101234567"},
		// how people write it
		{"", "(210) 123-4567", numbers.Public, athens},
		{"", "210.123.4567", numbers.Public, athens},
		{"", "210/1234567", numbers.Public, athens},
		{"", "210 123 4567 ext. 12", numbers.Public, athens},
		{"", "210 123 4567, εσωτ. 204", numbers.Public, athens},
		{"", "+302101234567x9", numbers.Public, athens},
		{"tehran", "021 8877 6655 داخلی ۱۲", numbers.Public, tehran},
		{"", "ext 12", numbers.Unknown, ""},
		// from outside nobody is at an extension
		{"public", "204", numbers.Unknown, "204"},
		{"public", "112", numbers.Short, "112"},
		// no number
		{"", "", numbers.Withheld, ""},
		{"", "  ", numbers.Withheld, ""},
		{"", "anonymous", numbers.Withheld, ""},
		{"", "Anonymous", numbers.Withheld, ""},
		{"", "sip:anonymous@anonymous.invalid", numbers.Withheld, ""},
		{"", "<unknown>", numbers.Withheld, ""},
		{"", "unavailable", numbers.Withheld, ""},
		{"", "0000000000", numbers.Withheld, ""},
		{"", "ناشناس", numbers.Withheld, ""},
		{"", "papadaki", numbers.Unknown, ""},
		{"", "21012a4567", numbers.Unknown, ""},
		{"", "****", numbers.Unknown, ""},
		{"", "\x00\xff", numbers.Unknown, ""},
		{"", strings.Repeat("2", numbers.MaxLength+1), numbers.Unknown, ""},
		{"no such trunk", "2101234567", numbers.Public, athens},
	}
	for _, test := range tests {
		t.Run(test.trunk+"/"+test.text, func(t *testing.T) {
			n := p.Parse(test.trunk, test.text)
			got := n.E164
			if got == "" {
				got = n.Digits
			}
			if n.Kind != test.kind || got != test.want {
				t.Errorf("Parse(%q, %q) is %+v; want %s %q", test.trunk, test.text, n, test.kind, test.want)
			}
			if again := p.Parse(test.trunk, test.text); again != n {
				t.Errorf("the second time it is %+v, the first %+v", again, n)
			}
		})
	}
}

func TestDescription(t *testing.T) {
	p := plan(t)
	tests := []struct {
		text, region, national, display string
		line                            numbers.Line
	}{
		{"+302101234567", "GR", "2101234567", "210 123 4567", numbers.Fixed},
		{"+302310123456", "GR", "2310123456", "2310 123456", numbers.Fixed},
		{"+306971234567", "GR", "6971234567", "697 123 4567", numbers.Mobile},
		{"+308001234567", "GR", "8001234567", "800 123 4567", numbers.TollFree},
		{"+982188776655", "IR", "2188776655", "021 8877 6655", numbers.Fixed},
		{"+989121234567", "IR", "9121234567", "0912 123 4567", numbers.Mobile},
		{"+390612345678", "IT", "0612345678", "06 1234 5678", numbers.Fixed},
		{"112", "GR", "", "112", numbers.OtherLine},
		{"anonymous", "", "", "", numbers.OtherLine},
		{" papadaki ", "", "", "papadaki", numbers.OtherLine},
	}
	for _, test := range tests {
		n := p.Parse("", test.text)
		if n.Region != test.region || n.National != test.national || n.Display != test.display || n.Line != test.line {
			t.Errorf("%s is %+v; want %+v", test.text, n, test)
		}
	}
}

func TestCompare(t *testing.T) {
	p := plan(t)
	tests := []struct {
		a, b string
		last int
		want numbers.Match
	}{
		{"+302101234567", "210 123 4567", 0, numbers.Exact},
		{"204", "204", 0, numbers.Exact},
		{"112", "112", 0, numbers.Exact},
		{"papadaki", "Papadaki", 0, numbers.Exact},
		{"+989121234567", "9121234567", 0, numbers.National}, // a Greek plan cannot tell that it is Iran's
		{"+989121234567", "09121234567", 0, numbers.National},
		{"+982188776655", "2188776655", 0, numbers.Suffix}, // a Greek plan takes it for a Greek number
		{"+4930101234567", "2101234567", 0, numbers.Suffix},
		{"+4930101234567", "2101234567", -1, numbers.None},
		{"+4930101234567", "2101234567", 9, numbers.Suffix},
		{"+4930101234567", "2101234567", 10, numbers.None},
		{"1234567", "2101234567", 0, numbers.None},
		{"1234567", "2101234567", 7, numbers.Suffix},
		{"1234567", "2101234567", 2, numbers.Suffix}, // 7 at the least
		{"234567", "2101234567", 2, numbers.None},
		{"204", "2101230204", 0, numbers.None},
		{"2101234567", "2101234568", 0, numbers.None},
		{"anonymous", "anonymous", 0, numbers.None},
		{"anonymous", "2101234567", 0, numbers.None},
		{"", "", 0, numbers.None},
	}
	for _, test := range tests {
		a, b := p.Parse("", test.a), p.Parse("", test.b)
		for _, pair := range [][2]numbers.Number{{a, b}, {b, a}} {
			if got := numbers.Compare(pair[0], pair[1], test.last); got != test.want {
				t.Errorf("%s and %s agree by %v, want %v", pair[0], pair[1], got, test.want)
			}
		}
	}
	if numbers.Suffix.Sure() || !numbers.National.Sure() || numbers.None.String() != "none" || numbers.Suffix.String() != "last digits" {
		t.Error("the matches do not tell right")
	}
}

func TestNilPlan(t *testing.T) {
	var p *numbers.Plan
	for text, want := range map[string]string{"+302101234567": "+302101234567", "00302101234567": "+302101234567", "2101234567": "2101234567", "112": "112"} {
		if got := p.Parse("x", text).Key(); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}

func TestAs(t *testing.T) {
	p := plan(t)
	tehran := p.As("tehran")
	for range 2 {
		for _, test := range []struct {
			plan              *numbers.Plan
			trunk, text, want string
		}{
			{tehran, "", "02188776655", "+982188776655"},
			{tehran, "tehran", "02188776655", "+982188776655"},
			{tehran, "local", "2101234567", "+302101234567"},
			{tehran, "", "204", "204"},
			{p, "", "02188776655", "02188776655"},
			{p.As("nowhere"), "", "2101234567", "+302101234567"},
			{(*numbers.Plan)(nil).As("tehran"), "", "+302101234567", "+302101234567"},
		} {
			if got := test.plan.Parse(test.trunk, test.text).Key(); got != test.want {
				t.Errorf("%s is %s, want %s", test.text, got, test.want)
			}
		}
	}
}

func TestConfigErrors(t *testing.T) {
	tests := []struct {
		cfg  numbers.Config
		want string
	}{
		{numbers.Config{Region: "XX"}, `region "XX"`},
		{numbers.Config{Region: "Greece"}, `region "Greece"`},
		{numbers.Config{Extensions: []string{""}}, "extensions: an empty pattern"},
		{numbers.Config{Extensions: []string{"2Q"}}, `pattern "2Q": 'Q' has no meaning there`},
		{numbers.Config{Extensions: []string{"2.X"}}, `'.' has no meaning there`},
		{numbers.Config{Extensions: []string{"2[12"}}, "[ without"},
		{numbers.Config{Extensions: []string{"2[]"}}, "[ without"},
		{numbers.Config{Extensions: []string{"2[9-1]"}}, "[9-1] is no set"},
		{numbers.Config{Trunks: map[string]numbers.Trunk{"t": {Region: "XX"}}}, `trunk "t": region`},
		{numbers.Config{Trunks: map[string]numbers.Trunk{"t": {AreaCode: "+21"}}}, `trunk "t": "+21" holds more than digits`},
		{numbers.Config{Trunks: map[string]numbers.Trunk{"t": {Prefixes: []string{"9w"}}}}, `"9w" holds more than digits`},
		{numbers.Config{Trunks: map[string]numbers.Trunk{"t": {Junk: []string{"("}}}}, "junk: "},
	}
	for _, test := range tests {
		if _, err := numbers.New(test.cfg); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error is %v, want one with %q", err, test.want)
		}
	}
}

func TestPatterns(t *testing.T) {
	tests := []struct {
		pattern, yes, no string
	}{
		{"2XX", "200 299", "20 2000 300 2*0"},
		{"_2XX", "200", "20"},
		{"NZX", "210 999", "110 200"},
		{"[2-4]0[19]", "201 409", "101 205"},
		{"5.", "51 512345", "5 61"},
		{"5!", "5 51", "4"},
		{"*9X", "*90", "90 *9"},
		{"555", "555", "5555 55"},
	}
	for _, test := range tests {
		p := numbers.Must(numbers.Config{Extensions: []string{test.pattern}})
		for _, want := range []struct {
			texts string
			kind  numbers.Kind
		}{{test.yes, numbers.Extension}, {test.no, numbers.Unknown}} {
			for text := range strings.FieldsSeq(want.texts) {
				if got := p.Parse("", text).Kind; got != want.kind {
					t.Errorf("%s with the pattern %s is %q, want %q", text, test.pattern, got, want.kind)
				}
			}
		}
	}
}

// TestManyNumbers reads more numbers than are remembered.
func TestManyNumbers(t *testing.T) {
	p := numbers.Must(numbers.Config{Region: "GR", CacheSize: 10})
	for range 3 {
		for i := range 50 {
			text := fmt.Sprintf("21012345%02d", i)
			if n := p.Parse("", text); n.E164 != "+30"+text {
				t.Fatalf("%s is %+v", text, n)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"2101234567", "+30 (0) 210", "sip:anonymous@x", `"M" <tel:1;phone-context=+30>`, "۰۹۱۲", "*31*", "\xff", "<", ";", "@"} {
		f.Add("", seed)
		f.Add("tehran", seed)
	}
	p := plan(f)
	f.Fuzz(func(t *testing.T, trunk, text string) {
		n := p.Parse(trunk, text)
		if strings.Trim(n.Digits, "0123456789*#") != "" {
			t.Errorf("%q has the digits %q", text, n.Digits)
		}
		if (n.Kind == numbers.Public) != (n.E164 != "") || (n.Kind == numbers.Public) != (n.National != "") {
			t.Errorf("%q is %+v", text, n)
		}
		if n.E164 == "" {
			return
		}
		if strings.Trim(n.E164[1:], "0123456789") != "" || n.E164[0] != '+' {
			t.Errorf("%q has the E.164 form %q", text, n.E164)
		}
		if again := p.Parse("", n.E164); again.E164 != n.E164 || numbers.Compare(n, again, 0) != numbers.Exact {
			t.Errorf("%q is %q, which is %q", text, n.E164, again.E164)
		}
	})
}
