package web

// rights is who may call each route, written down a second time on purpose: a
// route that is missing here, or that changes who it is for, fails the test.
// Keep it in the order of routes.go.
var rights = map[string]Who{

	// Public pages, the same path in every language.
	"GET /{$}":                          Anyone,
	"GET /{lang}/{$}":                   Anyone,
	"GET /{lang}/verlassen":             Anyone,
	"GET /{lang}/sicherheit":            Anyone,
	"GET /{lang}/datenschutz":           Anyone,
	"GET /{lang}/impressum":             Anyone,
	"GET /{lang}/barrierefreiheit":      Anyone,
	"GET /{lang}/barrierefreiheit.json": Anyone,
	"GET /{lang}/feedback":              Anyone,
	"POST /{lang}/feedback":             Anyone,

	// Seeker: chat, return (seeker_*.go, api_chat*.go).
	"GET /{lang}/chat":      Anyone,
	"GET /{lang}/rueckkehr": Anyone,

	// Directory (directory_*.go).
	"GET /{lang}/stellen":      Anyone,
	"GET /{lang}/stellen/{id}": Anyone,
	"GET /api/v1/centres":      Anyone,

	// Staff pages under /team (team_*.go, staff_*.go, roster_*.go).
	"GET /team":                               SignedIn,
	"GET /team/anmelden":                      Anyone,
	"GET /team/abmelden":                      Anyone,
	"GET /team/einladung":                     Anyone,
	"GET /team/konto":                         SignedIn,
	"GET /team/teams":                         SignedIn,
	"GET /team/konten":                        Admin,
	"GET /team/pruefpfad":                     Auditor,
	"GET /team/rueckmeldungen":                Admin,
	"POST /team/rueckmeldungen/{id}/erledigt": Admin,

	// Staff API under /api/v1/staff (api_staff*.go, roster_*.go).
	"POST /api/v1/staff/login/start":            Anyone,
	"POST /api/v1/staff/login":                  Anyone,
	"POST /api/v1/staff/login/passkey/begin":    Anyone,
	"POST /api/v1/staff/login/passkey/finish":   Anyone,
	"POST /api/v1/staff/login/recovery":         Anyone,
	"POST /api/v1/staff/invite":                 Anyone,
	"POST /api/v1/staff/invite/accept":          Anyone,
	"GET /api/v1/staff/session":                 SignedIn,
	"POST /api/v1/staff/logout":                 SignedIn,
	"POST /api/v1/staff/step-up":                SignedIn,
	"POST /api/v1/staff/step-up/passkey/begin":  SignedIn,
	"POST /api/v1/staff/step-up/passkey/finish": SignedIn,
	"GET /api/v1/staff/sessions":                SignedIn,
	"DELETE /api/v1/staff/sessions":             SignedIn,
	"DELETE /api/v1/staff/sessions/{id}":        SignedIn,
	"PUT /api/v1/staff/password":                SignedIn,
	"PUT /api/v1/staff/recovery":                SignedIn,
	"PUT /api/v1/staff/language":                SignedIn,
	"POST /api/v1/staff/totp":                   SignedIn,
	"POST /api/v1/staff/totp/confirm":           SignedIn,
	"DELETE /api/v1/staff/totp":                 SignedIn,
	"GET /api/v1/staff/passkeys":                SignedIn,
	"POST /api/v1/staff/passkeys/begin":         SignedIn,
	"POST /api/v1/staff/passkeys/finish":        SignedIn,
	"PUT /api/v1/staff/passkeys/{id}/wrap":      SignedIn,
	"DELETE /api/v1/staff/passkeys/{id}":        SignedIn,
	"GET /api/v1/staff/keys":                    SignedIn,
	"PUT /api/v1/staff/keys":                    SignedIn,
	"POST /api/v1/staff/ticket":                 SignedIn,
	"GET /api/v1/staff/people":                  Supervisor,
	"PUT /api/v1/staff/people/{id}/skills":      Supervisor,
	"GET /api/v1/staff/accounts":                Admin,
	"POST /api/v1/staff/accounts":               Admin,
	"PUT /api/v1/staff/accounts/{id}":           Admin,
	"PUT /api/v1/staff/accounts/{id}/grants":    Admin,
	"PUT /api/v1/staff/accounts/{id}/skills":    Admin,
	"POST /api/v1/staff/accounts/{id}/invite":   Admin,
	"POST /api/v1/staff/accounts/{id}/reset":    Admin,
	"POST /api/v1/staff/accounts/{id}/disable":  Admin,
	"POST /api/v1/staff/accounts/{id}/enable":   Admin,
	"GET /api/v1/staff/teams":                   SignedIn,
	"POST /api/v1/staff/teams":                  Admin,
	"PUT /api/v1/staff/teams/{id}":              Admin,
	"PUT /api/v1/staff/teams/{id}/centres":      Admin,
	"GET /api/v1/staff/teams/{id}/chain":        SignedIn,
	"POST /api/v1/staff/teams/{id}/chain":       SignedIn,
	"GET /api/v1/staff/teams/{id}/pending":      SignedIn,
	"GET /api/v1/staff/audit":                   Auditor,
	"GET /api/v1/staff/audit/verify":            Auditor,

	// Files.
	"GET /static/{file...}": Anyone,
	"GET /robots.txt":       Anyone,
}
