package archive

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/asterism-go/asterism/recording"
)

// Manifest says what a recording in the archive is.
type Manifest struct {
	// Version is 1.
	Version int    `json:"version"`
	Name    string `json:"name"`
	// Size and SHA256 are those of the recording.
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	// Data is where it lies in the store, DataSize and DataSHA256 what lies there: something else than the recording if it is
	// encrypted.
	Data       string `json:"data"`
	DataSize   int64  `json:"data_size"`
	DataSHA256 string `json:"data_sha256"`
	Encrypted  bool   `json:"encrypted,omitempty"`
	// Recorded is when it was changed last before it was archived; zero if the source did not tell. Archived is when that was done.
	Recorded time.Time `json:"recorded,omitzero"`
	Archived time.Time `json:"archived"`
	// KeepUntil is when it may be deleted, and [Archive.Expire] deletes it. Zero: that was not decided.
	KeepUntil time.Time `json:"keep_until,omitzero"`
}

// Hold is a legal hold.
type Hold struct {
	// ID names it, in letters, digits and . _ -.
	ID   string `json:"id"`
	Name string `json:"name"`
	// By and Reason are who asked for it and why.
	By     string    `json:"by,omitempty"`
	Reason string    `json:"reason,omitempty"`
	At     time.Time `json:"at"`
}

// Deletion says that a recording was deleted.
type Deletion struct {
	// Recording is what it was.
	Recording Manifest  `json:"recording"`
	By        string    `json:"by,omitempty"`
	Reason    string    `json:"reason,omitempty"`
	Ordered   time.Time `json:"ordered"`
	// Done is when it was seen that neither the data nor the manifest is there any more. Zero: it is being deleted.
	Done time.Time `json:"done,omitzero"`
}

// sealed is a document as it lies in the store. The seal is of the bytes of the document and of its name in the store, so that
// none can stand in for another.
type sealed struct {
	Document json.RawMessage `json:"document"`
	Seal     string          `json:"seal,omitempty"`
}

// maxDocument is the largest document that is written and read, in bytes.
const maxDocument = 64 << 10

// checkKey refuses a key that would protect little, or nothing.
func (a *Archive) checkKey() error {
	if a.Key != nil && len(a.Key) < MinKey {
		return fmt.Errorf("%w: %d bytes instead of at least %d", ErrKey, len(a.Key), MinKey)
	}
	return nil
}

func (a *Archive) seal(name string, document []byte) string {
	if len(a.Key) == 0 {
		return ""
	}
	mac := hmac.New(sha256.New, a.Key)
	fmt.Fprintf(mac, "%d %s\n", len(name), name)
	mac.Write(document)
	return hex.EncodeToString(mac.Sum(nil))
}

// text is a document as it lies in the store. One that could not be read again is refused.
func (a *Archive) text(name string, document any) ([]byte, error) {
	if err := a.checkKey(); err != nil {
		return nil, err
	}
	text, err := json.Marshal(document)
	if err != nil {
		return nil, err
	}
	text, err = json.Marshal(sealed{Document: text, Seal: a.seal(name, text)})
	if err != nil {
		return nil, err
	}
	if len(text) >= maxDocument {
		return nil, fmt.Errorf("%w: %s would be over %d bytes", ErrTooLong, name, maxDocument)
	}
	return append(text, '\n'), nil
}

// write stores a document, and reads it back.
func (a *Archive) write(ctx context.Context, name string, document any) error {
	text, err := a.text(name, document)
	if err != nil {
		return err
	}
	if err := a.Store.Put(ctx, name, bytes.NewReader(text), int64(len(text))); err != nil {
		return err
	}
	stored, err := a.readAll(ctx, name)
	if err != nil {
		return err
	}
	if !bytes.Equal(stored, text) {
		return fmt.Errorf("%w: %s is not what was written", recording.ErrHash, name)
	}
	return nil
}

func (a *Archive) readAll(ctx context.Context, name string) ([]byte, error) {
	r, err := a.Store.Open(ctx, name, 0, maxDocument+1)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil {
		return nil, err
	}
	if len(text) > maxDocument {
		return nil, fmt.Errorf("%w: %s is over %d bytes", recording.ErrHash, name, maxDocument)
	}
	return text, nil
}

// read reads a document. One that is damaged, not sealed, or about another recording is an error.
func (a *Archive) read(ctx context.Context, name string, into any) error {
	if err := a.checkKey(); err != nil {
		return err
	}
	text, err := a.readAll(ctx, name)
	if err != nil {
		return err
	}
	var s sealed
	if err := json.Unmarshal(text, &s); err != nil {
		return fmt.Errorf("%w: %s: %w", recording.ErrHash, name, err)
	}
	if !hmac.Equal([]byte(s.Seal), []byte(a.seal(name, s.Document))) && len(a.Key) > 0 {
		return fmt.Errorf("%w: %s", ErrSeal, name)
	}
	if err := json.Unmarshal(s.Document, into); err != nil {
		return fmt.Errorf("%w: %s: %w", recording.ErrHash, name, err)
	}
	return nil
}

// Manifest returns what is known of a recording in the archive; [fs.ErrNotExist] if there is none.
func (a *Archive) Manifest(ctx context.Context, name string) (*Manifest, error) {
	if err := recording.CheckName(name); err != nil {
		return nil, err
	}
	m := &Manifest{}
	if err := a.read(ctx, manifestName(name), m); err != nil {
		return nil, err
	}
	if !m.isOf(name) {
		return nil, fmt.Errorf("%w: %s is of another recording, or version", recording.ErrHash, manifestName(name))
	}
	return m, nil
}

// isOf tells whether a manifest is of a recording, and its data where that of the recording is.
func (m *Manifest) isOf(name string) bool {
	data := dataFolder + "/" + name
	if m.Encrypted {
		data += encryptedEnd
	}
	return m.Version == 1 && m.Name == name && m.Data == data
}

// Deletion returns what is known of the deletion of a recording; [fs.ErrNotExist] if it was not deleted.
func (a *Archive) Deletion(ctx context.Context, name string) (*Deletion, error) {
	if err := recording.CheckName(name); err != nil {
		return nil, err
	}
	d := &Deletion{}
	if err := a.read(ctx, deletedName(name), d); err != nil {
		return nil, err
	}
	if !d.Recording.isOf(name) {
		return nil, fmt.Errorf("%w: %s is of another recording", recording.ErrHash, deletedName(name))
	}
	return d, nil
}

// exists tells whether something is in a store.
func exists(ctx context.Context, s recording.Store, name string) (bool, error) {
	_, err := s.Stat(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
