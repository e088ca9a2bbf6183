package main

import (
	"fmt"
	"io"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"

	"github.com/asterism-go/asterism/queue/acd"
	"github.com/asterism-go/asterism/queue/queuetest"
)

// day is a day of a support line with 25 agents, who are not all there all the time.
func day() queuetest.Model {
	m := queuetest.Model{
		Start: time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC), Length: 10 * time.Hour, Seed: 1,
		Queues: []acd.Queue{support().Queue}, Agents: queuetest.Team(25, "support"),
		Flows: []queuetest.Flow{{
			Queue: "support", PerHour: queuetest.Hours(150, 250, 380, 420, 330, 250, 300, 350, 280, 150),
			Service: queuetest.Exponential(3 * time.Minute), Patience: queuetest.Exponential(4 * time.Minute),
		}},
		Pickup: queuetest.Exponential(4 * time.Second), Missed: 0.03, Interval: time.Hour,
	}
	for i := range m.Agents {
		if i%3 == 0 { // from the second hour on
			m.Agents[i].From = time.Hour
		}
	}
	return m
}

// simulate compares the strategies, and draws the service level of each over the day.
func simulate(out io.Writer, file string) error {
	strategies := []acd.Strategy{acd.LongestIdle, acd.FewestCalls, acd.RoundRobin, acd.Linear, acd.RingAll}
	results, err := queuetest.Compare(day(), strategies...)
	if err != nil {
		return err
	}
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = "Support, one day", "hour", "service level"
	p.Legend.Top, p.Y.Min, p.Y.Max = true, 0, 1
	var lines []any
	fmt.Fprintf(out, "%-16s %6s %9s %9s %10s %10s\n", "strategy", "calls", "level", "abandoned", "mean wait", "p90 wait")
	for _, s := range strategies {
		r := results[s]
		q := r.Book.Queue("support")
		fmt.Fprintf(out, "%-16v %6d %8.1f%% %8.1f%% %10v %10v\n", s, r.Calls, 100*q.ServiceLevel(), 100*q.AbandonRate(),
			q.Wait.Mean().Round(time.Second), q.Wait.Quantile(0.9).Round(time.Second))
		var points plotter.XYs
		for _, period := range r.Book.Periods() {
			if hour := period.Queues["support"]; hour != nil {
				points = append(points, plotter.XY{X: float64(period.From.Hour()), Y: hour.ServiceLevel()})
			}
		}
		lines = append(lines, s.String(), points)
	}
	if file == "" {
		return nil
	}
	if err := plotutil.AddLinePoints(p, lines...); err != nil {
		return err
	}
	return p.Save(20*vg.Centimeter, 12*vg.Centimeter, file)
}
