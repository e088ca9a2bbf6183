package sound_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/internal/debpkg"
	"github.com/asterism-go/asterism/recording/sound"
)

// program is one of Debian's packages of the same name.
func program(t *testing.T, name string) debpkg.Root {
	t.Helper()
	set := debpkg.Set{Name: name, Suite: "bookworm", Packages: []string{name}}
	if name == "sox" {
		set = debpkg.Set{Name: "sox-fakechroot", Suite: "bookworm", Packages: []string{"sox", "libsox-fmt-base", "libfakechroot"}}
	}
	root, err := debpkg.Cache{}.Fetch(t.Context(), set)
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// command runs a program of a package. Sox looks for what reads raw GSM in one absolute path only: libfakechroot makes that a path of the set.
func command(ctx context.Context, root debpkg.Root, name string, args ...string) (*exec.Cmd, error) {
	cmd, err := root.Command(ctx, "usr/bin/"+name, args...)
	if err != nil || name != "sox" {
		return cmd, err
	}
	chroot, err := root.Path("usr/lib/*/fakechroot/libfakechroot.so")
	cmd.Env = append(os.Environ(), "LD_PRELOAD="+chroot, "FAKECHROOT_BASE="+string(root))
	return cmd, err
}

// tool is a Tool with that program, and no other.
func tool(t *testing.T, name string) sound.Tool {
	t.Helper()
	root := program(t, name)
	return sound.Tool{
		Sox: map[bool]string{true: "sox", false: "-"}[name == "sox"], FFmpeg: map[bool]string{true: "ffmpeg", false: "-"}[name == "ffmpeg"],
		Command: func(ctx context.Context, program string, args ...string) (*exec.Cmd, error) {
			return command(ctx, root, program, args...)
		},
	}
}

// output is what a program of a package writes, with a standard input.
func output(t *testing.T, name string, in []byte, args ...string) []byte {
	t.Helper()
	cmd, err := command(t.Context(), program(t, name), name, args...)
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s", name, err, said.Bytes())
	}
	return out
}

var slin = []string{"-t", "raw", "-r", "8000", "-c", "1", "-e", "signed-integer", "-b", "16"}

// encodedBySox is a second of a tone.
func encodedBySox(t *testing.T, hz float64, kind ...string) []byte {
	return output(t, "sox", tone(hz, 8000, 8000), append(append(append([]string{"-V1"}, slin...), "-"), append(kind, "-")...)...)
}

func encodedByFFmpeg(t *testing.T, hz float64, kind ...string) []byte {
	args := []string{"-v", "error", "-f", "s16le", "-ar", "8000", "-ac", "1", "-i", "pipe:0"}
	return output(t, "ffmpeg", tone(hz, 8000, 8000), append(append(args, kind...), "pipe:1")...)
}

// loudness is how much of a frequency there is in samples, as an amplitude.
func loudness(samples []int16, hz, rate float64) float64 {
	var sin, cos float64
	for i, s := range samples {
		sin += float64(s) * math.Sin(2*math.Pi*hz*float64(i)/rate)
		cos += float64(s) * math.Cos(2*math.Pi*hz*float64(i)/rate)
	}
	return 2 * math.Hypot(sin, cos) / float64(max(len(samples), 1))
}

