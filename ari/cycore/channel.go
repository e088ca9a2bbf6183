package cycore

import (
	"strconv"
	"time"

	v5 "github.com/CyCoreSystems/ari/v5"
	"github.com/CyCoreSystems/ari/v5/rid"
)

type channels struct{ c *Client }

func (ch channels) Get(key *v5.Key) *v5.ChannelHandle {
	return v5.NewChannelHandle(ch.c.stamp(key), ch, nil)
}

func (ch channels) List(filter *v5.Key) ([]*v5.Key, error) {
	return ch.c.list("channels.list", nil, filter, byID(v5.ChannelKey))
}

func (ch channels) Data(key *v5.Key) (*v5.ChannelData, error) {
	data := &v5.ChannelData{}
	if err := ch.c.about(key, request{"channels.get", "channelId"}, nil, data); err != nil {
		return nil, err
	}
	data.Key = ch.c.stamp(key)
	return data, nil
}

// do sends a request about a channel whose answer says nothing.
func (ch channels) do(key *v5.Key, operation string, p params) error {
	return ch.c.about(key, request{"channels." + operation, "channelId"}, p, nil)
}

// stage makes a handle whose Exec sends the request.
func (ch channels) stage(id string, exec func() error) *v5.ChannelHandle {
	return v5.NewChannelHandle(ch.c.key(v5.ChannelKey, id), ch, func(*v5.ChannelHandle) error { return exec() })
}

// executor is a handle that has been staged.
type executor interface{ Exec() error }

// run executes a staged handle.
func run[H executor](h H, err error) (H, error) {
	if err == nil {
		err = h.Exec()
	}
	if err != nil {
		var none H
		return none, err
	}
	return h, nil
}

func (ch channels) Originate(near *v5.Key, r v5.OriginateRequest) (*v5.ChannelHandle, error) {
	return run(ch.StageOriginate(near, r))
}

func (ch channels) StageOriginate(near *v5.Key, r v5.OriginateRequest) (*v5.ChannelHandle, error) {
	id := orNew(r.ChannelID, rid.Channel)
	p := params{
		"endpoint": r.Endpoint, "extension": r.Extension, "context": r.Context, "label": r.Label, "app": r.App, "appArgs": r.AppArgs,
		"callerId": r.CallerID, "channelId": id, "otherChannelId": r.OtherChannelID, "formats": r.Formats,
		"originator": originator(near, r.Originator), "priority": number(r.Priority), "timeout": number(int64(r.Timeout)),
	}
	body := withVariables(r.Variables)
	return ch.stage(id, func() error { return ch.c.ask("channels.originate", p, body, nil) }), nil
}

// withVariables is the body of a request that has variables, or nil.
func withVariables(variables map[string]string) any {
	if len(variables) == 0 {
		return nil
	}
	return map[string]any{"variables": variables}
}

func originator(near *v5.Key, given string) string {
	if given == "" && near != nil && near.Kind == v5.ChannelKey {
		return near.ID
	}
	return given
}

func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func (ch channels) Create(near *v5.Key, r v5.ChannelCreateRequest) (*v5.ChannelHandle, error) {
	id := orNew(r.ChannelID, rid.Channel)
	app := r.App
	if app == "" {
		app = ch.c.app.Name
	}
	return run(ch.stage(id, func() error {
		return ch.c.ask("channels.create", params{
			"endpoint": r.Endpoint, "app": app, "appArgs": r.AppArgs, "channelId": id, "otherChannelId": r.OtherChannelID,
			"originator": originator(near, r.Originator), "formats": r.Formats,
		}, nil, nil)
	}), nil)
}

func (ch channels) Continue(key *v5.Key, context, extension string, priority int) error {
	return ch.do(key, "continueInDialplan", params{"context": context, "extension": extension, "priority": number(int64(priority))})
}

func (ch channels) Hangup(key *v5.Key, reason string) error {
	if reason == "" {
		reason = "normal"
	}
	return ch.do(key, "hangup", params{"reason": reason})
}

func (ch channels) Busy(key *v5.Key) error        { return ch.Hangup(key, "busy") }
func (ch channels) Congestion(key *v5.Key) error  { return ch.Hangup(key, "congestion") }
func (ch channels) Answer(key *v5.Key) error      { return ch.do(key, "answer", nil) }
func (ch channels) Ring(key *v5.Key) error        { return ch.do(key, "ring", nil) }
func (ch channels) StopRing(key *v5.Key) error    { return ch.do(key, "ringStop", nil) }
func (ch channels) Hold(key *v5.Key) error        { return ch.do(key, "hold", nil) }
func (ch channels) StopHold(key *v5.Key) error    { return ch.do(key, "unhold", nil) }
func (ch channels) StopMOH(key *v5.Key) error     { return ch.do(key, "stopMoh", nil) }
func (ch channels) Silence(key *v5.Key) error     { return ch.do(key, "startSilence", nil) }
func (ch channels) StopSilence(key *v5.Key) error { return ch.do(key, "stopSilence", nil) }

func (ch channels) MOH(key *v5.Key, class string) error {
	return ch.do(key, "startMoh", params{"mohClass": class})
}

