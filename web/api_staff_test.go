package web

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"lotse/internal/seal"
	"lotse/internal/staff"
)

// office is a server with real accounts.
type office struct {
	*Server
	t        *testing.T
	provider staff.Provider
	team     staff.Team
}

// browser is one person's cookies.
type browser struct {
	office  *office
	cookies map[string]string
	email   string
	auth    string
	keys    *seal.StaffKeys
}

// answer is what came back.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   map[string]any
}

func newOffice(t *testing.T) *office {
	t.Helper()
	options := testOptions(t)
	options.Sessions = options.Staff
	o := &office{Server: serverOf(t, options), t: t}
	var err error
	if o.provider, err = o.staff.CreateProvider(t.Context(), staff.Operator(), "Haus Nord"); err != nil {
		t.Fatal(err)
	}
	o.team, err = o.staff.CreateTeam(t.Context(), staff.Operator(), staff.Team{
		Provider: o.provider.ID, Name: "Sucht", Reach: staff.Nationwide, Policy: staff.PolicyTeam, QueueMax: 5,
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *office) browser() *browser { return &browser{office: o, cookies: map[string]string{}} }

func fresh(n int) string {
	return base64.RawURLEncoding.EncodeToString([]byte(staff.NewToken().Reveal())[:n])
}

// hire invites somebody at the command line and accepts in their browser.
func (o *office) hire(email string, grants ...staff.Grant) *browser {
	o.t.Helper()
	_, invite, err := o.staff.CreateAccount(o.t.Context(), staff.Operator(), staff.NewAccount{Provider: o.provider.ID, Email: email, Name: "Kim", Grants: grants})
	if err != nil {
		o.t.Fatal(err)
	}
	b := o.browser()
	b.accept(email, invite.Token.Reveal()).want(http.StatusCreated)
	return b
}

// accept sends what the invitation page sends.
func (b *browser) accept(email, token string) answer {
	b.office.t.Helper()
	keys, file, err := seal.NewStaffKeys(seal.KEK{Kind: seal.WrapPassword, Key: make([]byte, 32)}, seal.KEK{Kind: seal.WrapRecovery, Key: make([]byte, 32)})
	if err != nil {
		b.office.t.Fatal(err)
	}
	b.email, b.auth, b.keys = email, fresh(32), keys
	return b.send("POST", "invite/accept", map[string]any{
		"token": token, "language": "de", "password": map[string]any{"salt": fresh(16), "iterations": seal.Iterations, "auth": b.auth},
		"recovery": map[string]any{"auth": fresh(32)}, "keys": file,
	})
}

// send calls the staff API with the browser's cookies and keeps the new ones. A nil body sends none.
func (b *browser) send(method, path string, body any) answer {
	b.office.t.Helper()
	var payload []byte
	switch v := body.(type) {
	case nil:
	case string:
		payload = []byte(v)
	default:
		payload = encode(v)
	}
	r := httptest.NewRequest(method, "/api/v1/staff/"+path, bytes.NewReader(payload))
	r.Host = "localhost"
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	return b.carry(r)
}

func (b *browser) carry(r *http.Request) answer {
	b.office.t.Helper()
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := do(b.office, r)
	for _, c := range w.Result().Cookies() {
		b.cookies[c.Name] = c.Value
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	a := answer{t: b.office.t, status: w.Code, header: w.Header()}
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &a.body); err != nil {
			b.office.t.Fatalf("%s %s: %v in %q", r.Method, r.URL.Path, err, w.Body)
		}
	}
	return a
}

func (a answer) want(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status %d, want %d: %v", a.status, status, a.body)
	}
	return a
}

func (a answer) wantCode(status int, code string) answer {
	a.t.Helper()
	if a.want(status); a.body["code"] != code || a.header.Get("Content-Type") != "application/problem+json" {
		a.t.Fatalf("problem %v, want %s", a.body, code)
	}
	return a
}

func (a answer) object(key string) map[string]any {
	a.t.Helper()
	o, ok := a.body[key].(map[string]any)
	if !ok {
		a.t.Fatalf("no object %s in %v", key, a.body)
	}
	return o
}

func (a answer) list(key string) []any {
	a.t.Helper()
	l, ok := a.body[key].([]any)
	if !ok {
		a.t.Fatalf("no list %s in %v", key, a.body)
	}
	return l
}

