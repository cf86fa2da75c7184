package configs

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What allow_insecure may name.
const (
	insecureDatabase = "database"
	insecureRedis    = "redis"
	insecureMetrics  = "metrics"
)

// maxKeep bounds how long anything said may outlive its conversation.
const maxKeep = 366 * 24 * time.Hour

// Validate reports everything that is wrong with the settings, joined.
func (c *Config) Validate() error { return errors.Join(c.problems()...) }

// problems runs all checks; each yields nothing or says what to change.
func (c *Config) problems() (all []error) {
	for _, check := range []struct {
		key string
		run func() error
	}{
		{"listen", c.checkListen},
		{"public_url", c.checkPublicURL},
		{"trusted_proxies", c.checkProxies},
		{"metrics_listen", c.checkMetrics},
		{"data", c.checkData},
		{"secret", c.checkSecret},
		{"database_url", c.checkDatabase},
		{"redis_url", c.checkRedis},
		{"allow_insecure", c.checkInsecure},
		{"drain", func() error { return between(c.Drain, 0, 10*time.Minute) }},
		{"zone", c.checkZone},
		{"exit_url", func() error { return checkWebURL(c.ExitURL) }},
		{"log.format", c.checkLogFormat},
		{"operator.name", c.checkOperator},
		{"chat.heartbeat", func() error { return between(c.Chat.Heartbeat, 5*time.Second, 55*time.Second) }},
		{"chat.keep_live", func() error { return between(c.Chat.KeepLive, 0, maxKeep) }},
		{"chat.keep_message", func() error { return between(c.Chat.KeepMessage, 0, maxKeep) }},
		{"chat.offer", func() error { return between(c.Chat.Offer, 5*time.Second, 10*time.Minute) }},
		{"chat.gone", func() error { return between(c.Chat.Gone, 30*time.Second, time.Hour) }},
		{"chat.silence", func() error { return between(c.Chat.Silence, 10*time.Minute, 7*24*time.Hour) }},
		{"chat.warn_before", func() error { return between(c.Chat.WarnBefore, 0, c.Chat.Silence) }},
		{"chat.idle", func() error { return between(c.Chat.Idle, 24*time.Hour, 366*24*time.Hour) }},
		{"chat.unanswered", func() error { return between(c.Chat.Unanswered, time.Hour, 30*24*time.Hour) }},
		{"mail.smtp", c.checkMail},
		{"mail.tls", c.checkMailTLS},
		{"mail.from", c.checkMailFrom},
		{"upkeep.every", func() error { return between(c.Upkeep.Every, 7*24*time.Hour, 3*366*24*time.Hour) }},
		{"upkeep.expire", func() error { return between(c.Upkeep.Expire, 7*24*time.Hour, 3*366*24*time.Hour) }},
		{"chat.lost", func() error { return between(c.Chat.Lost, 30*time.Second, time.Hour) }},
		{"chat.network_share", func() error { return between(c.Chat.NetworkShare, 1, 100) }},
	} {
		if err := check.run(); err != nil {
			all = append(all, fmt.Errorf("  %s: %w", check.key, err))
		}
	}
	return all
}

func between[V cmp.Ordered](d, low, high V) error {
	if d < low || d > high {
		return fmt.Errorf("must be from %v to %v", low, high)
	}
	return nil
}

func (c *Config) checkListen() error {
	host, err := splitAddress(c.Listen)
	if err != nil {
		return err
	}
	if !isLoopback(host) && c.PublicURL == "" {
		return errors.New("an address beyond loopback needs public_url, and a proxy that does TLS")
	}
	return nil
}

func (c *Config) checkPublicURL() error {
	if c.PublicURL == "" {
		return nil
	}
	if err := checkWebURL(c.PublicURL); err != nil {
		return err
	}
	u, _ := url.Parse(c.PublicURL)
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("must be scheme and host, without a path")
	}
	if u.Scheme != "https" && !isLoopback(u.Hostname()) {
		return errors.New("must begin with https: browsers refuse to encrypt on pages that came without TLS")
	}
	return nil
}

func checkWebURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || u.User != nil {
		return errors.New(`must be an address such as "https://beratung.example"`)
	}
	return nil
}

func (c *Config) checkProxies() error {
	if strings.HasPrefix(c.PublicURL, "https:") && len(c.TrustedProxies) == 0 {
		return errors.New(`must name the proxy that does TLS, such as "127.0.0.1/32": ` +
			"without it all people share one limit")
	}
	for _, network := range c.TrustedProxies {
		if network.Bits() == 0 {
			return errors.New("must not be everybody: anyone could then claim any address")
		}
	}
	return nil
}

func (c *Config) checkMetrics() error {
	if c.MetricsListen == "" {
		return nil
	}
	host, err := splitAddress(c.MetricsListen)
	if err != nil {
		return err
	}
	if c.MetricsListen == c.Listen && !strings.HasSuffix(c.Listen, ":0") {
		return errors.New("must differ from listen")
	}
	return c.needs(isLoopback(host), insecureMetrics, "an address beyond loopback")
}

