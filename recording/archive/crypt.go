package archive

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"

	"filippo.io/age"

	"github.com/asterism-go/asterism/recording"
)

// The payload of age is in chunks of 64 kB, each with a tag of 16 bytes; the last one may be smaller, but none is empty unless all are.
const (
	chunk = 64 << 10
	tag   = 16
)

// encrypt encrypts as it is read. Size is that of the plain text, and what it returns that of all; -1 is unknown. Done must be
// called when reading is over, whether or not at the end.
func encrypt(plain io.Reader, size int64, to []age.Recipient) (r io.Reader, encrypted int64, done func(), err error) {
	pr, pw := io.Pipe()
	sink := &switching{to: &bytes.Buffer{}}
	w, err := age.Encrypt(sink, to...)
	if err != nil {
		return nil, 0, nil, err
	}
	header := sink.to.(*bytes.Buffer)
	encrypted = -1
	if size >= 0 {
		encrypted = int64(header.Len()) + size + max(1, (size+chunk-1)/chunk)*tag
	}
	sink.to = pw
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, err := io.Copy(w, plain)
		if err == nil {
			err = w.Close()
		}
		pw.CloseWithError(err)
	}()
	done = func() { pr.Close(); <-ended }
	return io.MultiReader(header, pr), encrypted, done, nil
}

// switching writes to what it is set to.
type switching struct{ to io.Writer }

func (s *switching) Write(p []byte) (int, error) { return s.to.Write(p) }

// Open reads a recording of the archive, decrypted. Reading gives an error at its end, [recording.ErrHash] or
// [recording.ErrSize], if it is not what was archived.
func (a *Archive) Open(ctx context.Context, name string) (io.ReadCloser, *Manifest, error) {
	m, r, err := a.open(ctx, name)
	sum := ""
	if err == nil {
		sum = m.SHA256
	} else {
		err = &Error{Op: "open", Step: "read it", Name: name, Err: err}
	}
	return r, m, a.told(ctx, Entry{Op: "open", Name: name, SHA256: sum, Err: err})
}

func (a *Archive) open(ctx context.Context, name string) (*Manifest, io.ReadCloser, error) {
	m, err := a.Manifest(ctx, name)
	if err != nil {
		return nil, nil, err
	}
	if m.Encrypted && len(a.Identities) == 0 {
		return nil, nil, ErrNoIdentity
	}
	data, err := a.Store.Open(ctx, m.Data, 0, -1)
	if err != nil {
		return nil, nil, err
	}
	plain := io.Reader(data)
	if m.Encrypted {
		if plain, err = age.Decrypt(data, a.Identities...); err != nil {
			data.Close()
			var none *age.NoIdentityMatchError
			if errors.As(err, &none) {
				err = fmt.Errorf("%w: %w", ErrNoIdentity, err)
			}
			return nil, nil, err
		}
	}
	return m, &opened{plain: plain, data: data, want: want{m.Size, m.SHA256}, sum: sha256.New()}, nil
}

// opened compares at the end of what it reads.
type opened struct {
	plain io.Reader
	data  io.Closer
	want  want
	n     int64
	sum   hash.Hash
}

func (o *opened) Read(p []byte) (int, error) {
	n, err := o.plain.Read(p)
	o.n += int64(n)
	o.sum.Write(p[:n])
	if !errors.Is(err, io.EOF) {
		return n, err
	}
	if o.n != o.want.size {
		return n, fmt.Errorf("%w: %d bytes instead of %d", recording.ErrSize, o.n, o.want.size)
	}
	if got := hex.EncodeToString(o.sum.Sum(nil)); got != o.want.sum {
		return n, fmt.Errorf("%w: SHA-256 %s instead of %s", recording.ErrHash, got, o.want.sum)
	}
	return n, io.EOF
}

func (o *opened) Close() error { return o.data.Close() }
