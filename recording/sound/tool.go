package sound

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// DefaultToolTimeout is how long a [Tool] may take for a sound.
const DefaultToolTimeout = 5 * time.Minute

// Tool decodes with sox or ffmpeg what this package does not: GSM and G.722. The zero value takes what is installed. No argument
// of the program is made of anything but the encoding: the sound comes to its standard input, without its name.
type Tool struct {
	// Sox and FFmpeg are the programs. Empty: those in PATH. "-": none. Ffmpeg
	// comes first: sox cannot decode G.722, and without its package of formats (libsox-fmt-base in Debian) no GSM but that in WAV.
	Sox, FFmpeg string
	// Timeout is how long it may take for a sound, from its start to its end. Default: [DefaultToolTimeout].
	Timeout time.Duration
	// Command, if not nil, makes the command of a program, as [exec.CommandContext] does, which is the default.
	Command func(ctx context.Context, program string, args ...string) (*exec.Cmd, error)
}

// soxInput and ffmpegInput are the arguments that tell of an encoding.
var (
	soxInput = map[Encoding][]string{
		GSM:    {"-t", "gsm", "-r", "8000", "-c", "1"},
		GSMWAV: {"-t", "wav"},
	}
	ffmpegInput = map[Encoding][]string{
		GSM:    {"-f", "gsm"},
		GSMWAV: {"-f", "wav"},
		G722:   {"-f", "g722"},
	}
)

// Reader returns a Reader of a sound, with the help of a program if it takes one: see [NewReader] and [Tool.Open].
func (t Tool) Reader(ctx context.Context, r io.Reader, name string, size int64) (*Reader, error) {
	in := bufio.NewReader(r)
	info, err := inspect(in, name, size)
	if err != nil {
		return nil, err
	}
	if info.Encoding.Decodable() {
		return newReader(in, name, info), nil
	}
	return t.start(ctx, in, name, info)
}

// Open returns a Reader of a sound that takes a program to decode. The program runs until the Reader is read to its end or
// closed, ctx ends or the Timeout is over; the Reader must be closed, and what r reads must not block after that. If it fails,
// the error of the Reader is a [*ToolError]. If there is no program that can, the error is [ErrNoTool].
func (t Tool) Open(ctx context.Context, r io.Reader, name string, size int64) (*Reader, error) {
	in := bufio.NewReader(r)
	info, err := inspect(in, name, size)
	if err != nil {
		return nil, err
	}
	return t.start(ctx, in, name, info)
}

func (t Tool) start(ctx context.Context, in io.Reader, name string, info Info) (*Reader, error) {
	program, args, err := t.choose(info.Encoding)
	if err != nil {
		return nil, fmt.Errorf("%w: %s is %s", err, name, info.Encoding)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, cmp.Or(t.Timeout, DefaultToolTimeout), errToolTimeout)
	run := &toolRun{ctx: ctx, cancel: cancel, program: filepath.Base(program)}
	if err := run.start(t, program, args, encoded(in, info)); err != nil {
		cancel()
		return nil, err
	}
	decoded := info
	decoded.Encoding, decoded.Offset = PCM16, 0
	if frames := info.Frames(); frames >= 0 {
		decoded.Size = 2 * frames
	}
	return &Reader{info: decoded, name: name, in: run.out, finish: run.finish, close: run.stop}, nil
}

// choose returns a program that is there and decodes the encoding, with its arguments.
func (t Tool) choose(e Encoding) (program string, args []string, err error) {
	if input, ok := ffmpegInput[e]; ok {
		if program, err := find(t.FFmpeg, "ffmpeg"); err == nil {
			return program, append(append([]string{"-nostdin", "-v", "error"}, input...), "-i", "pipe:0", "-ac", "1", "-f", "s16le", "pipe:1"), nil
		}
	}
	if input, ok := soxInput[e]; ok {
		if program, err := find(t.Sox, "sox"); err == nil {
			return program, append(append([]string{"-V1"}, input...), "-", "-t", "raw", "-r", "8000", "-c", "1", "-e", "signed-integer", "-b", "16", "-L", "-"), nil
		}
	}
	return "", nil, ErrNoTool
}

func find(set, name string) (string, error) {
	if set == "-" {
		return "", ErrNoTool
	}
	if set != "" {
		return set, nil
	}
	return exec.LookPath(name)
}

// encoded is the sound as programs take it: GSM in WAV with a header whose sizes are true.
func encoded(in io.Reader, info Info) io.Reader {
	if info.Size >= 0 {
		in = io.LimitReader(in, info.Size)
	}
	if info.Encoding != GSMWAV {
		return in
	}
	riff, data, samples := uint32(unknownSize), uint32(unknownSize), uint32(0)
	if info.Size >= 0 && info.Size < unknownSize-100 {
		data = uint32(info.Size / 65 * 65)
		riff, samples = data+52, data/65*320
	}
	var h bytes.Buffer
	h.WriteString("RIFF")
	for _, v := range []any{
		riff, []byte("WAVEfmt "), uint32(20), uint16(tagGSM), uint16(1), uint32(info.Rate), uint32(info.Rate * 65 / 320), uint16(65), uint16(0),
		uint16(2), uint16(320), []byte("fact"), uint32(4), samples, []byte("data"), data,
	} {
		binary.Write(&h, binary.LittleEndian, v) //nolint:errcheck // a buffer takes all
	}
	return io.MultiReader(&h, in)
}

var errToolTimeout = errors.New("it took too long")

// toolRun is a program that decodes.
type toolRun struct {
	ctx     context.Context //nolint:containedctx // the run is as long as the context
	cancel  context.CancelFunc
	program string
	cmd     *exec.Cmd
	out     io.ReadCloser
	said    tail
	ended   bool
	err     error
}

func (r *toolRun) start(t Tool, program string, args []string, in io.Reader) error {
	command := t.Command
	if command == nil {
		command = func(ctx context.Context, program string, args ...string) (*exec.Cmd, error) {
			return exec.CommandContext(ctx, program, args...), nil
		}
	}
	var err error
	if r.cmd, err = command(r.ctx, program, args...); err != nil {
		return fmt.Errorf("sound: %s: %w", r.program, err)
	}
	r.cmd.Stdin, r.cmd.Stderr, r.cmd.WaitDelay = in, &r.said, time.Second
	if r.out, err = r.cmd.StdoutPipe(); err != nil {
		return err
	}
	if err := r.cmd.Start(); err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return fmt.Errorf("%w: %w", ErrNoTool, err)
		}
		return &ToolError{Program: r.program, Err: err}
	}
	return nil
}

// finish waits for the program at the end of what it makes: it has done it all if it says so.
func (r *toolRun) finish() error {
	if r.ended {
		return r.err
	}
	r.ended = true
	err := r.cmd.Wait()
	if r.ctx.Err() != nil {
		err = context.Cause(r.ctx)
	}
	r.cancel()
	if err != nil {
		r.err = &ToolError{Program: r.program, Output: r.said.String(), Err: err}
	}
	return r.err
}

// stop ends the program if it still runs: nobody wants more of it.
func (r *toolRun) stop() error {
	if !r.ended {
		r.ended = true
		r.cancel()
		r.cmd.Wait() //nolint:errcheck // it was ended
	}
	return r.err
}

// tail keeps the end of what is written.
type tail struct{ b []byte }

const tailSize = 1 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p...)
	if over := len(t.b) - tailSize; over > 0 {
		t.b = append(t.b[:0], t.b[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string { return strings.TrimSpace(string(t.b)) }
