package routing

import "testing"

func TestCover(t *testing.T) {
	for _, test := range []struct {
		from, to string
		count    int
	}{{"200", "299", 1}, {"200", "249", 5}, {"195", "204", 10}, {"00", "99", 1}, {"+301", "+305", 5}, {"7", "7", 1}, {"1000", "8999", 8}, {"0999", "9000", 10}} {
		list := cover(test.from, test.to)
		if len(list) > test.count+2 {
			t.Errorf("%s-%s takes %d prefixes: %q", test.from, test.to, len(list), list)
		}
		if len(test.from) > 4 || test.from[0] == '+' {
			continue
		}
		for n := range 10000 {
			key := itoa(n)[4-len(test.from):]
			covered := false
			for _, prefix := range list {
				covered = covered || len(key) >= len(prefix) && key[:len(prefix)] == prefix
			}
			if covered != (test.from <= key && key <= test.to) {
				t.Fatalf("%s-%s: %s is covered: %v, by %q", test.from, test.to, key, covered, list)
			}
		}
	}
}

// itoa is a number in four digits.
func itoa(n int) string {
	return string([]byte{byte('0' + n/1000), byte('0' + n/100%10), byte('0' + n/10%10), byte('0' + n%10)})
}
