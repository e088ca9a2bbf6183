// Package s3store is a bucket of an S3 service as a store of recordings: an archive.
//
//	store, err := s3store.New(s3store.Config{
//		Endpoint: "s3.example", Bucket: "recordings", Prefix: "pbx1", AccessKey: id, SecretKey: secret,
//	})
//
// Names are keys below the prefix. S3 has no folders: List tells those that keys seem to lie in, Stat knows none.
package s3store

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/internal/storeio"
)

// Config says where the bucket is. Endpoint, Bucket, AccessKey and SecretKey are needed.
type Config struct {
	// Endpoint is the host of the service, with a port if need be, without a scheme.
	Endpoint string
	// Bucket is the bucket, which must be there; Prefix a folder in it that names are below.
	Bucket, Prefix       string
	AccessKey, SecretKey string
	// Region is the bucket's. Default: the service is asked.
	Region string
	// Insecure uses HTTP in place of HTTPS.
	Insecure bool
	// Transport carries the requests. Default: minio.DefaultTransport.
	Transport http.RoundTripper
}

// partSize is how much is held in memory before it is sent: a file up to this size is sent in one piece. S3 takes 10,000 pieces,
// so the largest file is 160 GB.
const partSize = 16 << 20

// Store is a bucket, or a part of it. It may be used by several goroutines at once.
type Store struct {
	name   string
	cfg    Config
	client *minio.Client
	closed atomic.Bool
}

var _ recording.Store = (*Store)(nil)

// New makes a store. Nothing is asked of the service before it is needed.
func New(cfg Config) (*Store, error) {
	if cfg.Prefix = strings.Trim(cfg.Prefix, "/"); cfg.Prefix != "" {
		if err := recording.CheckName(cfg.Prefix); err != nil {
			return nil, fmt.Errorf("recording: s3: prefix: %w", err)
		}
	}
	client, err := minio.New(cfg.Endpoint, &minio.Options{
		Creds: credentials.NewStaticV4(cfg.AccessKey, cfg.SecretKey, ""), Secure: !cfg.Insecure, Region: cfg.Region, Transport: cfg.Transport,
	})
	if err != nil {
		return nil, fmt.Errorf("recording: s3: %w", err)
	}
	return &Store{name: "s3 " + cfg.Endpoint + "/" + recording.Join(cfg.Bucket, cfg.Prefix), cfg: cfg, client: client}, nil
}

// String names the store as its errors do.
func (s *Store) String() string { return s.name }

// Close makes further calls fail.
func (s *Store) Close() error {
	s.closed.Store(true)
	return nil
}

// key is the key of a name.
func (s *Store) key(name string) string {
	if s.cfg.Prefix == "" {
		return name
	}
	return s.cfg.Prefix + "/" + name
}

// ready tells whether a name may be asked for.
func (s *Store) ready(ctx context.Context, name string) error {
	if err := recording.CheckName(name); err != nil {
		return err
	}
	if s.closed.Load() {
		return recording.ErrClosed
	}
	return ctx.Err()
}

func (s *Store) stat(ctx context.Context, name string) (recording.Info, error) {
	if err := s.ready(ctx, name); err != nil {
		return recording.Info{}, err
	}
	object, err := s.client.StatObject(ctx, s.cfg.Bucket, s.key(name), minio.StatObjectOptions{})
	if err != nil {
		return recording.Info{}, err
	}
	return told(name, object), nil
}

func told(name string, object minio.ObjectInfo) recording.Info {
	return recording.Info{Name: name, Size: object.Size, Time: object.LastModified, Tag: object.ETag}
}

// Stat tells of a file.
func (s *Store) Stat(ctx context.Context, name string) (recording.Info, error) {
	info, err := s.stat(ctx, name)
	return info, s.fail("stat", name, err)
}

// Open reads a range of a file. One that was replaced since its beginning is ErrChanged.
func (s *Store) Open(ctx context.Context, name string, off, n int64) (io.ReadCloser, error) {
	info, err := s.stat(ctx, name)
	if err != nil {
		return nil, s.fail("open", name, err)
	}
	if off < 0 {
		return nil, s.fail("open", name, fs.ErrInvalid)
	}
	want := storeio.Extent(info.Size, off, n)
	if want == 0 {
		return io.NopCloser(strings.NewReader("")), nil
	}
	options := minio.GetObjectOptions{}
	err = options.SetRange(off, off+want-1)
	if err == nil && info.Tag != "" {
		err = options.SetMatchETag(info.Tag)
	}
	if err != nil {
		return nil, s.fail("open", name, err)
	}
	core := minio.Core{Client: s.client}
	body, _, _, err := core.GetObject(ctx, s.cfg.Bucket, s.key(name), options)
	if err != nil {
		return nil, s.fail("open", name, err)
	}
	return &reader{storeio.Exactly(body, want, recording.ErrConnection), s, name, ctx}, nil
}

