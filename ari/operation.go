package ari

import "slices"

//go:generate go run ../internal/arigen ari .

// Operation is what is known of one request of Asterisk's REST interface.
type Operation struct {
	// Noun is the resource, such as channels, and Name what Asterisk calls the operation there, such as originate.
	Noun, Name string
	// Method and Path are those of HTTP, with the names of parameters in braces: /channels/{channelId}.
	Method, Path string
	// Params are its parameters.
	Params []Param
	// Result is Asterisk's name of the type that it answers with, such as Channel or List[Channel]; void and binary too.
	Result string
	// Since are the versions of Asterisk that have brought it, one for each branch, and NotIn the known series without it.
	Since, NotIn string
}

// Param is a parameter of an operation.
type Param struct {
	// Name is as on the wire. In is path, query or body. Type is one of Asterisk's, such as string or int.
	Name, In, Type string
	// Required parameters must be there. Multiple ones are lists.
	Required, Multiple bool
	// Default is what Asterisk takes if there is none, Enum what it accepts, if that is limited.
	Default string
	Enum    []string
	// NotIn are the known series of Asterisk without it.
	NotIn string
}

// Operations returns all operations that are known, those of Asterisk 22 and 16, in the order of their resources. The one
// that makes the websocket of events is among them; an [App] is for that.
func Operations() []Operation { return slices.Clone(operations[:]) }

// String returns the resource and the name: channels.originate.
func (o *Operation) String() string { return o.Noun + "." + o.Name }
