package duplicate

// Agrees names what speaks for two items being the same: "address", "name",
// "phone", "mail", in this order.
func Agrees(one, other Item) []string {
	a, b := featuresOf(one), featuresOf(other)
	var list []string
	for _, reason := range []struct {
		name string
		says bool
	}{
		{"address", a.placed() && b.placed() && address(a, b) >= 0.6},
		{"name", name(a, b, nil) >= 0.5},
		{"phone", phones(a.phones, b.phones) > 0},
		{"mail", mail(a, b) > 0},
	} {
		if reason.says {
			list = append(list, reason.name)
		}
	}
	return list
}