// reader puts errors into the words that all stores have.
type reader struct {
	io.ReadCloser
	store *Store
	name  string
	ctx   context.Context //nolint:containedctx // it tells why reading has ended
}

func (r *reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, r.store.fail("read", r.name, err)
	}
	n, err := r.ReadCloser.Read(p)
	if err != nil && err != io.EOF { //nolint:errorlint // a reader's end is this very value
		err = r.store.fail("read", r.name, err)
	}
	return n, err
}

// List tells of what is in a folder.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[recording.Info, error] {
	return storeio.Listed(func() ([]recording.Info, error) {
		all, err := s.list(ctx, prefix)
		return all, s.fail("list", prefix, err)
	})
}

func (s *Store) list(ctx context.Context, prefix string) ([]recording.Info, error) {
	_, _, err := recording.CheckPrefix(prefix)
	if err == nil {
		err = s.ready(ctx, "x")
	}
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the listing if it is left early
	var all []recording.Info
	for object := range s.client.ListObjects(ctx, s.cfg.Bucket, minio.ListObjectsOptions{Prefix: s.key(prefix)}) {
		if object.Err != nil {
			return nil, object.Err
		}
		info := told(strings.TrimPrefix(object.Key, s.key("")), object)
		if folder, ok := strings.CutSuffix(info.Name, "/"); ok {
			info = recording.Info{Name: folder, Dir: true}
		}
		if recording.CheckName(info.Name) == nil {
			all = append(all, info)
		}
	}
	slices.SortFunc(all, func(a, b recording.Info) int { return strings.Compare(a.Name, b.Name) })
	return all, ctx.Err()
}

// Put stores a file. The service shows it when it has all of it; a source that gives too little or too much is seen before: all
// but the last 16 MiB at most are sent by then, and thrown away.
func (s *Store) Put(ctx context.Context, name string, r io.Reader, size int64) error {
	if err := s.ready(ctx, name); err != nil {
		return s.fail("put", name, err)
	}
	source := storeio.Sized(ctx, r, size)
	body, length := bufio.NewReader(source), int64(-1)
	if _, err := body.Peek(1); err == io.EOF {
		length = 0
	}
	// Without a length the library reads to the end before it completes the file; with one it would not see that there is more.
	_, err := s.client.PutObject(ctx, s.cfg.Bucket, s.key(name), body, length, minio.PutObjectOptions{
		ContentType: recording.MediaType(name), PartSize: partSize,
	})
	if source.Err != nil {
		err = source.Err
	}
	if err == nil {
		var info recording.Info
		if info, err = s.stat(ctx, name); err == nil && info.Size != source.N {
			err = fmt.Errorf("%w: the service has %d bytes of %d", recording.ErrSize, info.Size, source.N)
		}
	}
	return s.fail("put", name, err)
}

// Delete removes a file. Of a bucket with versions the others stay.
func (s *Store) Delete(ctx context.Context, name string) error {
	_, err := s.stat(ctx, name) // S3 does not tell that there was none
	if err == nil {
		err = s.client.RemoveObject(ctx, s.cfg.Bucket, s.key(name), minio.RemoveObjectOptions{})
	}
	return s.fail("delete", name, err)
}

func (s *Store) fail(op, name string, err error) error {
	return storeio.Fail(s.name, op, name, translate(err))
}

// translate puts an error of the library into the words that all stores have.
func translate(err error) error {
	var no minio.ErrorResponse
	var network net.Error
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.Is(err, recording.ErrConnection):
		return err
	case errors.As(err, &no):
		return fmt.Errorf("%w: %w", meaning(no), err)
	case errors.As(err, &network), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: %w", recording.ErrConnection, err)
	}
	return err
}

// errRefused is a no of the service for which there is no other word.
var errRefused = errors.New("the service refuses")

// meaning is what a code means.
func meaning(no minio.ErrorResponse) error {
	switch no.Code {
	case minio.NoSuchKey, minio.NoSuchBucket:
		return fs.ErrNotExist
	case "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken":
		return recording.ErrAuth
	case minio.AccessDenied:
		return fs.ErrPermission
	case "QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded":
		return recording.ErrNoSpace
	case minio.PreconditionFailed:
		return recording.ErrChanged
	}
	if no.StatusCode >= http.StatusInternalServerError || no.StatusCode == http.StatusTooManyRequests {
		return recording.ErrConnection
	}
	return errRefused
}
