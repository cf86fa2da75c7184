package check

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Reason is why a link is not good. Empty: it is.
type Reason string

// The reasons. The texts of the pages are named after them.
const (
	Fine        Reason = ""
	NoForm      Reason = "form"     // it is no link to a page
	Internal    Reason = "internal" // it leads to an address that is not public
	NoName      Reason = "name"     // nobody has this name
	NoAnswer    Reason = "answer"   // nothing answers there, or too late
	Untrusted   Reason = "trust"    // its certificate is not good
	Missing     Reason = "missing"  // there is no such page (404, 410)
	ServerError Reason = "server"   // the site has an error (5xx)
	Circle      Reason = "circle"   // it leads on and on
	// Unasked is a link that robots.txt keeps programs away from. It says
	// nothing about the link, neither good nor bad.
	Unasked Reason = "unasked"
)

// ofTheLine reports whether the reason may as well lie with this server's own
// line to the internet.
func (r Reason) ofTheLine() bool { return r == NoName || r == NoAnswer }

const (
	probeTimeout = 15 * time.Second
	// maxBody is how much of a page is read, in bytes.
	maxBody      = 4 << 10
	maxHeader    = 32 << 10
	maxRedirects = 5
)

var errCircle = errors.New("the link leads on and on")

// Prober asks for links. Make one with NewProber; it is for one goroutine.
type Prober struct {
	rule
	client *http.Client
	agent  string
	pace   pace
	robots map[string]robots // scheme and host → what it allows
}

// NewProber returns a prober that goes to the public internet only. site is the
// address of this server, by which a webmaster finds out who asks; it may be empty.
func NewProber(site string) *Prober {
	return newProber(site, public, net.DefaultResolver, hostPause)
}

func newProber(site string, r rule, resolver *net.Resolver, pause time.Duration) *Prober {
	p := &Prober{rule: r, agent: agentName + "/1", pace: newPace(pause), robots: map[string]robots{}}
	if site != "" {
		p.agent += " (+" + site + ")"
	}
	p.client = &http.Client{
		Timeout:       probeTimeout,
		CheckRedirect: p.follow,
		Transport: &http.Transport{
			Proxy: nil, DialContext: dialer{r, resolver}.dial, DisableKeepAlives: true, DisableCompression: true,
			TLSHandshakeTimeout: dialTimeout, ResponseHeaderTimeout: probeTimeout, MaxResponseHeaderBytes: maxHeader,
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
		},
	}
	return p
}

// follow looks at a redirect before it is taken.
func (p *Prober) follow(next *http.Request, before []*http.Request) error {
	if len(before) > maxRedirects {
		return errCircle
	}
	next.Header.Del("Referer")
	return p.checkURL(next.URL)
}

// Try asks for a link: by HEAD, and by GET where that does not help. Sites that
// answer "not you" or "not so often" (401, 403, 429) are there: the link is fine.
func (p *Prober) Try(ctx context.Context, link string) Reason {
	u, err := url.Parse(link)
	if err == nil {
		err = p.checkURL(u)
	}
	if err != nil {
		return reasonOf(err)
	}
	allowed, err := p.mayAsk(ctx, u)
	if err != nil {
		return reasonOf(err)
	}
	if !allowed {
		return Unasked
	}
	status, err := p.ask(ctx, http.MethodHead, u, nil)
	if err == nil && status < 400 {
		return Fine
	}
	if errors.Is(err, errRefused) || errors.Is(err, errForm) || ctx.Err() != nil {
		return reasonOf(err)
	}
	if status, err = p.ask(ctx, http.MethodGet, u, nil); err != nil {
		return reasonOf(err)
	}
	return reasonFor(status)
}

// ask sends one request and returns the status of the last answer. What comes
// back goes to body, as far as it is read; body may be nil.
func (p *Prober) ask(ctx context.Context, method string, u *url.URL, body *[]byte) (int, error) {
	if err := p.pace.wait(ctx, u.Host); err != nil {
		return 0, err
	}
	r, err := http.NewRequestWithContext(ctx, method, u.String(), nil)
	if err != nil {
		return 0, errForm
	}
	r.Header.Set("User-Agent", p.agent)
	r.Header.Set("Accept", "text/html, */*;q=0.5")
	if method == http.MethodGet && body == nil {
		r.Header.Set("Range", "bytes=0-2047")
	}
	answer, err := p.client.Do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxBody))
	if body != nil {
		*body = text
	}
	return answer.StatusCode, err
}

// reasonFor judges a status.
func reasonFor(status int) Reason {
	switch {
	case status == http.StatusNotFound, status == http.StatusGone:
		return Missing
	case status >= 500:
		return ServerError
	}
	return Fine
}

func reasonOf(err error) Reason {
	var dns *net.DNSError
	switch {
	case errors.Is(err, errForm):
		return NoForm
	case errors.Is(err, errRefused):
		return Internal
	case errors.Is(err, errCircle):
		return Circle
	case isUntrusted(err):
		return Untrusted
	case errors.As(err, &dns):
		return NoName
	}
	return NoAnswer
}

func isUntrusted(err error) bool {
	var invalid *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var other x509.HostnameError
	return errors.As(err, &invalid) || errors.As(err, &unknown) || errors.As(err, &other)
}
