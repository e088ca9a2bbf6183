package numbers_test

import (
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
