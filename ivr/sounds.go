package ivr

import "fmt"

// Sounds returns the names of the sounds that say pieces in a language.
func Sounds(language string, pieces ...Piece) ([]string, error) {
	var all []string
	for _, p := range pieces {
		switch p.kind {
		case pieceSound:
			if p.text != "" {
				all = append(all, p.text)
			}
		default:
			return nil, fmt.Errorf("ivr: cannot say this in %q", language)
		}
	}
	return all, nil
}
