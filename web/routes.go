package web

// routes is every URL of the server. A pattern without a rank of its own in
// the path is public; Who is enforced before the handler runs.
func (s *Server) routes() []Route {
	return []Route{
		// Public pages, the same path in every language.
		{"GET /{$}", Anyone, s.chooseLanguage},
		{"GET /{lang}/{$}", Anyone, s.startPage},
		{"GET /{lang}/verlassen", Anyone, s.exit},
		{"GET /{lang}/sicherheit", Anyone, s.securityPage},
		{"GET /{lang}/datenschutz", Anyone, s.privacyPage},
		{"GET /{lang}/impressum", Anyone, s.imprintPage},
		{"GET /{lang}/barrierefreiheit", Anyone, s.statementPage},
		{"GET /{lang}/barrierefreiheit.json", Anyone, s.statementData},
		{"GET /{lang}/feedback", Anyone, s.feedbackPage},
		{"POST /{lang}/feedback", Anyone, s.feedbackLeave},

		// Seeker: chat, return (seeker_*.go, api_chat*.go).

		// Directory (directory_*.go).
		{"GET /{lang}/stellen", Anyone, s.centresPage},
		{"GET /{lang}/stellen/{id}", Anyone, s.centrePage},
		{"GET /api/v1/centres", Anyone, s.centresAPI},

		// Staff pages under /team (team_*.go, staff_*.go, roster_*.go).

		{"GET /team/rueckmeldungen", Admin, s.feedbackList},
		{"POST /team/rueckmeldungen/{id}/erledigt", Admin, s.feedbackSettle},

		// Staff API under /api/v1/staff (api_staff*.go, roster_*.go).

		// Files.
		{"GET /static/{file...}", Anyone, s.staticFile},
		{"GET /robots.txt", Anyone, s.robots},
	}
}
