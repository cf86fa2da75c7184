package chat

import (
	"context"
	"slices"
)

// Languages returns the languages that teams say they answer in, sorted. A team
// that names none adds none: it is asked whatever the language, but promises
// nothing. It returns Unavailable when the roster or the presence of staff cannot
// be read.
func (s *Service) Languages(ctx context.Context) ([]string, error) {
	b, err := s.boards.public(ctx)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, t := range b.list {
		all = append(all, t.Languages...)
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}
