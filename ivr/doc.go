// Package ivr talks to callers: it plays to them, takes the digits they press, and records them, the same over AGI as over ARI.
package ivr
