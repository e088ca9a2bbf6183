// Package record records calls: it starts, pauses and stops a recording of a channel, and masks stretches of it, such as a
// card number that is said, over AMI (MixMonitor) or over ARI.
//
//	recorder := &record.Recorder{Engine: &record.AMI{Client: client}, Template: "{year}/{month}/{day}/{direction}-{number}-{date}-{time}-{uniqueid}"}
//	recording, err := recorder.Start(ctx, record.Request{Channel: leg.Uniqueid, Direction: "in", Number: caller, Uniqueid: leg.Uniqueid})
//	...
//	err = recording.Masked(ctx, func(ctx context.Context) error { return takeCard(ctx) })
//	...
//	err = recording.Stop(ctx)
//	fmt.Println(recording.Files()) // below Asterisk's folder of recordings: as a recording.Store names them
//
// # Pause and mask
//
// What is paused is not in the file; what is masked is there as silence, so that times in the file remain those of the call.
// Who masks and who pauses need not know of each other: see [State]. [Recording.Marks] tells when what was done.
//
// When [Recording.Mask] returns, Asterisk records silence; when [Recording.Unmask] returns it does not any more. On an Asterisk that
// keeps up both are true to 50 ms; leave a moment around what nobody may hear. An error of Mask means that what is said may be
// recorded.
//
// # What callers can do
//
// Nothing. MixMonitor takes its file, its options and a command for a shell in one string, and replaces variables in the command;
// this package never sends a command, and what comes from a call is reduced to letters, digits and + . _ - before it becomes part
// of a name: see [ParseTemplate].
//
// # What differs
//
//	                            AMI                                    ARI
//	which channel               any, by name or Uniqueid               any, by id, with the help of a snoop
//	folder                      monitor, or [AMI.Dir]                  recording
//	a file of the same name     is overwritten (see [ErrNameTaken])    is refused with 409
//	mask                        all MixMonitors of the channel         this recording
//	pause                       is a stop and a start that appends     is a pause
//	ends with                   the channel                            the channel
//
// Since Asterisk 22, a mask over AMI masks what the dialplan records of the same channel too, also while this recording is paused.
// Before, MixMonitorMute masks only one of several MixMonitors of a channel. If there is another, [AMI] masks by leaving
// the stretch out of its own file; the other is not touched.
package record
