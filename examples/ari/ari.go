package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/asterism-go/asterism/ari"
)

func run(ctx context.Context, args []string, out io.Writer) error {
	client := &ari.Client{Password: os.Getenv("ASTERISM_ARI_PASSWORD")}
	defer client.Close()
	var body string
	flags := flag.NewFlagSet("ari", flag.ContinueOnError)
	flags.StringVar(&client.URL, "url", ari.DefaultURL, "the `address` of the REST interface")
	flags.StringVar(&client.Username, "user", "", "`name` of the user in ari.conf; the password is in ASTERISM_ARI_PASSWORD")
	flags.StringVar(&body, "body", "", "the body of the request, a `JSON` object")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() == 0 {
		return list(out)
	}
	params := map[string][]string{}
	for _, arg := range flags.Args()[1:] {
		name, value, ok := strings.Cut(arg, "=")
		if !ok {
			return fmt.Errorf("%q is not name=value", arg)
		}
		params[name] = append(params[name], value)
	}
	var raw json.RawMessage
	if body != "" {
		raw = json.RawMessage(body)
	}
	answer, err := client.Do(ctx, flags.Arg(0), params, raw)
	if err != nil || answer == nil {
		return err
	}
	var text bytes.Buffer
	if err := json.Indent(&text, answer, "", "  "); err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, &text)
	return err
}

// list prints all operations, and their parameters; those in brackets may be left out.
func list(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	for _, op := range ari.Operations() {
		fmt.Fprintf(table, "%s\t", op.String())
		for _, p := range op.Params {
			name := p.Name
			if !p.Required {
				name = "[" + name + "]"
			}
			fmt.Fprintf(table, "%s ", name)
		}
		fmt.Fprintln(table)
	}
	return table.Flush()
}
