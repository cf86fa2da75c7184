package web

import (
	"net/http"

	"lotse/chat"
	"lotse/internal/seal"
	"lotse/internal/staff"
)

// chatOwn answers GET /api/v1/conversation.
func (s *Server) chatOwn(w http.ResponseWriter, r *http.Request, seat chat.Seat) error {
	own, err := s.chat.Own(r.Context(), seat)
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, own)
}

// chatMessages answers GET …/messages for either side.
func (s *Server) chatMessages(w http.ResponseWriter, r *http.Request, seat chat.Seat) error {
	after, limit, err := messagePage(r.URL.Query())
	if err != nil {
		return err
	}
	page, err := s.chat.Messages(r.Context(), seat, after, limit)
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, page)
}

// chatAddEpoch answers POST …/epochs for either side.
func (s *Server) chatAddEpoch(w http.ResponseWriter, r *http.Request, seat chat.Seat) error {
	var e seal.Epoch
	if err := decode(r, &e); err != nil {
		return err
	}
	again, err := s.chat.AddEpoch(r.Context(), seat, e)
	if err != nil {
		return err
	}
	return s.json(w, r, createdOrKnown(again), struct {
		Epoch uint32 `json:"epoch"`
	}{e.Number})
}

// chatLeave answers POST /api/v1/conversation/message-left.
func (s *Server) chatLeave(w http.ResponseWriter, r *http.Request, seat chat.Seat) error {
	var m chat.Sealed
	if err := decode(r, &m); err != nil {
		return err
	}
	ack, err := s.chat.LeaveMessage(r.Context(), seat, m)
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusCreated, ack)
}

// chatSetReturn answers POST /api/v1/conversation/return.
func (s *Server) chatSetReturn(w http.ResponseWriter, r *http.Request, seat chat.Seat) error {
	var body authBody
	if err := decode(r, &body); err != nil {
		return err
	}
	if err := s.chat.SetReturn(r.Context(), seat, body.Auth); err != nil {
		return err
	}
	return noContent(w)
}

// chatDelete answers DELETE /api/v1/conversation.
func (s *Server) chatDelete(w http.ResponseWriter, r *http.Request, seat chat.Seat) error {
	receipt, err := s.chat.Delete(r.Context(), seat)
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, struct {
		Receipt chat.Receipt `json:"receipt"`
	}{receipt})
}

// chatDesk answers GET /api/v1/staff/desk.
func (s *Server) chatDesk(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	desk, err := s.chat.Desk(r.Context(), actor)
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, desk)
}

// atDesk lets a counsellor use a handler of a seat by the id in the path.
func (s *Server) atDesk(h seated) staffed {
	return func(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
		id, err := chat.ParseID(r.PathValue("id"))
		if err != nil {
			return err
		}
		seat, err := s.chat.StaffSeat(r.Context(), actor, id)
		if err != nil {
			return err
		}
		return h(w, r, seat)
	}
}
