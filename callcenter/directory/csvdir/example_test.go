package csvdir_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/csvdir"
	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

func Example() {
	dir, err := os.MkdirTemp("", "csvdir")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "people.csv")
	text := "username,name,unit,number\nmaria,Maria Papadaki,patra,210 123 4567;204\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	plan := numbers.Must(numbers.Config{Region: "GR", Extensions: []string{"2XX"}})
	source, err := csvdir.New(csvdir.Config{File: file, Plan: plan})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer source.Close()
	chain := &directory.Chain{Plan: plan, Links: []directory.Link{{Source: source}}}
	answer, err := chain.ByNumber(context.Background(), plan.Parse("", "+302101234567"))
	fmt.Println(answer.Person.Name, answer.Person.Unit, err)
	// Output: Maria Papadaki patra <nil>
}
