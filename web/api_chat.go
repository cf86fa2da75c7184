package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"lotse/chat"
	"lotse/internal/fault"
	"lotse/internal/seal"
)

// The rates of anonymous calls per client network: so many at once, then one per
// interval. Whole shelters and schools share one network.
const (
	openBurst, openEvery     = 12, 20 * time.Second
	returnBurst, returnEvery = 8, 15 * time.Second
	askBurst, askEvery       = 120, 500 * time.Millisecond
	streamBurst, streamEvery = 40, 2 * time.Second
)

// chatAsk reads what a seeker looks for from a query. Invalid names the fields
// that cannot be meant so; an unknown topic would else look like a closed door.
func (s *Server) chatAsk(q url.Values) (Ask, error) {
	ask := Ask{Topic: q.Get("topic"), Language: q.Get("language"), Postcode: q.Get("postcode"), Centre: q.Get("centre")}
	return ask, s.validAsk(ask)
}

func (s *Server) validAsk(ask Ask) error {
	if wrong := s.checkAsk(ask); len(wrong) > 0 {
		return fault.InvalidInput(wrong)
	}
	return nil
}

// chatAvailability answers GET /api/v1/availability.
func (s *Server) chatAvailability(w http.ResponseWriter, r *http.Request) error {
	if err := s.limit(r, "chat-ask", askBurst, askEvery); err != nil {
		return err
	}
	ask, err := s.chatAsk(r.URL.Query())
	if err != nil {
		return err
	}
	a, err := s.chat.Availability(r.Context(), ask)
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, a)
}

// chatAvailabilityStream answers GET /api/v1/availability/stream with an event
// per change, and a comment now and then so that nobody between thinks it dead.
func (s *Server) chatAvailabilityStream(w http.ResponseWriter, r *http.Request) error {
	if err := s.limit(r, "chat-stream", streamBurst, streamEvery); err != nil {
		return err
	}
	ask, err := s.chatAsk(r.URL.Query())
	if err != nil {
		return err
	}
	out := newEventStream(w)
	err = s.chat.WatchAvailability(r.Context(), ask,
		func(a chat.Availability) error { return out.event("availability", encode(a)) },
		func() error { return out.comment() })
	if out.begun {
		return nil // the reader is gone, or the server goes; there is nothing left to say
	}
	return err
}

// chatRecipients answers GET /api/v1/recipients: for an ask, or with a token for
// the team of the conversation.
func (s *Server) chatRecipients(w http.ResponseWriter, r *http.Request) error {
	if err := s.limit(r, "chat-ask", askBurst, askEvery); err != nil {
		return err
	}
	q := r.URL.Query()
	if q.Has("team") || r.Header.Get("Authorization") != "" {
		return s.chatWanted(w, r, q.Get("team"))
	}
	kind := chat.Kind(q.Get("kind"))
	if kind == "" {
		kind = chat.Live
	}
	if kind != chat.Live && kind != chat.Message {
		return fault.InvalidInput(map[string]string{"kind": "invalid_choice"})
	}
	ask, err := s.chatAsk(q)
	if err != nil {
		return err
	}
	found, err := s.chat.Recipients(r.Context(), ask, kind)
	if err != nil {
		return withAvailability(err)
	}
	return s.json(w, r, http.StatusOK, found)
}

// chatWanted answers whom the holder of a token has to encrypt to. The team says
// what the caller expects; another one means that the conversation has moved on.
func (s *Server) chatWanted(w http.ResponseWriter, r *http.Request, team string) error {
	seat, err := s.seat(r)
	if err != nil {
		return err
	}
	found, err := s.chat.Wanted(r.Context(), seat)
	if err != nil {
		return err
	}
	if team != "" && team != found.Team.ID.String() {
		return fault.New(fault.Conflict, "recipients_changed")
	}
	return s.json(w, r, http.StatusOK, found)
}

// openBody is the body of POST /api/v1/conversations.
type openBody struct {
	Topic    string      `json:"topic"`
	Language string      `json:"language"`
	Postcode string      `json:"postcode"`
	Centre   string      `json:"centre"`
	Kind     chat.Kind   `json:"kind"`
	OnGone   chat.OnGone `json:"on_gone"`
	Token    string      `json:"token"`
	Epoch    seal.Epoch  `json:"epoch"`
}

// chatOpen answers POST /api/v1/conversations.
func (s *Server) chatOpen(w http.ResponseWriter, r *http.Request) error {
	if err := s.limit(r, "chat-open", openBurst, openEvery); err != nil {
		return err
	}
	var body openBody
	if err := decode(r, &body); err != nil {
		return err
	}
	ask := Ask{Topic: body.Topic, Language: body.Language, Postcode: body.Postcode, Centre: body.Centre}
	if err := s.validAsk(ask); err != nil {
		return err
	}
	opened, err := s.chat.Open(r.Context(), chat.OpenRequest{
		Ask: ask, Kind: body.Kind, OnGone: body.OnGone, Token: body.Token, Epoch: body.Epoch, Network: s.clientPrefix(r),
	})
	if err != nil {
		return withAvailability(err)
	}
	return s.json(w, r, createdOrKnown(opened.Again), opened)
}

func createdOrKnown(again bool) int {
	if again {
		return http.StatusOK
	}
	return http.StatusCreated
}

// withAvailability adds to a refused live chat what there is instead.
func withAvailability(err error) error {
	if closed, ok := errors.AsType[*chat.ClosedError](err); ok {
		return withExtra(err, closed.Now)
	}
	return err
}

// authBody carries the auth part of a return code.
type authBody struct {
	Auth seal.Bytes `json:"auth"`
}

// chatReturn answers POST /api/v1/return.
func (s *Server) chatReturn(w http.ResponseWriter, r *http.Request) error {
	if err := s.limit(r, "chat-return", returnBurst, returnEvery); err != nil {
		return err
	}
	var body authBody
	if err := decode(r, &body); err != nil {
		return err
	}
	opened, err := s.chat.Return(r.Context(), body.Auth)
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, opened)
}

// chatSocket answers GET /ws. The socket proves itself by its first frame, so
// the route is open to anyone; the origin is checked by the upgrade.
func (s *Server) chatSocket(w http.ResponseWriter, r *http.Request) error {
	if err := s.limit(r, "chat-socket", askBurst, askEvery); err != nil {
		return err
	}
	s.chat.ServeSocket(w, r)
	return nil
}

// seat finds the seeker of a request by the token in the Authorization header;
// a token anywhere else is not looked at.
func (s *Server) seat(r *http.Request) (chat.Seat, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return chat.Seat{}, fault.New(fault.Unauthenticated, "unauthenticated")
	}
	return s.seats.Seat(r.Context(), token)
}

// page reads after and limit of a page of messages.
func messagePage(q url.Values) (after int64, limit int, err error) {
	limit = 100
	if text := q.Get("limit"); text != "" {
		if limit, err = strconv.Atoi(text); err != nil {
			return 0, 0, fault.InvalidInput(map[string]string{"limit": "out_of_range"})
		}
	}
	if text := q.Get("after"); text != "" {
		if after, err = strconv.ParseInt(text, 10, 64); err != nil {
			return 0, 0, fault.InvalidInput(map[string]string{"after": "out_of_range"})
		}
	}
	return after, limit, nil
}