func TestStaffSignsInAndOut(t *testing.T) {
	o := newOffice(t)
	p := o.hire("kim@example.org", staff.Grant{Role: staff.Counsellor, Team: o.team.ID})
	profile := p.send("GET", "session", nil).want(http.StatusOK)
	if profile.body["email"] != "kim@example.org" || profile.object("session")["method"] != "invite" || profile.object("keys")["kid"] != p.keys.KID().String() {
		t.Errorf("profile: %v", profile.body)
	}
	first := p.cookies["lotse"]
	p.send("POST", "login/start", map[string]any{"email": p.email}).want(http.StatusOK)
	p.send("POST", "login", map[string]any{"email": p.email, "auth": fresh(32)}).wantCode(http.StatusUnauthorized, "login_failed")
	p.send("POST", "login", map[string]any{"email": p.email, "auth": p.auth}).want(http.StatusOK)
	if p.cookies["lotse"] == first || len(p.cookies["lotse-device"]) < 43 {
		t.Error("the session was not rotated, or the device not remembered")
	}
	if sessions := p.send("GET", "sessions", nil).want(http.StatusOK).list("sessions"); len(sessions) != 1 {
		t.Errorf("%d sessions, want 1: signing in ends the one before", len(sessions))
	}
	out := p.send("POST", "logout", map[string]any{}).want(http.StatusNoContent)
	if out.header.Get("Clear-Site-Data") == "" || p.cookies["lotse"] != "" || p.cookies["lotse-device"] == "" {
		t.Errorf("after signing out: %v", p.cookies)
	}
	p.send("GET", "session", nil).wantCode(http.StatusUnauthorized, "unauthenticated")
}

func TestStaffSessionNeedsTLSOrLoopback(t *testing.T) {
	o := newOffice(t)
	p := o.hire("kim@example.org", staff.Grant{Role: staff.Counsellor})
	for host, status := range map[string]int{"localhost:8080": 200, "127.0.0.1:8080": 200, "[::1]:8080": 200, "beratung.example": 403, "10.0.0.7:8080": 403, "localhost.evil.example": 403} {
		r := httptest.NewRequest("POST", "/api/v1/staff/login", bytes.NewReader(encode(map[string]any{"email": p.email, "auth": p.auth})))
		r.Host = host
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		if w := do(o, r); w.Code != status {
			t.Errorf("%s: %d %s", host, w.Code, w.Body)
		}
	}
}

func TestStaffAdministersAccounts(t *testing.T) {
	o := newOffice(t)
	admin := o.hire("admin@example.org", staff.Grant{Role: staff.Admin})
	made := admin.send("POST", "accounts", map[string]any{
		"email": "New@Example.org", "name": "Neu", "language": "de", "grants": []any{map[string]any{"role": "counsellor", "team": o.team.ID}},
	}).want(http.StatusCreated)
	id, invite := made.object("account")["id"].(string), made.object("invite")
	if invite["url"] != "http://localhost"+InvitePath+invite["token"].(string) {
		t.Errorf("link %v", invite["url"])
	}
	admin.send("POST", "accounts", map[string]any{"email": "new@example.org", "name": "Neu", "grants": []any{map[string]any{"role": "auditor"}}}).wantCode(http.StatusConflict, "email_taken")
	guest := o.browser()
	if info := guest.send("POST", "invite", map[string]any{"token": invite["token"]}).want(http.StatusOK); info.body["name"] != "Neu" || info.body["purpose"] != "invite" {
		t.Errorf("invitation: %v", info.body)
	}
	again := admin.send("POST", "accounts/"+id+"/invite", map[string]any{}).want(http.StatusOK)
	guest.send("POST", "invite", map[string]any{"token": invite["token"]}).wantCode(http.StatusNotFound, "invite_unknown")
	guest.accept("new@example.org", again.body["token"].(string)).want(http.StatusCreated)
	admin.send("PUT", "accounts/"+id, map[string]any{"name": "Neuer Name", "language": "en"}).want(http.StatusNoContent)
	admin.send("PUT", "accounts/"+id+"/skills", map[string]any{"topics": []string{"debt"}, "languages": []string{"de"}, "limit": 3, "trainee": false}).want(http.StatusNoContent)
	admin.send("PUT", "accounts/"+id+"/grants", map[string]any{"grants": []any{map[string]any{"role": "counsellor"}, map[string]any{"role": "supervisor"}}}).want(http.StatusNoContent)
	if len(guest.send("GET", "people", nil).want(http.StatusUnauthorized).body) == 0 {
		t.Error("no problem")
	}
	guest.send("POST", "login", map[string]any{"email": guest.email, "auth": guest.auth}).want(http.StatusOK)
	if people := guest.send("GET", "people", nil).want(http.StatusOK).list("people"); len(people) != 1 {
		t.Errorf("%d people", len(people))
	}
	admin.send("POST", "accounts/"+id+"/disable", map[string]any{}).want(http.StatusNoContent)
	guest.send("GET", "session", nil).wantCode(http.StatusUnauthorized, "signed_out")
	admin.send("POST", "accounts/"+id+"/enable", map[string]any{}).want(http.StatusNoContent)
	admin.send("POST", "accounts/"+id+"/reset", map[string]any{}).want(http.StatusOK)
	if accounts := admin.send("GET", "accounts", nil).want(http.StatusOK).list("accounts"); len(accounts) != 2 || accounts[1].(map[string]any)["state"] != "invited" {
		t.Errorf("accounts: %v", accounts)
	}
}

