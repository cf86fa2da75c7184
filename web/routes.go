package web

import (
	"slices"

	"lotse/directory/hsds"
)

// routes is every URL of the server. A pattern without a rank of its own in
// the path is public; Who is enforced before the handler runs.
func (s *Server) routes() []Route {
	return append([]Route{
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
		{"GET /{lang}/chat", Anyone, s.chatPage},
		{"GET /{lang}/rueckkehr", Anyone, s.returnPage},
		{"GET /api/v1/availability", Anyone, s.chatAvailability},
		{"GET /api/v1/availability/stream", Anyone, s.chatAvailabilityStream},
		{"GET /api/v1/recipients", Anyone, s.chatRecipients},
		{"POST /api/v1/conversations", Anyone, s.chatOpen},
		{"POST /api/v1/return", Anyone, s.chatReturn},
		{"GET /api/v1/conversation", Seeker, s.chatOwn},
		{"DELETE /api/v1/conversation", Seeker, s.chatDelete},
		{"GET /api/v1/conversation/messages", Seeker, s.chatMessages},
		{"POST /api/v1/conversation/epochs", Seeker, s.chatAddEpoch},
		{"POST /api/v1/conversation/message-left", Seeker, s.chatLeave},
		{"POST /api/v1/conversation/return", Seeker, s.chatSetReturn},
		{"GET /ws", Anyone, s.chatSocket},

		// Directory (directory_*.go).
		{"GET /{lang}/stellen", Anyone, s.centresPage},
		{"GET /{lang}/stellen/{id}", Anyone, s.centrePage},
		{"GET /{lang}/stellen/{id}/karte.svg", Anyone, s.centreMap},
		{"GET /{lang}/stellen/{id}/qr.svg", Anyone, s.centreQR},
		{"GET /{lang}/stellen/{id}/kontakt.vcf", Anyone, s.centreCard},
		{"GET /{lang}/abdeckung", Anyone, s.coveragePage},
		{"GET /{lang}/abdeckung/karte.svg", Anyone, s.coverageMap},
		{"GET /{lang}/abdeckung/orte.csv", Anyone, s.coverageCSV},
		{"GET /{lang}/angaben", Anyone, s.linkedForm},
		{"POST /{lang}/angaben", Anyone, s.linkedSave},
		{"GET /{lang}/angaben/{token}", Anyone, s.linkedPage},
		{"POST /{lang}/angaben/{token}", Anyone, s.linkedAct},
		{"GET /{lang}/angaben/{token}/abbestellen", Anyone, s.linkedPage},
		{"POST /{lang}/angaben/{token}/abbestellen", Anyone, s.linkedStop},
		{"GET /{lang}/themen", Anyone, s.themesPage},
		{"GET /{lang}/themen/{id}", Anyone, s.themePage},
		{"GET /api/v1/centres", Anyone, s.centresAPI},
		{"GET /api/v1/topics", Anyone, s.topicsAPI},
		{"GET /api/v1/suggest", Anyone, s.suggestAPI},

		// Benefits (finder_*.go).
		{"GET /{lang}/leistungen", Anyone, s.finderPage},
		{"POST /{lang}/leistungen", Anyone, s.finderStep},
		{"GET /{lang}/leistungen/regeln.json", Anyone, s.finderData},
		{"GET /{lang}/leistungen/{id}", Anyone, s.finderBenefit},
		{"POST /api/v1/finder/evaluate", Anyone, s.finderEvaluate},
		{"GET /api/v1/finder/questions", Anyone, s.finderQuestions},
		{"GET /api/v1/openapi.json", Anyone, s.openAPIDocument},

		// Staff pages under /team (team_*.go, staff_*.go, roster_*.go).
		{"GET /team", SignedIn, s.teamConsole},
		{"GET /team/anmelden", Anyone, s.teamSignIn},
		{"GET /team/abmelden", Anyone, s.teamSignOut},
		{"GET /team/einladung", Anyone, s.teamInvite},
		{"GET /team/konto", SignedIn, s.teamAccount},
		{"GET /team/teams", SignedIn, s.teamTeams},
		{"GET /team/qualitaet", SignedIn, s.boardPage},
		{"GET /team/konten", Admin, s.teamAccounts},
		{"GET /team/pruefpfad", Auditor, s.teamAudit},
		{"GET /team/rueckmeldungen", Admin, s.feedbackList},
		{"POST /team/rueckmeldungen/{id}/erledigt", Admin, s.feedbackSettle},

		// Roster: planner, absences, own duties (roster_*.go).
		{"GET /team/dienstplan", SignedIn, s.rosterPage},
		{"GET /team/dienstplan/meine", SignedIn, s.rosterOwn},
		{"GET /team/dienstplan/schicht", Supervisor, s.rosterShiftNew},
		{"POST /team/dienstplan/schicht", Supervisor, s.rosterShiftSave},
		{"GET /team/dienstplan/schicht/{id}", Supervisor, s.rosterShiftPage},
		{"POST /team/dienstplan/schicht/{id}/einteilen", Supervisor, s.onShift(s.rosterAssign)},
		{"POST /team/dienstplan/schicht/{id}/austragen", Supervisor, s.onShift(s.rosterUnassign)},
		{"POST /team/dienstplan/schicht/{id}/verschieben", Supervisor, s.onShift(s.rosterMove)},
		{"POST /team/dienstplan/schicht/{id}/loeschen", Supervisor, s.onShift(s.rosterRemove)},
		{"POST /team/dienstplan/schicht/{id}/verwerfen", Supervisor, s.onShift(s.rosterRevert)},
		{"GET /team/dienstplan/veroeffentlichen", Supervisor, s.rosterPublishPage},
		{"POST /team/dienstplan/veroeffentlichen", Supervisor, s.rosterPublish},
		{"POST /team/dienstplan/verwerfen", Supervisor, s.rosterDiscard},
		{"GET /team/dienstplan/verlauf", Supervisor, s.rosterHistory},
		{"GET /team/dienstplan/vorlagen", Supervisor, s.rosterTemplates},
		{"POST /team/dienstplan/vorlagen", Supervisor, s.rosterFill},
		{"GET /team/dienstplan/vertretung", Supervisor, s.rosterOverrides},
		{"POST /team/dienstplan/vertretung", Supervisor, s.rosterOverrideAdd},
		{"POST /team/dienstplan/vertretung/{id}/aufheben", Supervisor, s.rosterOverrideRemove},
		{"GET /team/dienstplan/abwesenheit", SignedIn, s.rosterAbsences},
		{"POST /team/dienstplan/abwesenheit", SignedIn, s.rosterAbsenceAdd},
		{"POST /team/dienstplan/abwesenheit/{id}/aufheben", SignedIn, s.rosterAbsenceRemove},
		{"GET " + rosterChanges, Supervisor, s.rosterWatch},

		// Files.
		{"GET /static/{file...}", Anyone, s.staticFile},
		{"GET /.well-known/asset-manifest.json", Anyone, s.assetManifest},
		{"GET /robots.txt", Anyone, s.robots},
		{"GET /sitemap.xml", Anyone, s.sitemap},
	}, slices.Concat(s.entryRoutes(), s.openAPI(), s.staffAPI())...)
}