func (c *Config) checkData() error {
	if c.Data == "" {
		return errors.New("must name a directory")
	}
	if filepath.Clean(c.KeyDir()) == filepath.Clean(c.Data) {
		return errors.New("keys must be a directory of its own, which no backup holds")
	}
	return nil
}

func (c *Config) checkSecret() error {
	if n := len(c.Secret); n > 0 && n < 32 {
		return errors.New("must have at least 32 characters")
	}
	return nil
}

func (c *Config) checkDatabase() error {
	u, err := url.Parse(string(c.DatabaseURL))
	malformed := errors.New(`must be "sqlite:PATH" or "postgres://user:password@host/database"`)
	switch {
	case c.DatabaseURL == "":
		return nil
	case strings.HasPrefix(string(c.DatabaseURL), "sqlite:") && len(c.DatabaseURL) > len("sqlite:"):
		return nil
	case err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql"):
		return malformed
	}
	encrypted := slices.Contains([]string{"require", "verify-ca", "verify-full"}, u.Query().Get("sslmode"))
	private := u.Host == "" || isLoopback(u.Hostname()) || strings.HasPrefix(u.Query().Get("host"), "/")
	return c.needs(encrypted || private, insecureDatabase, "without sslmode=verify-full (verify-ca, require)")
}

func (c *Config) checkRedis() error {
	if c.RedisURL == "" {
		return nil
	}
	u, err := url.Parse(string(c.RedisURL))
	if err != nil || u.Host == "" || (u.Scheme != "redis" && u.Scheme != "rediss") {
		return errors.New(`must be "rediss://user:password@host:port/0" or "redis://…"`)
	}
	return c.needs(u.Scheme == "rediss" || isLoopback(u.Hostname()), insecureRedis, "redis:// instead of rediss://")
}

func (c *Config) checkInsecure() error {
	for _, word := range c.AllowInsecure {
		if !slices.Contains([]string{insecureDatabase, insecureRedis, insecureMetrics}, word) {
			return fmt.Errorf("may name %s, %s and %s", insecureDatabase, insecureRedis, insecureMetrics)
		}
	}
	return nil
}

// needs accepts what is secure, and what is not only by name.
func (c *Config) needs(secure bool, word, what string) error {
	if secure || slices.Contains(c.AllowInsecure, word) {
		return nil
	}
	return fmt.Errorf("%s lets others read along; if the network is yours alone, add %q to allow_insecure", what, word)
}

func (c *Config) checkZone() error {
	if _, err := time.LoadLocation(c.Zone); err != nil || c.Zone == "" || c.Zone == "Local" {
		return errors.New(`must be a time zone such as "Europe/Berlin"`)
	}
	return nil
}

func (c *Config) checkLogFormat() error {
	if c.Log.Format != "text" && c.Log.Format != "json" {
		return errors.New("must be text or json")
	}
	return nil
}

// checkOperator asks for the imprint as soon as the server is public (§ 5 DDG).
func (c *Config) checkOperator() error {
	o := c.Operator
	if strings.HasPrefix(c.PublicURL, "https:") && (o.Name == "" || len(o.Address) == 0 || o.Email == "") {
		return errors.New("a public server needs operator.name, operator.address and operator.email for its imprint")
	}
	return nil
}

func (c *Config) checkMail() error {
	if c.Mail.SMTP == "" {
		return nil
	}
	if _, err := splitAddress(c.Mail.SMTP); err != nil {
		return err
	}
	if c.Mail.Password != "" && c.Mail.PasswordFile != "" {
		return errors.New("password and password_file exclude each other")
	}
	return nil
}

func (c *Config) checkMailTLS() error {
	if !slices.Contains([]string{"starttls", "tls", "none"}, c.Mail.TLS) {
		return errors.New("must be starttls, tls or none")
	}
	host, _ := splitAddress(c.Mail.SMTP) // checkMail reports the error
	if c.Mail.TLS == "none" && c.Mail.SMTP != "" && (!isLoopback(host) || c.Mail.Password != "" || c.Mail.PasswordFile != "") {
		return errors.New("none is for a mail server on loopback, without a password: the links in the mails are keys")
	}
	return nil
}

func (c *Config) checkMailFrom() error {
	if c.Mail.SMTP == "" {
		return nil
	}
	if parsed, err := mail.ParseAddress(c.Mail.From); err != nil || parsed.Address != c.Mail.From {
		return errors.New(`must be a bare address such as "stellen@beratung.example"`)
	}
	if strings.ContainsAny(c.Mail.Name, "\r\n") {
		return errors.New("mail.name must be one line")
	}
	return nil
}

func splitAddress(address string) (host string, err error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", errors.New(`must be an address and a port such as "127.0.0.1:8080"`)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", errors.New("must end in a port from 0 to 65535")
	}
	return host, nil
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}
