package web

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"lotse/finder"
)

// rangeWords stand between the ends of a range, beside dashes.
var rangeWords = regexp.MustCompile(`\s*(?:–|—|\.\.+|\b(?:bis|to|ile|do)\b|до|إلى|تا|-)\s*`)

// notNumber is what people write around a number.
var notNumber = strings.NewReplacer("€", "", "EUR", "", "Euro", "", "euro", "", "євро", "", "евро", "", "یورو", "", "يورو", "", "ca.", "", "etwa", "", " ", "", "\u00a0", "", "\u202f", "", "'", "",
	"٠", "0", "١", "1", "٢", "2", "٣", "3", "٤", "4", "٥", "5", "٦", "6", "٧", "7", "٨", "8", "٩", "9",
	"۰", "0", "۱", "1", "۲", "2", "۳", "3", "۴", "4", "۵", "5", "۶", "6", "۷", "7", "۸", "8", "۹", "9", "٫", ",", "٬", "")

// thousands are groups of three digits, however they are parted.
var thousands = regexp.MustCompile(`^\d{1,3}([.,]\d{3})+$`)

// parseAmount reads what a person wrote as a number or a range: "1.200,50",
// "1200.5", "400–600", "400 bis 600". False when it is neither.
func parseAmount(text string) (finder.Answer, bool) {
	parts := rangeWords.Split(strings.TrimSpace(text), -1)
	low, ok := parseNumber(parts[0])
	if !ok || len(parts) > 2 {
		return finder.Answer{}, false
	}
	if len(parts) == 1 {
		return finder.Say(low), true
	}
	high, ok := parseNumber(parts[1])
	return finder.Say(finder.Range{Low: min(low, high), High: max(low, high)}), ok
}

// parseNumber reads one number. Three digits after a single mark are thousands,
// anything else after it is cents.
func parseNumber(text string) (float64, bool) {
	text = notNumber.Replace(text)
	if thousands.MatchString(text) {
		text = strings.NewReplacer(".", "", ",", "").Replace(text)
	}
	if at := strings.LastIndexAny(text, ".,"); at >= 0 {
		text = strings.NewReplacer(".", "", ",", "").Replace(text[:at]) + "." + text[at+1:]
	}
	if len(text) > 15 || strings.Trim(text, "0123456789.") != "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(text, 64)
	return n, err == nil
}

// amount writes a number as the language groups it: whole, or with two digits.
func amount(lang Lang, x float64) string {
	group, point := ".", ","
	switch lang {
	case "en", "ar", "fa":
		group, point = ",", "."
	case "uk", "ru", "pl":
		group = "\u00a0"
	}
	cents := math.Round(x * 100)
	digits := strconv.FormatInt(int64(cents/100), 10)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + group + digits[at:]
	}
	if rest := int64(cents) % 100; rest != 0 {
		digits += point + strconv.FormatInt(100+rest, 10)[1:]
	}
	return digits
}
