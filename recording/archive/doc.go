// Package archive keeps recordings: it moves them from where they were made into a store, encrypted if that is wanted, keeps them
// as long as they must be kept, deletes them when they must be deleted, and can prove either.
//
//	a := &archive.Archive{Store: store, Recipients: recipients, Keep: 90 * 24 * time.Hour}
//	entry, err := a.Move(ctx, source, "2026/11/25/in-200-101.wav")
//
// # What lies in the store
//
//	data/NAME[.age]       the recording, as it was or encrypted (age-encryption.org)
//	manifest/NAME.json    its size and SHA-256, those of what is stored, and until when it is kept: see [Manifest]
//	hold/NAME/ID.json     a legal hold: while there is one, the recording is not deleted
//	deleted/NAME.json     that it was deleted, when, by whom and why: see [Deletion]
//	tidy/X.json           while [Archive.Tidy] removes something: what it is
//
// # What is finished
//
// A recording that has not changed for [Archive.Settle] is taken for finished, and moved. One that is paused does not change either:
// [Archive.Busy] asks who knows.
//
//	a.Busy = (&record.AMI{Client: client}).Busy // of MixMonitor
//
// # No crash loses anything
//
// [Archive.Move] writes the data, reads it back and compares, then writes the manifest and reads it back, and deletes the source
// after that, if it is still the same. A recording is archived when its manifest is there. Whenever the program ends, killed or
// by a power cut, the recording is in the source or whole in the archive, or both; Move again finishes what was begun, and
// [Archive.Tidy] removes what nobody finishes. [Archive.Delete] says first that it deletes, and last that it has, and can be
// repeated too. Tidy may run while recordings are moved, also by other programs: what a Move has written it removes only if that Move
// learns of it. This rests on what a [recording.Store] promises: that Put is all or nothing.
//
// # Who may be wrong
//
// [Archive.Verify] compares all that lies in the store with the manifests: what is missing, altered, or should not be there. With
// [Archive.Key] manifests, holds and deletions are authenticated, so that who can write to the store cannot change them
// unnoticed; that a recording was removed together with its manifest and leaves no deletion behind, no store can tell of itself.
//
// The proof of a deletion is of the current version: in a bucket of S3 that keeps versions, or a file system that keeps snapshots,
// older ones stay until its own rules remove them.
//
// Several programs may use one archive at once: a hold and a deletion that meet do not both succeed, nor do two holds of one ID.
package archive
