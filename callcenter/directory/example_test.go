package directory_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

// Who calls is asked of two sources, the first of which may take 300 ms. Answers are good for an hour, and for a day if
// the sources are down.
func Example() {
	plan := numbers.Must(numbers.Config{Region: "GR", Extensions: []string{"2XX"}})
	staff := directory.NewTable("staff", plan, []directory.Person{
		{Username: "maria", Name: "Maria Papadaki", Unit: "patra", Numbers: []string{"210 123 4567", "204"}},
	})
	schools := directory.NewTable("schools", plan, []directory.Person{
		{Username: "school12", Name: "School 12", Unit: "larissa", Numbers: []string{"+30 2410 555 555"}},
		{Username: "school13", Name: "School 13", Unit: "larissa", Numbers: []string{"+30 2410 555 555"}},
	})
	people := &directory.Cache{
		TTL: time.Hour,
		Directory: &directory.Chain{
			Plan:   plan,
			Budget: 400 * time.Millisecond,
			Links:  []directory.Link{{Source: staff, Deadline: 300 * time.Millisecond}, {Source: schools}},
		},
	}
	for _, caller := range []string{"+302101234567", "204", "2410555555", "2310999999", "anonymous"} {
		answer, err := people.ByNumber(context.Background(), plan.Parse("", caller))
		switch {
		case err == nil:
			fmt.Println(caller, "is", answer.Person.Name, "of", answer.Person.Unit)
		case errors.Is(err, directory.ErrAmbiguous):
			fmt.Println(caller, "is one of", len(answer.Candidates), "of", answer.Candidates[0].Person.Unit)
		case errors.Is(err, directory.ErrNotFound):
			fmt.Println(caller, "is nobody we know")
		case errors.Is(err, directory.ErrUnavailable):
			fmt.Println("the directory is down:", err)
		}
	}
	// Output:
	// +302101234567 is Maria Papadaki of patra
	// 204 is Maria Papadaki of patra
	// 2410555555 is one of 2 of larissa
	// 2310999999 is nobody we know
	// anonymous is nobody we know
}

// slowSource is a source of one's own.
type slowSource struct{}

func (slowSource) Name() string { return "crm" }

func (slowSource) ByNumber(ctx context.Context, _ numbers.Number) ([]directory.Person, error) {
	<-ctx.Done() // a server that says nothing
	return nil, ctx.Err()
}

func (s slowSource) ByUsername(ctx context.Context, _ string) ([]directory.Person, error) {
	return s.ByNumber(ctx, numbers.Number{})
}

// A source that does not answer costs its deadline, and the answer says so.
func ExampleAnswer() {
	plan := numbers.Must(numbers.Config{Region: "GR"})
	chain := &directory.Chain{Plan: plan, Links: []directory.Link{{Source: slowSource{}, Deadline: 20 * time.Millisecond}}}
	answer, err := chain.ByNumber(context.Background(), plan.Parse("", "2101234567"))
	fmt.Println(err)
	fmt.Println(answer.Steps[0].Source, answer.Steps[0].Result, answer.Steps[0].Took >= 20*time.Millisecond)
	// Output:
	// directory: unavailable: crm: no answer before the deadline
	// crm timeout true
}
