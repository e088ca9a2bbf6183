package asterisktest

import "testing"

func TestDigitsOf(t *testing.T) {
	const log = `[Nov 25 16:43:04] DTMF[30400][C-00000027] channel.c: DTMF begin '0' received on PJSIP/a-00000027
[Nov 25 16:43:04] DTMF[30400][C-00000027] channel.c: DTMF begin passthrough '0' on PJSIP/a-00000027
[Nov 25 16:43:04] DTMF[30400][C-00000027] channel.c: DTMF end '0' received on PJSIP/a-00000027, duration 100 ms
[Nov 25 16:43:04] DTMF[30400][C-00000027] channel.c: DTMF begin '5' received on PJSIP/a-00000027
[Nov 25 16:43:04] DTMF[30400][C-00000027] channel.c: DTMF begin ignored '5' on PJSIP/a-00000027
[Nov 25 16:43:04] DTMF[30401][C-00000028] channel.c: DTMF begin '7' received on PJSIP/a-00000028
[Nov 25 16:43:04] DTMF[30400][C-00000027] channel.c: DTMF end '5' received on PJSIP/a-00000027, duration 100 ms
[Nov 25 16:43:04] DTMF[30400][C-00000027] channel.c: DTMF end '5' received on PJSIP/a-00000027, duration 100 ms
[Nov 25 16:43:04] DTMF[30400][C-00000027] channel.c: DTMF begin emulation of '5' with duration 100 queued on PJSIP/a-00000027
`
	for channel, want := range map[string]string{"PJSIP/a-00000027": "055", "PJSIP/a-00000028": "", "PJSIP/a": ""} {
		if got := digitsOf(log, channel); got != want {
			t.Errorf("%s: %q, want %q", channel, got, want)
		}
	}
}
