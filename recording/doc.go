// Package recording finds the recording of a call, wherever it lies, and gets it.
//
// # Where recordings lie
//
// A [Store] is a place where recordings lie: a folder on this machine (package diskstore), on a PBX by SFTP (sftpstore) or FTP
// (ftpstore), what an Asterisk has recorded for ARI (aristore), or a bucket (s3store). The stores live in packages of their own, so that
// a program links the libraries of those only that it uses. Package storetest is the test that each of them passes.
//
// # Find
//
// A [Finder] finds the recordings of a [Call], which is decoded from the JSON of a call as callcenter/calls writes it:
//
//	finder := &recording.Finder{Store: store, Zone: athens}
//	found, err := finder.Find(ctx, call)
//
// A file that Asterisk has named is looked for by that name alone. Else the folders of the call's own days are listed, four at most, and
// names are read as FreePBX, Issabel, Elastix and plain dialplans make them, or by a template of one's own ([Layout]). Candidates
// come with a score and with reasons. What was listed is kept, and listed again when the folder has changed.
//
// # Read
//
// [Finder.Open] gives the likeliest recording, if it is certainly the call's, as an [io.ReadSeekCloser] that survives broken connections. [Handler] serves it over HTTP, with
// ranges for a player, a permission hook and an audit. [Download] makes a copy that goes on where it was cut, is verified, and
// has its final name only when all of it is there; [Settled] recognises a file that is still being recorded.
//
// # What can be wrong
//
// Errors are asked with errors.Is: [fs.ErrNotExist], [fs.ErrPermission], and those of this package, as [ErrAuth] and [ErrNoSpace].
// [SafeToRetry] tells those for which asking again may help. Names are never trusted: see [CheckName].
package recording
