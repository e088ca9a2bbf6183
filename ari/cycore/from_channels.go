package cycore

import (
	"time"

	v5 "github.com/CyCoreSystems/ari/v5"
)

// carrierOf finds the methods of v5 for a request; nil says that it has none.
func carrierOf(operation string) *carrier {
	for _, table := range [...]map[string]carrier{ofChannels, ofBridges, ofAsterisk, ofMedia, ofOthers} {
		if c, ok := table[operation]; ok {
			return &c
		}
	}
	return nil
}

const recordParams = "name format maxDurationSeconds maxSilenceSeconds ifExists beep terminateOn"

var ofChannels = map[string]carrier{
	"channels.list": {"", list(
		func(c v5.Client, k *v5.Key) ([]*v5.Key, error) { return c.Channel().List(k) },
		func(c v5.Client, k *v5.Key) (*v5.ChannelData, error) { return c.Channel().Data(k) },
	)},
	"channels.get": {"", data(v5.ChannelKey, "channelId",
		func(c v5.Client, k *v5.Key) (*v5.ChannelData, error) { return c.Channel().Data(k) })},
	"channels.originate": {
		"endpoint extension context priority label app appArgs callerId timeout channelId otherChannelId originator formats variables", originate,
	},
	"channels.originateWithId": {
		"endpoint extension context priority label app appArgs callerId timeout otherChannelId originator formats variables", originate,
	},
	"channels.create": {"endpoint app appArgs channelId otherChannelId originator formats", create},
	"channels.externalMedia": {
		"channelId app external_host encapsulation transport connection_type format direction variables", externalMedia,
	},
	"channels.snoopChannel":       {"snoopId app appArgs spy whisper", snoop},
	"channels.snoopChannelWithId": {"app appArgs spy whisper", snoop},
	"channels.hangup":             {"reason", withChannel(func(c *call, k *v5.Key) error { return c.client.Channel().Hangup(k, c.get("reason")) })},
	"channels.continueInDialplan": {"context extension priority", withChannel(func(c *call, k *v5.Key) error {
		return c.client.Channel().Continue(k, c.get("context"), c.get("extension"), int(c.number("priority")))
	})},
	"channels.answer":   {"", onChannel(v5.Channel.Answer)},
	"channels.ring":     {"", onChannel(v5.Channel.Ring)},
	"channels.ringStop": {"", onChannel(v5.Channel.StopRing)},
	"channels.sendDTMF": {"dtmf before between duration after", withChannel(sendDTMF)},
	"channels.mute": {"direction", withChannel(func(c *call, k *v5.Key) error {
		return c.client.Channel().Mute(k, v5.Direction(c.get("direction")))
	})},
	"channels.unmute": {"direction", withChannel(func(c *call, k *v5.Key) error {
		return c.client.Channel().Unmute(k, v5.Direction(c.get("direction")))
	})},
	"channels.hold":         {"", onChannel(v5.Channel.Hold)},
	"channels.unhold":       {"", onChannel(v5.Channel.StopHold)},
	"channels.startMoh":     {"mohClass", withChannel(func(c *call, k *v5.Key) error { return c.client.Channel().MOH(k, c.get("mohClass")) })},
	"channels.stopMoh":      {"", onChannel(v5.Channel.StopMOH)},
	"channels.startSilence": {"", onChannel(v5.Channel.Silence)},
	"channels.stopSilence":  {"", onChannel(v5.Channel.StopSilence)},
	"channels.play":         {"media playbackId", play((*call).channel, playOnChannel)},
	"channels.playWithId":   {"media", play((*call).channel, playOnChannel)},
	"channels.record": {recordParams, record((*call).channel,
		func(c v5.Client, k *v5.Key, name string, o *v5.RecordingOptions) (*v5.LiveRecordingHandle, error) {
			return c.Channel().Record(k, name, o)
		})},
	"channels.getChannelVar": {"variable", func(c *call) (any, error) {
		value, err := c.client.Channel().GetVariable(c.channel(), c.get("variable"))
		return then(map[string]string{"value": value}, err)
	}},
	"channels.setChannelVar": {"variable value", withChannel(func(c *call, k *v5.Key) error {
		return c.client.Channel().SetVariable(k, c.get("variable"), c.get("value"))
	})},
	"channels.dial": {"caller timeout", withChannel(func(c *call, k *v5.Key) error {
		return c.client.Channel().Dial(k, c.get("caller"), time.Duration(c.number("timeout"))*time.Second)
	})},
}

func playOnChannel(c v5.Client, k *v5.Key, id, media string) (*v5.PlaybackHandle, error) {
	return c.Channel().Play(k, id, media)
}

func playOnBridge(c v5.Client, k *v5.Key, id, media string) (*v5.PlaybackHandle, error) {
	return c.Bridge().Play(k, id, media)
}

func sendDTMF(c *call, k *v5.Key) error {
	ms := func(name string) time.Duration { return time.Duration(c.number(name)) * time.Millisecond }
	return c.client.Channel().SendDTMF(k, c.get("dtmf"), &v5.DTMFOptions{
		Before: ms("before"), Between: ms("between"), Duration: ms("duration"), After: ms("after"),
	})
}

