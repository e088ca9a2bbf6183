package sound

import (
	"path"
	"strings"
)

// raw are the files without a header, by the ends of their names as Asterisk's formats have them (formats/format_*.c).
var raw = map[string]Format{
	"ulaw": {MuLaw, 8000, 1}, "ul": {MuLaw, 8000, 1}, "mu": {MuLaw, 8000, 1}, "ulw": {MuLaw, 8000, 1}, "pcm": {MuLaw, 8000, 1},
	"alaw": {ALaw, 8000, 1}, "al": {ALaw, 8000, 1}, "alw": {ALaw, 8000, 1},
	"gsm": {GSM, 8000, 1}, "g722": {G722, 16000, 1},
	"sln": {PCM16, 8000, 1}, "raw": {PCM16, 8000, 1}, "sln12": {PCM16, 12000, 1}, "sln16": {PCM16, 16000, 1},
	"sln24": {PCM16, 24000, 1}, "sln32": {PCM16, 32000, 1}, "sln44": {PCM16, 44100, 1}, "sln48": {PCM16, 48000, 1},
	"sln96": {PCM16, 96000, 1}, "sln192": {PCM16, 192000, 1},
}

// extension is the end of a name, in lower case: Asterisk's own differ in nothing else but .wav and .WAV, which have headers.
func extension(name string) string {
	return strings.ToLower(strings.TrimPrefix(path.Ext(name), "."))
}
