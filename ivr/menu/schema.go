package menu

import _ "embed"

// Schema is the JSON Schema of files of menus (draft 2020-12), for editors. What it takes may be refused all the same: that a
// target is there, or that a node can be reached, no schema can say.
//
//go:embed menu.schema.json
var Schema []byte
