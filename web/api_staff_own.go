package web

import (
	"encoding/json"
	"net/http"
	"time"

	"lotse/internal/fault"
	"lotse/internal/seal"
	"lotse/internal/staff"
)

// passkeyEvery is how often one network may begin a passkey sign-in once its first tries are used up.
const passkeyEvery = 2 * time.Second

func (s *Server) staffSession(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	profile, err := s.staff.Profile(r.Context(), actor)
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, profile)
}

// staffLogout ends the session and makes the browser drop what it stored, unlocked keys included. The cookie that
// makes this a known device stays.
func (s *Server) staffLogout(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	if err := noBody(w, r); err != nil {
		return err
	}
	if err := s.staff.Logout(r.Context(), actor); err != nil {
		return err
	}
	s.clearSession(w)
	w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	return noContent(w)
}

func (s *Server) staffSessions(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	sessions, err := s.staff.Sessions(r.Context(), actor)
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, map[string]any{"sessions": sessions})
}

func (s *Server) staffSessionRevoke(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, err := staff.ParseSessionID(r.PathValue("id"))
	if err != nil {
		return errNoSuch(err)
	}
	if err := s.staff.Revoke(r.Context(), actor, id); err != nil {
		return err
	}
	return noContent(w)
}

// errNoSuch is the answer to an id in a path that cannot be one.
func errNoSuch(err error) error { return fault.Wrap(fault.NotFound, "not_found", err) }

func (s *Server) staffSessionsRevoke(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	n, err := s.staff.RevokeOthers(r.Context(), actor)
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, map[string]int{"revoked": n})
}

func (s *Server) staffPassword(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	var in struct {
		passwordBody
		Wrap seal.KeyWrap `json:"wrap"`
	}
	if err := s.loginBody(w, r, &in); err != nil {
		return err
	}
	done, err := s.staff.SetPassword(r.Context(), actor, in.password(), in.Wrap)
	if err != nil {
		return err
	}
	return s.signedIn(w, r, http.StatusOK, done)
}

func (s *Server) staffRecovery(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	var in struct {
		recoveryBody
		Wrap seal.KeyWrap `json:"wrap"`
	}
	if err := staffBody(w, r, &in); err != nil {
		return err
	}
	if err := s.staff.SetRecovery(r.Context(), actor, staff.Secret(in.Auth), in.Wrap); err != nil {
		return err
	}
	return noContent(w)
}

func (s *Server) staffLanguage(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	var in struct {
		Language string `json:"language"`
	}
	if err := staffBody(w, r, &in); err != nil {
		return err
	}
	if err := s.staff.SetLanguage(r.Context(), actor, in.Language); err != nil {
		return err
	}
	return noContent(w)
}

func (s *Server) staffStepUp(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	var in struct {
		Auth seal.Bytes `json:"auth"`
		TOTP string     `json:"totp"`
	}
	if err := s.loginBody(w, r, &in); err != nil {
		return err
	}
	done, err := s.staff.StepUp(r.Context(), s.staffClient(r), actor, staff.Secret(in.Auth), in.TOTP)
	if err != nil {
		return err
	}
	return s.signedIn(w, r, http.StatusOK, done)
}

func (s *Server) staffStepUpPasskeyBegin(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	if err := noBody(w, r); err != nil {
		return err
	}
	ceremony, err := s.staff.BeginPasskeyStepUp(r.Context(), actor)
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, ceremony)
}

func (s *Server) staffStepUpPasskeyFinish(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	var in assertionBody
	if err := s.loginBody(w, r, &in); err != nil {
		return err
	}
	done, err := s.staff.FinishPasskeyStepUp(r.Context(), actor, in.Ceremony, in.Credential)
	if err != nil {
		return err
	}
	return s.signedIn(w, r, http.StatusOK, done)
}

func (s *Server) staffTOTPBegin(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	if err := noBody(w, r); err != nil {
		return err
	}
	enrolment, err := s.staff.BeginTOTP(r.Context(), actor)
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, enrolment)
}

func (s *Server) staffTOTPConfirm(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	var in struct {
		Code string `json:"code"`
	}
	if err := staffBody(w, r, &in); err != nil {
		return err
	}
	if err := s.staff.ConfirmTOTP(r.Context(), actor, in.Code); err != nil {
		return err
	}
	return noContent(w)
}

func (s *Server) staffTOTPDisable(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	if err := s.staff.DisableTOTP(r.Context(), actor); err != nil {
		return err
	}
	return noContent(w)
}

func (s *Server) staffKeys(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	keys, err := s.staff.Keys(r.Context(), actor)
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, keys)
}

func (s *Server) staffKeysReplace(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	var in struct {
		Keys     seal.KeyFile `json:"keys"`
		Recovery recoveryBody `json:"recovery"`
	}
	if err := staffBody(w, r, &in); err != nil {
		return err
	}
	if err := s.staff.ReplaceKeys(r.Context(), actor, in.Keys, staff.Secret(in.Recovery.Auth)); err != nil {
		return err
	}
	return s.staffKeys(w, r, actor)
}

func (s *Server) staffTicket(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	if err := noBody(w, r); err != nil {
		return err
	}
	ticket, err := s.staff.Ticket(r.Context(), actor)
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, struct {
		Ticket   string `json:"ticket"`
		ExpiresS int    `json:"expires_in_s"`
	}{ticket, int(staff.TicketLife / time.Second)})
}

func (s *Server) staffPasskeys(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	passkeys, err := s.staff.Passkeys(r.Context(), actor)
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, map[string]any{"passkeys": append([]staff.Passkey{}, passkeys...)})
}

func (s *Server) staffPasskeyBegin(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	if err := noBody(w, r); err != nil {
		return err
	}
	ceremony, err := s.staff.BeginPasskey(r.Context(), actor)
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, ceremony)
}

func (s *Server) staffPasskeyFinish(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	var in struct {
		Ceremony   string          `json:"ceremony"`
		Name       string          `json:"name"`
		Credential json.RawMessage `json:"credential"`
		Wrap       *seal.KeyWrap   `json:"wrap"`
	}
	if err := staffBody(w, r, &in); err != nil {
		return err
	}
	passkey, err := s.staff.FinishPasskey(r.Context(), actor, staff.NewPasskey{Ceremony: in.Ceremony, Name: in.Name, Answer: in.Credential, Wrap: in.Wrap})
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusCreated, passkey)
}

func (s *Server) staffPasskeyWrap(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	var in struct {
		Wrap seal.KeyWrap `json:"wrap"`
	}
	id, err := passkeyID(r)
	if err != nil {
		return err
	}
	if err := staffBody(w, r, &in); err != nil {
		return err
	}
	if err := s.staff.WrapPasskey(r.Context(), actor, id, in.Wrap); err != nil {
		return err
	}
	return noContent(w)
}

func (s *Server) staffPasskeyDelete(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, err := passkeyID(r)
	if err != nil {
		return err
	}
	if err := s.staff.DeletePasskey(r.Context(), actor, id); err != nil {
		return err
	}
	return noContent(w)
}

func passkeyID(r *http.Request) (id staff.PasskeyID, err error) {
	if err := id.UnmarshalText([]byte(r.PathValue("id"))); err != nil {
		return id, errNoSuch(err)
	}
	return id, nil
}
