package cycore

import (
	"errors"
	"strings"
	"time"

	v5 "github.com/CyCoreSystems/ari/v5"
)

// stagePlay makes a handle whose Exec plays.
func (c *Client) stagePlay(id string, exec func() error) *v5.PlaybackHandle {
	return v5.NewPlaybackHandle(c.key(v5.PlaybackKey, id), playbacks{c}, func(*v5.PlaybackHandle) error { return exec() })
}

// stageRecord makes a handle whose Exec records.
func (c *Client) stageRecord(name string, exec func() error) *v5.LiveRecordingHandle {
	return v5.NewLiveRecordingHandle(c.key(v5.LiveRecordingKey, name), liveRecordings{c}, func(*v5.LiveRecordingHandle) error { return exec() })
}

// recording is the parameters of a request to record.
func recording(name string, opts *v5.RecordingOptions) params {
	if opts == nil {
		opts = &v5.RecordingOptions{}
	}
	return params{
		"name": name, "format": opts.Format, "maxDurationSeconds": in(opts.MaxDuration, time.Second),
		"maxSilenceSeconds": in(opts.MaxSilence, time.Second), "ifExists": opts.Exists, "beep": flag(opts.Beep), "terminateOn": opts.Terminate,
	}
}

type playbacks struct{ c *Client }

func (p playbacks) Get(key *v5.Key) *v5.PlaybackHandle {
	return v5.NewPlaybackHandle(p.c.stamp(key), p, nil)
}

func (p playbacks) Data(key *v5.Key) (*v5.PlaybackData, error) {
	data := &v5.PlaybackData{Key: p.c.stamp(key)}
	return data, p.c.about(key, request{"playbacks.get", "playbackId"}, nil, data)
}

func (p playbacks) Control(key *v5.Key, op string) error {
	return p.c.about(key, request{"playbacks.control", "playbackId"}, params{"operation": op}, nil)
}

func (p playbacks) Stop(key *v5.Key) error {
	return p.c.about(key, request{"playbacks.stop", "playbackId"}, nil, nil)
}

func (p playbacks) Subscribe(key *v5.Key, types ...string) v5.Subscription {
	return p.c.bus.Subscribe(key, types...)
}

type liveRecordings struct{ c *Client }

func (l liveRecordings) Get(key *v5.Key) *v5.LiveRecordingHandle {
	return v5.NewLiveRecordingHandle(l.c.stamp(key), l, nil)
}

func (l liveRecordings) Data(key *v5.Key) (*v5.LiveRecordingData, error) {
	data := &v5.LiveRecordingData{Key: l.c.stamp(key)}
	return data, l.c.about(key, request{"recordings.getLive", "recordingName"}, nil, data)
}

func (l liveRecordings) do(key *v5.Key, operation string) error {
	return l.c.about(key, request{"recordings." + operation, "recordingName"}, nil, nil)
}

func (l liveRecordings) Stop(key *v5.Key) error   { return l.do(key, "stop") }
func (l liveRecordings) Pause(key *v5.Key) error  { return l.do(key, "pause") }
func (l liveRecordings) Resume(key *v5.Key) error { return l.do(key, "unpause") }
func (l liveRecordings) Mute(key *v5.Key) error   { return l.do(key, "mute") }
func (l liveRecordings) Unmute(key *v5.Key) error { return l.do(key, "unmute") }
func (l liveRecordings) Scrap(key *v5.Key) error  { return l.do(key, "cancel") }

func (l liveRecordings) Stored(key *v5.Key) *v5.StoredRecordingHandle {
	stored := l.c.stamp(key)
	stored.Kind = v5.StoredRecordingKey
	return storedRecordings(l).Get(stored)
}

func (l liveRecordings) Subscribe(key *v5.Key, types ...string) v5.Subscription {
	return l.c.bus.Subscribe(key, types...)
}

type storedRecordings struct{ c *Client }

func (s storedRecordings) Get(key *v5.Key) *v5.StoredRecordingHandle {
	return v5.NewStoredRecordingHandle(s.c.stamp(key), s, nil)
}

func (s storedRecordings) List(filter *v5.Key) ([]*v5.Key, error) {
	return s.c.list("recordings.listStored", nil, filter, byName(v5.StoredRecordingKey))
}

func (s storedRecordings) Data(key *v5.Key) (*v5.StoredRecordingData, error) {
	data := &v5.StoredRecordingData{Key: s.c.stamp(key)}
	return data, s.c.about(key, request{"recordings.getStored", "recordingName"}, nil, data)
}

func (s storedRecordings) Copy(key *v5.Key, to string) (*v5.StoredRecordingHandle, error) {
	return run(v5.NewStoredRecordingHandle(s.c.key(v5.StoredRecordingKey, to), s, func(*v5.StoredRecordingHandle) error {
		return s.c.about(key, request{"recordings.copyStored", "recordingName"}, params{"destinationRecordingName": to}, nil)
	}), nil)
}

func (s storedRecordings) Delete(key *v5.Key) error {
	return s.c.about(key, request{"recordings.deleteStored", "recordingName"}, nil, nil)
}

type sounds struct{ c *Client }

func (s sounds) List(filters map[string]string, filter *v5.Key) ([]*v5.Key, error) {
	return s.c.list("sounds.list", filters, filter, byID(v5.SoundKey))
}

func (s sounds) Data(key *v5.Key) (*v5.SoundData, error) {
	data := &v5.SoundData{Key: s.c.stamp(key)}
	return data, s.c.about(key, request{"sounds.get", "soundId"}, nil, data)
}

type endpoints struct{ c *Client }

func (e endpoints) Get(key *v5.Key) *v5.EndpointHandle {
	return v5.NewEndpointHandle(e.c.stamp(key), e)
}

func endpointKey(n named) *v5.Key { return v5.NewEndpointKey(n.Technology, n.Resource) }

func (e endpoints) List(filter *v5.Key) ([]*v5.Key, error) {
	return e.c.list("endpoints.list", nil, filter, endpointKey)
}

func (e endpoints) ListByTech(tech string, filter *v5.Key) ([]*v5.Key, error) {
	return e.c.list("endpoints.listByTech", params{"tech": tech}, filter, endpointKey)
}

// errNoEndpoint says that a key is not one of v5.NewEndpointKey.
var errNoEndpoint = errors.New("cycore: the key is not that of an endpoint, technology/resource")

func (e endpoints) Data(key *v5.Key) (*v5.EndpointData, error) {
	if key == nil || key.Kind != v5.EndpointKey {
		return nil, &Error{errNoEndpoint}
	}
	tech, resource, ok := strings.Cut(key.ID, "/")
	if !ok {
		return nil, &Error{errNoEndpoint}
	}
	data := &v5.EndpointData{Key: e.c.stamp(key)}
	return data, e.c.ask("endpoints.get", params{"tech": tech, "resource": resource}, nil, data)
}

type textMessages struct{ c *Client }

//nolint:revive // its parameters are those of v5
func (t textMessages) Send(from, tech, resource, text string, variables map[string]string) error {
	return t.c.ask("endpoints.sendMessageToEndpoint", params{"from": from, "tech": tech, "resource": resource, "body": text}, withVariables(variables), nil)
}

func (t textMessages) SendByURI(from, to, text string, variables map[string]string) error {
	return t.c.ask("endpoints.sendMessage", params{"from": from, "to": to, "body": text}, withVariables(variables), nil)
}
