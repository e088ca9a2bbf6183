package event

import (
	"compress/gzip"
	"fmt"
	"os"
	"sort"
	"testing"

	"github.com/asterism-go/asterism/ami"
)

func TestScratch(t *testing.T) {
	f, _ := os.Open("../testdata/trace.ami.gz")
	z, _ := gzip.NewReader(f)
	r := ami.NewReader(z); fmt.Println(r.ReadBanner())
	un := map[string]int{}
	errs := map[string]int{}
	n := 0
	for {
		m, err := r.ReadMessage()
		if err != nil {
			fmt.Println(err)
			break
		}
		if m.Event() == "" {
			continue
		}
		n++
		e := Decode(m)
		if _, ok := e.(*Unknown); ok {
			un["UNKNOWN "+m.Event()]++
		}
		for _, h := range e.Unmapped() {
			un[m.Event()+" "+h.Key]++
		}
		if e.Err() != nil {
			errs[e.Err().Error()]++
		}
	}
	fmt.Println(n)
	for _, x := range []map[string]int{un, errs} {
		var l []string
		for k, v := range x {
			l = append(l, fmt.Sprint(k, " ", v))
		}
		sort.Strings(l)
		for _, s := range l {
			fmt.Println(s)
		}
	}
}
