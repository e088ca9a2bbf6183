package cycore

import (
	"strings"
	"time"

	v5 "github.com/CyCoreSystems/ari/v5"
)

// method sends a request with the methods of v5, and returns what Asterisk would have answered.
type method func(c *call) (any, error)

// carrier is how v5 carries a request, and with which parameters besides those of the path.
type carrier struct {
	params string
	do     method
}

// id is the answer of a request that makes something.
func id(s string) any { return map[string]string{"id": s} }

// done makes the answer of a request that has none.
func done(err error) (any, error) { return nil, err }

// then makes the answer of a request whose answer is known if it succeeds.
func then(answer any, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// about is a method of v5 that takes only a key.
func about(kind, param string, do func(v5.Client, *v5.Key) error) method {
	return func(c *call) (any, error) { return done(do(c.client, c.key(kind, c.get(param)))) }
}

// data is a method of v5 that takes a key and returns data.
func data[T any](kind, param string, get func(v5.Client, *v5.Key) (T, error)) method {
	return func(c *call) (any, error) {
		answer, err := get(c.client, c.key(kind, c.get(param)))
		return then(answer, err)
	}
}

// list is a method of v5 that returns keys, with one more request for each. What has gone meanwhile is left out.
func list[T any](keys func(v5.Client, *v5.Key) ([]*v5.Key, error), get func(v5.Client, *v5.Key) (T, error)) method {
	return func(c *call) (any, error) {
		found, err := keys(c.client, c.key("", ""))
		if err != nil {
			return nil, err
		}
		return c.each(found, func(key *v5.Key) (any, error) { return get(c.client, key) })
	}
}

func (c *call) each(keys []*v5.Key, get func(*v5.Key) (any, error)) (any, error) {
	all := make([]any, 0, len(keys))
	for _, key := range keys {
		answer, err := get(key)
		switch {
		case err != nil && codeOf(err) == 404:
		case err != nil:
			return nil, err
		default:
			all = append(all, answer)
		}
	}
	return all, nil
}

// onChannel and onBridge are methods of v5 that take the key of one.
func onChannel(do func(v5.Channel, *v5.Key) error) method {
	return about(v5.ChannelKey, "channelId", func(c v5.Client, key *v5.Key) error { return do(c.Channel(), key) })
}

func onBridge(do func(v5.Bridge, *v5.Key) error) method {
	return about(v5.BridgeKey, "bridgeId", func(c v5.Client, key *v5.Key) error { return do(c.Bridge(), key) })
}

func onRecording(do func(v5.LiveRecording, *v5.Key) error) method {
	return about(v5.LiveRecordingKey, "recordingName", func(c v5.Client, key *v5.Key) error { return do(c.LiveRecording(), key) })
}

func onModule(do func(v5.Modules, *v5.Key) error) method {
	return about(v5.ModuleKey, "moduleName", func(c v5.Client, key *v5.Key) error { return do(c.Asterisk().Modules(), key) })
}

// channel and bridge are the keys of what the path names.
func (c *call) channel() *v5.Key { return c.key(v5.ChannelKey, c.get("channelId")) }
func (c *call) bridge() *v5.Key  { return c.key(v5.BridgeKey, c.get("bridgeId")) }

// play plays with a method of v5, which has one media and no more.
func play(key func(*call) *v5.Key, start func(v5.Client, *v5.Key, string, string) (*v5.PlaybackHandle, error)) method {
	return func(c *call) (any, error) {
		media := c.get("media")
		h, err := start(c.client, key(c), c.get("playbackId"), media)
		if err != nil {
			return nil, err
		}
		return map[string]string{"id": h.ID(), "media_uri": media, "state": "queued"}, nil
	}
}

// record records with a method of v5.
func record(key func(*call) *v5.Key, start func(v5.Client, *v5.Key, string, *v5.RecordingOptions) (*v5.LiveRecordingHandle, error)) method {
	return func(c *call) (any, error) {
		h, err := start(c.client, key(c), c.get("name"), &v5.RecordingOptions{
			Format: c.get("format"), Exists: c.get("ifExists"), Beep: c.get("beep") == "true", Terminate: c.get("terminateOn"),
			MaxDuration: time.Duration(c.number("maxDurationSeconds")) * time.Second,
			MaxSilence:  time.Duration(c.number("maxSilenceSeconds")) * time.Second,
		})
		if err != nil {
			return nil, err
		}
		return map[string]string{"name": h.ID(), "format": c.get("format"), "state": "queued"}, nil
	}
}

func originate(c *call) (any, error) {
	r := v5.OriginateRequest{
		Endpoint: c.get("endpoint"), Extension: c.get("extension"), Context: c.get("context"), Priority: c.number("priority"),
		Label: c.get("label"), App: c.get("app"), AppArgs: c.get("appArgs"), CallerID: c.get("callerId"),
		Timeout: int(c.number("timeout")), ChannelID: c.get("channelId"), OtherChannelID: c.get("otherChannelId"),
		Originator: c.get("originator"), Formats: c.get("formats"), Variables: c.variables,
	}
	h, err := c.client.Channel().Originate(c.key("", ""), r)
	if err != nil {
		return nil, err
	}
	return id(h.ID()), nil
}

func create(c *call) (any, error) {
	h, err := c.client.Channel().Create(c.key("", ""), v5.ChannelCreateRequest{
		Endpoint: c.get("endpoint"), App: c.get("app"), AppArgs: c.get("appArgs"), ChannelID: c.get("channelId"),
		OtherChannelID: c.get("otherChannelId"), Originator: c.get("originator"), Formats: c.get("formats"),
	})
	if err != nil {
		return nil, err
	}
	return id(h.ID()), nil
}

func externalMedia(c *call) (any, error) {
	h, err := c.client.Channel().ExternalMedia(c.key("", ""), v5.ExternalMediaOptions{
		ChannelID: c.get("channelId"), App: c.get("app"), ExternalHost: c.get("external_host"), Encapsulation: c.get("encapsulation"),
		Transport: c.get("transport"), ConnectionType: c.get("connection_type"), Format: c.get("format"),
		Direction: c.get("direction"), Variables: c.variables,
	})
	if err != nil {
		return nil, err
	}
	return id(h.ID()), nil
}

func snoop(c *call) (any, error) {
	h, err := c.client.Channel().Snoop(c.channel(), c.get("snoopId"), &v5.SnoopOptions{
		App: c.get("app"), AppArgs: c.get("appArgs"), Spy: v5.Direction(c.get("spy")), Whisper: v5.Direction(c.get("whisper")),
	})
	if err != nil {
		return nil, err
	}
	return id(h.ID()), nil
}

func createBridge(c *call) (any, error) {
	h, err := c.client.Bridge().Create(c.bridge(), c.get("type"), c.get("name"))
	if err != nil {
		return nil, err
	}
	return id(h.ID()), nil
}

func addChannel(c *call) (any, error) {
	options := &v5.BridgeAddChannelOptions{Role: c.get("role"), AbsorbDTMF: c.get("absorbDTMF") == "true", Mute: c.get("mute") == "true"}
	for channel := range strings.SplitSeq(c.get("channel"), ",") {
		if err := c.client.Bridge().AddChannelWithOptions(c.bridge(), channel, options); err != nil {
			return nil, err
		}
	}
	return nil, nil //nolint:nilnil // there is no answer
}

func subscribing(do func(v5.Application, *v5.Key, string) error) method {
	return func(c *call) (any, error) {
		key := c.key(v5.ApplicationKey, c.get("applicationName"))
		for source := range strings.SplitSeq(c.get("eventSource"), ",") {
			if err := do(c.client.Application(), key, source); err != nil {
				return nil, err
			}
		}
		return c.client.Application().Data(key)
	}
}
