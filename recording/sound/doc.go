// Package sound reads what telephones have said: the files that Asterisk records, without any other program where that can be.
//
// # What is in a file
//
// [Inspect] tells what a file holds by its first bytes, and by its name if it has no header:
//
//	info, err := sound.Inspect(file, "call.wav", size)
//	fmt.Println(info.Encoding, info.Rate, info.Channels, info.Duration(), info.Live)
//
// It knows WAV files (RIFF and RF64) with PCM of 8 and 16 bits, A-law, mu-law and GSM, and the files without a header that
// Asterisk writes: .ulaw, .alaw, .sln of all rates, .gsm, .g722, with their other names. A file that is still being recorded,
// whose header says that there is nothing in it or less than there is, is read to its end, and [Info.Live] says so.
//
// # Samples
//
// [NewReader] yields samples of PCM and G.711 as they come, in bounded memory, from any stream: a file, a response of HTTP, a
// file on SFTP. GSM and G.722 take a program, sox or ffmpeg; [Tool.Open] yields a Reader of what it makes, and
// [ErrNoTool] says that there is none. [Tool.Reader] takes whichever is needed.
//
// # For a browser
//
// [NewWAV] is a file of any of these encodings as one that every browser plays, 16 bit PCM: it is made as it is read, and can be
// read from anywhere in it, so that [net/http.ServeContent] serves ranges of it. [Convert] writes the same to a stream.
//
// # Who said what
//
// MixMonitor can write what was received and what was sent into two files (its options r and t). [Join] makes one with two
// channels of them, and [Split] makes files of one channel each.
//
// # Waveforms
//
// [ReadPeaks] reads the lowest and highest samples of a sound of any length into a picture's width. Peaks is JSON in the form
// of audiowaveform, which peaks.js and wavesurfer.js take, and draws itself as SVG and PNG.
package sound
