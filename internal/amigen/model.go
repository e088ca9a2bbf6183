package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Model is all that the packages are generated from: the facts of all series as one, with the overlay over them.
type Model struct {
	overlay *Overlay
	actions []*modelAction
	events  []*modelEvent
}

type modelAction struct {
	Action
	name       string
	series     []string
	removedIn  string
	privileges []string
	miscounted bool
	params     []modelParam
}

type modelEvent struct {
	Event
	name      string // as on the wire
	series    []string
	removedIn string
	doc       string // the name in the documentation, "" if it is not in it
	fields    []modelParam
}

// modelParam is a parameter or a field, with the series that document it. There is none if the overlay alone knows it.
type modelParam struct {
	Param
	series []string
}

func loadModel() (*Model, error) {
	overlay, err := loadOverlay()
	if err != nil {
		return nil, err
	}
	facts, err := loadFacts()
	if err != nil {
		return nil, err
	}
	m := &Model{overlay: overlay}
	if err := m.mergeActions(facts); err != nil {
		return nil, err
	}
	if err := m.mergeEvents(facts); err != nil {
		return nil, err
	}
	return m, nil
}

func (m *Model) mergeActions(facts map[string]*Facts) error {
	merged := map[string]*modelAction{}
	for _, series := range slices.Backward(allSeries) {
		for name, action := range facts[series].Actions {
			if slices.Contains(m.overlay.Skip, name) {
				continue
			}
			a := merged[name]
			if a == nil {
				a = &modelAction{Action: *action, name: name, removedIn: m.overlay.removedIn(name)}
				merged[name] = a
			}
			a.series = append(a.series, series)
			a.params = m.addSeries(a.params, action.Params, series)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(merged)) {
		a := merged[name]
		if list, ok := m.overlay.Lists[name]; ok {
			a.List, a.Complete, a.miscounted = list.Items, list.Complete, list.Miscounted
		}
		if err := gone(name, a.series, a.removedIn); err != nil {
			return err
		}
		var err error
		if a.privileges, err = m.overlay.privileges(name); err != nil {
			return err
		}
		m.actions = append(m.actions, a)
	}
	return nil
}

// gone checks that what the newest series lacks has a version in which it had gone.
func gone(name string, series []string, removedIn string) error {
	newest := allSeries[len(allSeries)-1]
	if len(series) > 0 && slices.Contains(series, newest) == (removedIn != "") {
		return fmt.Errorf("%s is in the series %v and was removed in %q", name, series, removedIn)
	}
	return nil
}

func (m *Model) mergeEvents(facts map[string]*Facts) error {
	merged := map[string]*modelEvent{}
	for _, series := range slices.Backward(allSeries) {
		for doc, event := range facts[series].Events {
			name := doc
			if wire, ok := m.overlay.EventNames[doc]; ok {
				name = wire
			}
			e := merged[name]
			if e == nil {
				e = &modelEvent{Event: *event, name: name, doc: doc}
				merged[name] = e
			}
			e.series = append(e.series, series)
			e.fields = m.addSeries(e.fields, event.Fields, series)
		}
	}
	for name, extra := range m.overlay.Events {
		e := merged[name]
		if e == nil {
			e = &modelEvent{name: name}
			merged[name] = e
		}
		e.Classes, e.Modules = union(e.Classes, extra.Classes), union(e.Modules, extra.Modules)
		m.addExtra(e, extra)
	}
	return m.finishEvents(merged)
}

func (m *Model) addExtra(e *modelEvent, extra OverlayEvent) {
	fields := extra.Fields
	if extra.Like != "" {
		fields = m.overlay.Events[extra.Like].Fields
	}
	var params []Param
	for _, f := range fields {
		p := Param{Name: f}
		if snapshot, ok := strings.CutPrefix(f, "<"); ok {
			p = Param{Snapshot: strings.TrimSuffix(snapshot, ">")}
		}
		params = append(params, p)
	}
	e.fields = m.addSeries(e.fields, params, "")
}

func (m *Model) finishEvents(merged map[string]*modelEvent) error {
	for _, name := range slices.Sorted(maps.Keys(merged)) {
		e := merged[name]
		e.removedIn = m.overlay.removedIn(name)
		if err := gone(name, e.series, e.removedIn); err != nil {
			return err
		}
		e.fields = m.withoutShared(e)
		m.events = append(m.events, e)
	}
	for _, a := range m.actions {
		for _, item := range append([]string{a.Complete}, a.List...) {
			if item != "" && merged[item] == nil && a.removedIn == "" {
				return fmt.Errorf("the list of %s has the event %s, which is not known", a.name, item)
			}
		}
	}
	return nil
}

// shared are the headers of all events, which are no fields.
var shared = []string{"ActionID", "EventList", "ListItems", "Privilege", "Timestamp", "SystemName"}

// withoutShared returns the fields without those of all events and those that a snapshot has.
func (m *Model) withoutShared(e *modelEvent) []modelParam {
	known := slices.Clone(shared)
	for _, f := range e.fields {
		if f.Snapshot != "" {
			for _, name := range m.overlay.Snapshots[f.Snapshot] {
				known = append(known, f.Prefix+name)
			}
		}
	}
	var fields []modelParam
	for _, f := range e.fields {
		if strings.HasPrefix(f.Name, "ReportX") {
			f.Name = "Report"
		}
		if f.Snapshot == "" && slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, f.Name) }) {
			continue
		}
		known = append(known, f.Name)
		f.Name = m.spelled(e.name, f.Name)
		fields = append(fields, f)
	}
	return fields
}

// spelled returns the spelling of the wire of an event's field.
func (m *Model) spelled(event, name string) string {
	for _, s := range m.overlay.Spelling[event] {
		if strings.EqualFold(s, name) {
			return s
		}
	}
	return name
}

// addSeries adds the parameters of one series; "" is the overlay.
func (m *Model) addSeries(params []modelParam, from []Param, series string) []modelParam {
	for _, p := range from {
		same := func(q modelParam) bool {
			return strings.EqualFold(p.Name, q.Name) && p.Snapshot == q.Snapshot && p.Prefix == q.Prefix
		}
		i := slices.IndexFunc(params, same)
		if i < 0 {
			i = len(params)
			params = append(params, modelParam{Param: p})
		}
		if series != "" {
			params[i].series = append(params[i].series, series)
		}
	}
	return params
}
