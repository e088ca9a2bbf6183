package ami

import "strings"

// actionPrivileges are the classes of which a user must be allowed to write one to use an action, as ListCommands of
// Asterisk 22 tells them. Actions that are not here need none, or belong to modules that were not loaded.
var actionPrivileges = map[string]string{
	"agent": "AgentLogoff Agents QueueAdd QueueLog QueueMemberRingInUse QueuePause QueuePenalty QueueRemove",
	"agi":   "AGI",
	"aoc":   "AOCMessage",
	"call": "Atxfer BlindTransfer Bridge CancelAtxfer ConfbridgeKick ConfbridgeLock ConfbridgeMute " +
		"ConfbridgeSetSingleVideoSrc ConfbridgeUnlock ConfbridgeUnmute ControlPlayback FAXSession FAXSessions " +
		"Park ParkedCalls Parkinglots PlayDTMF PlayMF Redirect SendFlash SendText Setvar",
	"call,reporting": "DeviceStateList ExtensionState ExtensionStateList Getvar MailboxCount MailboxStatus PresenceState " +
		"PresenceStateList VoicemailBoxSummary VoicemailUserStatus VoicemailUsersList",
	"command":          "Command",
	"config":           "CreateConfig ListCategories UpdateConfig",
	"config,reporting": "ShowDialPlan",
	"message":          "MessageSend",
	"originate":        "Originate",
	"reporting":        "ConfbridgeList ConfbridgeListRooms FAXStats",
	"system": "ConfbridgeStartRecord ConfbridgeStopRecord DBDel DBDelTree DBPut DialplanExtensionAdd " +
		"DialplanExtensionRemove Filter MixMonitor ModuleCheck ModuleLoad MuteAudio PJSIPNotify " +
		"PJSIPSetMaintenance PJSIPShowAors PJSIPShowAuths PJSIPShowContacts PJSIPShowEndpoint PJSIPShowEndpoints " +
		"PJSIPShowRegistrationInboundContactStatuses PJSIPShowRegistrationsInbound PJSIPShowResourceLists " +
		"PJSIPShowSubscriptionsInbound PJSIPShowSubscriptionsOutbound SorceryMemoryCacheExpire " +
		"SorceryMemoryCacheExpireObject SorceryMemoryCachePopulate SorceryMemoryCacheStale " +
		"SorceryMemoryCacheStaleObject",
	"system,call":           "AbsoluteTimeout Hangup LocalOptimizeAway MixMonitorMute PJSIPHangup StopMixMonitor",
	"system,call,reporting": "Status",
	"system,config":         "GetConfig GetConfigJSON Reload",
	"system,reporting": "CoreSettings CoreShowChannelMap CoreShowChannels CoreStatus DBGet DBGetTree LoggerRotate PJSIPQualify " +
		"PJSIPRegister PJSIPShowMaintenance PJSIPShowRegistrationsOutbound PJSIPUnregister",
	"user": "UserEvent VoicemailForward VoicemailMove VoicemailRefresh VoicemailRemove",
}

// privilegeOf returns one class whose right to write is enough for an action; "" if none is needed or it is not known.
func privilegeOf(action string) string {
	best := ""
	for privileges, names := range actionPrivileges {
		for name := range strings.FieldsSeq(names) {
			if strings.EqualFold(name, action) {
				best = privileges
			}
		}
	}
	class, _, _ := strings.Cut(best, ",")
	return class
}
