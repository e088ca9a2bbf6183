package ari

import (
	"context"
	"maps"
	"slices"
	"strings"
)

// codecs are the formats that a channel can have, and which module converts them; none for linear ones.
var codecs = map[string]string{
	"ulaw": "codec_ulaw.so", "alaw": "codec_alaw.so", "gsm": "codec_gsm.so", "g722": "codec_g722.so", "g726": "codec_g726.so",
	"speex": "codec_speex.so", "ilbc": "codec_ilbc.so", "opus": "codec_opus.so|codec_opus_open_source.so", "g729": "codec_g729a.so|codec_g729.so",
	"slin": "", "slin16": "",
}

// linear are formats of files that need no codec.
var linear = map[string]bool{"wav": true, "wav16": true, "sln": true, "sln16": true, "slin": true, "slin16": true}

// sounds looks for the sounds of a language, and whether they are in the formats that channels have.
func (d *doctor) sounds(ctx context.Context, language string, formats []string) {
	sounds, err := d.c.Sounds().List(ctx, SoundListParams{Lang: language})
	switch {
	case err != nil && !IsNotFound(err):
		d.failed(err)
		return
	case len(sounds) == 0:
		d.find("install the sounds of "+language+", e.g. below sounds/"+language+" in astdatadir, and: module reload sounds",
			"there are no sounds in the language %q: a play of them fails", language)
		return
	}
	have := map[string]bool{}
	for _, sound := range sounds {
		for _, f := range sound.Formats {
			if f.Language == language {
				have[strings.ToLower(f.Format)] = true
			}
		}
	}
	var converted []string
	for _, format := range formats {
		format = strings.ToLower(format)
		codec, ofChannels := codecs[format]
		switch {
		case !ofChannels || have[format] || codec == "" && hasLinear(have):
		case d.converts(have, format):
			converted = append(converted, format)
		default:
			d.find(soundRemedy(language, format), "the sounds of the language %q are only there as %s, which cannot be converted: a play to a channel of %s fails",
				language, strings.Join(slices.Sorted(maps.Keys(have)), ", "), format)
		}
	}
	if len(converted) > 0 {
		d.note("the sounds of the language " + language + " are only there as " + strings.Join(slices.Sorted(maps.Keys(have)), ", ") +
			": each play to a channel of " + strings.Join(converted, ", ") + " converts them, which costs processor time. " + soundRemedy(language, converted...))
	}
}

func hasLinear(formats map[string]bool) bool {
	for format := range formats {
		if linear[format] {
			return true
		}
	}
	return false
}

// converts reports whether sounds in one of some formats can be played to a channel of another.
func (d *doctor) converts(have map[string]bool, to string) bool {
	if !d.runs(codecs[to]) {
		return false
	}
	for from := range have {
		if codec, known := codecs[from]; linear[from] || known && d.runs(codec) {
			return true
		}
	}
	return false
}

// runs reports whether one of some modules is running, or none is needed.
func (d *doctor) runs(modules string) bool {
	return modules == "" || slices.ContainsFunc(strings.Split(modules, "|"), func(name string) bool { return d.running[name] })
}

// soundRemedy says how to get sounds in other formats: those that Asterisk's own build installs, or converted ones.
func soundRemedy(language string, formats ...string) string {
	lines := []string{"in Asterisk's source:"}
	for _, format := range formats {
		lines = append(lines, "menuselect/menuselect --enable CORE-SOUNDS-"+strings.ToUpper(language+"-"+format)+" menuselect.makeopts")
	}
	return strings.Join(lines, "\n") + "\nmake install\nor convert each with: asterisk -rx \"file convert a.wav a." + formats[0] + "\", and: module reload sounds"
}
