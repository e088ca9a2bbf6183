package recording_test

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/diskstore"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	check(t, err)
	return z
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// counting counts what is asked of a store.
type counting struct {
	recording.Store
	lists, stats atomic.Int64
}

func (c *counting) List(ctx context.Context, prefix string) iter.Seq2[recording.Info, error] {
	c.lists.Add(1)
	return c.Store.List(ctx, prefix)
}

func (c *counting) Stat(ctx context.Context, name string) (recording.Info, error) {
	c.stats.Add(1)
	return c.Store.Stat(ctx, name)
}

// shelf is a folder with files, long ago as far as the file system knows.
func shelf(t *testing.T, names ...string) (*counting, string) {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		file := filepath.Join(dir, filepath.FromSlash(name))
		check(t, os.MkdirAll(filepath.Dir(file), 0o755))
		check(t, os.WriteFile(file, []byte(name), 0o644))
	}
	age(t, dir)
	store, err := diskstore.Open(dir)
	check(t, err)
	t.Cleanup(func() { _ = store.Close() })
	return &counting{Store: store}, dir
}

// age makes everything an hour old.
func age(t *testing.T, dir string) {
	t.Helper()
	old := time.Now().Add(-time.Hour)
	check(t, filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		return errors.Join(err, os.Chtimes(path, old, old))
	}))
}

// athens is a call of an hour that began at this time of the clock in Athens.
func athens(t *testing.T, wall string) recording.Call {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04:05 -0700", wall, time.UTC)
	check(t, err)
	return recording.Call{
		ID: "1764060000.12", Uniqueids: []string{"1764060000.12", "1764060001.13"}, Numbers: []string{"2101234567", "101"},
		Started: at, Ended: at.Add(2 * time.Minute),
	}
}

func TestFind(t *testing.T) {
	tomorrow := "2026/11/26/in-2101234567-101-20261126-000010-1764060000.12.wav"
	for name, c := range map[string]struct {
		files []string
		call  string
		want  []string
		score int // of the first
	}{
		"FreePBX, by unique id": {
			[]string{
				"2026/11/25/in-2101234567-101-20261125-101530-1764060000.12.wav", "2026/11/25/in-2101234567-101-20261125-101531-1764060099.99.wav",
				"2026/11/25/in-2101234567-101-20261125-091530-1764056400.1.wav", "2026/11/25/out-71222-102-20261125-101530-1764060000.123.wav",
			},
			"2026-11-25 10:15:25 +0200",
			[]string{"2026/11/25/in-2101234567-101-20261125-101530-1764060000.12.wav", "2026/11/25/in-2101234567-101-20261125-101531-1764060099.99.wav"},
			94,
		},
		"of another leg": {
			[]string{"2026/11/25/exten-101-2101234567-20261125-101531-1764060001.13.WAV"},
			"2026-11-25 10:15:25 +0200",
			[]string{"2026/11/25/exten-101-2101234567-20261125-101531-1764060001.13.WAV"},
			89,
		},
		"a system name before the unique id": {
			[]string{"2026/11/25/q-500-+302101234567-20261125-101531-pbx-1-1764060000.12.wav"},
			"2026-11-25 10:15:25 +0200",
			[]string{"2026/11/25/q-500-+302101234567-20261125-101531-pbx-1-1764060000.12.wav"},
			92,
		},
		"numbers and time only": {
			[]string{"auto-1795594530-101-2101234567.wav", "auto-1795587330-101-2101234567.wav", "auto-1795594530-102-2109999999.wav"},
			"2026-11-25 10:15:25 +0200",
			[]string{"auto-1795594530-101-2101234567.wav"},
			60,
		},
		"plain MixMonitor": {
			[]string{"1764060000.12.wav", "1764060000.123.wav", "11764060000.12.wav", "x-1764060001.13-in.wav", "1764060000.12.wav.part"},
			"2026-11-25 10:15:25 +0200",
			[]string{"1764060000.12.wav", "x-1764060001.13-in.wav"},
			85,
		},
		"no extension":                  {[]string{"1764060000.12"}, "2026-11-25 10:15:25 +0200", []string{"1764060000.12"}, 85},
		"over midnight, in the new day": {[]string{tomorrow}, "2026-11-25 23:59:30 +0200", []string{tomorrow}, 94},
		"over midnight, in the old day": {
			[]string{"2026/11/25/in-2101234567-101-20261125-235958-1764060000.12.wav"},
			"2026-11-26 00:00:02 +0200",
			[]string{"2026/11/25/in-2101234567-101-20261125-235958-1764060000.12.wav"},
			94,
		},
		"the clock is set back: the first time": {
			[]string{"2026/10/25/in-2101234567-101-20261025-033010-9.9.wav"},
			"2026-10-25 03:30:00 +0300",
			[]string{"2026/10/25/in-2101234567-101-20261025-033010-9.9.wav"},
			40,
		},
		"the clock is set back: the second time": {
			[]string{"2026/10/25/in-2101234567-101-20261025-033010-9.9.wav"},
			"2026-10-25 03:30:00 +0200",
			[]string{"2026/10/25/in-2101234567-101-20261025-033010-9.9.wav"},
			40,
		},
		"the clock is set forward": {
			[]string{"2026/03/29/in-2101234567-101-20260329-040010-9.9.wav", "2026/03/29/in-2101234567-101-20260329-030010-9.9.wav"},
			"2026-03-29 02:59:30 +0200",
			[]string{"2026/03/29/in-2101234567-101-20260329-030010-9.9.wav", "2026/03/29/in-2101234567-101-20260329-040010-9.9.wav"},
			40,
		},
		"a day in UTC is another one in Athens": {
			[]string{"2026/11/26/in-2101234567-101-20261126-003010-1764060000.12.wav"},
			"2026-11-25 22:30:00 +0000",
			[]string{"2026/11/26/in-2101234567-101-20261126-003010-1764060000.12.wav"},
			94,
		},
		"nothing": {[]string{"2026/11/24/in-2101234567-101-20261124-101530-1764060000.12.wav"}, "2026-11-25 10:15:25 +0200", nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			store, _ := shelf(t, c.files...)
			finder := &recording.Finder{Store: store, Zone: zone(t, "Europe/Athens")}
			found, err := finder.Find(t.Context(), athens(t, c.call))
			check(t, err)
			var got []string
			for _, candidate := range found {
				got = append(got, candidate.Name)
				if len(candidate.Reasons) == 0 || candidate.Exact || candidate.Size != int64(len(candidate.Name)) {
					t.Errorf("candidate %+v", candidate)
				}
			}
			if strings.Join(got, " ") != strings.Join(c.want, " ") {
				t.Errorf("found %q, want %q: %+v", got, c.want, found)
			}
			if len(found) > 0 && found[0].Score != c.score {
				t.Errorf("score %d, want %d: %q", found[0].Score, c.score, found[0].Reasons)
			}
			if n := store.lists.Load(); n > 3 {
				t.Errorf("%d folders were listed", n)
			}
		})
	}
}

