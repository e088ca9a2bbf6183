package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/asterism-go/asterism/ami"
)

// options are what the command line says.
type options struct {
	addr, user string
	json       bool
	columns    string
	action     ami.Action
}

func parse(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("action", flag.ContinueOnError)
	flags.StringVar(&o.addr, "addr", ami.DefaultAddr, "`host:port` of the Manager")
	flags.StringVar(&o.user, "user", "", "`name` of the user in manager.conf; the secret is in ASTERISM_AMI_SECRET")
	flags.BoolVar(&o.json, "json", false, "print JSON, one object a line")
	flags.StringVar(&o.columns, "columns", "", "the `headers` to show of a list, separated by commas")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() == 0 {
		return o, errors.New("which action? Give its name, then Header=value ...")
	}
	o.action.Name = flags.Arg(0)
	for _, arg := range flags.Args()[1:] {
		key, value, ok := strings.Cut(arg, "=")
		if !ok {
			return o, fmt.Errorf("%q is not Header=value", arg)
		}
		o.action = o.action.With(key, value)
	}
	return o, nil
}

func run(ctx context.Context, args []string, out io.Writer) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	client := &ami.Client{
		Addr: o.addr, Username: o.user, Secret: os.Getenv("ASTERISM_AMI_SECRET"), EventMask: "off", ReconnectWait: -1,
	}
	if err := client.Connect(ctx); err != nil {
		return err
	}
	defer client.Close()
	list, err := client.List(ctx, o.action)
	if err != nil {
		return err
	}
	messages := list.Items
	if list.Complete.Len() == 0 {
		messages = []ami.Message{list.Response}
	}
	switch {
	case o.json:
		return printJSON(out, messages)
	case list.Complete.Len() == 0:
		return printAnswer(out, list.Response)
	}
	return printTable(out, messages, o.columns)
}

// printAnswer prints an answer that is no list: the lines of Output as they are, if it has any.
func printAnswer(out io.Writer, m ami.Message) error {
	var b bytes.Buffer
	if lines := m.Values("Output"); lines != nil {
		b.WriteString(strings.Join(lines, "\n") + "\n")
	} else {
		for key, value := range m.All() {
			if key != "ActionID" {
				fmt.Fprintf(&b, "%s: %s\n", key, value)
			}
		}
	}
	_, err := out.Write(b.Bytes())
	return err
}

// printJSON prints each message as an object whose keys are in the order of the wire; a repeated key becomes an array.
func printJSON(out io.Writer, messages []ami.Message) error {
	for _, m := range messages {
		object, err := object(m)
		if err != nil {
			return err
		}
		if _, err := out.Write(append(object, '\n')); err != nil {
			return err
		}
	}
	return nil
}

func object(m ami.Message) ([]byte, error) {
	var b bytes.Buffer
	for _, key := range keys(m) {
		var value any = m.Get(key)
		if values := m.Values(key); len(values) > 1 {
			value = values
		}
		name, err := json.Marshal(key)
		if err != nil {
			return nil, err
		}
		text, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%c%s:%s", separator(b.Len()), name, text)
	}
	return append(b.Bytes(), '}'), nil
}

func separator(written int) byte {
	if written == 0 {
		return '{'
	}
	return ','
}

// keys returns the keys of a message but that of the protocol's own, each once.
func keys(m ami.Message) []string {
	var all []string
	for key := range m.All() {
		known := slices.ContainsFunc(all, func(other string) bool { return strings.EqualFold(other, key) })
		if !known && key != "ActionID" {
			all = append(all, key)
		}
	}
	return all
}

// printTable prints a list with a column for each header that any item has, or for those that are asked for.
func printTable(out io.Writer, items []ami.Message, columns string) error {
	var header []string
	if columns != "" {
		header = strings.Split(columns, ",")
	}
	for _, item := range items {
		if columns != "" {
			break
		}
		for _, key := range keys(item) {
			if !slices.Contains(header, key) {
				header = append(header, key)
			}
		}
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, strings.Join(header, "\t"))
	for _, item := range items {
		row := make([]string, 0, len(header))
		for _, key := range header {
			row = append(row, strings.Join(item.Values(key), " "))
		}
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	return w.Flush()
}
