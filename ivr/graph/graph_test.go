package graph_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/asterism-go/asterism/ivr/graph"
	"github.com/asterism-go/asterism/ivr/menu"
)

const text = `start: main
operator: person
keys: {operator: "0"}
nodes:
  main: {menu: {prompt: x, options: {1: sales, 2: {goto: sales, label: "<b>&Ελλάδα"}, 9: back}, default: person}}
  sales: {queue: {name: sales, context: queues}}
  person: {transfer: {to: PJSIP/100}}
`

func TestSVG(t *testing.T) {
	set, err := menu.Parse("f.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var counts menu.Counts
	for range 3 {
		counts.Add(menu.Path{Visits: []menu.Visit{{Node: "main", Outcome: "option 1", To: "sales"}, {Node: "sales", Outcome: "sent on"}}})
	}
	counts.Add(menu.Path{Visits: []menu.Visit{{Node: "main", Outcome: "hung up"}}})
	svg, err := graph.SVG(t.Context(), set, counts)
	if err != nil {
		t.Fatal(err)
	}
	words := text2words(t, svg)
	for _, want := range []string{"main", "4 calls, 1 hung up", "3 calls", "0 calls", "1, 2 <b>&Ελλάδα (3)", "no input, no match, 0"} {
		if !strings.Contains(words, want) {
			t.Errorf("the drawing has no %q: %s", want, words)
		}
	}
	again, err := graph.SVG(t.Context(), set, counts)
	if err != nil || !bytes.Equal(svg, again) {
		t.Errorf("another drawing of the same, %v", err)
	}
}

// text2words is the text of an SVG, which is XML.
func text2words(t *testing.T, svg []byte) string {
	t.Helper()
	var words strings.Builder
	for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return words.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		if data, ok := token.(xml.CharData); ok {
			words.Write(data)
			words.WriteByte('\n')
		}
	}
}

func TestTooMany(t *testing.T) {
	nodes := map[string]menu.Node{"n0": {Hangup: &menu.Hangup{}}}
	for i := range graph.MaxNodes {
		nodes[fmt.Sprintf("n%d", i+1)] = menu.Node{Play: &menu.Play{Prompt: menu.Sounds("x"), Next: fmt.Sprintf("n%d", i)}}
	}
	set, err := menu.Compile(menu.Menus{Start: fmt.Sprintf("n%d", graph.MaxNodes), Nodes: nodes})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := graph.SVG(t.Context(), set, menu.Counts{}); err == nil || err.Error() != "graph: 501 nodes: at most 500 are drawn" {
		t.Error(err)
	}
}
