package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/calls"
	"github.com/asterism-go/asterism/internal/yamlfile"
)

// stream is a recorded stream that is being read.
type stream struct {
	reader *ami.Reader
	file   *os.File
	chunks *chunks // nil if it is not known when what was received
}

// openStream opens a file, or the ami.txt of a directory with ami.times.csv beside it.
func openStream(path string) (*stream, error) {
	dir := isDir(path)
	if dir {
		path = filepath.Join(path, "ami.txt")
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	s := &stream{file: file}
	var source io.Reader = bufio.NewReader(file)
	if strings.HasSuffix(path, ".gz") {
		if source, err = gzip.NewReader(source); err != nil {
			file.Close()
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	if dir {
		if s.chunks, err = readTimes(filepath.Join(filepath.Dir(path), "ami.times.csv"), source); err != nil {
			file.Close()
			return nil, err
		}
	}
	if s.chunks != nil {
		source = s.chunks
	}
	s.reader = ami.NewReader(source)
	return s, nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// each calls a function with every message and when it was received, or the zero time if that is not known.
func (s *stream) each(take func(message ami.Message, arrived time.Time)) error {
	defer s.file.Close()
	for {
		message, err := s.reader.ReadMessage()
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) { // a recording may be cut off
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.file.Name(), err)
		}
		var arrived time.Time
		if s.chunks != nil {
			arrived = s.chunks.arrived
		}
		take(message, arrived)
	}
}

// chunks reads a stream in the pieces in which it was received, and says when the last one was.
type chunks struct {
	source  io.Reader
	ends    []int64
	times   []time.Time
	offset  int64
	arrived time.Time
}

// readTimes reads lines of receive time and end offset. A recording without them has none.
func readTimes(path string, source io.Reader) (*chunks, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c := &chunks{source: source}
	for line := range strings.Lines(string(text)) {
		at, end, _ := strings.Cut(strings.TrimSpace(line), ",")
		seconds, err := strconv.ParseFloat(at, 64)
		offset, err2 := strconv.ParseInt(end, 10, 64)
		if err != nil || err2 != nil {
			continue // the line of names
		}
		c.times = append(c.times, time.UnixMicro(int64(seconds*1e6)))
		c.ends = append(c.ends, offset)
	}
	return c, nil
}

// Read implements [io.Reader].
func (c *chunks) Read(p []byte) (int, error) {
	for len(c.ends) > 0 && c.offset >= c.ends[0] {
		c.ends, c.times = c.ends[1:], c.times[1:]
	}
	if len(c.ends) > 0 {
		c.arrived = c.times[0]
		p = p[:min(int64(len(p)), c.ends[0]-c.offset)]
	}
	n, err := c.source.Read(p)
	c.offset += int64(n)
	return n, err
}

// readConfig reads the YAML file of -config, or the input.json of the recording.
func readConfig(o options) (calls.Config, error) {
	var cfg calls.Config
	if o.config != "" {
		_, err := yamlfile.Read(o.config, &cfg)
		return cfg, err
	}
	if !isDir(o.replay) {
		return cfg, nil
	}
	text, err := os.ReadFile(filepath.Join(o.replay, "input.json"))
	if errors.Is(err, os.ErrNotExist) {
		return cfg, nil
	}
	if err != nil {
		return cfg, err
	}
	var in struct {
		Trunks     []string
		Extensions map[string]calls.Identity
		Contexts   struct{ Inbound []string }
		Prefixes   []string `json:"outbound_prefixes"`
		Parking    struct{ Exten string }
	}
	if err := json.Unmarshal(text, &in); err != nil {
		return cfg, fmt.Errorf("input.json: %w", err)
	}
	return calls.Config{
		Trunks: in.Trunks, Extensions: in.Extensions, InboundContexts: in.Contexts.Inbound, OutboundPrefixes: in.Prefixes,
		ParkingExten: in.Parking.Exten,
	}, nil
}