// entryRoutes are the staff's pages of the directory's entries (upkeep_*.go).
func (s *Server) entryRoutes() []Route {
	return []Route{
		{"GET /team/eintraege", SignedIn, s.entryList},
		{"POST /team/eintraege", Admin, s.entryRule},
		{"GET /team/eintraege/{id}", SignedIn, s.entryForm},
		{"POST /team/eintraege/{id}", SignedIn, s.entrySave},
		{"POST /team/eintraege/{id}/fragen", Admin, s.entryAsk},
		{"POST /team/eintraege/{id}/bestaetigen", SignedIn, s.entryConfirm},
		{"GET /team/eintraege/{id}/pruefung", SignedIn, s.entryReview},
		{"POST /team/eintraege/{id}/pruefung", SignedIn, s.entryDecide},
		{"GET /team/eintraege/{id}/verlauf", SignedIn, s.entryHistory},
		{"POST /team/eintraege/{id}/verlauf", SignedIn, s.entryTakeBack},
		{"GET /team/dubletten", SignedIn, s.twinsList},
		{"POST /team/dubletten", SignedIn, s.twinsSettle},
		{"POST /team/dubletten/{id}/trennen", SignedIn, s.twinsPart},
	}
}

// openAPI is the open interface of the directory, for everybody (hsds*.go).
func (s *Server) openAPI() []Route {
	return []Route{
		{"GET /hsds/{$}", Anyone, s.openly(s.hsdsRoot)},
		{"GET /hsds/services", Anyone, s.hsdsList(hsds.Services)},
		{"GET /hsds/services/{id}", Anyone, s.hsdsOne(hsds.Services)},
		{"GET /hsds/organizations", Anyone, s.hsdsList(hsds.Organizations)},
		{"GET /hsds/organizations/{id}", Anyone, s.hsdsOne(hsds.Organizations)},
		{"GET /hsds/service_at_locations", Anyone, s.hsdsList(hsds.AtLocations)},
		{"GET /hsds/service_at_locations/{id}", Anyone, s.hsdsOne(hsds.AtLocations)},
		{"GET /hsds/taxonomies", Anyone, s.openly(s.hsdsTaxonomies)},
		{"GET /hsds/taxonomies/{id}", Anyone, s.openly(s.hsdsTaxonomy)},
		{"GET /hsds/taxonomy_terms", Anyone, s.openly(s.hsdsTerms)},
		{"GET /hsds/taxonomy_terms/{id}", Anyone, s.openly(s.hsdsTerm)},
		{"GET /hsds/profile", Anyone, s.openly(s.hsdsProfile)},
		{"GET /hsds/openapi.json", Anyone, s.openly(s.hsdsOpenAPI)},
		{"GET /hsds/centres.csv", Anyone, s.openly(s.centresCSV)},
		{"GET /hsds/centres.geojson", Anyone, s.openly(s.centresGeoJSON)},
		{"GET /hsds/hsds.zip", Anyone, s.openly(s.hsdsPackage)},
		{"GET /hsds/datapackage.json", Anyone, s.openly(s.dataPackage)},
		{"GET /hsds/changes.atom", Anyone, s.openly(s.centresAtom)},
		{"GET /hsds/search-box.js", Anyone, s.openly(s.searchBox)},
	}
}