func TestStaffTeamsAndChain(t *testing.T) {
	o := newOffice(t)
	admin := o.hire("admin@example.org", staff.Grant{Role: staff.Admin}, staff.Grant{Role: staff.Counsellor})
	body := map[string]any{"name": "Schulden", "topics": []string{"debt"}, "languages": []string{"de"}, "centres": []string{}, "reach": "catchment",
		"policy": "duty", "queue_max": 7, "last_chat_before_s": 900, "formal": true}
	id := admin.send("POST", "teams", body).want(http.StatusCreated).body["id"].(string)
	body["queue_max"] = 8
	admin.send("PUT", "teams/"+id, body).want(http.StatusOK)
	admin.send("PUT", "teams/"+id+"/centres", map[string]any{"centres": []string{"c1"}}).want(http.StatusOK)
	body["last_chat_before_s"] = 1 << 60
	if bad := admin.send("PUT", "teams/"+id, body).wantCode(http.StatusUnprocessableEntity, "invalid_input"); bad.object("fields")["last_chat_before_s"] != "out_of_range" {
		t.Errorf("fields: %v", bad.body)
	}
	if pending := admin.send("GET", "teams/"+id+"/pending", nil).want(http.StatusOK).list("pending"); len(pending) != 1 {
		t.Errorf("%d pending", len(pending))
	}
	st, err := admin.keys.Sign(seal.NewState(id, nil, []seal.Member{admin.keys.Member("Kim", true, true)}))
	if err != nil {
		t.Fatal(err)
	}
	head := admin.send("POST", "teams/"+id+"/chain", st).want(http.StatusCreated)
	admin.send("POST", "teams/"+id+"/chain", st).wantCode(http.StatusConflict, "chain_conflict")
	if chain := admin.send("GET", "teams/"+id+"/chain", nil).want(http.StatusOK).list("chain"); len(chain) != 1 {
		t.Errorf("%d states", len(chain))
	}
	for _, one := range admin.send("GET", "teams", nil).want(http.StatusOK).list("teams") {
		team := one.(map[string]any)
		if chain, ok := team["chain"].(map[string]any); team["id"] == id && (!ok || chain["hash"] != head.body["hash"] || team["queue_max"] != 8.0) {
			t.Errorf("team: %v", team)
		}
	}
}

func TestStaffAuditPages(t *testing.T) {
	o := newOffice(t)
	auditor := o.hire("audit@example.org", staff.Grant{Role: staff.Auditor})
	page := auditor.send("GET", "audit?limit=2", nil).want(http.StatusOK)
	next, ok := page.body["next"].(float64)
	if !ok || len(page.list("entries")) != 2 {
		t.Fatalf("page: %v", page.body)
	}
	rest := auditor.send("GET", fmt.Sprintf("audit?before=%d", int(next)), nil).want(http.StatusOK)
	if len(rest.list("entries")) == 0 || rest.body["next"] != nil {
		t.Errorf("rest: %v", rest.body)
	}
	for _, query := range []string{"limit=0", "limit=201", "limit=x", "before=0", "before=-1", "before=99999999999999999999"} {
		auditor.send("GET", "audit?"+query, nil).wantCode(http.StatusUnprocessableEntity, "invalid_input")
	}
	if check := auditor.send("GET", "audit/verify", nil).want(http.StatusOK); check.body["ok"] != true || check.body["first_bad"] != nil {
		t.Errorf("verify: %v", check.body)
	}
}

