package directory

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

// Table is a source that holds people in memory. It may be used and replaced by several goroutines at once.
type Table struct {
	name  string
	plan  *numbers.Plan
	index atomic.Pointer[tableIndex]
}

// tableIndex finds people by all that can match: the same key, or the fewest last digits that are ever compared.
type tableIndex struct {
	people           []Person
	byNumber, byLast map[string][]int
	byUsername       map[string][]int
}

// NewTable returns a table of the people, whose numbers are written in the way of the plan's region; for another way see
// [numbers.Plan.As].
func NewTable(name string, plan *numbers.Plan, people []Person) *Table {
	t := &Table{name: name, plan: plan}
	t.Replace(people)
	return t
}

// Replace puts other people into the table, all at once. They are not to be changed afterwards.
func (t *Table) Replace(people []Person) {
	index := &tableIndex{
		people: people, byNumber: map[string][]int{}, byLast: map[string][]int{}, byUsername: map[string][]int{},
	}
	for i := range people {
		if name := strings.ToLower(people[i].Username); name != "" {
			index.byUsername[name] = append(index.byUsername[name], i)
		}
		for _, text := range people[i].Numbers {
			n := t.plan.Parse("", text)
			add(index.byNumber, n.Key(), i)
			add(index.byLast, n.Last(numbers.MinLastDigits), i)
		}
	}
	t.index.Store(index)
}

func add(to map[string][]int, key string, i int) {
	if key != "" && !slices.Contains(to[key], i) {
		to[key] = append(to[key], i)
	}
}

// Name implements [Source].
func (t *Table) Name() string { return t.name }

// Len is the number of people in the table.
func (t *Table) Len() int { return len(t.index.Load().people) }

// ByNumber implements [Source].
func (t *Table) ByNumber(_ context.Context, number numbers.Number) ([]Person, error) {
	index := t.index.Load()
	found := slices.Clone(index.byNumber[number.Key()])
	for _, i := range index.byLast[number.Last(numbers.MinLastDigits)] {
		if !slices.Contains(found, i) {
			found = append(found, i)
		}
	}
	slices.Sort(found)
	return index.pick(found), nil
}

// ByUsername implements [Source].
func (t *Table) ByUsername(_ context.Context, username string) ([]Person, error) {
	index := t.index.Load()
	return index.pick(index.byUsername[strings.ToLower(username)]), nil
}

func (x *tableIndex) pick(which []int) []Person {
	var people []Person
	for _, i := range which {
		people = append(people, x.people[i])
	}
	return people
}