func (ch channels) Mute(key *v5.Key, dir v5.Direction) error {
	return ch.do(key, "mute", params{"direction": orBoth(dir)})
}

func (ch channels) Unmute(key *v5.Key, dir v5.Direction) error {
	return ch.do(key, "unmute", params{"direction": orBoth(dir)})
}

func orBoth(dir v5.Direction) string {
	if dir == "" {
		dir = v5.DirectionBoth
	}
	return string(dir)
}

func (ch channels) SendDTMF(key *v5.Key, digits string, opts *v5.DTMFOptions) error {
	if opts == nil {
		opts = &v5.DTMFOptions{}
	}
	return ch.do(key, "sendDTMF", params{
		"dtmf": digits, "before": in(opts.Before, time.Millisecond), "between": in(opts.Between, time.Millisecond),
		"duration": in(opts.Duration, time.Millisecond), "after": in(opts.After, time.Millisecond),
	})
}

// in is a time in units, rounded up, so that no time becomes none.
func in(d, unit time.Duration) string {
	if d <= 0 {
		return ""
	}
	return number(int64((d + unit - 1) / unit))
}

func (ch channels) Play(key *v5.Key, id, media string) (*v5.PlaybackHandle, error) {
	return run(ch.StagePlay(key, id, media))
}

func (ch channels) StagePlay(key *v5.Key, id, media string) (*v5.PlaybackHandle, error) {
	id = orNew(id, rid.Playback)
	return ch.c.stagePlay(id, func() error {
		return ch.do(key, "playWithId", params{"playbackId": id, "media": media})
	}), nil
}

func (ch channels) Record(key *v5.Key, name string, opts *v5.RecordingOptions) (*v5.LiveRecordingHandle, error) {
	return run(ch.StageRecord(key, name, opts))
}

func (ch channels) StageRecord(key *v5.Key, name string, opts *v5.RecordingOptions) (*v5.LiveRecordingHandle, error) {
	return ch.c.stageRecord(name, func() error { return ch.do(key, "record", recording(name, opts)) }), nil
}

func (ch channels) Dial(key *v5.Key, caller string, timeout time.Duration) error {
	return ch.do(key, "dial", params{"caller": caller, "timeout": in(timeout, time.Second)})
}

func (ch channels) Snoop(key *v5.Key, id string, opts *v5.SnoopOptions) (*v5.ChannelHandle, error) {
	return run(ch.StageSnoop(key, id, opts))
}

func (ch channels) StageSnoop(key *v5.Key, id string, opts *v5.SnoopOptions) (*v5.ChannelHandle, error) {
	id = orNew(id, rid.Snoop)
	var o v5.SnoopOptions
	if opts != nil {
		o = *opts
	}
	if o.App == "" {
		o.App = ch.c.app.Name
	}
	return ch.stage(id, func() error {
		return ch.do(key, "snoopChannelWithId", params{
			"snoopId": id, "app": o.App, "appArgs": o.AppArgs, "spy": string(o.Spy), "whisper": string(o.Whisper),
		})
	}), nil
}

func (ch channels) ExternalMedia(key *v5.Key, opts v5.ExternalMediaOptions) (*v5.ChannelHandle, error) {
	return run(ch.StageExternalMedia(key, opts))
}

// StageExternalMedia leaves what is empty to Asterisk, which says what it misses.
func (ch channels) StageExternalMedia(_ *v5.Key, o v5.ExternalMediaOptions) (*v5.ChannelHandle, error) {
	id := orNew(o.ChannelID, rid.Channel)
	if o.App == "" {
		o.App = ch.c.app.Name
	}
	p := params{
		"channelId": id, "app": o.App, "external_host": o.ExternalHost, "encapsulation": o.Encapsulation, "transport": o.Transport,
		"connection_type": o.ConnectionType, "format": o.Format, "direction": o.Direction,
	}
	body := withVariables(o.Variables)
	return ch.stage(id, func() error { return ch.c.ask("channels.externalMedia", p, body, nil) }), nil
}

func (ch channels) Subscribe(key *v5.Key, types ...string) v5.Subscription {
	return ch.c.bus.Subscribe(key, types...)
}

func (ch channels) GetVariable(key *v5.Key, name string) (string, error) {
	var answer struct{ Value string }
	err := ch.c.about(key, request{"channels.getChannelVar", "channelId"}, params{"variable": name}, &answer)
	return answer.Value, err
}

func (ch channels) SetVariable(key *v5.Key, name, value string) error {
	return ch.do(key, "setChannelVar", params{"variable": name, "value": value})
}

func (ch channels) UserEvent(key *v5.Key, event *v5.ChannelUserevent) error {
	if key == nil || key.ID == "" || event == nil {
		return &Error{errNoKey}
	}
	app := key.App
	if app == "" {
		app = ch.c.app.Name
	}
	var body any
	if event.Userevent != nil {
		body = map[string]any{"variables": event.Userevent}
	}
	return ch.c.ask("events.userEvent", params{"eventName": event.Eventname, "application": app, "source": "channel:" + key.ID}, body, nil)
}
