package holiday

import (
	"strings"
	"testing"

	"lotse/internal/roster/civil"
)

func load(t testing.TB) *Table {
	table, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestHolidays(t *testing.T) {
	tests := []struct{ key, date, want string }{
		{"05", "2026-01-01", "Neujahr"},
		{"05", "2026-04-03", "Karfreitag"},
		{"05", "2026-04-05", ""},
		{"12", "2026-04-05", "Ostersonntag"},
		{"12", "2026-05-24", "Pfingstsonntag"},
		{"05", "2026-05-14", "Christi Himmelfahrt"},
		{"05", "2026-06-04", "Fronleichnam"},
		{"11", "2026-06-04", ""},
		{"11", "2018-03-08", ""},
		{"11", "2019-03-08", "Internationaler Frauentag"},
		{"13", "2022-03-08", ""},
		{"13", "2023-03-08", "Internationaler Frauentag"},
		{"11", "2020-05-08", "75. Jahrestag der Befreiung"},
		{"11", "2024-05-08", ""},
		{"11", "2025-05-08", "80. Jahrestag der Befreiung"},
		{"11", "2028-06-17", "75. Jahrestag des Volksaufstandes in der DDR"},
		{"16", "2018-09-20", ""},
		{"16", "2019-09-20", "Weltkindertag"},
		{"03", "2016-10-31", ""},
		{"03", "2017-10-31", "500. Reformationstag"},
		{"03", "2018-10-31", "Reformationstag"},
		{"06", "2017-10-31", "500. Reformationstag"},
		{"06", "2018-10-31", ""},
		{"14", "2017-10-31", "Reformationstag"},
		{"14", "2026-11-18", "Buß- und Bettag"},
		{"13", "2026-11-18", ""},
		{"10", "2026-08-15", "Mariä Himmelfahrt"},
		{"15", "2026-01-06", "Heilige Drei Könige"},
		{"", "2026-10-03", "Tag der Deutschen Einheit"},
		{"", "2026-12-24", ""},
	}
	table := load(t)
	for _, tt := range tests {
		if got := on(t, table, tt.key, tt.date); got != (Day{tt.want, tt.want != ""}) {
			t.Errorf("%s at %q is %+v, want %q", tt.date, tt.key, got, tt.want)
		}
	}
}

// Some holidays are holidays of single municipalities; where that cannot be told
// from the key of the place, the table says that it is not certain.
func TestHolidaysOfMunicipalities(t *testing.T) {
	const corpusChristi, peace, assumption = "2026-06-04", "2026-08-08", "2026-08-15"
	no, maybe, yes := "no", "maybe", "yes"
	tests := []struct{ place, key, date, want string }{
		{"Augsburg", "09761", peace, yes},
		{"Augsburg, by municipality", "09761000", peace, yes},
		{"Bayern", "09", peace, maybe},
		{"Landkreis Augsburg", "09772", peace, no},
		{"München", "09162", assumption, yes},
		{"Nürnberg", "09564", assumption, no},
		{"Landkreis Donau-Ries", "09779", assumption, maybe},
		{"Landkreis Ostallgäu", "09777", assumption, yes},
		{"Regensburg", "09362", assumption, yes},
		{"Landkreis Amberg-Sulzbach", "09371", assumption, maybe},
		{"Schwaben", "097", assumption, maybe},
		{"München, by another census", "09162", "2010-08-15", maybe},
		{"Ansbach", "09561", assumption, maybe},
		{"Bayern", "09", assumption, maybe},
		{"Landkreis Eichsfeld", "16061", corpusChristi, yes},
		{"Wartburgkreis", "16063", corpusChristi, maybe},
		{"Erfurt", "16051", corpusChristi, no},
		{"Thüringen", "16", corpusChristi, maybe},
		{"Landkreis Bautzen", "14625", corpusChristi, maybe},
		{"Leipzig", "14713", corpusChristi, no},
		{"Hessen", "06", assumption, no},
		{"somewhere", "", corpusChristi, maybe},
	}
	table := load(t)
	for _, tt := range tests {
		got := map[Day]string{{}: no}[on(t, table, tt.key, tt.date)]
		if day := on(t, table, tt.key, tt.date); day.Certain {
			got = yes
		} else if day.Name != "" {
			got = maybe
		}
		if got != tt.want {
			t.Errorf("%s in %s: %s, want %s", tt.date, tt.place, got, tt.want)
		}
	}
}

func on(t *testing.T, table *Table, key, date string) Day {
	t.Helper()
	d, err := civil.ParseDate(date)
	if err != nil {
		t.Fatal(err)
	}
	return table.At(key).On(d)
}

// Every entry of the data file names its law, and no holiday is written twice.
func TestTableIsSound(t *testing.T) {
	seen := map[entry]bool{}
	for _, e := range load(t).entries {
		if e.source == "" || e.name == "" || e.from < 2000 || e.to < e.from || strings.Trim(e.area, "0123456789") != "" {
			t.Errorf("incomplete: %+v", e)
		}
		e.source, e.extent = "", ""
		if seen[e] {
			t.Errorf("twice: %+v", e)
		}
		seen[e] = true
	}
	for land, want := range map[string]string{"NW": "05", "Nordrhein-Westfalen": "05", "Baden-Württemberg": "08", "XX": "", "": ""} {
		if got := Key(land); got != want {
			t.Errorf("Key(%q) = %q, want %q", land, got, want)
		}
	}
}

// Easter of some years, the earliest and the latest of the calendar among them.
func TestEaster(t *testing.T) {
	for year, want := range map[int]string{
		2000: "2000-04-23", 2008: "2008-03-23", 2011: "2011-04-24", 2024: "2024-03-31", 2025: "2025-04-20", 2026: "2026-04-05",
		2027: "2027-03-28", 2035: "2035-03-25", 2038: "2038-04-25", 2285: "2285-03-22",
	} {
		if got := (civil.Date{Year: year, Month: 3, Day: 1}).Add(Easter(year) - 1).String(); got != want {
			t.Errorf("Easter %d = %s, want %s", year, got, want)
		}
	}
}

func BenchmarkOn(b *testing.B) {
	calendar := load(b).At("05")
	for b.Loop() {
		calendar.On(civil.Date{Year: 2026, Month: 6, Day: 4})
	}
}