func TestStaffOwnAccount(t *testing.T) {
	o := newOffice(t)
	p := o.hire("kim@example.org", staff.Grant{Role: staff.Counsellor, Team: o.team.ID})
	p.send("POST", "totp", map[string]any{}).want(http.StatusOK)
	p.send("POST", "totp/confirm", map[string]any{"code": "000"}).wantCode(http.StatusUnprocessableEntity, "invalid_input")
	p.send("DELETE", "totp", nil).want(http.StatusNoContent)
	p.send("DELETE", "totp", nil).wantCode(http.StatusNotFound, "totp_not_begun")
	p.send("PUT", "language", map[string]any{"language": "en"}).want(http.StatusNoContent)
	p.send("POST", "step-up", map[string]any{"auth": fresh(32)}).wantCode(http.StatusUnauthorized, "login_failed")
	p.send("POST", "step-up", map[string]any{"auth": p.auth}).want(http.StatusOK)
	wrap := map[string]any{"kind": "password", "ct": base64.RawURLEncoding.EncodeToString(make([]byte, 60))}
	p.send("PUT", "password", map[string]any{"salt": fresh(16), "iterations": seal.Iterations, "auth": fresh(32), "wrap": wrap}).want(http.StatusOK)
	wrap["kind"] = "recovery"
	p.send("PUT", "recovery", map[string]any{"auth": fresh(32), "wrap": wrap}).want(http.StatusNoContent)
	if passkeys := p.send("GET", "passkeys", nil).want(http.StatusOK).list("passkeys"); len(passkeys) != 0 {
		t.Errorf("%d passkeys", len(passkeys))
	}
	p.send("POST", "login/passkey/begin", map[string]any{}).wantCode(http.StatusServiceUnavailable, "passkeys_unavailable")
	ticket := p.send("POST", "ticket", map[string]any{}).want(http.StatusOK)
	if actor, err := o.staff.RedeemTicket(t.Context(), ticket.body["ticket"].(string)); err != nil || actor.Name != "Kim" {
		t.Errorf("ticket: %v, %v", actor.ID, err)
	}
	if revoked := p.send("DELETE", "sessions", nil).want(http.StatusOK); revoked.body["revoked"] != 0.0 {
		t.Errorf("revoked: %v", revoked.body)
	}
	session := p.send("GET", "session", nil).want(http.StatusOK).object("session")["id"].(string)
	p.send("DELETE", "sessions/"+staff.NewID().String(), nil).wantCode(http.StatusNotFound, "session_unknown")
	p.send("DELETE", "sessions/"+session, nil).want(http.StatusNoContent)
	p.send("GET", "session", nil).wantCode(http.StatusUnauthorized, "signed_out")
}

// Every address that takes a body refuses the same wrong bodies the same way, and every id in an address that is none is
// not found. Nobody gets past either with a crash or a half-done change.
func TestStaffRefusesBadInput(t *testing.T) {
	o := newOffice(t)
	everything := o.hire("all@example.org", staff.Grant{Role: staff.Admin}, staff.Grant{Role: staff.Supervisor}, staff.Grant{Role: staff.Auditor}, staff.Grant{Role: staff.Counsellor})
	for _, route := range o.routeList {
		method, pattern, _ := strings.Cut(route.Pattern, " ")
		path, ours := strings.CutPrefix(pattern, "/api/v1/staff/")
		if !ours || !isStaffAPI(path) {
			continue
		}
		if strings.Contains(path, "{id}") {
			var body any
			if method == "POST" || method == "PUT" {
				body = map[string]any{}
			}
			for _, id := range []string{"x", "%00", "00000000-0000-0000-0000-00000000000Z", strings.Repeat("9", 400)} {
				everything.send(method, strings.ReplaceAll(path, "{id}", id), body).wantCode(http.StatusNotFound, "not_found")
			}
			path = strings.ReplaceAll(path, "{id}", staff.NewID().String())
		}
		if method == "POST" || method == "PUT" {
			o.refusesBodies(everything, method, path)
		}
	}
}

