package archive

import (
	"context"
	"errors"
	"iter"

	"github.com/asterism-go/asterism/recording"
)

// maxDepth is how many folders deep Walk goes.
const maxDepth = 32

// errTooDeep ends a Walk that may have no end.
var errTooDeep = errors.New("archive: folders are more than 32 deep")

// Walk yields all files in a folder of a store and in those below it, the root's if it is empty. A folder that is not there has
// none. After an error it ends.
func Walk(ctx context.Context, s recording.Store, folder string) iter.Seq2[recording.Info, error] {
	return func(yield func(recording.Info, error) bool) {
		walk(ctx, s, folder, yield)
	}
}

func walk(ctx context.Context, s recording.Store, folder string, yield func(recording.Info, error) bool) bool {
	prefix, depth := folder, 0
	if prefix != "" {
		prefix += "/"
	}
	for i := range prefix {
		if prefix[i] == '/' {
			depth++
		}
	}
	if depth > maxDepth {
		yield(recording.Info{}, errTooDeep)
		return false
	}
	for info, err := range s.List(ctx, prefix) {
		switch {
		case err != nil:
			yield(info, err)
			return false
		case info.Dir:
			if !walk(ctx, s, info.Name, yield) {
				return false
			}
		case !yield(info, nil):
			return false
		}
	}
	return true
}
