package recording

import (
	"context"
	"io"
	"iter"
	"time"
)

// Store is a place where recordings lie: a folder on this machine (package diskstore), a folder of another one reached by
// SFTP (sftpstore), FTP or FTPS (ftpstore), a bucket (s3store), or what an Asterisk has recorded for ARI (aristore). What
// is asked of every store is tested by package storetest.
//
// Names are paths below the store's root, with forward slashes, as "2026/11/25/in-200-101.wav" ([CheckName]). No name, and
// no symbolic link on the way, reaches a file outside the root: such a call fails with [ErrUnsafeName] or [ErrOutside].
//
// Errors are [*StoreError]; what they stand for is asked with errors.Is: [fs.ErrNotExist], [fs.ErrPermission], and the
// errors of this package. A Store may be used by several goroutines at once. What was opened ends before Close is called.
type Store interface {
	// Open reads n bytes of a file from byte off on; n below 0 means to its end. A range that reaches over the end is cut
	// there; one that begins behind it is empty. The reader gives all the bytes of the range, or an error that is not
	// io.EOF: a file that ends earlier than it said, or a connection that breaks, is never told as an end. The context
	// bounds the reading too. The caller closes the reader, also when it has not read to the end.
	Open(ctx context.Context, name string, off, n int64) (io.ReadCloser, error)
	// Stat tells of one file, or of a folder (Info.Dir) where the store has folders.
	Stat(ctx context.Context, name string) (Info, error)
	// List tells of what lies in one folder, ordered by name: files and folders, not what is in those. The folder is what
	// stands before the last slash of prefix, what follows that slash is how names begin: "2026/11/25/" is all of that
	// day, "2026/11/25/in-" a part of it, "" the root. It costs the listing of one folder, whatever the prefix. A folder that
	// is not there has nothing in it: that is no error. Symbolic links are followed if they lead to something below the
	// root, else they are left out; so are names that CheckName refuses. Files that are being put are told ([IsPart]).
	// After an error the sequence ends.
	List(ctx context.Context, prefix string) iter.Seq2[Info, error]
	// Put stores what r gives under a name, with the folders that this needs, in place of what may be there. It is all or
	// nothing: until everything is written and its size was asked for and is right, the name shows what it showed before. size
	// is the number of bytes that r gives, -1 if that is unknown; r giving more or less is ErrSize. r is read once. What a
	// Put that fails has written is removed if the store can still be reached, else a file stays for which IsPart is true.
	Put(ctx context.Context, name string, r io.Reader, size int64) error
	// Delete removes a file. One that is not there is fs.ErrNotExist; a folder or a symbolic link is not deleted: what a
	// link leads to would stay.
	Delete(ctx context.Context, name string) error
	// Close ends the connections.
	Close() error
}

// Info is what a store tells of a file or folder.
type Info struct {
	// Name is the path below the root of the store.
	Name string
	// Size is in bytes; -1 if the store does not tell it: ARI lists recordings without. Of a folder it says nothing.
	Size int64
	// Time is when the file was changed last, to the second or better (FTP listings: to the minute or worse). Zero if
	// the store does not tell it.
	Time time.Time
	// Dir tells a folder.
	Dir bool
	// Tag is another one when the content is another one, as the ETag of S3 has it; empty where a store has none. It is
	// the store's own text: nothing can be read from it.
	Tag string
}

// Base is the last element of the name.
func (i Info) Base() string { return base(i.Name) }
