package seal

import (
	"crypto/sha256"
	"time"
)

// Day is a UTC date, YYYY-MM-DD; days compare as strings.
type Day string

// DayOf gives the UTC day of an instant.
func DayOf(t time.Time) Day { return Day(t.UTC().Format(time.DateOnly)) }

// ParseDay reads a day; ErrEncoding otherwise.
func ParseDay(s string) (Day, error) {
	if _, err := time.Parse(time.DateOnly, s); err != nil || len(s) != len(time.DateOnly) {
		return "", ErrEncoding
	}
	return Day(s), nil
}

// DayKeys adds a layer of encryption under a server key per expiry day, kept
// outside the database and its backups. Destroying a day's key makes everything
// sealed for that day unreadable for ever, in every copy.
type DayKeys interface {
	// Seal encrypts a blob for a day, making the day's key if there is none.
	Seal(day Day, blob []byte) ([]byte, error)
	// Open decrypts it. It returns ErrDayGone, ErrDayKey or ErrTag.
	Open(day Day, box []byte) ([]byte, error)
	// Destroy destroys the keys of all days before the given one.
	Destroy(before Day) error
}

const dayMark = 4

// sealDay returns mark‖nonce‖ciphertext: the mark names the key, so that a wrong
// key directory is told apart from an altered blob.
func sealDay(key []byte, day Day, blob []byte) []byte {
	return append(markOf(key), gcmSeal(derive(key, "bek1 day"), blob, dayAAD(day))...)
}

func openDay(key []byte, day Day, box []byte) ([]byte, error) {
	if len(box) < dayMark {
		return nil, ErrTag
	}
	if string(box[:dayMark]) != string(markOf(key)) {
		return nil, ErrDayKey
	}
	return gcmOpen(derive(key, "bek1 day"), box[dayMark:], dayAAD(day))
}

func markOf(key []byte) []byte {
	sum := sha256.Sum256(lp([]byte("bek1/daymark"), derive(key, "bek1 day mark")))
	return sum[:dayMark]
}

func dayAAD(day Day) []byte { return lp([]byte("bek1/day"), []byte(day)) }
