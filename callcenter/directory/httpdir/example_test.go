package httpdir_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/httpdir"
	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

func Example() {
	crm := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("phone") == "+302101234567" {
			fmt.Fprint(w, `{"contacts": [{"id": 4711, "full_name": "Maria Papadaki", "team": {"name": "patra"}, "tel": ["210 123 4567"]}]}`)
			return
		}
		fmt.Fprint(w, `{"contacts": []}`)
	}))
	defer crm.Close()

	source, err := httpdir.New(httpdir.Config{
		Name:     "crm",
		ByNumber: crm.URL + "/contacts?phone={e164}",
		Header:   map[string]directory.Secret{"Authorization": "Bearer from-a-file"},
		Items:    "contacts",
		Mapping:  map[string]string{"tel": "number", "team.name": "unit"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer source.Close()
	plan := numbers.Must(numbers.Config{Region: "GR"})
	chain := &directory.Chain{Plan: plan, Budget: 5 * time.Second, Links: []directory.Link{{Source: source, Deadline: 5 * time.Second}}}
	answer, err := chain.ByNumber(context.Background(), plan.Parse("", "210 123 4567"))
	fmt.Println(answer.Person.Name, answer.Person.Unit, answer.Person.Attribute("id"), err)
	// Output: Maria Papadaki patra [4711] <nil>
}