// withChannel and withBridge are methods of v5 that take more than the key.
func withChannel(do func(*call, *v5.Key) error) method {
	return func(c *call) (any, error) { return done(do(c, c.channel())) }
}

func withBridge(do func(*call, *v5.Key) error) method {
	return func(c *call) (any, error) { return done(do(c, c.bridge())) }
}

var ofBridges = map[string]carrier{
	"bridges.list": {"", list(
		func(c v5.Client, k *v5.Key) ([]*v5.Key, error) { return c.Bridge().List(k) },
		func(c v5.Client, k *v5.Key) (*v5.BridgeData, error) { return c.Bridge().Data(k) },
	)},
	"bridges.get": {"", data(v5.BridgeKey, "bridgeId",
		func(c v5.Client, k *v5.Key) (*v5.BridgeData, error) { return c.Bridge().Data(k) })},
	"bridges.create":       {"type bridgeId name", createBridge},
	"bridges.createWithId": {"type name", createBridge},
	"bridges.destroy":      {"", onBridge(v5.Bridge.Delete)},
	"bridges.addChannel":   {"channel role absorbDTMF mute", addChannel},
	"bridges.removeChannel": {"channel", withBridge(func(c *call, k *v5.Key) error {
		return c.client.Bridge().RemoveChannel(k, c.get("channel"))
	})},
	"bridges.startMoh":   {"mohClass", withBridge(func(c *call, k *v5.Key) error { return c.client.Bridge().MOH(k, c.get("mohClass")) })},
	"bridges.stopMoh":    {"", onBridge(v5.Bridge.StopMOH)},
	"bridges.play":       {"media playbackId", play((*call).bridge, playOnBridge)},
	"bridges.playWithId": {"media", play((*call).bridge, playOnBridge)},
	"bridges.record": {recordParams, record((*call).bridge,
		func(c v5.Client, k *v5.Key, name string, o *v5.RecordingOptions) (*v5.LiveRecordingHandle, error) {
			return c.Bridge().Record(k, name, o)
		})},
	"bridges.setVideoSource": {"", withBridge(func(c *call, k *v5.Key) error {
		return c.client.Bridge().VideoSource(k, c.get("channelId"))
	})},
	"bridges.clearVideoSource": {"", onBridge(v5.Bridge.VideoSourceDelete)},
}

var ofMedia = map[string]carrier{
	"playbacks.get": {"", data(v5.PlaybackKey, "playbackId",
		func(c v5.Client, k *v5.Key) (*v5.PlaybackData, error) { return c.Playback().Data(k) })},
	"playbacks.stop": {"", about(v5.PlaybackKey, "playbackId",
		func(c v5.Client, k *v5.Key) error { return c.Playback().Stop(k) })},
	"playbacks.control": {"operation", func(c *call) (any, error) {
		return done(c.client.Playback().Control(c.key(v5.PlaybackKey, c.get("playbackId")), c.get("operation")))
	}},
	"recordings.listStored": {"", list(
		func(c v5.Client, k *v5.Key) ([]*v5.Key, error) { return c.StoredRecording().List(k) },
		func(c v5.Client, k *v5.Key) (*v5.StoredRecordingData, error) { return c.StoredRecording().Data(k) },
	)},
	"recordings.getStored": {"", data(v5.StoredRecordingKey, "recordingName",
		func(c v5.Client, k *v5.Key) (*v5.StoredRecordingData, error) { return c.StoredRecording().Data(k) })},
	"recordings.deleteStored": {"", about(v5.StoredRecordingKey, "recordingName",
		func(c v5.Client, k *v5.Key) error { return c.StoredRecording().Delete(k) })},
	"recordings.copyStored": {"destinationRecordingName", func(c *call) (any, error) {
		to := c.get("destinationRecordingName")
		_, err := c.client.StoredRecording().Copy(c.key(v5.StoredRecordingKey, c.get("recordingName")), to)
		return then(map[string]string{"name": to}, err)
	}},
	"recordings.getLive": {"", data(v5.LiveRecordingKey, "recordingName",
		func(c v5.Client, k *v5.Key) (*v5.LiveRecordingData, error) { return c.LiveRecording().Data(k) })},
	"recordings.cancel":  {"", onRecording(v5.LiveRecording.Scrap)},
	"recordings.stop":    {"", onRecording(v5.LiveRecording.Stop)},
	"recordings.pause":   {"", onRecording(v5.LiveRecording.Pause)},
	"recordings.unpause": {"", onRecording(v5.LiveRecording.Resume)},
	"recordings.mute":    {"", onRecording(v5.LiveRecording.Mute)},
	"recordings.unmute":  {"", onRecording(v5.LiveRecording.Unmute)},
	"sounds.list": {"lang format", func(c *call) (any, error) {
		filters := map[string]string{}
		for _, name := range []string{"lang", "format"} {
			if value := c.get(name); value != "" {
				filters[name] = value
			}
		}
		keys, err := c.client.Sound().List(filters, c.key("", ""))
		if err != nil {
			return nil, err
		}
		return c.each(keys, func(k *v5.Key) (any, error) { return c.client.Sound().Data(k) })
	}},
	"sounds.get": {"", data(v5.SoundKey, "soundId",
		func(c v5.Client, k *v5.Key) (*v5.SoundData, error) { return c.Sound().Data(k) })},
}