// staffAPI is what stands under /api/v1/staff (api_staff*.go, api_chat*.go).
func (s *Server) staffAPI() []Route {
	return []Route{
		{"POST /api/v1/staff/login/start", Anyone, s.staffLoginStart},
		{"POST /api/v1/staff/login", Anyone, s.staffLogin},
		{"POST /api/v1/staff/login/passkey/begin", Anyone, s.staffPasskeyLoginBegin},
		{"POST /api/v1/staff/login/passkey/finish", Anyone, s.staffPasskeyLoginFinish},
		{"POST /api/v1/staff/login/recovery", Anyone, s.staffLoginRecovery},
		{"POST /api/v1/staff/invite", Anyone, s.staffInvite},
		{"POST /api/v1/staff/invite/accept", Anyone, s.staffInviteAccept},
		{"GET /api/v1/staff/session", SignedIn, s.staffSession},
		{"POST /api/v1/staff/logout", SignedIn, s.staffLogout},
		{"POST /api/v1/staff/step-up", SignedIn, s.staffStepUp},
		{"POST /api/v1/staff/step-up/passkey/begin", SignedIn, s.staffStepUpPasskeyBegin},
		{"POST /api/v1/staff/step-up/passkey/finish", SignedIn, s.staffStepUpPasskeyFinish},
		{"GET /api/v1/staff/sessions", SignedIn, s.staffSessions},
		{"DELETE /api/v1/staff/sessions", SignedIn, s.staffSessionsRevoke},
		{"DELETE /api/v1/staff/sessions/{id}", SignedIn, s.staffSessionRevoke},
		{"PUT /api/v1/staff/password", SignedIn, s.staffPassword},
		{"PUT /api/v1/staff/recovery", SignedIn, s.staffRecovery},
		{"PUT /api/v1/staff/language", SignedIn, s.staffLanguage},
		{"POST /api/v1/staff/totp", SignedIn, s.staffTOTPBegin},
		{"POST /api/v1/staff/totp/confirm", SignedIn, s.staffTOTPConfirm},
		{"DELETE /api/v1/staff/totp", SignedIn, s.staffTOTPDisable},
		{"GET /api/v1/staff/passkeys", SignedIn, s.staffPasskeys},
		{"POST /api/v1/staff/passkeys/begin", SignedIn, s.staffPasskeyBegin},
		{"POST /api/v1/staff/passkeys/finish", SignedIn, s.staffPasskeyFinish},
		{"PUT /api/v1/staff/passkeys/{id}/wrap", SignedIn, s.staffPasskeyWrap},
		{"DELETE /api/v1/staff/passkeys/{id}", SignedIn, s.staffPasskeyDelete},
		{"GET /api/v1/staff/keys", SignedIn, s.staffKeys},
		{"PUT /api/v1/staff/keys", SignedIn, s.staffKeysReplace},
		{"POST /api/v1/staff/ticket", SignedIn, s.staffTicket},
		{"GET /api/v1/staff/desk", Counsellor, s.chatDesk},
		{"GET /api/v1/staff/conversations/{id}", Counsellor, s.atDesk(s.chatOwn)},
		{"GET /api/v1/staff/conversations/{id}/messages", Counsellor, s.atDesk(s.chatMessages)},
		{"POST /api/v1/staff/conversations/{id}/epochs", Counsellor, s.atDesk(s.chatAddEpoch)},
		{"GET /api/v1/staff/people", Supervisor, s.staffPeople},
		{"PUT /api/v1/staff/people/{id}/skills", Supervisor, s.staffSkills},
		{"GET /api/v1/staff/accounts", Admin, s.staffAccounts},
		{"POST /api/v1/staff/accounts", Admin, s.staffAccountCreate},
		{"PUT /api/v1/staff/accounts/{id}", Admin, s.staffAccountUpdate},
		{"PUT /api/v1/staff/accounts/{id}/grants", Admin, s.staffAccountGrants},
		{"PUT /api/v1/staff/accounts/{id}/skills", Admin, s.staffSkills},
		{"POST /api/v1/staff/accounts/{id}/invite", Admin, s.staffAccountInvite},
		{"POST /api/v1/staff/accounts/{id}/reset", Admin, s.staffAccountReset},
		{"POST /api/v1/staff/accounts/{id}/disable", Admin, s.staffAccountDisable},
		{"POST /api/v1/staff/accounts/{id}/enable", Admin, s.staffAccountEnable},
		{"GET /api/v1/staff/provider", SignedIn, s.staffProvider},
		{"PUT /api/v1/staff/provider/keep", Admin, s.staffProviderKeep},
		{"GET /api/v1/staff/teams", SignedIn, s.staffTeams},
		{"POST /api/v1/staff/teams", Admin, s.staffTeamCreate},
		{"PUT /api/v1/staff/teams/{id}", Admin, s.staffTeamUpdate},
		{"PUT /api/v1/staff/teams/{id}/centres", Admin, s.staffTeamCentres},
		{"GET /api/v1/staff/teams/{id}/chain", SignedIn, s.staffChain},
		{"POST /api/v1/staff/teams/{id}/chain", SignedIn, s.staffChainAppend},
		{"GET /api/v1/staff/teams/{id}/pending", SignedIn, s.staffPending},
		{"GET /api/v1/staff/audit", Auditor, s.staffAudit},
		{"GET /api/v1/staff/audit/verify", Auditor, s.staffAuditVerify},
	}
}
