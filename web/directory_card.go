package web

import (
	"fmt"
	"image/color"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"

	"lotse/directory"
)

// centreCard answers with the contact data of a centre as a vCard.
func (s *Server) centreCard(w http.ResponseWriter, r *http.Request) error {
	c, err := s.centre(w, r)
	if err != nil || c == nil {
		return err
	}
	page := s.address(r, "/"+string(langOf(r))+"/stellen/"+c.ID)
	w.Header().Set("Content-Disposition", `attachment; filename="kontakt.vcf"`)
	s.write(w, r, http.StatusOK, "text/vcard; charset=utf-8", []byte(vCard(c, page)))
	return nil
}

// vCard writes a centre as a vCard 4.0 (RFC 6350). A neutral file name and no
// topic stand in it, since an address book may be seen by others.
func vCard(c *directory.Centre, page string) string {
	var b strings.Builder
	line := func(name, value string) {
		if strings.Trim(value, ";") != "" {
			b.WriteString(folded(name + ":" + value))
		}
	}
	line("BEGIN", "VCARD")
	line("VERSION", "4.0")
	line("KIND", "org")
	line("UID", "urn:uuid:"+c.ID)
	line("FN", escapeCard(c.Name))
	line("ORG", escapeCard(c.Operator))
	line("ADR;TYPE=work", ";;"+escapeCard(c.Street)+";"+escapeCard(c.City)+";"+escapeCard(c.State)+";"+c.Postcode+";")
	for _, phone := range c.Phones {
		if dial := dialable(phone.Number); dial != "" && phone.Type != "fax" {
			line("TEL;VALUE=uri;TYPE=\"work,voice\"", "tel:"+international(dial))
		}
	}
	line("EMAIL;TYPE=work", escapeCard(c.Email))
	line("URL", c.URL)
	line("SOURCE", page)
	if c.Located() && c.Precision == directory.AtAddress {
		line("GEO", "geo:"+coordinate(c.Lat)+","+coordinate(c.Lon))
	}
	line("END", "VCARD")
	return b.String()
}

// international writes a German number with its country code; short numbers such
// as 116123 have none.
func international(dial string) string {
	if strings.HasPrefix(dial, "00") {
		return "+" + dial[2:]
	}
	if strings.HasPrefix(dial, "0") {
		return "+49" + dial[1:]
	}
	return dial
}

// escapeCard writes a text value (RFC 6350, section 3.4).
func escapeCard(s string) string {
	return strings.NewReplacer("\\", "\\\\", ",", "\\,", ";", "\\;", "\r\n", "\\n", "\n", "\\n", "\r", "\\n").Replace(s)
}

// folded breaks a line after at most 75 bytes, never within a character (RFC
// 6350, section 3.2).
func folded(line string) string {
	var b strings.Builder
	room := 75
	for _, c := range line {
		if size := utf8.RuneLen(c); size > room {
			b.WriteString("\r\n ")
			room = 74
		}
		b.WriteRune(c)
		room -= utf8.RuneLen(c)
	}
	return b.String() + "\r\n"
}

// centreQR answers with the address of the centre's page as a QR code.
func (s *Server) centreQR(w http.ResponseWriter, r *http.Request) error {
	c, err := s.centre(w, r)
	if err != nil || c == nil {
		return err
	}
	code, err := qr.Encode(s.address(r, "/"+string(langOf(r))+"/stellen/"+c.ID), qr.M, qr.Auto)
	if err != nil {
		return err
	}
	s.write(w, r, http.StatusOK, "image/svg+xml", []byte(qrSVG(code)))
	return nil
}

// quiet is the white edge that readers of QR codes ask for, in modules.
const quiet = 4

// qrSVG draws the modules of a code, each row as runs of dark ones.
func qrSVG(code barcode.Barcode) string {
	n := code.Bounds().Dx()
	var path strings.Builder
	for y := range n {
		for x := 0; x < n; x++ {
			from := x
			for x < n && code.At(x, y) == color.Black {
				x++
			}
			if run := x - from; run > 0 {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from+quiet, y+quiet, run, run)
			}
		}
	}
	const picture = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]d %[1]d" shape-rendering="crispEdges">` +
		`<path fill="#fff" d="M0 0h%[1]dv%[1]dH0z"/><path fill="#000" d="%[2]s"/></svg>`
	return fmt.Sprintf(picture, n+2*quiet, path.String())
}
