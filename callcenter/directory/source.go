package directory

import (
	"context"
	"errors"

	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

// Source is a place that knows people. Its methods may be called by several goroutines at once.
//
// Nobody found is no error. An error means that the source could not tell; it holds no secret, neither a password nor a
// token. With [ErrTooMany] it returns some of the people. Methods return soon after ctx is done; a [Chain] does not wait for one that does not.
type Source interface {
	// Name is a short name for answers, logs and metrics. It does not change.
	Name() string
	// ByNumber returns the people whose number may be this one. It may return too many: the [Chain] compares the numbers.
	// Of somebody with no Numbers it takes the source's word.
	ByNumber(ctx context.Context, number numbers.Number) ([]Person, error)
	// ByUsername returns the people with this username, which is one that somebody has typed: it may hold anything. The
	// Chain drops those whose Username differs (but for case).
	ByUsername(ctx context.Context, username string) ([]Person, error)
}

// Directory is what a [Chain] and a [Cache] are. The Answer is of use whatever the error is.
type Directory interface {
	ByNumber(ctx context.Context, number numbers.Number) (Answer, error)
	ByUsername(ctx context.Context, username string) (Answer, error)
}

var (
	_ Directory = (*Chain)(nil)
	_ Directory = (*Cache)(nil)
	_ Source    = (*Table)(nil)
)

var (
	// ErrNotFound says that every source has answered and none knows, or that there was nothing to look for: a withheld
	// number, an empty username.
	ErrNotFound = errors.New("directory: nobody found")
	// ErrAmbiguous says that it is not sure who it is: several people share the number or the username, or only the last
	// digits agree. The answer's Candidates hold them; there may be just one.
	ErrAmbiguous = errors.New("directory: not sure who it is")
	// ErrUnavailable says that sources that might know have failed or were not asked, and the others do not know. The
	// error wraps theirs.
	ErrUnavailable = errors.New("directory: unavailable")
	// ErrTooMany is the error of a [Source] that knows more people than it returns: more share a number or a username
	// than its limit allows. The source is well, but who it is cannot be told; a [Chain] takes it as ErrAmbiguous.
	ErrTooMany = errors.New("more people match than the limit allows")
)
