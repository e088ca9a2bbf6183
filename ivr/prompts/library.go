package prompts

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/asterism-go/asterism/ari"
)

// Library is the sounds that there are, by language. It does not change once it is made, and may be used by several goroutines
// at once.
type Library struct {
	sounds map[string]map[string]bool
}

// Languages are those that have sounds, sorted.
func (l *Library) Languages() []string {
	var list []string
	for language := range l.sounds {
		list = append(list, language)
	}
	slices.Sort(list)
	return list
}

// Len is how many sounds there are in a language.
func (l *Library) Len(language string) int { return len(l.sounds[language]) }

// Has tells whether there is a sound in a language. As Asterisk does, it takes el for el_GR if el_GR has none (main/file.c,
// fileexists_core). A sound with a path of its own, which is in no library, is taken to be there.
func (l *Library) Has(language, sound string) bool {
	if strings.HasPrefix(sound, "/") {
		return true
	}
	for {
		if l.sounds[language][sound] {
			return true
		}
		i := strings.LastIndexAny(language, "_-")
		if i < 0 {
			return false
		}
		language = language[:i]
	}
}

func (l *Library) add(language, sound string) {
	if l.sounds == nil {
		l.sounds = map[string]map[string]bool{}
	}
	if l.sounds[language] == nil {
		l.sounds[language] = map[string]bool{}
	}
	l.sounds[language][sound] = true
}

// FromARI asks Asterisk for its sounds. It knows those that were there when it started, or when its sounds were reloaded last.
func FromARI(ctx context.Context, client *ari.Client) (*Library, error) {
	list, err := client.Sounds().List(ctx, ari.SoundListParams{})
	if err != nil {
		return nil, err
	}
	l := &Library{}
	for i := range list {
		for _, format := range list[i].Formats {
			l.add(format.Language, list[i].ID)
		}
	}
	return l, nil
}

// formats are the endings of sound files that Asterisk plays, by the formats/ folder of its source.
var formats = []string{
	".alaw", ".al", ".alw", ".g722", ".g719", ".g723", ".g729", ".gsm", ".ilbc", ".ogg", ".opus", ".pcm", ".siren7", ".siren14", ".sln",
	".sln12", ".sln16", ".sln192", ".sln24", ".sln32", ".sln44", ".sln48", ".sln8", ".sln96", ".slin", ".raw", ".spx", ".spx16", ".spx32",
	".ul", ".ulaw", ".ulw", ".mu", ".vox", ".wav", ".wav16", ".WAV", ".wav49", ".mp3",
}

// FromFolder reads the folder of Asterisk's sounds: one folder for each language below it. languages are those to look for.
func FromFolder(sounds fs.FS, languages ...string) (*Library, error) {
	l := &Library{}
	for _, language := range languages {
		err := fs.WalkDir(sounds, language, func(file string, entry fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) && file == language {
				return nil // none in this language
			}
			if err != nil || entry.IsDir() {
				return err
			}
			if ending := path.Ext(file); slices.Contains(formats, ending) {
				l.add(language, strings.TrimSuffix(strings.TrimPrefix(file, language+"/"), ending))
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return l, nil
}
