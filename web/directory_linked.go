package web

import "lotse/directory"

// linkedData describes a centre for machines in the words of schema.org (JSON-LD
// 1.1). Facts that are not known are left out.
func linkedData(c *directory.Centre, page string) map[string]any {
	data := map[string]any{"@context": "https://schema.org", "@type": "NGO", "@id": page, "name": c.Name}
	put := func(name, value string) {
		if value != "" {
			data[name] = value
		}
	}
	put("description", c.Description)
	put("telephone", dialable(c.Phone))
	put("email", c.Email)
	put("url", c.URL)
	if c.Operator != "" {
		data["parentOrganization"] = map[string]any{"@type": "Organization", "name": c.Operator}
	}
	if len(c.Languages) > 0 {
		data["knowsLanguage"] = c.Languages
	}
	data["address"] = postalAddress(c)
	if c.Type == directory.Protected {
		return data
	}
	if c.Located() && c.Precision == directory.AtAddress {
		data["location"] = map[string]any{"@type": "Place", "geo": map[string]any{
			"@type": "GeoCoordinates", "latitude": c.Lat, "longitude": c.Lon,
		}}
	}
	return data
}

// postalAddress is the address, of a protected place its Kreis and Land.
func postalAddress(c *directory.Centre) map[string]any {
	a := map[string]any{"@type": "PostalAddress", "addressCountry": "DE"}
	locality := c.City
	if c.Type == directory.Protected {
		locality = c.District
	}
	for name, value := range map[string]string{
		"streetAddress": c.Street, "postalCode": c.Postcode, "addressLocality": locality, "addressRegion": c.State,
	} {
		if value != "" {
			a[name] = value
		}
	}
	return a
}
