package finder

import (
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
)

// hosts are the sites of authorities that a benefit may link to.
var hosts = []string{
	"www.arbeitsagentur.de", "www.jobcenter.digital", "www.bafoeg-digital.de", "www.elterngeld-digital.de",
	"www.bmwsb.bund.de", "sozialplattform.de",
}

// TestEveryBenefitSaysWhereToGo holds the way to an office, and to counselling,
// to what the product knows.
func TestEveryBenefitSaysWhereToGo(t *testing.T) {
	topics, err := os.ReadFile("../configs/topics.toml")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range rules(t).benefits {
		if !strings.Contains(string(topics), `id = "`+b.Topic+`"`) {
			t.Errorf("%s: no topic of counselling %q", b.ID, b.Topic)
		}
		if !slices.Contains([]string{"municipality", "district", "state", "federal"}, b.Access.Level) {
			t.Errorf("%s: no level %q", b.ID, b.Access.Level)
		}
		if len(b.Access.Documents) == 0 || b.Access.Office == "" {
			t.Errorf("%s: no office, or nothing to bring", b.ID)
		}
		link, err := url.Parse(b.Access.Link)
		if err != nil || b.Access.Link != "" && (link.Scheme != "https" || !slices.Contains(hosts, link.Host)) {
			t.Errorf("%s: %q leads to no authority's site", b.ID, b.Access.Link)
		}
	}
}
