package web

import (
	"encoding/json"
	"net/http"
	"time"

	"lotse/internal/seal"
	"lotse/internal/staff"
)

// staffLoginStart tells a browser how to derive the secrets of an address.
func (s *Server) staffLoginStart(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Email string `json:"email"`
	}
	if err := staffBody(w, r, &in); err != nil {
		return err
	}
	if err := s.limit(r, "login", 60, time.Second); err != nil {
		return err
	}
	kdf, err := s.staff.LoginStart(r.Context(), in.Email)
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, kdf)
}

func (s *Server) staffLogin(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Email string     `json:"email"`
		Auth  seal.Bytes `json:"auth"`
		TOTP  string     `json:"totp"`
	}
	if err := s.loginBody(w, r, &in); err != nil {
		return err
	}
	done, err := s.staff.Login(r.Context(), s.staffClient(r), staff.Login{Email: in.Email, Auth: staff.Secret(in.Auth), TOTP: in.TOTP})
	if err != nil {
		return err
	}
	return s.signedIn(w, r, http.StatusOK, done)
}

func (s *Server) staffLoginRecovery(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Email string     `json:"email"`
		Auth  seal.Bytes `json:"auth"`
	}
	if err := s.loginBody(w, r, &in); err != nil {
		return err
	}
	done, err := s.staff.LoginRecovery(r.Context(), s.staffClient(r), in.Email, staff.Secret(in.Auth))
	if err != nil {
		return err
	}
	return s.signedIn(w, r, http.StatusOK, done)
}

// loginBody reads the body of a request that ends in a session.
func (s *Server) loginBody(w http.ResponseWriter, r *http.Request, v any) error {
	if err := s.needTLS(r); err != nil {
		return err
	}
	return staffBody(w, r, v)
}

func (s *Server) staffPasskeyLoginBegin(w http.ResponseWriter, r *http.Request) error {
	if err := noBody(w, r); err != nil {
		return err
	}
	if err := s.limit(r, "passkey", 30, passkeyEvery); err != nil {
		return err
	}
	ceremony, err := s.staff.BeginPasskeyLogin(r.Context())
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, ceremony)
}

// assertionBody is the answer of an authenticator to a ceremony.
type assertionBody struct {
	Ceremony   string          `json:"ceremony"`
	Credential json.RawMessage `json:"credential"`
}

func (s *Server) staffPasskeyLoginFinish(w http.ResponseWriter, r *http.Request) error {
	var in assertionBody
	if err := s.loginBody(w, r, &in); err != nil {
		return err
	}
	done, err := s.staff.FinishPasskeyLogin(r.Context(), s.staffClient(r), in.Ceremony, in.Credential)
	if err != nil {
		return err
	}
	return s.signedIn(w, r, http.StatusOK, done)
}

// staffInvite shows what an invitation is for. The token comes in the body, never in an address.
func (s *Server) staffInvite(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Token string `json:"token"`
	}
	if err := staffBody(w, r, &in); err != nil {
		return err
	}
	if err := s.limit(r, "login", 60, time.Second); err != nil {
		return err
	}
	invitation, err := s.staff.Invitation(r.Context(), in.Token)
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, invitation)
}

func (s *Server) staffInviteAccept(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Token    string       `json:"token"`
		Language string       `json:"language"`
		Password passwordBody `json:"password"`
		Recovery recoveryBody `json:"recovery"`
		Keys     seal.KeyFile `json:"keys"`
	}
	if err := s.loginBody(w, r, &in); err != nil {
		return err
	}
	done, err := s.staff.Accept(r.Context(), s.staffClient(r), staff.Acceptance{
		Token: in.Token, Language: in.Language, Password: in.Password.password(), Recovery: staff.Secret(in.Recovery.Auth), Keys: in.Keys,
	})
	if err != nil {
		return err
	}
	return s.signedIn(w, r, http.StatusCreated, done)
}