// TestSoxAgrees compares the tables of G.711 and the headers of WAV files with sox.
func TestSoxAgrees(t *testing.T) {
	var codes []byte
	for i := range 256 {
		codes = append(codes, byte(i))
	}
	for name, law := range map[string]string{"a.ulaw": "mu-law", "a.alaw": "a-law"} {
		want := output(t, "sox", codes, append([]string{"-V1", "-t", "raw", "-r", "8000", "-c", "1", "-e", law, "-b", "8", "-"}, append(slin, "-")...)...)
		for i, s := range samplesOf(t, name, codes) {
			if sox := int16(binary.LittleEndian.Uint16(want[2*i:])); s != sox {
				t.Errorf("%s: %#02x is %d, and %d by sox", law, i, s, sox)
			}
		}
	}
	kinds := map[sound.Encoding][]string{
		sound.PCM16: {"-t", "wav"}, sound.PCM8: {"-t", "wav", "-e", "unsigned-integer", "-b", "8"},
		sound.MuLaw: {"-t", "wav", "-e", "mu-law"}, sound.ALaw: {"-t", "wav", "-e", "a-law", "-c", "2"},
		sound.GSMWAV: {"-t", "wav", "-e", "gsm-full-rate"}, sound.GSM: {"-t", "gsm"},
	}
	for encoding, kind := range kinds {
		file := encodedBySox(t, 425, kind...)
		name := "a." + kind[1]
		info, err := sound.Inspect(bytes.NewReader(file), name, int64(len(file)))
		if err != nil || info.Encoding != encoding || info.Duration().Round(40*time.Millisecond) != time.Second || info.Rate != 8000 {
			t.Errorf("%v: %+v, %v, %v", encoding, info, info.Duration(), err)
		}
		r, err := tool(t, "sox").Reader(t.Context(), bytes.NewReader(file), name, int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		checkTone(t, r, 425)
	}
}

// checkTone checks that a sound is a tone, about a second of it, and that its program has ended well.
func checkTone(t *testing.T, r *sound.Reader, hz float64) {
	t.Helper()
	rate, channels := r.Info().Rate, r.Info().Channels
	all := read(t, r)
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	var first []int16
	for i := 0; i < len(all); i += channels {
		first = append(first, all[i])
	}
	if int64(len(first)) != r.Info().Frames() || math.Abs(float64(len(first)-rate)) > 0.05*float64(rate) {
		t.Errorf("%d samples, and %d are said", len(first), r.Info().Frames())
	}
	if heard, other := loudness(first, hz, float64(rate)), loudness(first, 2*hz+50, float64(rate)); heard < 6500 || heard > 9500 || other > 100 {
		t.Errorf("%v Hz with %.0f, another with %.0f", hz, heard, other)
	}
}

// TestFFmpeg decodes all that takes a tool, G.722 too, which nothing else decodes here.
func TestFFmpeg(t *testing.T) {
	files := map[string][]byte{
		"a.gsm":  encodedByFFmpeg(t, 425, "-c:a", "libgsm", "-f", "gsm"),
		"a.WAV":  encodedBySox(t, 425, "-t", "wav", "-e", "gsm-full-rate"),
		"a.g722": encodedByFFmpeg(t, 425, "-ar", "16000", "-f", "g722"),
	}
	for name, file := range files {
		r, err := tool(t, "ffmpeg").Reader(t.Context(), bytes.NewReader(file), name, int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		checkTone(t, r, 425)
	}
	r, err := tool(t, "ffmpeg").Open(t.Context(), bytes.NewReader(files["a.g722"]), "a.g722", -1)
	if err != nil {
		t.Fatal(err)
	}
	var made bytes.Buffer
	if err := sound.Convert(&made, r); err != nil || made.Len() != 44+4*len(files["a.g722"]) {
		t.Errorf("%d bytes, %v", made.Len(), err)
	}
}

// TestToolFails in each way that it can: there is none, it says no, it takes too long, nobody waits for it.
func TestToolFails(t *testing.T) {
	sox := tool(t, "sox")
	for what, none := range map[string]sound.Tool{
		"none": {Sox: "-", FFmpeg: "-"}, "a program that is not there": {Sox: "/nowhere/sox"}, "no sox for G.722": sox,
	} {
		if r, err := none.Open(t.Context(), bytes.NewReader(nil), "a.g722", 0); !errors.Is(err, sound.ErrNoTool) || r != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := (sound.Tool{}).Reader(t.Context(), bytes.NewReader(make([]byte, 33)), "a.gsm", 33); !errors.Is(err, sound.ErrNoTool) {
		t.Error(err)
	}
	if r, err := (sound.Tool{}).Reader(t.Context(), bytes.NewReader(make([]byte, 33)), "a.ulaw", 33); err != nil || len(read(t, r)) != 33 || r.Close() != nil {
		t.Error("G.711 takes a tool")
	}
	var failed *sound.ToolError
	notGSM := scripted(t, "echo what is this >&2; exit 3")
	r, err := notGSM.Open(t.Context(), bytes.NewReader(make([]byte, 33)), "a.gsm", 33)
	if err != nil {
		t.Fatal(err)
	}
	if err := sound.Convert(io.Discard, r); !errors.As(err, &failed) || err.Error() != "sound: sox: exit status 3: what is this" {
		t.Errorf("%v", err)
	}
	slow := scripted(t, "exec /bin/sleep 1000")
	slow.Timeout = 10 * time.Millisecond
	r, err = slow.Open(t.Context(), bytes.NewReader(make([]byte, 33)), "a.gsm", 33)
	if err != nil {
		t.Fatal(err)
	}
	if err := sound.Convert(io.Discard, r); !errors.As(err, &failed) || !strings.Contains(err.Error(), "it took too long") {
		t.Errorf("%v", err)
	}
	slow.Timeout = 0
	if r, err = slow.Open(t.Context(), bytes.NewReader(make([]byte, 33)), "a.gsm", 33); err != nil || r.Close() != nil {
		t.Errorf("given up: %v", err)
	}
	if _, err := r.ReadSamples(make([]int16, 10)); err == nil {
		t.Error("it yields samples when it is closed")
	}
}

// scripted is a tool that is a script; the name of no file may be in its arguments.
func scripted(t *testing.T, script string) sound.Tool {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sox")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return sound.Tool{Sox: path, FFmpeg: "-"}
}

// TestToolArguments: nothing of what a caller gives is among them.
func TestToolArguments(t *testing.T) {
	for _, name := range []string{"$(id).gsm", "-x;id.gsm", "a b\n.gsm", "|id.gsm", "../../etc/passwd.gsm"} {
		var got []string
		echo := sound.Tool{Sox: "sox", FFmpeg: "-", Command: func(ctx context.Context, program string, args ...string) (*exec.Cmd, error) {
			got = append([]string{program}, args...)
			return exec.CommandContext(ctx, "/bin/true"), nil
		}}
		r, err := echo.Reader(t.Context(), bytes.NewReader(nil), name, 0)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(read(t, r)); n != 0 {
			t.Errorf("%d samples", n)
		}
		if want := "sox -V1 -t gsm -r 8000 -c 1 - -t raw -r 8000 -c 1 -e signed-integer -b 16 -L -"; strings.Join(got, " ") != want {
			t.Errorf("%q: %q", name, got)
		}
	}
}
