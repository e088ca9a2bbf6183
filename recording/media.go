package recording

import (
	"path"
	"strings"
	"unicode"
)

// mediaTypes are those of the formats that Asterisk writes (formats/format_*.c), by extension.
var mediaTypes = map[string]string{
	".wav": "audio/wav", ".wav49": "audio/wav", ".wav16": "audio/wav", ".mp3": "audio/mpeg", ".gsm": "audio/gsm", ".ogg": "audio/ogg",
	".opus": "audio/ogg", ".ulaw": "audio/basic", ".ul": "audio/basic", ".pcm": "audio/basic", ".mu": "audio/basic",
	".alaw": "audio/x-alaw-basic", ".al": "audio/x-alaw-basic", ".g722": "audio/G722", ".g729": "audio/G729",
}

// MediaType is the media type of a recording by its name; application/octet-stream if that does not tell.
func MediaType(name string) string {
	if t, ok := mediaTypes[strings.ToLower(path.Ext(name))]; ok {
		return t
	}
	return "application/octet-stream"
}

// SafeFileName makes a name for a file on somebody's disk of the last element of a name: letters, digits, spaces and .-_+@ stay, and what
// can be seen of other scripts. What is else becomes an underscore, also what is not seen itself but turns round how the rest is shown
// (U+202E). It begins with neither a dot nor a hyphen.
func SafeFileName(name string) string {
	safe := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune(" .-_+@", r), r >= 0xa0 && unicode.IsGraphic(r):
			return r
		}
		return '_'
	}, base(name))
	safe = strings.TrimLeft(safe, ".- ")
	if safe == "" {
		return "recording"
	}
	return safe
}
