package cycore

import (
	v5 "github.com/CyCoreSystems/ari/v5"
	"github.com/CyCoreSystems/ari/v5/rid"
)

type bridges struct{ c *Client }

func (b bridges) Get(key *v5.Key) *v5.BridgeHandle {
	return v5.NewBridgeHandle(b.c.stamp(key), b, nil)
}

func (b bridges) List(filter *v5.Key) ([]*v5.Key, error) {
	return b.c.list("bridges.list", nil, filter, byID(v5.BridgeKey))
}

func (b bridges) Data(key *v5.Key) (*v5.BridgeData, error) {
	data := &v5.BridgeData{Key: b.c.stamp(key)}
	return data, b.c.about(key, request{"bridges.get", "bridgeId"}, nil, data)
}

// do sends a request about a bridge whose answer says nothing.
func (b bridges) do(key *v5.Key, operation string, p params) error {
	return b.c.about(key, request{"bridges." + operation, "bridgeId"}, p, nil)
}

func (b bridges) Create(key *v5.Key, kind, name string) (*v5.BridgeHandle, error) {
	return run(b.StageCreate(key, kind, name))
}

func (b bridges) StageCreate(key *v5.Key, kind, name string) (*v5.BridgeHandle, error) {
	key = b.c.stamp(key)
	key.Kind, key.ID = v5.BridgeKey, orNew(key.ID, rid.Bridge)
	return v5.NewBridgeHandle(key, b, func(*v5.BridgeHandle) error {
		return b.do(key, "createWithId", params{"type": kind, "name": name})
	}), nil
}

func (b bridges) AddChannel(key *v5.Key, channel string) error {
	return b.AddChannelWithOptions(key, channel, nil)
}

func (b bridges) AddChannelWithOptions(key *v5.Key, channel string, o *v5.BridgeAddChannelOptions) error {
	if o == nil {
		o = &v5.BridgeAddChannelOptions{}
	}
	return b.do(key, "addChannel", params{"channel": channel, "role": o.Role, "absorbDTMF": flag(o.AbsorbDTMF), "mute": flag(o.Mute)})
}

func (b bridges) RemoveChannel(key *v5.Key, channel string) error {
	return b.do(key, "removeChannel", params{"channel": channel})
}

func (b bridges) Delete(key *v5.Key) error  { return b.do(key, "destroy", nil) }
func (b bridges) StopMOH(key *v5.Key) error { return b.do(key, "stopMoh", nil) }

func (b bridges) MOH(key *v5.Key, class string) error {
	return b.do(key, "startMoh", params{"mohClass": class})
}

func (b bridges) Play(key *v5.Key, id, media string) (*v5.PlaybackHandle, error) {
	return run(b.StagePlay(key, id, media))
}

func (b bridges) StagePlay(key *v5.Key, id, media string) (*v5.PlaybackHandle, error) {
	id = orNew(id, rid.Playback)
	return b.c.stagePlay(id, func() error {
		return b.do(key, "playWithId", params{"playbackId": id, "media": media})
	}), nil
}

func (b bridges) Record(key *v5.Key, name string, opts *v5.RecordingOptions) (*v5.LiveRecordingHandle, error) {
	return run(b.StageRecord(key, name, opts))
}

func (b bridges) StageRecord(key *v5.Key, name string, opts *v5.RecordingOptions) (*v5.LiveRecordingHandle, error) {
	return b.c.stageRecord(name, func() error { return b.do(key, "record", recording(name, opts)) }), nil
}

func (b bridges) Subscribe(key *v5.Key, types ...string) v5.Subscription {
	return b.c.bus.Subscribe(key, types...)
}

func (b bridges) VideoSource(key *v5.Key, channel string) error {
	return b.do(key, "setVideoSource", params{"channelId": channel})
}

func (b bridges) VideoSourceDelete(key *v5.Key) error { return b.do(key, "clearVideoSource", nil) }