// A call whose id is a number of somebody's own, not of Asterisk, is not that of every file with this number in its name.
func TestFindOwnID(t *testing.T) {
	store, _ := shelf(t, "2026/11/25/in-2105550002-101-20261125-101530-1764060000.77.wav")
	finder := &recording.Finder{Store: store, Zone: time.UTC}
	for _, id := range []string{"101", "20261125", "1764060000"} {
		call := athens(t, "2026-11-25 10:15:25 +0000")
		call.ID, call.Uniqueids = id, nil
		found, err := finder.Find(t.Context(), call)
		check(t, err)
		if len(found) != 1 || found[0].Certain() {
			t.Errorf("call %s: found %+v", id, found)
		}
	}
}

// What Asterisk has named is looked for by its name alone.
func TestFindNamed(t *testing.T) {
	store, dir := shelf(t, "2026/11/25/a.wav", "b.wav", "1764060000.12.wav")
	check(t, os.WriteFile(filepath.Join(filepath.Dir(dir), "secret.wav"), []byte("x"), 0o644))
	for file, want := range map[string]string{
		"/var/spool/asterisk/monitor/2026/11/25/a.wav": "2026/11/25/a.wav",
		"/var/spool/asterisk/monitor//b.wav":           "b.wav",
		"/srv/rec/b.wav":                               "b.wav",
		"2026/11/25/a.wav":                             "2026/11/25/a.wav",
		"b.wav":                                        "b.wav",
		"../secret.wav":                                "1764060000.12.wav", // by its unique id
		"/var/spool/asterisk/monitor/../../../../etc/passwd":      "1764060000.12.wav",
		"/var/spool/asterisk/monitor/2026/../../monitor/../b.wav": "1764060000.12.wav",
		"/etc/passwd":                 "1764060000.12.wav",
		"/var/spool/asterisk/monitor": "1764060000.12.wav",
		"2026/11/25":                  "1764060000.12.wav",
		"nothing.wav":                 "1764060000.12.wav",
		"b.wav\x00":                   "1764060000.12.wav",
		"":                            "1764060000.12.wav",
		"/var/spool/asterisk/monitor/" + strings.Repeat("a", 300):    "1764060000.12.wav",
		"/var/spool/asterisk/monitor2/b.wav":                         "1764060000.12.wav",
		"/var/spool/asterisk/monitor/\\..\\..\\secret.wav":           "1764060000.12.wav",
		"/var/spool/asterisk/monitor/2026/11/25/a.wav/../../x/b.wav": "1764060000.12.wav",
	} {
		finder := &recording.Finder{Store: store, Roots: append(recording.DefaultRoots, "/srv/rec"), Zone: time.UTC}
		call := athens(t, "2026-11-25 10:15:25 +0200")
		call.Recordings = []recording.Named{{Files: []string{file}, By: "dialplan"}}
		lists := store.lists.Load()
		found, err := finder.Find(t.Context(), call)
		check(t, err)
		if len(found) == 0 || found[0].Name != want || found[0].Exact != (want != "1764060000.12.wav") {
			t.Errorf("for %q found %+v, want %s", file, found, want)
			continue
		}
		if found[0].Exact && store.lists.Load() != lists {
			t.Errorf("for %q folders were listed", file)
		}
	}
}

