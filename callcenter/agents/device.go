package agents

import (
	"strconv"
	"strings"
)

// DeviceState is what Asterisk knows of a telephone (enum ast_device_state in include/asterisk/devicestate.h). Its numbers
// are those of the header Status of a queue's members.
type DeviceState uint8

// The states of a device.
const (
	DeviceUnknown DeviceState = iota // Asterisk does not know
	NotInUse                         // reachable and idle
	InUse                            // in a call
	DeviceBusy                       // it takes no call
	Invalid                          // there is no such device
	Unavailable                      // not registered or not reachable
	DeviceRinging                    // it rings
	RingInUse                        // it rings while in a call
	OnHold                           // in a call, and kept on hold
)

// deviceStates are the names that Asterisk gives them (ast_devstate_str in main/devicestate.c).
var deviceStates = [...]string{
	DeviceUnknown: "UNKNOWN", NotInUse: "NOT_INUSE", InUse: "INUSE", DeviceBusy: "BUSY", Invalid: "INVALID",
	Unavailable: "UNAVAILABLE", DeviceRinging: "RINGING", RingInUse: "RINGINUSE", OnHold: "ONHOLD",
}

// String returns Asterisk's name of the state.
func (d DeviceState) String() string {
	if int(d) >= len(deviceStates) {
		return "INVALID"
	}
	return deviceStates[d]
}

// MarshalText returns the state as String does, for JSON.
func (d DeviceState) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// parseDeviceState reads Asterisk's name or number of a state; others are DeviceUnknown.
func parseDeviceState(text string) DeviceState {
	if n, err := strconv.ParseUint(text, 10, 8); err == nil && int(n) < len(deviceStates) {
		return DeviceState(n)
	}
	for i, name := range deviceStates {
		if strings.EqualFold(text, name) {
			return DeviceState(i)
		}
	}
	return DeviceUnknown
}

// The bits of an extension's state (enum ast_extension_states in include/asterisk/pbx.h). Removed and deactivated ones are
// negative.
const (
	extensionInUse       = 1
	extensionBusy        = 2
	extensionUnavailable = 4
	extensionRinging     = 8
	extensionOnHold      = 16
)

// deviceOf translates the state of an extension, which joins those of its devices, into that of a device.
func deviceOf(status int) DeviceState {
	switch {
	case status < 0:
		return DeviceUnknown
	case status&extensionOnHold != 0:
		return OnHold
	case status&extensionRinging != 0 && status&extensionInUse != 0:
		return RingInUse
	case status&extensionRinging != 0:
		return DeviceRinging
	case status&extensionUnavailable != 0:
		return Unavailable
	case status&extensionBusy != 0:
		return DeviceBusy
	case status&extensionInUse != 0:
		return InUse
	}
	return NotInUse
}

// reachable tells whether a telephone in this state can be called at all.
func (d DeviceState) reachable() bool { return d != Unavailable && d != Invalid }
