package upkeep

import (
	_ "embed"
	"strings"
	"text/template"
	"unicode"

	"lotse/directory"
	"lotse/internal/mail"
)

//go:embed letter.txt
var letterText string

var letterTemplate = template.Must(template.New("letter").Parse(letterText))

// letterSubject comes before the name of the centre.
const letterSubject = "Stimmen Ihre Angaben noch? "

// write fills the mail to a centre. link leads to its page; nothing that is secret
// besides stands in it, and of a protected place no address.
func (s *Service) write(e *directory.Entry, m Mail, link string) (mail.Letter, error) {
	c := e.Centre()
	var text strings.Builder
	err := letterTemplate.Execute(&text, map[string]any{
		"Name": oneLine(c.Name), "City": oneLine(c.City), "Link": link, "Stop": link + "/abbestellen",
		"From": oneLine(s.From), "Days": int(LinkLife.Hours() / 24),
	})
	if err != nil {
		return mail.Letter{}, err
	}
	return mail.Letter{ID: m.ID, To: m.Address, Subject: letterSubject + oneLine(c.Name), Text: text.String(), Unsubscribe: link + "/abbestellen"}, nil
}

// oneLine is a text that ends no line and no header.
func oneLine(s string) string {
	clean := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(clean), " ")
}