// The user's own template, with folders by the hour; and templates that are wrong.
func TestLayout(t *testing.T) {
	store, _ := shelf(t, "rec/20261125/10/101_2101234567_20261125T101530.mp3", "rec/20261125/11/101_2101234567_20261125T111530.mp3")
	own := recording.Layout{Name: "own", Folder: "rec/{date}/{hour}", File: "{number}_{number}_{date}T{time}"}
	finder := &recording.Finder{Store: store, Layouts: []recording.Layout{own}, Zone: zone(t, "Europe/Athens")}
	found, err := finder.Find(t.Context(), athens(t, "2026-11-25 10:15:25 +0200"))
	check(t, err)
	if len(found) != 1 || found[0].Score != 60 || store.lists.Load() != 1 {
		t.Errorf("found %+v with %d listings", found, store.lists.Load())
	}
	for _, layout := range []recording.Layout{
		{File: "{nonsense}"}, {Folder: "{number}", File: "{any}"}, {Folder: "../x", File: "{any}"}, {Folder: "/x", File: "{any}"},
	} {
		finder := &recording.Finder{Store: store, Layouts: []recording.Layout{layout}}
		if _, err := finder.Find(t.Context(), athens(t, "2026-11-25 10:15:25 +0200")); err == nil {
			t.Errorf("the layout %+v was taken", layout)
		}
	}
}

// A folder is listed once, and again when there is something new in it.
func TestCache(t *testing.T) {
	first := "2026/11/25/in-2101234567-101-20261125-101530-1764060000.12.wav"
	store, dir := shelf(t, first)
	finder := &recording.Finder{Store: store, Zone: zone(t, "Europe/Athens")}
	find := func(want int) {
		t.Helper()
		found, err := finder.Find(t.Context(), athens(t, "2026-11-25 10:15:25 +0200"))
		check(t, err)
		if len(found) != want {
			t.Errorf("found %+v, want %d", found, want)
		}
	}
	find(1)
	for range 10 {
		find(1)
	}
	if n := store.lists.Load(); n != 1 {
		t.Errorf("%d listings", n)
	}
	check(t, os.WriteFile(filepath.Join(dir, "2026/11/25/exten-101-1-20261125-101540-1764060001.13.wav"), nil, 0o644))
	find(2)
	if n := store.lists.Load(); n != 2 {
		t.Errorf("%d listings after there was something new", n)
	}
}

