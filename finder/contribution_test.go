package finder

import "testing"

// TestContributionToIntegrationAssistance recalculates §§ 136 and 137 SGB IX
// with the reference amount of 2026: 47,460 EUR a year.
func TestContributionToIntegrationAssistance(t *testing.T) {
	r := rules(t)
	for name, c := range map[string]struct {
		persons string
		want    float64
	}{
		"a worker at 85 percent":          {`{"id":"a","birth":"1990","facts":{"wage":3361.75}}`, 0},
		"500 a year more are 10 a month":  {`{"id":"a","birth":"1990","facts":{"wage":3403.42}}`, 10},
		"a worker with 50,000":            {`{"id":"a","birth":"1990","facts":{"wage":4166.67}}`, 190},
		"a pensioner at 60 percent":       {`{"id":"a","birth":"1950","facts":{"wage":0,"pension":2373}}`, 0},
		"a pensioner with 30,000":         {`{"id":"a","birth":"1950","facts":{"wage":0,"pension":2500}}`, 30},
		"rent and interest at 75 percent": {`{"id":"a","birth":"1990","facts":{"wage":0,"other_income":2966.25}}`, 0},
		"a partner and a child raise it": {`{"id":"a","birth":"1990","partner":"b","facts":{"wage":4166.67}},{"id":"b","birth":"1990","partner":"a"},
			{"id":"c","birth":"2015-01-01","parents":["a","b"]}`, 0},
	} {
		q := request(t, `{"persons":[`+c.persons+`],"given":{"self_employed":0,"reduced_pension":0,"private_pension":0}}`)
		for i := range q.Persons {
			for _, id := range []string{"pension", "other_income"} {
				if _, said := q.Persons[i].Facts[id]; !said && q.Persons[i].Facts != nil {
					q.Persons[i].Facts[id] = Say(0)
				}
			}
		}
		if got := compute(t, r, q, "egh.contribution", 0); got.Lo != c.want || got.Hi != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
