package numbers_test

import (
	"strings"
	"testing"

	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

func TestHidden(t *testing.T) {
	for text := range strings.FieldsSeq("prohib prohib_not_screened prohib_passed_screen prohib_failed_screen unavailable 32 33 34 35 67 0x43 PROHIB") {
		if !numbers.Hidden(text) {
			t.Errorf("%s hides nothing", text)
		}
	}
	for text := range strings.FieldsSeq("allowed allowed_not_screened allowed_passed_screen allowed_failed_screen 0 1 2 3 -1 999 x") {
		if numbers.Hidden(text) {
			t.Errorf("%s hides the number", text)
		}
	}
	if numbers.Hidden("") {
		t.Error("nothing hides the number")
	}
}
