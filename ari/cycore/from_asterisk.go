package cycore

import (
	"strings"

	v5 "github.com/CyCoreSystems/ari/v5"
)

var ofAsterisk = map[string]carrier{
	"asterisk.getInfo": {"", data("", "", func(c v5.Client, k *v5.Key) (*v5.AsteriskInfo, error) { return c.Asterisk().Info(k) })},
	"asterisk.listModules": {"", list(
		func(c v5.Client, k *v5.Key) ([]*v5.Key, error) { return c.Asterisk().Modules().List(k) },
		func(c v5.Client, k *v5.Key) (*v5.ModuleData, error) { return c.Asterisk().Modules().Data(k) },
	)},
	"asterisk.getModule": {"", data(v5.ModuleKey, "moduleName",
		func(c v5.Client, k *v5.Key) (*v5.ModuleData, error) { return c.Asterisk().Modules().Data(k) })},
	"asterisk.loadModule":   {"", onModule(v5.Modules.Load)},
	"asterisk.unloadModule": {"", onModule(v5.Modules.Unload)},
	"asterisk.reloadModule": {"", onModule(v5.Modules.Reload)},
	"asterisk.listLogChannels": {"", func(c *call) (any, error) {
		keys, err := c.client.Asterisk().Logging().List(c.key("", ""))
		if err != nil {
			return nil, err
		}
		return c.each(keys, func(k *v5.Key) (any, error) {
			found, err := c.client.Asterisk().Logging().Data(k)
			if err != nil {
				return nil, err
			}
			return map[string]string{"channel": found.Name, "type": found.Types, "status": found.Status, "configuration": found.Levels}, nil
		})
	}},
	"asterisk.addLog": {"configuration", func(c *call) (any, error) {
		_, err := c.client.Asterisk().Logging().Create(c.key(v5.LoggingKey, c.get("logChannelName")), c.get("configuration"))
		return done(err)
	}},
	"asterisk.deleteLog": {"", about(v5.LoggingKey, "logChannelName",
		func(c v5.Client, k *v5.Key) error { return c.Asterisk().Logging().Delete(k) })},
	"asterisk.rotateLog": {"", about(v5.LoggingKey, "logChannelName",
		func(c v5.Client, k *v5.Key) error { return c.Asterisk().Logging().Rotate(k) })},
	"asterisk.getGlobalVar": {"variable", func(c *call) (any, error) {
		value, err := c.client.Asterisk().Variables().Get(c.key(v5.VariableKey, c.get("variable")))
		return then(map[string]string{"value": value}, err)
	}},
	"asterisk.setGlobalVar": {"variable value", func(c *call) (any, error) {
		return done(c.client.Asterisk().Variables().Set(c.key(v5.VariableKey, c.get("variable")), c.get("value")))
	}},
	"asterisk.getObject": {"", func(c *call) (any, error) {
		found, err := c.client.Asterisk().Config().Data(c.object())
		if err != nil {
			return nil, err
		}
		return found.Fields, nil
	}},
	"asterisk.updateObject": {"fields", func(c *call) (any, error) {
		return then(c.fields, c.client.Asterisk().Config().Update(c.object(), c.fields))
	}},
	"asterisk.deleteObject": {"", func(c *call) (any, error) { return done(c.client.Asterisk().Config().Delete(c.object())) }},
}

// object is the key of a configuration object.
func (c *call) object() *v5.Key {
	return c.key("", v5.ConfigID(c.get("configClass"), c.get("objectType"), c.get("id")))
}

