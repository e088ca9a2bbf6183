package main

import (
	"bytes"
	"encoding/base64"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/internal/asterisktest"
	"github.com/asterism-go/asterism/internal/facts"
)

func loaded(t *testing.T) *rest {
	t.Helper()
	m, err := loadModel()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// served are the files that a running Asterisk serves under /ari/api-docs.
func served(t *testing.T, a *asterisktest.Asterisk, nouns []string) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	for _, noun := range nouns {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+a.HTTP.String()+"/ari/api-docs/"+noun+".json", nil)
		if err != nil {
			t.Fatal(err)
		}
		login := base64.StdEncoding.EncodeToString([]byte(asterisktest.Username + ":" + asterisktest.Secret))
		req.Header.Set("Authorization", "Basic "+login)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d, %v", noun, resp.StatusCode, err)
		}
		files[noun+".json"] = &fstest.MapFile{Data: text}
	}
	return files
}

// The facts that are committed are those of the Asterisk that the tests run. Where they are not, Asterisk has changed: see
// what is new, then write the facts again with arigen facts.
func TestFactsAreAsterisks(t *testing.T) {
	a := asterisktest.Start(t, asterisktest.Config{})
	committed, err := loadFacts()
	if err != nil {
		t.Fatal(err)
	}
	series, _, _ := strings.Cut(a.Version, ".")
	want := committed[series]
	if want == nil {
		t.Fatalf("there are no facts of Asterisk %s: add them, or run the tests with 22 or 16", series)
	}
	var nouns []string
	for _, o := range want.Operations {
		if !slices.Contains(nouns, o.Noun) {
			nouns = append(nouns, o.Noun)
		}
	}
	got, err := extract(want.Asterisk, served(t, a, nouns))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-committed +Asterisk %s:\n%s", a.Version, diff)
	}
}

// Facts are written as they are committed, and hold no prose: no string in them has more than a few words.
func TestFactsFiles(t *testing.T) {
	committed, err := loadFacts()
	if err != nil {
		t.Fatal(err)
	}
	for series, counts := range map[string][3]int{"16": {98, 70, 39}, "22": {109, 85, 46}} {
		text, err := facts.Text(committed[series])
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile("facts/asterisk-" + series + ".json")
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(want, text) {
			t.Errorf("asterisk-%s.json is not as it would be written", series)
		}
		for quoted := range strings.SplitSeq(string(text), `"`) {
			if strings.Count(quoted, " ") > 3 && quoted != factsSource && !strings.Contains(quoted, "\n") {
				t.Errorf("asterisk-%s.json has prose: %q", series, quoted)
			}
		}
		events := 0
		for _, m := range committed[series].Models {
			if m.Event {
				events++
			}
		}
		if got := [3]int{len(committed[series].Operations), len(committed[series].Models), events}; got != counts {
			t.Errorf("Asterisk %s has %v operations, models and events, want %v", series, got, counts)
		}
	}
}

// What is committed is what is generated.
func TestGenerated(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "zz_gen_stale.go"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := generate(loaded(t), dir); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(generatedFiles(t, "../../ari"), generatedFiles(t, dir)); diff != "" {
		t.Errorf("package ari is not as generated: run go generate ./ari (-committed +generated):\n%s", diff)
	}
}

func generatedFiles(t *testing.T, dir string) map[string]string {
	t.Helper()
	files, err := facts.Files(dir, generated)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Every operation, parameter, model and field of both series is in what is generated, once.
func TestNothingIsLeftOut(t *testing.T) {
	m := loaded(t)
	facts, err := loadFacts()
	if err != nil {
		t.Fatal(err)
	}
	for series, f := range facts {
		for _, o := range f.Operations {
			i := slices.IndexFunc(m.operations, func(x *operation) bool { return x.Noun == o.Noun && x.Name == o.Name })
			if i < 0 {
				t.Fatalf("%s.%s of Asterisk %s is missing", o.Noun, o.Name, series)
			}
			sh := m.shape(m.operations[i])
			all := slices.Concat(sh.path, sh.single, sh.grouped)
			for _, p := range o.Params {
				if !slices.ContainsFunc(all, func(x field) bool { return x.Name == p.Name }) {
					t.Errorf("%s.%s of Asterisk %s lacks %s", o.Noun, o.Name, series, p.Name)
				}
			}
		}
		for _, model := range f.Models {
			if !slices.ContainsFunc(m.models, func(x *modelType) bool { return x.Name == model.Name && len(x.fields) >= len(model.Fields) }) {
				t.Errorf("the model %s of Asterisk %s is missing", model.Name, series)
			}
		}
	}
}

func TestExtractRefuses(t *testing.T) {
	for name, files := range map[string]fstest.MapFS{
		"nothing":       {},
		"no JSON":       {"x.json": {Data: []byte("{")}},
		"no operations": {"x.json": {Data: []byte(`{"apis":[],"models":{}}`)}},
	} {
		if _, err := extract("1", files); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
