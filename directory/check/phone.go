package check

import "strings"

// PhoneFault is what is wrong with a telephone number. Empty: nothing that can be
// seen from here.
type PhoneFault string

// The faults. The texts of the pages are named after them.
const (
	PhoneFine    PhoneFault = ""
	PhoneWords   PhoneFault = "words"   // it has letters or other signs in it
	PhoneNoCode  PhoneFault = "no_code" // it has no area code: nobody can call it from a mobile
	PhoneShort   PhoneFault = "short"
	PhoneLong    PhoneFault = "long"    // too many digits; perhaps two numbers in one field
	PhoneUnknown PhoneFault = "unknown" // no German number begins like this
	PhoneFiller  PhoneFault = "filler"  // digits that somebody typed to fill a field
)

// short are the numbers without an area code (Bundesnetzagentur): emergency, the
// authorities' 115, and the harmonised ones of social value, 116 and three digits.
var short = map[string]bool{"110": true, "112": true, "115": true}

// numberKind is a kind of German number: how it begins behind the leading zero
// and how many digits it has from there.
type numberKind struct {
	begins      string
	least, most int
}

// kinds is the German numbering plan (Bundesnetzagentur, "Nummernraum für die
// öffentliche Telekommunikation"), the first that fits counts. Numbers of an area
// have had eleven digits since 2010 and are often shorter; direct dialling makes
// some longer by two.
var kinds = []numberKind{
	{"15", 10, 11}, {"16", 10, 11}, {"17", 10, 11}, // mobile
	{"180", 7, 10}, {"800", 7, 11}, {"700", 10, 11}, {"900", 10, 11}, {"137", 7, 10},
	{"18", 6, 12}, {"19", 5, 11}, // networks of companies and of online services
	{"32", 9, 11},
	{"10", 1, 0}, {"11", 1, 0}, {"12", 1, 0}, {"13", 1, 0}, {"14", 1, 0}, // none: least is above most
	{"30", 6, 13}, {"40", 6, 13}, {"69", 6, 13}, {"89", 6, 13},
	{"2", 6, 13}, {"3", 6, 13}, {"4", 6, 13}, {"5", 6, 13}, {"6", 6, 13}, {"7", 6, 13}, {"8", 6, 13}, {"9", 6, 13},
}

// Phone judges a number as it is written: its form and whether the German
// numbering plan has room for it. A number of another country is judged by its
// length alone. It does not know whether somebody answers.
func Phone(number string) PhoneFault {
	digits, foreign, fault := national(number)
	switch {
	case fault != PhoneFine:
		return fault
	case filler(strings.TrimPrefix(digits, "0")):
		return PhoneFiller
	case foreign:
		return lengthOf(digits, 7, 15)
	case short[digits], len(digits) == 6 && strings.HasPrefix(digits, "116"):
		return PhoneFine
	case !strings.HasPrefix(digits, "0"):
		return PhoneNoCode
	}
	return planned(digits[1:])
}

func planned(digits string) PhoneFault {
	for _, k := range kinds {
		if strings.HasPrefix(digits, k.begins) && k.least <= k.most {
			return lengthOf(digits, k.least, k.most)
		} else if strings.HasPrefix(digits, k.begins) {
			break
		}
	}
	return PhoneUnknown
}

func lengthOf(digits string, least, most int) PhoneFault {
	switch {
	case len(digits) < least:
		return PhoneShort
	case len(digits) > most:
		return PhoneLong
	}
	return PhoneFine
}

// national writes a number as it is dialled inside Germany. "+49 (0)30" is
// "030"; a number of another country comes back without its plus.
func national(number string) (digits string, foreign bool, fault PhoneFault) {
	number = strings.TrimSpace(number)
	abroad := strings.HasPrefix(number, "+")
	if strings.HasPrefix(number, "00") {
		number, abroad = number[2:], true
	}
	for _, c := range strings.TrimPrefix(number, "+") {
		switch {
		case c >= '0' && c <= '9':
			digits += string(c)
		case !strings.ContainsRune(" /-().–‑\u00a0", c):
			return "", false, PhoneWords
		}
	}
	home, german := strings.CutPrefix(digits, "49")
	switch {
	case digits == "":
		return "", false, PhoneWords
	case !abroad:
		return digits, false, PhoneFine
	case german:
		return "0" + strings.TrimPrefix(home, "0"), false, PhoneFine
	}
	return digits, true, PhoneFine
}

// filler reports whether the digits are all the same, or go up one by one, as
// nobody's number does.
func filler(digits string) bool {
	if len(digits) < 6 {
		return false
	}
	tail := digits[len(digits)-6:]
	same := strings.Count(tail, tail[:1]) == len(tail) && strings.Count(digits, tail[:1]) >= len(digits)-1
	return same || strings.HasPrefix(digits, "123456")
}
