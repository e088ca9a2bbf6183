package sqldir_test

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/numbers"
	"github.com/asterism-go/asterism/callcenter/directory/sqldir"
)

func Example() {
	ctx := context.Background()
	db, err := sql.Open("sqlite", "file:example?mode=memory&cache=shared")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, `CREATE TABLE staff (login TEXT, full_name TEXT, dept TEXT, phone TEXT);
		INSERT INTO staff VALUES ('maria', 'Maria Papadaki', 'patra', '210-123.4567');`)
	if err != nil {
		fmt.Println(err)
		return
	}
	source, err := sqldir.New(sqldir.Config{
		DB: db,
		ByNumber: `SELECT login AS username, full_name AS name, dept AS unit, phone AS number FROM staff
			WHERE replace(replace(phone, '-', ''), '.', '') LIKE {ending}`,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	plan := numbers.Must(numbers.Config{Region: "GR"})
	chain := &directory.Chain{Plan: plan, Budget: 5 * time.Second, Links: []directory.Link{{Source: source, Deadline: 5 * time.Second}}}
	answer, err := chain.ByNumber(ctx, plan.Parse("", "+302101234567"))
	fmt.Println(answer.Person.Name, answer.Person.Unit, err)
	// Output: Maria Papadaki patra <nil>
}
