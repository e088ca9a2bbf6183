package main

import (
	"fmt"
	"os"
)

func main() {
	f, err := os.Open(os.Args[1])
	if err != nil {
		panic(err)
	}
	facts, err := extract(f, os.Args[2], os.Args[3])
	if err != nil {
		panic(err)
	}
	text, err := facts.write()
	if err != nil {
		panic(err)
	}
	fmt.Fprintf(os.Stdout, "%s", text)
}
