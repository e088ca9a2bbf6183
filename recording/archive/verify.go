package archive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"strings"
	"time"

	"github.com/asterism-go/asterism/recording"
)

// Fault is what is wrong with something in the archive.
type Fault string

// The faults.
const (
	Missing    Fault = "missing"    // there is a manifest, and no data
	Altered    Fault = "altered"    // the data, or a document, is not what was stored
	Extra      Fault = "extra"      // there is data that no manifest is of, or something that belongs nowhere
	Unfinished Fault = "unfinished" // a file that is being written, or whose writer died
	Undeleted  Fault = "undeleted"  // it was ordered to delete it, and that is not done, or it has come back
)

// Finding is something that is wrong.
type Finding struct {
	// Name is that of the file in the store.
	Name  string
	Fault Fault
	// Err says more.
	Err error
}

func (f Finding) String() string { return fmt.Sprintf("%s: %s: %v", f.Fault, f.Name, f.Err) }

// Report is what a Verify has seen.
type Report struct {
	// Recordings is how many are in the archive and all right, Bytes how many bytes of data were read.
	Recordings int
	Bytes      int64
	Deletions  int // that are proven
	Findings   []Finding
}

// Verify reads all that is in the archive and compares it with the manifests. An error is one of the store: then not all was
// seen. The memory it takes grows with what it finds only, and with the number of files in one folder.
func (a *Archive) Verify(ctx context.Context) (Report, error) {
	v := &verifier{Archive: a}
	for _, look := range []func(context.Context) error{v.manifests, v.data, v.deletions, v.rest} {
		if err := look(ctx); err != nil {
			return v.report, &Error{Op: "verify", Step: "look at all", Err: err}
		}
	}
	return v.report, nil
}

type verifier struct {
	*Archive
	report Report
}

func (v *verifier) found(name string, fault Fault, err error) {
	v.report.Findings = append(v.report.Findings, Finding{Name: name, Fault: fault, Err: err})
}

// broken tells an error that is of the store from one of what lies in it.
func broken(err error) bool {
	for _, known := range []error{fs.ErrNotExist, recording.ErrHash, recording.ErrSize, recording.ErrUnsafeName, ErrSeal} {
		if errors.Is(err, known) {
			return false
		}
	}
	return err != nil
}

// manifests compares each manifest with its data.
func (v *verifier) manifests(ctx context.Context) error {
	for name, err := range v.documents(ctx, manifestFolder) {
		if err != nil {
			return err
		}
		m, err := v.Manifest(ctx, name)
		if err == nil {
			if err = v.checkData(ctx, m); err == nil {
				v.report.Recordings++
				v.report.Bytes += m.DataSize
				continue
			}
		} else if !broken(err) {
			v.found(manifestName(name), Altered, err)
			continue
		}
		switch {
		case broken(err):
			return err
		case errors.Is(err, fs.ErrNotExist):
			v.found(m.Data, Missing, err)
		default:
			v.found(m.Data, Altered, err)
		}
	}
	return nil
}

// errNoManifest says why data is extra.
var errNoManifest = errors.New("no manifest is of it")

// data looks for the manifest of each file.
func (v *verifier) data(ctx context.Context) error {
	for info, err := range Walk(ctx, v.Store, dataFolder) {
		if err != nil {
			return err
		}
		if recording.IsPart(info.Name) {
			v.found(info.Name, Unfinished, nil)
			continue
		}
		owned, err := v.owned(ctx, info.Name)
		if err != nil {
			return err
		}
		if !owned {
			v.found(info.Name, Extra, errNoManifest)
		}
	}
	return nil
}

// owned tells whether a manifest is of a file of data. One that is damaged is told already.
func (v *verifier) owned(ctx context.Context, data string) (bool, error) {
	name := strings.TrimPrefix(data, dataFolder+"/")
	for _, name := range []string{name, strings.TrimSuffix(name, encryptedEnd)} {
		m, err := v.Manifest(ctx, name)
		if broken(err) {
			return false, err
		}
		if err == nil && m.Data == data || err != nil && !errors.Is(err, fs.ErrNotExist) {
			return true, nil
		}
	}
	return false, nil
}

// deletions makes sure that what was deleted is not there.
func (v *verifier) deletions(ctx context.Context) error {
	for name, err := range v.documents(ctx, deletedFolder) {
		if err != nil {
			return err
		}
		d, err := v.Deletion(ctx, name)
		if broken(err) {
			return err
		}
		if err != nil {
			v.found(deletedName(name), Altered, err)
			continue
		}
		there, err := exists(ctx, v.Store, d.Recording.Data)
		if err != nil {
			return err
		}
		switch {
		case there:
			v.found(d.Recording.Data, Undeleted, fmt.Errorf("it was ordered on %s", d.Ordered.Format(time.RFC3339)))
		case d.Done.IsZero():
			v.found(deletedName(name), Undeleted, errors.New("it was not finished"))
		default:
			v.report.Deletions++
		}
	}
	return nil
}

// rest looks for damaged holds and for what belongs nowhere.
func (v *verifier) rest(ctx context.Context) error {
	for info, err := range v.Store.List(ctx, "") {
		if err != nil {
			return err
		}
		switch info.Name {
		case dataFolder, manifestFolder, holdFolder, deletedFolder, tidyFolder:
		default:
			v.found(info.Name, Extra, errors.New("it belongs to no archive"))
		}
	}
	for _, folder := range []string{manifestFolder, holdFolder, deletedFolder, tidyFolder} {
		for info, err := range Walk(ctx, v.Store, folder) {
			if err != nil {
				return err
			}
			if err := v.document(ctx, folder, info.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

// document looks at a file where documents lie.
func (v *verifier) document(ctx context.Context, folder, name string) error {
	switch {
	case recording.IsPart(name), folder == tidyFolder:
		v.found(name, Unfinished, nil)
	case !strings.HasSuffix(name, documentEnd):
		v.found(name, Extra, errors.New("it is no document"))
	case folder == holdFolder:
		err := v.read(ctx, name, &Hold{})
		if broken(err) {
			return err
		}
		if err != nil {
			v.found(name, Altered, err)
		}
	}
	return nil
}

// documents are the names of the recordings that documents in a folder are about.
func (a *Archive) documents(ctx context.Context, folder string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for info, err := range Walk(ctx, a.Store, folder) {
			name, document := strings.CutSuffix(strings.TrimPrefix(info.Name, folder+"/"), documentEnd)
			if err == nil && !document {
				continue
			}
			if !yield(name, err) {
				return
			}
		}
	}
}
