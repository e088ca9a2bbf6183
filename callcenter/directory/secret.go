package directory

import "log/slog"

// Secret is a password or a token. It prints, logs and marshals as asterisks; string(s) is the secret itself.
type Secret string

const hidden = "***"

// String implements [fmt.Stringer].
func (Secret) String() string { return hidden }

// GoString implements [fmt.GoStringer], for %#v.
func (Secret) GoString() string { return hidden }

// MarshalText implements [encoding.TextMarshaler].
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// LogValue implements [slog.LogValuer].
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }
