package ivr

import "time"

// Piece is a part of a [Prompt]: a sound, or something that is said with sounds in the language of the call.
type Piece struct {
	kind pieceKind
	text string
	n    int64
	when time.Time
}

type pieceKind int

const (
	pieceSound pieceKind = iota
	pieceDigits
	pieceNumber
	pieceDate
	pieceTime
	pieceMoney
)

// Sound is a sound file: its name without a format, such as vm-goodbye, below Asterisk's folder of sounds or with a path of
// its own.
func Sound(name string) Piece { return Piece{text: name} }

// Played is a recording of [Channel.Record], by its name.
func Played(recording string) Piece { return Piece{text: RecordingPrefix + recording} }

// SayDigits says digits, letters, * and # one by one.
func SayDigits(digits string) Piece { return Piece{kind: pieceDigits, text: digits} }

// SayNumber says a whole number.
func SayNumber(n int64) Piece { return Piece{kind: pieceNumber, n: n} }

// SayDate says the weekday, the day, the month and the year of a time, in its own zone.
func SayDate(t time.Time) Piece { return Piece{kind: pieceDate, when: t} }

// SayTime says the hour and the minute of a time, in its own zone.
func SayTime(t time.Time) Piece { return Piece{kind: pieceTime, when: t} }

// SayMoney says an amount in hundredths of a currency, which is given by its code of ISO 4217, such as EUR.
func SayMoney(hundredths int64, currency string) Piece {
	return Piece{kind: pieceMoney, n: hundredths, text: currency}
}
