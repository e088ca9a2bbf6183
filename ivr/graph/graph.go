// Package graph draws menus: every node with how often callers came to it, every way with how often it was taken. The layout is
// Graphviz's, which runs inside the program (github.com/goccy/go-graphviz, no cgo and nothing to install).
package graph

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/goccy/go-graphviz"
	"github.com/goccy/go-graphviz/cgraph"

	"github.com/asterism-go/asterism/ivr/menu"
)

// MaxNodes is how many nodes are drawn: more take long, and nobody could read them.
const MaxNodes = 500

// SVG draws menus with the counts of calls; the zero Counts are menus that nobody has called. The same menus and counts give
// the same drawing.
func SVG(ctx context.Context, set *menu.Set, counts menu.Counts) (svg []byte, err error) {
	if set.Nodes() > MaxNodes {
		return nil, fmt.Errorf("graph: %d nodes: at most %d are drawn", set.Nodes(), MaxNodes)
	}
	g, err := graphviz.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("graph: %w", err)
	}
	defer g.Close()
	canvas, err := g.Graph()
	if err != nil {
		return nil, fmt.Errorf("graph: %w", err)
	}
	defer canvas.Close()
	canvas.SetRankDir(cgraph.LRRank).SetNodeSeparator(0.25).SetRankSeparator(0.7).SetCharset("UTF-8")
	d := drawing{canvas: canvas, set: set, counts: counts, nodes: map[string]*cgraph.Node{}}
	if err := d.draw(); err != nil {
		return nil, fmt.Errorf("graph: %w", err)
	}
	var out bytes.Buffer
	if err := g.Render(ctx, canvas, graphviz.SVG, &out); err != nil {
		return nil, fmt.Errorf("graph: %w", err)
	}
	return out.Bytes(), nil
}

type drawing struct {
	canvas *cgraph.Graph
	set    *menu.Set
	counts menu.Counts
	nodes  map[string]*cgraph.Node
	most   int // how often the node was come to that most came to
}

func (d *drawing) draw() error {
	names := d.set.Names()
	for _, name := range names {
		d.most = max(d.most, d.counts.Nodes[name])
	}
	for _, name := range names {
		if err := d.node(name); err != nil {
			return err
		}
	}
	ways := d.ways()
	for _, way := range ways {
		if err := d.way(way); err != nil {
			return err
		}
	}
	return nil
}

// shapes are those of kinds of nodes that are not boxes.
var shapes = map[string]cgraph.Shape{
	"menu": cgraph.OctagonShape, "language": cgraph.OctagonShape, "hours": cgraph.DiamondShape, "switch": cgraph.DiamondShape,
	"queue": cgraph.CdsShape, "transfer": cgraph.CdsShape, "hangup": cgraph.EllipseShape,
}

func (d *drawing) node(name string) error {
	n, err := d.canvas.CreateNodeByName(name)
	if err != nil {
		return err
	}
	d.nodes[name] = n
	kind, count := d.set.Kind(name), d.counts.Nodes[name]
	label := fmt.Sprintf("%s\n%s\n%d calls", name, kind, count)
	if gone := d.counts.Hangups[name]; gone > 0 {
		label += fmt.Sprintf(", %d hung up", gone)
	}
	shape, ok := shapes[kind]
	if !ok {
		shape = cgraph.BoxShape
	}
	n.SetLabel(label).SetShape(shape).SetStyle(cgraph.FilledNodeStyle).SetFillColor(d.fill(count)).SetFontName("Helvetica").SetFontSize(11)
	if name == d.set.Start() {
		n.SetPenWidth(2.5)
	}
	return nil
}

// fill is the darker the more callers came.
func (d *drawing) fill(count int) string {
	share := 0.0
	if d.most > 0 {
		share = math.Sqrt(float64(count) / float64(d.most))
	}
	return fmt.Sprintf("#%02x%02xff", 250-int(110*share), 250-int(70*share))
}

// way is all edges from one node to another.
type way struct {
	menu.Way
	labels []string
	silent bool
}

// ways puts the edges together that lead from one node to the same other one.
func (d *drawing) ways() []*way {
	var list []*way
	known := map[menu.Way]*way{}
	for _, e := range d.set.Edges() {
		if d.nodes[e.To] == nil { // hangup, back and again would be ways to everywhere
			continue
		}
		key := menu.Way{From: e.From, To: e.To}
		w := known[key]
		if w == nil {
			w = &way{Way: key, silent: true}
			known[key] = w
			list = append(list, w)
		}
		w.silent = w.silent && e.Silent
		if e.Label != "" {
			w.labels = append(w.labels, e.Label)
		}
	}
	return list
}

func (d *drawing) way(w *way) error {
	e, err := d.canvas.CreateEdgeByName(w.From+" "+w.To, d.nodes[w.From], d.nodes[w.To])
	if err != nil {
		return err
	}
	count := d.counts.Ways[w.Way]
	label := strings.Join(w.labels, ", ")
	if count > 0 {
		label = strings.TrimSpace(fmt.Sprintf("%s (%d)", label, count))
	}
	e.SetLabel(label).SetFontName("Helvetica").SetFontSize(9).SetPenWidth(1 + math.Log1p(float64(count))/2)
	if w.silent {
		e.SetStyle(cgraph.DashedEdgeStyle)
	}
	return nil
}
