package csvdir

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"unicode/utf8"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/internal/record"
)

// load reads the file. The info is that of what was read, also if it is at fault.
func (s *Source) load() ([]directory.Person, fs.FileInfo, error) {
	f, err := os.Open(s.cfg.File)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	if info.Size() > MaxSize {
		return nil, info, fmt.Errorf("%s: larger than %d bytes", s.cfg.File, MaxSize)
	}
	people, err := s.read(io.LimitReader(f, MaxSize))
	return people, info, err
}

// read reads all rows.
func (s *Source) read(from io.Reader) ([]directory.Person, error) {
	buffered := bufio.NewReader(from)
	if mark, err := buffered.Peek(3); err == nil && string(mark) == "\ufeff" {
		if _, err := buffered.Discard(len(mark)); err != nil {
			return nil, err
		}
	}
	r := csv.NewReader(buffered)
	r.Comma, _ = utf8.DecodeRuneInString(s.cfg.Comma)
	columns, err := r.Read()
	if err != nil {
		return nil, s.locate(err)
	}
	if !s.mapping.Has(columns, record.Number) && !s.mapping.Has(columns, record.Username) {
		return nil, fmt.Errorf("%s:1:1: no column is a number or a username: name them so, or say in the Mapping which are", s.cfg.File)
	}
	var people []directory.Person
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return record.Merge(people), nil
		}
		if err != nil {
			return nil, s.locate(err)
		}
		fields := make([]record.Field, len(columns))
		for i, value := range row {
			if !utf8.ValidString(value) {
				line, column := r.FieldPos(i)
				return nil, fmt.Errorf("%s:%d:%d: not UTF-8", s.cfg.File, line, column)
			}
			fields[i] = record.Field{Name: columns[i], Value: value}
		}
		people = append(people, s.mapping.Person(fields))
	}
}

// locate puts the place of an error before it.
func (s *Source) locate(err error) error {
	var at *csv.ParseError
	switch {
	case errors.As(err, &at):
		return fmt.Errorf("%s:%d:%d: %w", s.cfg.File, at.Line, at.Column, at.Err)
	case errors.Is(err, io.EOF):
		return fmt.Errorf("%s:1:1: empty: want the names of the columns", s.cfg.File)
	}
	return fmt.Errorf("%s: %w", s.cfg.File, err)
}
