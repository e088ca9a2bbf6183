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
	var doctor bool
	flags := flag.NewFlagSet("ari", flag.ContinueOnError)
	flags.StringVar(&client.URL, "url", ari.DefaultURL, "the `address` of the REST interface")
	flags.StringVar(&client.Username, "user", "", "`name` of the user in ari.conf; the password is in ASTERISM_ARI_PASSWORD")
	flags.StringVar(&body, "body", "", "the body of the request, a `JSON` object")
	flags.BoolVar(&doctor, "doctor", false, "looks for what is wrong, for the languages=... and formats=... given, with commas")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if doctor {
		return examine(ctx, client, flags.Args(), out)
	}
	if flags.NArg() == 0 {
		return list(out)
	}
	params, err := paramsOf(flags.Args()[1:])
	if err != nil {
		return err
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

// paramsOf reads name=value.
func paramsOf(args []string) (map[string][]string, error) {
	params := map[string][]string{}
	for _, arg := range args {
		name, value, ok := strings.Cut(arg, "=")
		if !ok {
			return nil, fmt.Errorf("%q is not name=value", arg)
		}
		params[name] = append(params[name], value)
	}
	return params, nil
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
