package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"lotse/internal/seal"
)

// API calls the HTTP part of the protocol.
type API struct {
	Base  string // such as https://beratung.example
	HTTP  *http.Client
	Token string // of a seeker, for the calls about a conversation
}

// Problem is a refused call (application/problem+json).
type Problem struct {
	Status     int               `json:"status"`
	Code       string            `json:"code"`
	Fields     map[string]string `json:"fields"`
	RetryS     int               `json:"retry_s"`
	DetailData json.RawMessage   `json:"detail_data"`
}

// Error names status and code.
func (p *Problem) Error() string { return fmt.Sprintf("%d %s", p.Status, p.Code) }

// Availability is the state of a line.
type Availability struct {
	State    string `json:"state"`
	Position int    `json:"position"`
	Wait     struct {
		Low  int `json:"low"`
		High int `json:"high"`
	} `json:"wait_s"`
	OpensAt *time.Time `json:"opens_at"`
}

// Recipients is whom to encrypt to.
type Recipients struct {
	Team struct {
		ID     string `json:"id"`
		Name   string `json:"name"`
		Policy string `json:"policy"`
		Formal bool   `json:"formal"`
	} `json:"team"`
	Chain     []seal.SignedState `json:"chain"`
	StateHash seal.Hash          `json:"state_hash"`
	Readers   []seal.KID         `json:"readers"`
	KeepS     struct {
		Live    int64 `json:"live"`
		Message int64 `json:"message"`
	} `json:"keep_s"`
}

// Opening is the body of POST /api/v1/conversations.
type Opening struct {
	Topic    string     `json:"topic"`
	Language string     `json:"language"`
	Postcode string     `json:"postcode,omitempty"`
	Centre   string     `json:"centre,omitempty"`
	Kind     string     `json:"kind"`
	OnGone   string     `json:"on_gone"`
	Token    string     `json:"token,omitempty"`
	Epoch    seal.Epoch `json:"epoch"`
}

// Opened is its answer.
type Opened struct {
	ID    string `json:"id"`
	Token string `json:"token"`
	State string `json:"state"`
}

// Own is one conversation with its keys.
type Own struct {
	Conversation Frame                         `json:"conversation"`
	Room         seal.RoomID                   `json:"room"`
	Epochs       []seal.Epoch                  `json:"epochs"`
	Chains       map[string][]seal.SignedState `json:"chains"`
	HasReturn    bool                          `json:"has_return"`
}

// Page is one page of messages.
type Page struct {
	Messages []struct {
		seal.Message
		At time.Time `json:"at"`
	} `json:"messages"`
	More bool `json:"more"`
}

// Receipt is what deleting answers.
type Receipt struct {
	ID     string    `json:"id"`
	At     string    `json:"at"`
	Digest seal.Hash `json:"digest"`
}

// Availability asks for the state of a line; query has topic, language, postcode.
func (a API) Availability(ctx context.Context, query url.Values) (v Availability, err error) {
	return v, a.call(ctx, http.MethodGet, "availability?"+query.Encode(), nil, &v)
}

// Recipients asks whom to encrypt to; query has also kind, or team with a token.
func (a API) Recipients(ctx context.Context, query url.Values) (r Recipients, err error) {
	return r, a.call(ctx, http.MethodGet, "recipients?"+query.Encode(), nil, &r)
}

// Open opens a conversation.
func (a API) Open(ctx context.Context, o Opening) (r Opened, err error) {
	return r, a.call(ctx, http.MethodPost, "conversations", o, &r)
}

// Conversation reads the token's conversation.
func (a API) Conversation(ctx context.Context) (o Own, err error) {
	return o, a.call(ctx, http.MethodGet, "conversation", nil, &o)
}

// Messages reads a page behind after.
func (a API) Messages(ctx context.Context, after int64, limit int) (p Page, err error) {
	q := url.Values{"after": {strconv.FormatInt(after, 10)}, "limit": {strconv.Itoa(limit)}}
	return p, a.call(ctx, http.MethodGet, "conversation/messages?"+q.Encode(), nil, &p)
}

// AddEpoch posts the next epoch.
func (a API) AddEpoch(ctx context.Context, e seal.Epoch) error {
	return a.call(ctx, http.MethodPost, "conversation/epochs", e, nil)
}

// Leave posts a message without a socket.
func (a API) Leave(ctx context.Context, m seal.Message) (ack Frame, err error) {
	f := Send("", m)
	f.T = ""
	return ack, a.call(ctx, http.MethodPost, "conversation/message-left", f, &ack)
}

// SetReturn sets the auth part of a return code.
func (a API) SetReturn(ctx context.Context, auth seal.Bytes) error {
	return a.call(ctx, http.MethodPost, "conversation/return", map[string]seal.Bytes{"auth": auth}, nil)
}

// Return proves a return code and gives the new token.
func (a API) Return(ctx context.Context, auth seal.Bytes) (r Opened, err error) {
	return r, a.call(ctx, http.MethodPost, "return", map[string]seal.Bytes{"auth": auth}, &r)
}

// Delete destroys the conversation.
func (a API) Delete(ctx context.Context) (Receipt, error) {
	var r struct {
		Receipt Receipt `json:"receipt"`
	}
	return r.Receipt, a.call(ctx, http.MethodDelete, "conversation", nil, &r)
}

// call sends body as JSON and decodes the answer into v; a refusal is a *Problem.
func (a API) call(ctx context.Context, method, path string, body, v any) error {
	var in io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return err
		}
		in = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, a.Base+"/api/v1/"+path, in)
	if err != nil {
		return err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if a.Token != "" {
		req.Header.Set("Authorization", "Bearer "+a.Token)
	}
	c := a.HTTP
	if c == nil {
		c = http.DefaultClient
	}
	res, err := c.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode >= 400 {
		p := &Problem{Status: res.StatusCode}
		if err := json.NewDecoder(res.Body).Decode(p); err != nil {
			return fmt.Errorf("%s %s: status %d", method, path, res.StatusCode)
		}
		return p
	}
	if v == nil {
		return nil
	}
	return json.NewDecoder(res.Body).Decode(v)
}
