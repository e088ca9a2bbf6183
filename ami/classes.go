package ami

import "strings"

// eventClasses are the classes of the events of Asterisk 16 to 22, which an event mask can choose: from the documentation of
// Asterisk 22 and, where that errs or is silent, from the wire. The class of an event is in its Privilege as well.
var eventClasses = map[string]string{
	"agent": "AgentCalled AgentComplete AgentConnect AgentDump AgentLogin AgentLogoff AgentRingNoAnswer Agents " +
		"AgentsComplete QueueCallerAbandon QueueCallerJoin QueueCallerLeave QueueEntry QueueMemberAdded " +
		"QueueMemberPause QueueMemberPenalty QueueMemberRemoved QueueMemberRinginuse QueueMemberStatus QueueParams",
	"agi": "AGIExecEnd AGIExecStart AsyncAGIEnd AsyncAGIExec AsyncAGIStart",
	"aoc": "AOC-D AOC-E AOC-S",
	"call": "AttendedTransfer BlindTransfer BridgeCreate BridgeDestroy BridgeEnter BridgeLeave BridgeMerge " +
		"BridgeVideoSourceUpdate CEL ChanSpyStart ChanSpyStop ChannelTalkingStart ChannelTalkingStop ConfbridgeEnd " +
		"ConfbridgeJoin ConfbridgeLeave ConfbridgeMute ConfbridgeRecord ConfbridgeStart ConfbridgeStopRecord " +
		"ConfbridgeTalking ConfbridgeUnmute CoreShowChannel CoreShowChannelMap CoreShowChannelMapComplete " +
		"CoreShowChannelsComplete DAHDIChannel DeviceStateChange DialBegin DialEnd DialState ExtensionStatus " +
		"FAXSessionsComplete FAXStatus Flash Hangup HangupRequest Hold LocalBridge LocalOptimizationBegin " +
		"LocalOptimizationEnd MCID MeetmeEnd MeetmeJoin MeetmeLeave MeetmeList MeetmeListRooms MeetmeMute " +
		"MeetmeTalkRequest MeetmeTalking MessageWaiting MiniVoiceMail MixMonitorMute MixMonitorStart MixMonitorStop " +
		"MonitorStart MonitorStop MusicOnHoldStart MusicOnHoldStop NewAccountCode NewCallerid NewConnectedLine " +
		"Newchannel Newstate OriginateResponse ParkedCall ParkedCallGiveUp ParkedCallSwap ParkedCallTimeOut Pickup " +
		"PresenceStateChange PresenceStatus ReceiveFAX Rename SendFAX SoftHangupRequest Status StatusComplete " +
		"UnParkedCall Unhold Wink",
	"cdr": "Cdr",
	"command": "AorDetail AorList AorListComplete AuthDetail AuthList AuthListComplete BridgeInfoChannel BridgeInfoComplete " +
		"ContactList ContactListComplete ContactStatusDetail DeviceStateListComplete EndpointDetail " +
		"EndpointDetailComplete EndpointList EndpointListComplete ExtensionStateListComplete IdentifyDetail " +
		"InboundRegistrationDetail InboundSubscriptionDetail OutboundRegistrationDetail OutboundSubscriptionDetail " +
		"PresenceStateListComplete ResourceListDetail TransportDetail",
	"dialplan": "HangupHandlerPop HangupHandlerPush HangupHandlerRun Newexten VarSet",
	"dtmf":     "DTMFBegin DTMFEnd",
	"reporting": "ConfbridgeList ConfbridgeListRooms FAXSession FAXSessionsEntry FAXStats MWIGet MWIGetComplete RTCPReceived " +
		"RTCPSent",
	"security": "AuthMethodNotAllowed ChallengeResponseFailed ChallengeSent FailedACL InvalidAccountID InvalidPassword " +
		"InvalidTransport LoadAverageLimit MemoryLimit RequestBadFormat RequestNotAllowed RequestNotSupported " +
		"SessionLimit SuccessfulAuth UnexpectedAddress",
	"system": "Alarm AlarmClear ContactStatus DNDState DeadlockStart FullyBooted Load LogChannel PJSIPMaintenanceStatus " +
		"PeerStatus Registry Reload Shutdown SpanAlarm SpanAlarmClear Unload",
	"user": "UserEvent VoicemailPasswordChange",
}

// classByEvent is the same by event.
var classByEvent = func() map[string]string {
	classes := map[string]string{}
	for class, names := range eventClasses {
		for name := range strings.FieldsSeq(names) {
			classes[name] = class
		}
	}
	return classes
}()

// classOf returns the class of an event; "" if it is not known.
func classOf(event string) string { return classByEvent[event] }
