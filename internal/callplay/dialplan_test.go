package callplay_test

import (
	"fmt"
	"strings"
)

// Extensions are 101, 102 and so on, in lanes of four; each lane has a trunk, queues and a pickup group of its own, so
// that lanes do not meet.
const (
	laneSize     = 4
	firstNumber  = 101
	parkingTime  = 4 // seconds
	trunkNumbers = 30255500
)

// dialplan: the digits after the first say whom to ring; {1} and the like are numbers of extensions.
const dialplan = `
[globals]
WHOSE = b(whose^s^1)B(whose^s^1)

; tells, before a channel is dialled, which of the phones' calls it is and which its caller's is
[whose]
exten => s,1,ExecIf($["${CHANNEL(channeltype)}" = "PJSIP"]?Set(SIPCALLID=${CHANNEL(pjsip,call-id)}))
 same => n,Return()

[office]
exten => _1XX,1,Dial(PJSIP/${EXTEN},20,${WHOSE})
; rings for two seconds
exten => _21XX,1,Dial(PJSIP/${EXTEN:1},2,${WHOSE})
; one after the other
exten => _31XX1XX,1,Dial(PJSIP/${EXTEN:1:3},2,${WHOSE})
 same => n,Dial(PJSIP/${EXTEN:4:3},20,${WHOSE})
; all at once
exten => _41XX1XX1XX,1,Dial(PJSIP/${EXTEN:1:3}&PJSIP/${EXTEN:4:3}&PJSIP/${EXTEN:7:3},4,${WHOSE})
; through a Local channel that stays, and through one that goes
exten => _51XX,1,Dial(Local/${EXTEN:1}@office/n,20,${WHOSE})
exten => _61XX,1,Dial(Local/${EXTEN:1}@office,20,${WHOSE})
; queues: all at once, one after the other, a short wait
exten => _71X,1,Answer()
 same => n,Queue(all${EXTEN:2},${WHOSE})
exten => _72X,1,Answer()
 same => n,Queue(line${EXTEN:2},${WHOSE})
exten => _73X,1,Answer()
 same => n,Queue(all${EXTEN:2},${WHOSE},,,3)
 same => n,Hangup()
exten => _74X,1,Answer()
 same => n,Queue(short${EXTEN:2},${WHOSE})
; recorded
exten => _81XX,1,MixMonitor(${UNIQUEID}.wav)
 same => n,Dial(PJSIP/${EXTEN:1},20,${WHOSE})
exten => _66X,1,ConfBridge(room${EXTEN:2})
exten => 600,1,Answer()
 same => n,Echo()
exten => 601,1,Answer()
 same => n,Wait(1)
 same => n,Hangup()
exten => 602,1,Answer()
 same => n,Goto(menu,s,1)
exten => 603,1,Congestion(5)
exten => *8,1,Pickup()
exten => _*81XX,1,PickupChan(PJSIP/${EXTEN:2})
exten => _*51XX,1,ChanSpy(PJSIP/${EXTEN:2},q)
; 9, the trunk, and the number; two trunks of which the second is for when the first is out of order
exten => _9XX.,1,Dial(PJSIP/trunk${EXTEN:1:1}/sip:${EXTEN:2}@${TRUNK${EXTEN:1:1}},20,${WHOSE})
exten => _0XXX.,1,Dial(PJSIP/trunk${EXTEN:1:1}/sip:${EXTEN:3}@${TRUNK${EXTEN:1:1}},20,${WHOSE})
 same => n,GotoIf($["${DIALSTATUS}" = "CONGESTION" | "${DIALSTATUS}" = "CHANUNAVAIL"]?:end)
 same => n,Dial(PJSIP/trunk${EXTEN:2:1}/sip:${EXTEN:3}@${TRUNK${EXTEN:2:1}},20,${WHOSE})
 same => n(end),Hangup()
include => parkedcalls

[menu]
exten => s,1,WaitExten(20)
exten => _1XX,1,Dial(PJSIP/${EXTEN},20,${WHOSE})

[from-trunk]
include => office
`

func pjsip(lanes int) string {
	var b strings.Builder
	b.WriteString("[global]\ntype = global\nendpoint_identifier_order = username,ip\n")
	for i := range lanes * laneSize {
		fmt.Fprintf(&b, `
[%[1]d]
type = endpoint
context = office
disallow = all
allow = ulaw
direct_media = no
callerid = "Desk %[1]d" <%[1]d>
call_group = %[2]d
pickup_group = %[2]d
auth = %[1]d
aors = %[1]d
[%[1]d]
type = auth
auth_type = userpass
username = %[1]d
password = pw%[1]d
[%[1]d]
type = aor
max_contacts = 1
remove_existing = yes
`, firstNumber+i, i/laneSize+1)
	}
	for i := range lanes {
		fmt.Fprintf(&b, `
[trunk%[1]d]
type = endpoint
context = from-trunk
disallow = all
allow = ulaw
direct_media = no
callerid = "Customer %[1]d" <%[2]d>
`, i+1, trunkNumbers+i+1)
	}
	return b.String()
}

// queues: the last two extensions of a lane are agents.
func queues(lanes int) string {
	var b strings.Builder
	for i := range lanes {
		first := firstNumber + i*laneSize
		for _, kind := range []struct{ name, strategy string }{{"all", "ringall"}, {"line", "linear"}, {"short", "linear"}} {
			timeout := 15
			if kind.name == "short" {
				timeout = 2
			}
			fmt.Fprintf(&b, "[%s%d]\nstrategy = %s\ntimeout = %d\nretry = 1\nringinuse = yes\nautofill = yes\nmember => PJSIP/%d\nmember => PJSIP/%d\n",
				kind.name, i+1, kind.strategy, timeout, first+2, first+3)
		}
	}
	return b.String()
}

func parking() string {
	return fmt.Sprintf("[general]\n[default]\nparkext => 700\nparkpos => 701-720\ncontext => parkedcalls\nparkingtime => %d\ncomebacktoorigin => yes\ncomebackdialtime => 20\n", parkingTime)
}
