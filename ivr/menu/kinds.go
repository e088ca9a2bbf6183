package menu

import "reflect"

// kindNames are the names of the kinds, as in a file.
var kindNames = func() []string {
	t := reflect.TypeFor[Node]()
	list := make([]string, t.NumField())
	for i := range list {
		list[i] = t.Field(i).Tag.Get("yaml")
	}
	return list
}()

// kinds are the fields of a node that are given.
func (n *Node) kinds() []kind {
	var list []kind
	v := reflect.ValueOf(n).Elem()
	for i := range v.NumField() {
		if f := v.Field(i); !f.IsNil() {
			list = append(list, f.Interface().(kind)) //nolint:forcetypeassert // every field of a Node is a kind: see the assertions below
		}
	}
	return list
}

var (
	_ kind = (*Menu)(nil)
	_ kind = (*LanguageMenu)(nil)
	_ kind = (*Play)(nil)
	_ kind = (*Collect)(nil)
	_ kind = (*PIN)(nil)
	_ kind = (*Hours)(nil)
	_ kind = (*Directory)(nil)
	_ kind = (*Extension)(nil)
	_ kind = (*Record)(nil)
	_ kind = (*Callback)(nil)
	_ kind = (*Queue)(nil)
	_ kind = (*Webhook)(nil)
	_ kind = (*Transfer)(nil)
	_ kind = (*Assign)(nil)
	_ kind = (*Switch)(nil)
	_ kind = (*Do)(nil)
	_ kind = (*Hangup)(nil)
)

func (*Menu) name() string         { return "menu" }
func (*LanguageMenu) name() string { return "language" }
func (*Play) name() string         { return "play" }
func (*Collect) name() string      { return "collect" }
func (*PIN) name() string          { return "pin" }
func (*Hours) name() string        { return "hours" }
func (*Directory) name() string    { return "directory" }
func (*Extension) name() string    { return "extension" }
func (*Record) name() string       { return "record" }
func (*Callback) name() string     { return "callback" }
func (*Queue) name() string        { return "queue" }
func (*Webhook) name() string      { return "webhook" }
func (*Transfer) name() string     { return "transfer" }
func (*Assign) name() string       { return "set" }
func (*Switch) name() string       { return "switch" }
func (*Do) name() string           { return "action" }
func (*Hangup) name() string       { return "hangup" }
