package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/sound"
)

// player serves one recording.
type player struct {
	Name     string
	Encoding string
	Duration time.Duration
	Channels int
	Live     bool
	peaks    *sound.Peaks
	open     func(ctx context.Context) (io.ReadSeekCloser, error)
	file     string // the name that tells what is opened
}

// waveformWidth is how many stretches the waveform has.
const waveformWidth = 1200

// player prepares a recording. One that is decoded as it is read is read where it lies; one that is archived or takes a tool is
// decoded into a file first.
func (p *program) player(ctx context.Context, name, dir string) (*player, error) {
	pl := &player{Name: name, file: name}
	if err := p.locate(ctx, pl, dir); err != nil {
		return nil, err
	}
	wav, src, err := pl.wav(ctx, sound.AllChannels)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	info := wav.Info()
	pl.Duration, pl.Channels, pl.Live = info.Duration(), info.Channels, info.Live
	r, err := sound.NewReader(wav, "sound.wav", wav.Size())
	if err != nil {
		return nil, err
	}
	pl.peaks, err = sound.ReadPeaks(r, waveformWidth)
	return pl, err
}

// locate finds where the recording is read from.
func (p *program) locate(ctx context.Context, pl *player, dir string) error {
	stat, err := p.source.Stat(ctx, pl.Name)
	if errors.Is(err, fs.ErrNotExist) && p.kept != nil {
		from, m, err := p.kept.Open(ctx, pl.Name)
		if err != nil {
			return err
		}
		return p.decode(ctx, pl, dir, content{from, m.Size})
	}
	if err != nil {
		return err
	}
	from, err := p.source.Open(ctx, pl.Name, 0, -1)
	if err != nil {
		return err
	}
	info, err := sound.Inspect(from, pl.Name, stat.Size)
	if err := errors.Join(err, from.Close()); err != nil {
		return err
	}
	pl.Encoding = info.Encoding.String()
	if info.Encoding.Decodable() {
		pl.open = func(ctx context.Context) (io.ReadSeekCloser, error) {
			return recording.OpenFile(ctx, p.source, recording.Candidate{Info: stat})
		}
		return nil
	}
	if from, err = p.source.Open(ctx, pl.Name, 0, -1); err != nil {
		return err
	}
	return p.decode(ctx, pl, dir, content{from, stat.Size})
}

// content is a file that is read once.
type content struct {
	io.ReadCloser
	size int64
}

// decode makes a file that is played from.
func (p *program) decode(ctx context.Context, pl *player, dir string, from content) error {
	defer from.Close()
	r, err := p.tool.Reader(ctx, from, pl.Name, from.size)
	if err != nil {
		return err
	}
	defer r.Close()
	if pl.Encoding == "" {
		pl.Encoding = r.Info().Encoding.String()
	}
	pl.file = filepath.Join(dir, "sound.wav")
	f, err := os.OpenFile(pl.file, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	pl.open = func(context.Context) (io.ReadSeekCloser, error) { return os.Open(pl.file) }
	return errors.Join(sound.Convert(f, r), drain(from), f.Close())
}

// drain reads to the end, where the archive tells whether it was all right.
func drain(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	return err
}

// wav is what is played, and what is to be closed.
func (pl *player) wav(ctx context.Context, channel int) (*sound.WAV, io.Closer, error) {
	src, err := pl.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	wav, err := sound.NewWAV(src, pl.file, channel)
	if err != nil {
		return nil, nil, errors.Join(err, src.Close())
	}
	return wav, src, nil
}
