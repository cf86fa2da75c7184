package web

import (
	"cmp"
	"strings"

	"lotse/directory"
)

// mostRanges is how many ranges of postcodes a person reads; of more they see how
// many postcodes it is.
const mostRanges = 8

// serves says where people have to live for a centre, in words. Of a protected place
// it says nothing: a small catchment leads to the house.
func (s *Server) serves(v voice, c *directory.Centre) (words []string, err error) {
	if c.Type == directory.Protected {
		return nil, nil
	}
	var ranges []directory.Area
	for _, a := range c.Areas {
		switch a.Kind {
		case directory.AreaNationwide:
			text, err := s.texts.text(v, "centres.catchment_all")
			return []string{text}, err
		case directory.AreaDistrict:
			words = append(words, cmp.Or(s.directory.Places.District(a.Low), a.Low))
		case directory.AreaState:
			words = append(words, a.Low)
		default:
			ranges = append(ranges, a)
		}
	}
	if len(ranges) > mostRanges {
		text, err := s.texts.text(v, "centres.catchment_more", "n", s.directory.Places.Count(ranges))
		return append(words, text), err
	}
	for _, text := range directory.Stated(ranges) {
		words = append(words, strings.Replace(text, "-", "–", 1))
	}
	return words, nil
}
