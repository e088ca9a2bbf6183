package cycore

import (
	"fmt"
	"strconv"

	v5 "github.com/CyCoreSystems/ari/v5"
)

type applications struct{ c *Client }

func (a applications) Get(key *v5.Key) *v5.ApplicationHandle {
	return v5.NewApplicationHandle(a.c.stamp(key), a)
}

func (a applications) List(filter *v5.Key) ([]*v5.Key, error) {
	return a.c.list("applications.list", nil, filter, byName(v5.ApplicationKey))
}

func (a applications) Data(key *v5.Key) (*v5.ApplicationData, error) {
	data := &v5.ApplicationData{Key: a.c.stamp(key)}
	return data, a.c.about(key, request{"applications.get", "applicationName"}, nil, data)
}

func (a applications) Subscribe(key *v5.Key, source string) error {
	return a.c.about(key, request{"applications.subscribe", "applicationName"}, params{"eventSource": source}, nil)
}

func (a applications) Unsubscribe(key *v5.Key, source string) error {
	return a.c.about(key, request{"applications.unsubscribe", "applicationName"}, params{"eventSource": source}, nil)
}

type asterisk struct{ c *Client }

func (a asterisk) Config() v5.Config               { return configs(a) }
func (a asterisk) Logging() v5.Logging             { return logs(a) }
func (a asterisk) Modules() v5.Modules             { return modules(a) }
func (a asterisk) Variables() v5.AsteriskVariables { return variables(a) }

func (a asterisk) Info(*v5.Key) (*v5.AsteriskInfo, error) {
	info := &v5.AsteriskInfo{}
	return info, a.c.ask("asterisk.getInfo", nil, nil, info)
}

type variables struct{ c *Client }

func (v variables) Get(key *v5.Key) (string, error) {
	var answer struct{ Value string }
	err := v.c.about(key, request{"asterisk.getGlobalVar", "variable"}, nil, &answer)
	return answer.Value, err
}

func (v variables) Set(key *v5.Key, value string) error {
	return v.c.about(key, request{"asterisk.setGlobalVar", "variable"}, params{"value": value}, nil)
}

type modules struct{ c *Client }

func (m modules) Get(key *v5.Key) *v5.ModuleHandle { return v5.NewModuleHandle(m.c.stamp(key), m) }

func (m modules) List(filter *v5.Key) ([]*v5.Key, error) {
	keys, err := m.c.list("asterisk.listModules", nil, filter, byName(v5.ModuleKey))
	for _, key := range keys {
		if filter != nil {
			key.Dialog = filter.Dialog
		}
	}
	return keys, err
}

func (m modules) Data(key *v5.Key) (*v5.ModuleData, error) {
	data := &v5.ModuleData{Key: m.c.stamp(key)}
	return data, m.c.about(key, request{"asterisk.getModule", "moduleName"}, nil, data)
}

func (m modules) Load(key *v5.Key) error {
	return m.c.about(key, request{"asterisk.loadModule", "moduleName"}, nil, nil)
}

func (m modules) Reload(key *v5.Key) error {
	return m.c.about(key, request{"asterisk.reloadModule", "moduleName"}, nil, nil)
}

func (m modules) Unload(key *v5.Key) error {
	return m.c.about(key, request{"asterisk.unloadModule", "moduleName"}, nil, nil)
}

type logs struct{ c *Client }

func (l logs) Get(key *v5.Key) *v5.LogHandle { return v5.NewLogHandle(l.c.stamp(key), l) }

func (l logs) Create(key *v5.Key, levels string) (*v5.LogHandle, error) {
	if err := l.c.about(key, request{"asterisk.addLog", "logChannelName"}, params{"configuration": levels}, nil); err != nil {
		return nil, err
	}
	return l.Get(key), nil
}

func (l logs) List(filter *v5.Key) ([]*v5.Key, error) {
	return l.c.list("asterisk.listLogChannels", nil, filter, func(n named) *v5.Key { return v5.NewKey(v5.LoggingKey, n.Channel) })
}

