package ami

import (
	"io"
	"strings"
	"sync"
)

// Recorder writes messages as they were on the wire, without secrets: what a [Reader] and package amitest can play again.
// Record may be called by several goroutines at once; give it to [Hooks] as Message to record a whole connection:
//
//	recorder := ami.NewRecorder(file)
//	client := &ami.Client{..., Hooks: ami.Hooks{Message: recorder.Record}}
type Recorder struct {
	mu   sync.Mutex
	w    io.Writer
	line []byte
	err  error
}

// recordedBanner begins a recording.
const recordedBanner = bannerPrefix + "/11.0.0\r\n"

// NewRecorder returns a Recorder that writes to w. It writes as it records, so w is better buffered.
func NewRecorder(w io.Writer) *Recorder {
	_, err := io.WriteString(w, recordedBanner)
	return &Recorder{w: w, err: err}
}

// Record writes a message. In the place of the value of a header whose key speaks of a secret, a password, a key or a
// challenge, "-" is written, and so it is for lines of Output and of Line-... that do. Messages of the client's own, which
// have a mark, are left out.
func (r *Recorder) Record(m Message) {
	if m.mark != Live && m.mark != Snapshot || m.Len() == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return
	}
	r.line = r.line[:0]
	for i := range m.Len() {
		header := m.header(i)
		key := m.key(i)
		if isSecret(key) || (key == "Output" || strings.HasPrefix(key, "Line-")) && isSecret(m.raw(i)) {
			header = key + ": -"
		}
		r.line = append(append(r.line, header...), "\r\n"...)
	}
	_, r.err = r.w.Write(append(r.line, "\r\n"...))
}

// Err returns why nothing is recorded any more, if so.
func (r *Recorder) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// secretWords are what the keys of secrets have in them: Secret, Password, Md5Cred, Key of Login, Challenge, and the options
// of configuration files (secret, password, remotesecret, md5_cred).
var secretWords = []string{"secret", "passw", "md5", "challenge", "credential", "token"}

func isSecret(text string) bool {
	text = strings.ToLower(text)
	if text == "key" || text == "response hash" {
		return true
	}
	for _, word := range secretWords {
		if strings.Contains(text, word) && text != "usingpassword" {
			return true
		}
	}
	return false
}
