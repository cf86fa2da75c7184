package web

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"lotse/internal/staff"
)

// MenuItem is one line of the staff's navigation.
type MenuItem struct {
	Path    string
	Key     string // locale key of the name
	Current bool
	roles   []staff.Role // any of them; none = everybody
}

// menuItems are the staff's pages in the order of the navigation.
func menuItems() []MenuItem {
	return []MenuItem{
		{Path: "/team", Key: "common.menu.console", roles: []staff.Role{staff.Counsellor}},
		{Path: "/team/dienstplan", Key: "common.menu.roster", roles: []staff.Role{staff.Counsellor, staff.Supervisor}},
		{Path: "/team/teams", Key: "common.menu.teams", roles: []staff.Role{staff.Supervisor, staff.Admin}},
		{Path: "/team/qualitaet", Key: "board.menu", roles: []staff.Role{staff.Supervisor, staff.Admin}},
		{Path: "/team/eintraege", Key: "upkeep.menu", roles: []staff.Role{staff.Supervisor, staff.Admin}},
		{Path: "/team/konten", Key: "common.menu.accounts", roles: []staff.Role{staff.Admin}},
		{Path: "/team/pruefpfad", Key: "common.menu.audit", roles: []staff.Role{staff.Auditor}},
		{Path: "/team/rueckmeldungen", Key: "common.menu.feedback", roles: []staff.Role{staff.Admin}},
		{Path: "/team/konto", Key: "common.menu.account"},
		{Path: "/team/abmelden", Key: "common.menu.sign_out"},
	}
}

// menu returns the pages that actor may open.
func menu(actor staff.Actor, path string) []MenuItem {
	items := slices.DeleteFunc(menuItems(), func(item MenuItem) bool {
		return len(item.roles) > 0 && !slices.ContainsFunc(item.roles, actor.MayAny)
	})
	for i, item := range items {
		items[i].Current = path == item.Path || item.Path != "/team" && strings.HasPrefix(path, item.Path+"/")
	}
	return items
}

// actorKey marks the signed-in person in the context of a request. The layout
// and the choice of language read it; handlers get the person as a parameter
// and hand it on as one.
type actorKey struct{}

// withActor returns r for the layout of the signed-in person.
func withActor(r *http.Request, actor staff.Actor) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), actorKey{}, actor))
}

// actorOf returns the person withActor set.
func actorOf(r *http.Request) (staff.Actor, bool) {
	actor, ok := r.Context().Value(actorKey{}).(staff.Actor)
	return actor, ok
}
