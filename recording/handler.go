package recording

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"time"
)

// Handler serves the recording of a call over HTTP: with ranges, so that a player can jump, with an ETag, and with a file name that is
// safe. Only a recording that is certainly that call's is served, as [Finder.Open] has it. Finder, Call and Allow are needed; without Allow nobody gets anything.
type Handler struct {
	Finder *Finder
	// Call tells which call a request is about: by an id in its path, looked up where calls are kept. Its error is told as
	// that of the recording would be: fs.ErrNotExist as 404, fs.ErrPermission as 403.
	Call func(r *http.Request) (Call, error)
	// Allow decides whether this request may have the recording of that call; an error is a no. It is asked before anything is
	// looked for. A no is told as 404, as a call that there is not: else ids could be tried out. Audit is told the error.
	Allow func(r *http.Request, call Call) error
	// Audit, if not nil, is told of every request at its end, of refused ones too.
	Audit func(ctx context.Context, entry Access)
	// Attachment makes browsers save the file and not play it.
	Attachment bool
}

// Access is who has got what: an entry for an audit log.
type Access struct {
	At       time.Time
	Duration time.Duration
	// Remote is the address of the client, Range what it asked for.
	Remote, Method, Range string
	// CallID is the call's, Name the file's; they are empty if it did not come to that.
	CallID, Name string
	// Status is that of the answer, Bytes how much of the body was sent.
	Status int
	Bytes  int64
	// Err is why it was refused or broken off.
	Err error
}

// ServeHTTP answers GET and HEAD.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	entry := Access{At: time.Now(), Remote: r.RemoteAddr, Method: r.Method, Range: r.Header.Get("Range")}
	counted := &counter{ResponseWriter: w}
	defer func() {
		entry.Duration, entry.Status, entry.Bytes = time.Since(entry.At), counted.status, counted.bytes
		if h.Audit != nil {
			h.Audit(r.Context(), entry)
		}
	}()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		counted.Header().Set("Allow", "GET, HEAD")
		http.Error(counted, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	file, err := h.open(r, &entry)
	if err != nil {
		entry.Err = err
		status := statusOf(err)
		if status == http.StatusServiceUnavailable {
			counted.Header().Set("Retry-After", "5")
		}
		http.Error(counted, http.StatusText(status), status) // no more than that: errors name hosts and files
		return
	}
	defer file.Close()
	h.headers(counted, file)
	reading := &watched{File: file}
	http.ServeContent(counted, r, "", file.Time, reading)
	entry.Err = reading.err
}

// errRefused is a no of Allow.
var errRefused = fmt.Errorf("recording: %w: refused", fs.ErrPermission)

// open finds the file.
func (h *Handler) open(r *http.Request, entry *Access) (*File, error) {
	if h.Allow == nil {
		return nil, fmt.Errorf("%w: nobody is allowed", fs.ErrPermission)
	}
	call, err := h.Call(r)
	if err != nil {
		return nil, err
	}
	entry.CallID = call.ID
	if err := h.Allow(r, call); err != nil {
		return nil, fmt.Errorf("%w: %w", errRefused, err)
	}
	file, err := h.Finder.Open(r.Context(), call)
	if err == nil {
		entry.Name = file.Name
	}
	return file, err
}

// headers sets what ServeContent does not.
func (h *Handler) headers(w http.ResponseWriter, file *File) {
	header := w.Header()
	header.Set("Content-Type", file.MediaType)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "private, no-cache")
	header.Set("Etag", ETag(file.Info))
	kind := "inline"
	if h.Attachment {
		kind = "attachment"
	}
	header.Set("Content-Disposition", mime.FormatMediaType(kind, map[string]string{"filename": SafeFileName(file.Name)}))
}

// ETag is a strong entity tag (RFC 9110, section 8.8.3) of what a store tells of a file: it changes with name, size, time and tag.
func ETag(info Info) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %d %d %q", info.Name, info.Size, info.Time.UnixNano(), info.Tag))
	return `"` + hex.EncodeToString(sum[:16]) + `"`
}

// statusOf is the status that an error is told with.
func statusOf(err error) int {
	switch {
	case errors.Is(err, errRefused):
		return http.StatusNotFound
	case errors.Is(err, fs.ErrPermission), errors.Is(err, ErrOutside), errors.Is(err, ErrUnsafeName):
		return http.StatusForbidden
	case errors.Is(err, ErrNoRecording), errors.Is(err, fs.ErrNotExist):
		return http.StatusNotFound
	case errors.Is(err, ErrConnection), errors.Is(err, context.DeadlineExceeded):
		return http.StatusServiceUnavailable
	case errors.Is(err, ErrAuth), errors.Is(err, ErrChanged):
		return http.StatusBadGateway
	}
	return http.StatusInternalServerError
}

// watched keeps the error of a reading, which ServeContent does not tell.
type watched struct {
	*File
	err error
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.File.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}

// counter counts what is sent.
type counter struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (c *counter) WriteHeader(status int) {
	if c.status == 0 {
		c.status = status
	}
	c.ResponseWriter.WriteHeader(status)
}

func (c *counter) Write(p []byte) (int, error) {
	if c.status == 0 {
		c.status = http.StatusOK
	}
	n, err := c.ResponseWriter.Write(p)
	c.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController find what is behind.
func (c *counter) Unwrap() http.ResponseWriter { return c.ResponseWriter }