// Data finds a log. Asterisk writes configuration and type where v5 reads levels and types (logger.c).
func (l logs) Data(key *v5.Key) (*v5.LogData, error) {
	if key == nil || key.ID == "" {
		return nil, &Error{errNoKey}
	}
	var all []struct {
		v5.LogData

		Configuration, Type string
	}
	if err := l.c.ask("asterisk.listLogChannels", nil, nil, &all); err != nil {
		return nil, err
	}
	for _, one := range all {
		if one.Name == key.ID {
			one.Key, one.Levels, one.Types = l.c.stamp(key), one.Configuration, one.Type
			return &one.LogData, nil
		}
	}
	return nil, &Error{fmt.Errorf("cycore: there is no log %q", key.ID)}
}

func (l logs) Rotate(key *v5.Key) error {
	return l.c.about(key, request{"asterisk.rotateLog", "logChannelName"}, nil, nil)
}

func (l logs) Delete(key *v5.Key) error {
	return l.c.about(key, request{"asterisk.deleteLog", "logChannelName"}, nil, nil)
}

type configs struct{ c *Client }

func (c configs) Get(key *v5.Key) *v5.ConfigHandle { return v5.NewConfigHandle(c.c.stamp(key), c) }

// object is the parameters of the path for a key of ConfigID.
func object(key *v5.Key) (params, error) {
	if key == nil {
		return nil, &Error{errNoKey}
	}
	class, kind, id, err := v5.ParseConfigID(key.ID)
	if err != nil {
		return nil, &Error{err}
	}
	return params{"configClass": class, "objectType": kind, "id": id}, nil
}

func (c configs) Data(key *v5.Key) (*v5.ConfigData, error) {
	p, err := object(key)
	if err != nil {
		return nil, err
	}
	data := &v5.ConfigData{Key: c.c.stamp(key), Class: p["configClass"], Type: p["objectType"], Name: p["id"]}
	return data, c.c.ask("asterisk.getObject", p, nil, &data.Fields)
}

func (c configs) Update(key *v5.Key, tuples []v5.ConfigTuple) error {
	p, err := object(key)
	if err != nil {
		return err
	}
	return c.c.ask("asterisk.updateObject", p, v5.ConfigTupleList{Fields: tuples}, nil)
}

func (c configs) Delete(key *v5.Key) error {
	p, err := object(key)
	if err != nil {
		return err
	}
	return c.c.ask("asterisk.deleteObject", p, nil, nil)
}

type deviceStates struct{ c *Client }

func (d deviceStates) Get(key *v5.Key) *v5.DeviceStateHandle {
	return v5.NewDeviceStateHandle(d.c.stamp(key), d)
}

func (d deviceStates) List(filter *v5.Key) ([]*v5.Key, error) {
	return d.c.list("deviceStates.list", nil, filter, byName(v5.DeviceStateKey))
}

func (d deviceStates) Data(key *v5.Key) (*v5.DeviceStateData, error) {
	data := &v5.DeviceStateData{Key: d.c.stamp(key)}
	return data, d.c.about(key, request{"deviceStates.get", "deviceName"}, nil, data)
}

func (d deviceStates) Update(key *v5.Key, state string) error {
	return d.c.about(key, request{"deviceStates.update", "deviceName"}, params{"deviceState": state}, nil)
}

func (d deviceStates) Delete(key *v5.Key) error {
	return d.c.about(key, request{"deviceStates.delete", "deviceName"}, nil, nil)
}

type mailboxes struct{ c *Client }

func (m mailboxes) Get(key *v5.Key) *v5.MailboxHandle { return v5.NewMailboxHandle(m.c.stamp(key), m) }

func (m mailboxes) List(filter *v5.Key) ([]*v5.Key, error) {
	return m.c.list("mailboxes.list", nil, filter, byName(v5.MailboxKey))
}

func (m mailboxes) Data(key *v5.Key) (*v5.MailboxData, error) {
	data := &v5.MailboxData{Key: m.c.stamp(key)}
	return data, m.c.about(key, request{"mailboxes.get", "mailboxName"}, nil, data)
}

func (m mailboxes) Update(key *v5.Key, oldMessages, newMessages int) error {
	return m.c.about(key, request{"mailboxes.update", "mailboxName"}, params{
		"oldMessages": strconv.Itoa(oldMessages), "newMessages": strconv.Itoa(newMessages),
	}, nil)
}

func (m mailboxes) Delete(key *v5.Key) error {
	return m.c.about(key, request{"mailboxes.delete", "mailboxName"}, nil, nil)
}
