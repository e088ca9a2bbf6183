package sqldir

import "testing"

func TestPlaceholders(t *testing.T) {
	for placeholder, want := range map[Placeholder]string{
		Question: "a=? AND b=? AND c='it''s' AND d=?",
		Dollar:   "a=$1 AND b=$2 AND c='it''s' AND d=$3",
		At:       "a=@p1 AND b=@p2 AND c='it''s' AND d=@p3",
		Colon:    "a=:1 AND b=:2 AND c='it''s' AND d=:3",
	} {
		cfg := Config{Placeholder: placeholder}
		q, err := cfg.prepare("a={x} AND b={y} AND c='it''s' AND d={x}", []string{"x", "y"})
		if err != nil || q.text != want || len(q.names) != 3 || q.names[2] != "x" {
			t.Errorf("%d: %+v, %v; want %s", placeholder, q, err, want)
		}
	}
}