func (o *office) refusesBodies(b *browser, method, path string) {
	o.t.Helper()
	for body, code := range map[string]string{
		"":                                       "malformed",
		"{":                                      "malformed",
		"null x":                                 "malformed",
		"{}{}":                                   "malformed",
		`[1]`:                                    "malformed",
		`"text"`:                                 "malformed",
		`{"surprise":1}`:                         "malformed",
		"{\"\xff\xfe\":\"\xff\"}":                "malformed",
		strings.Repeat(" ", maxStaffBody) + "{}": "too_large",
	} {
		a := b.send(method, path, body)
		status := map[string]int{"malformed": http.StatusBadRequest, "too_large": http.StatusRequestEntityTooLarge}[code]
		if a.body["code"] != code || a.status != status {
			o.t.Errorf("%s %s with %.20q: %d %v", method, path, body, a.status, a.body["code"])
		}
	}
	for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16"} {
		r := httptest.NewRequest(method, "/api/v1/staff/"+path, strings.NewReader("{}"))
		r.Host = "localhost"
		r.Header.Set("Content-Type", kind)
		if a := b.carry(r); a.status != http.StatusUnsupportedMediaType {
			o.t.Errorf("%s %s as %q: %d %v", method, path, kind, a.status, a.body["code"])
		}
	}
}

// isStaffAPI tells the addresses of this file's handlers from the roster's and the chat's below the same prefix.
func isStaffAPI(path string) bool {
	for _, other := range []string{"roster", "desk", "conversations"} {
		if strings.HasPrefix(path, other) {
			return false
		}
	}
	return true
}

// The limits of sign-in count by network: X-Forwarded-For of a stranger is not believed.
func TestStaffLoginLimit(t *testing.T) {
	o := newOffice(t)
	p := o.hire("kim@example.org", staff.Grant{Role: staff.Counsellor})
	attacker := o.browser()
	last := 0
	for i := range 7 {
		r := httptest.NewRequest("POST", "/api/v1/staff/login", bytes.NewReader(encode(map[string]any{"email": p.email, "auth": fresh(32)})))
		r.Host, r.RemoteAddr = "localhost", "198.51.100.7:4711"
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Forwarded-For", fmt.Sprintf("203.0.113.%d", i))
		a := attacker.carry(r)
		if last = a.status; last == http.StatusTooManyRequests && (a.header.Get("Retry-After") == "" || a.body["retry_s"] == nil) {
			t.Error("no time to wait is given")
		}
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("the seventh guess: %d", last)
	}
	p.send("POST", "login", map[string]any{"email": p.email, "auth": p.auth}).want(http.StatusOK)
}

// TestAdminsSetHowLongConversationsStay goes from the form's request to what the privacy page tells.
func TestAdminsSetHowLongConversationsStay(t *testing.T) {
	o := newOffice(t)
	admin, lead := o.hire("a@example.org", staff.Grant{Role: staff.Admin}), o.hire("l@example.org", staff.Grant{Role: staff.Supervisor})
	admin.send("PUT", "provider/keep", map[string]any{"live_h": 2, "message_d": 90}).want(http.StatusOK)
	lead.send("PUT", "provider/keep", map[string]any{"live_h": 3, "message_d": 90}).want(http.StatusForbidden)
	admin.send("PUT", "provider/keep", map[string]any{"live_h": 25, "message_d": 90}).want(http.StatusUnprocessableEntity)
	kept := lead.send("GET", "provider", nil).want(http.StatusOK).body["kept_s"].(map[string]any)
	if kept["live"] != 7200.0 || kept["message"] != 7776000.0 {
		t.Errorf("kept %v", kept)
	}
	page := get(o.Server, "/de/datenschutz").Body.String()
	for _, sentence := range []string{"2 Stunden nach dem Ende wird alles gelöscht.", "90 Tage nach dem Ende wird alles gelöscht."} {
		if !strings.Contains(page, sentence) {
			t.Errorf("the privacy page does not say %q", sentence)
		}
	}
	if strings.Contains(page, "Haus Nord") {
		t.Error("the only provider is named beside its times")
	}
	if _, err := o.staff.CreateProvider(t.Context(), staff.Operator(), "Haus Süd"); err != nil {
		t.Fatal(err)
	}
	page = get(o.Server, "/de/datenschutz").Body.String()
	for _, want := range []string{"Haus Nord", "Haus Süd", "24 Stunden nach dem Ende"} {
		if !strings.Contains(page, want) {
			t.Errorf("with two providers the page does not say %q", want)
		}
	}
}
