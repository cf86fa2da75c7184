package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"

	"lotse/chat"
	"lotse/directory"
)

// chatView is the chat page. The chat itself happens in the browser: the server
// only says what was asked for, it sees neither words nor keys.
type chatView struct {
	Ask
	Answers  answering
	Ready    bool // the question is complete, the chat may begin
	Topics   []topicChoice
	Errors   map[string]string // field → error code
	informal bool
}

// Informal reports whether the team that will answer says du.
func (v chatView) Informal() bool { return v.informal }

// Centres is the query that lists centres for the same question.
func (v chatView) Centres() string {
	q := url.Values{}
	for field, value := range map[string]string{"topic": v.Topic, "postcode": v.Postcode} {
		if value != "" && v.Errors[field] == "" {
			q.Set(field, value)
		}
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// chatPage shows the chat for the question in the address, or the question. A
// tab that already holds a conversation finds it again on either.
func (s *Server) chatPage(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	view := chatView{Ask: askFrom(query), Topics: s.topicChoices(r), Answers: s.answering(r.Context(), langOf(r))}
	view.Language = cmp.Or(view.Language, view.Answers.Language())
	view.Errors = s.checkAsk(view.Ask)
	view.Ready = len(view.Errors) == 0 && (query.Has("topic") || query.Has("centre"))
	view.informal = query.Has("du") || view.Ready && s.saysDu(r.Context(), view.Ask)
	status := http.StatusOK
	if len(view.Errors) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return s.render(w, r, status, "chat", view)
}

// saysDu reports whether the team for a question addresses people with du. When
// there is no such team, or it cannot be told, they are addressed formally.
func (s *Server) saysDu(ctx context.Context, ask Ask) bool {
	if s.chat == nil {
		return false
	}
	found, err := s.chat.Recipients(ctx, chat.Ask(ask), chat.Message)
	return err == nil && !found.Team.Formal
}

// checkAsk names the fields of a question that cannot be meant so. Not to know
// the topic or to keep the postcode to oneself is fine.
func (s *Server) checkAsk(ask Ask) map[string]string {
	errs := map[string]string{}
	if _, ok := s.directory.Topic(ask.Topic); ask.Topic != "" && !ok {
		errs["topic"] = "topic_unknown"
	}
	if ask.Postcode != "" && !directory.ValidPostcode(ask.Postcode) {
		errs["postcode"] = "postcode_invalid"
	}
	return errs
}