var ofOthers = map[string]carrier{
	"applications.list": {"", list(
		func(c v5.Client, k *v5.Key) ([]*v5.Key, error) { return c.Application().List(k) },
		func(c v5.Client, k *v5.Key) (*v5.ApplicationData, error) { return c.Application().Data(k) },
	)},
	"applications.get": {"", data(v5.ApplicationKey, "applicationName",
		func(c v5.Client, k *v5.Key) (*v5.ApplicationData, error) { return c.Application().Data(k) })},
	"applications.subscribe":   {"eventSource", subscribing(v5.Application.Subscribe)},
	"applications.unsubscribe": {"eventSource", subscribing(v5.Application.Unsubscribe)},
	"deviceStates.list": {"", list(
		func(c v5.Client, k *v5.Key) ([]*v5.Key, error) { return c.DeviceState().List(k) },
		func(c v5.Client, k *v5.Key) (*v5.DeviceStateData, error) { return c.DeviceState().Data(k) },
	)},
	"deviceStates.get": {"", data(v5.DeviceStateKey, "deviceName",
		func(c v5.Client, k *v5.Key) (*v5.DeviceStateData, error) { return c.DeviceState().Data(k) })},
	"deviceStates.update": {"deviceState", func(c *call) (any, error) {
		return done(c.client.DeviceState().Update(c.key(v5.DeviceStateKey, c.get("deviceName")), c.get("deviceState")))
	}},
	"deviceStates.delete": {"", about(v5.DeviceStateKey, "deviceName",
		func(c v5.Client, k *v5.Key) error { return c.DeviceState().Delete(k) })},
	"endpoints.list": {"", list(
		func(c v5.Client, k *v5.Key) ([]*v5.Key, error) { return c.Endpoint().List(k) },
		func(c v5.Client, k *v5.Key) (*v5.EndpointData, error) { return c.Endpoint().Data(k) },
	)},
	"endpoints.listByTech": {"", func(c *call) (any, error) {
		keys, err := c.client.Endpoint().ListByTech(c.get("tech"), c.key("", ""))
		if err != nil {
			return nil, err
		}
		return c.each(keys, func(k *v5.Key) (any, error) { return c.client.Endpoint().Data(k) })
	}},
	"endpoints.get": {"", func(c *call) (any, error) {
		found, err := c.client.Endpoint().Data(c.key(v5.EndpointKey, v5.EndpointID(c.get("tech"), c.get("resource"))))
		return then(found, err)
	}},
	"endpoints.sendMessage": {"to from body variables", func(c *call) (any, error) {
		return done(c.client.TextMessage().SendByURI(c.get("from"), c.get("to"), c.get("body"), c.variables))
	}},
	"endpoints.sendMessageToEndpoint": {"from body variables", func(c *call) (any, error) {
		return done(c.client.TextMessage().Send(c.get("from"), c.get("tech"), c.get("resource"), c.get("body"), c.variables))
	}},
	"mailboxes.list": {"", list(
		func(c v5.Client, k *v5.Key) ([]*v5.Key, error) { return c.Mailbox().List(k) },
		func(c v5.Client, k *v5.Key) (*v5.MailboxData, error) { return c.Mailbox().Data(k) },
	)},
	"mailboxes.get": {"", data(v5.MailboxKey, "mailboxName",
		func(c v5.Client, k *v5.Key) (*v5.MailboxData, error) { return c.Mailbox().Data(k) })},
	"mailboxes.update": {"oldMessages newMessages", func(c *call) (any, error) {
		key := c.key(v5.MailboxKey, c.get("mailboxName"))
		return done(c.client.Mailbox().Update(key, int(c.number("oldMessages")), int(c.number("newMessages"))))
	}},
	"mailboxes.delete": {"", about(v5.MailboxKey, "mailboxName",
		func(c v5.Client, k *v5.Key) error { return c.Mailbox().Delete(k) })},
	"events.userEvent": {"application source variables", func(c *call) (any, error) {
		channel, ok := strings.CutPrefix(c.get("source"), "channel:")
		if !ok {
			return nil, &UnsupportedError{Operation: c.op.String(), Param: "source: only one channel"}
		}
		event := &v5.ChannelUserevent{Eventname: c.get("eventName")}
		if len(c.variables) > 0 {
			event.Userevent = c.variables
		}
		key := c.key(v5.ChannelKey, channel)
		key.App = c.get("application")
		return done(c.client.Channel().UserEvent(key, event))
	}},
}