// The root does not tell when it has changed, and all in it is old. An old call needs no second listing; a call that has ended since, or
// goes on, is found nevertheless.
func TestCacheOfRoot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		store := &memory{files: []recording.Info{{Name: "1700.1.wav", Size: 1, Time: began.Add(-72 * time.Hour)}}}
		finder := &recording.Finder{Store: store, Layouts: recording.MixMonitor()}
		find := func(id string, started, ended time.Time, want int, listings int) {
			t.Helper()
			before := store.lists
			found, err := finder.Find(t.Context(), recording.Call{ID: id, Started: started, Ended: ended})
			check(t, err)
			if len(found) != want || store.lists-before != listings {
				t.Errorf("call %s: %d listings, found %+v, want %d", id, store.lists-before, found, want)
			}
		}
		old, oldEnd := began.Add(-72*time.Hour), began.Add(-71*time.Hour)
		find("1700.1", old, oldEnd, 1, 1)
		pass(time.Minute)
		find("1700.1", old, oldEnd, 1, 0)

		// Its file is not written before Find has asked for it once.
		find("1800.1", began, time.Now(), 0, 1)
		store.files = append(store.files, recording.Info{Name: "1800.1.wav", Size: 1, Time: time.Now()})
		find("1800.1", began, time.Now(), 1, 1)
		pass(30 * time.Second)
		find("1800.1", began, time.Now().Add(-30*time.Second), 1, 1)
		find("1800.1", began, time.Now().Add(-30*time.Second), 1, 0)

		store.files[1].Time = old // a store whose times are those of the original
		pass(10 * time.Minute)
		find("1700.1", old, oldEnd, 1, 1)
		store.files = append(store.files, recording.Info{Name: "1900.1.wav", Size: 1, Time: old})
		find("1700.1", old, oldEnd, 1, 0)
		pass(11 * time.Second)
		find("1900.1", began, time.Time{}, 1, 1)
	})
}

// pass lets time pass in a bubble of synctest.
func pass(d time.Duration) { <-time.After(d) }

// memory is a store without folders that lists what it is given.
type memory struct {
	recording.Store
	files []recording.Info
	lists int
}

func (*memory) Stat(context.Context, string) (recording.Info, error) {
	return recording.Info{}, fs.ErrNotExist
}

func (m *memory) List(context.Context, string) iter.Seq2[recording.Info, error] {
	m.lists++
	return func(yield func(recording.Info, error) bool) {
		for _, info := range m.files {
			if !yield(info, nil) {
				return
			}
		}
	}
}

// A call of a week lists no more folders than it may.
func TestMaxFolders(t *testing.T) {
	store, _ := shelf(t, "1764060000.12.wav")
	finder := &recording.Finder{Store: store, Zone: time.UTC}
	call := athens(t, "2026-11-20 10:15:25 +0200")
	call.Ended = call.Started.Add(7 * 24 * time.Hour)
	found, err := finder.Find(t.Context(), call)
	check(t, err)
	if len(found) != 1 || store.lists.Load() > recording.MaxFolders {
		t.Errorf("found %+v with %d listings", found, store.lists.Load())
	}
}

func TestCallJSON(t *testing.T) {
	var call recording.Call
	check(t, json.Unmarshal([]byte(`{"schema":"call/1","id":"1764060000.12","direction":"inbound","kind":"call","dialed":"500",
		"caller":{"number":"2101234567","kind":"external"},"callee":{"number":"101"},"started":1764060000.25,"ended":1764060120.5,
		"legs":[{"channel":"PJSIP/trunk-1","uniqueid":"1764060000.12","number":"2101234567","endpoint":"trunk"},
			{"channel":"PJSIP/101-2","uniqueid":"1764060001.13","number":"101","endpoint":"101"}],
		"queues":[{"name":"support"}],"recordings":[{"file":["/x/a.wav"],"start":1764060010,"by":"queue"}],"unheard":{"of":1}}`), &call))
	if call.ID != "1764060000.12" || strings.Join(call.Uniqueids, " ") != "1764060000.12 1764060001.13" ||
		strings.Join(call.Numbers, " ") != "2101234567 101 500 trunk support" || call.Started.UnixMicro() != 1764060000250000 ||
		call.Ended.UnixMicro() != 1764060120500000 || len(call.Recordings) != 1 || call.Recordings[0].By != "queue" ||
		!call.Recordings[0].End.IsZero() {
		t.Errorf("call %+v", call)
	}
	if err := json.Unmarshal([]byte(`{"schema":"call/2"}`), &call); err == nil {
		t.Error("another schema was taken")
	}
	if err := json.Unmarshal([]byte(`{"id":7}`), &call); err == nil {
		t.Error("an id that is a number was taken")
	}
}

func FuzzCall(f *testing.F) {
	f.Add([]byte(`{"id":"1.1","started":1764060000.25,"recordings":[{"file":["../x",""]}]}`))
	dir := f.TempDir()
	store, err := diskstore.Open(dir)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var call recording.Call
		if json.Unmarshal(text, &call) != nil {
			return
		}
		finder := &recording.Finder{Store: store, Zone: time.UTC}
		found, err := finder.Find(t.Context(), call)
		if len(found) > 0 || errors.Is(err, recording.ErrUnsafeName) {
			t.Errorf("found %+v, %v in nothing", found, err)
		}
	})
}
