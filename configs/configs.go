// Package configs holds the settings of the server and the data that is built
// into it. Only cmd imports it; every other package takes its own options.
//
// Settings come from the embedded default.toml, then from the operator's file,
// then from the environment. A key or variable nobody knows is an error, a value
// that would let people's data travel unprotected has to be spelled out in
// allow_insecure, and all problems are reported at once.
package configs

import (
	"embed"
	"errors"
	"log/slog"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

//go:embed default.toml
var defaults string

// Topics is the taxonomy of counselling topics (TOML).
//
//go:embed topics.toml
var Topics []byte

// Lexicon holds what people say when they look for help, one TOML file for each
// language.
//
//go:embed lexicon
var Lexicon embed.FS

// Themes are the public services of social life and what belongs to each (CSV); the
// pages name and explain them. The keys of the LeiKa are only those that have
// been verified.
//
//go:embed themes.csv
var Themes []byte

// Postcodes is the table of German postcodes with places and coordinates (CSV,
// gzip).
//
//go:embed plz.csv.gz
var Postcodes []byte

// Config is everything an operator can set. default.toml says what each key
// means.
type Config struct {
	Listen         string         `key:"listen"`
	PublicURL      string         `key:"public_url"`
	TrustedProxies []netip.Prefix `key:"trusted_proxies"`
	MetricsListen  string         `key:"metrics_listen"`
	Data           string         `key:"data"`
	Keys           string         `key:"keys"`
	Secret         Secret         `key:"secret"`
	DatabaseURL    Secret         `key:"database_url"`
	RedisURL       Secret         `key:"redis_url"`
	AllowInsecure  []string       `key:"allow_insecure"`
	Drain          time.Duration  `key:"drain"`
	Zone           string         `key:"zone"`
	ExitURL        string         `key:"exit_url"`
	Log            Log            `key:"log"`
	Operator       Operator       `key:"operator"`
	Chat           Chat           `key:"chat"`
	Directory      Directory      `key:"directory"`
	Mail           Mail           `key:"mail"`
	Upkeep         Upkeep         `key:"upkeep"`
}

// Mail is the mail server that letters are handed to. Without SMTP there is none.
type Mail struct {
	SMTP         string `key:"smtp"`
	TLS          string `key:"tls"`
	User         string `key:"user"`
	Password     Secret `key:"password"`
	PasswordFile string `key:"password_file"`
	From         string `key:"from"`
	Name         string `key:"name"`
}

// Upkeep holds the spans after which centres are asked and entries expire.
type Upkeep struct {
	Every  time.Duration `key:"every"`
	Expire time.Duration `key:"expire"`
}

// Log says how the log is written.
type Log struct {
	Format string     `key:"format"`
	Level  slog.Level `key:"level"`
}

// Operator is the body that answers for the server.
type Operator struct {
	Name           string   `key:"name"`
	Address        []string `key:"address"`
	Representative string   `key:"representative"`
	Email          string   `key:"email"`
	Phone          string   `key:"phone"`
	DataProtection string   `key:"data_protection"`
	Supervisor     string   `key:"supervisor"`
	Register       string   `key:"register"`
	PublicBody     bool     `key:"public_body"`
}

// Directory says how the directory of centres is looked after.
type Directory struct {
	CheckLinks bool `key:"check_links"`
}

// Chat holds the limits of conversations.
type Chat struct {
	Heartbeat   time.Duration `key:"heartbeat"`
	KeepLive    time.Duration `key:"keep_live"`
	KeepMessage time.Duration `key:"keep_message"`
	Offer       time.Duration `key:"offer"`
	Gone        time.Duration `key:"gone"`
	Silence     time.Duration `key:"silence"`
	WarnBefore  time.Duration `key:"warn_before"`
	Idle        time.Duration `key:"idle"`
	Unanswered  time.Duration `key:"unanswered"`
	Lost        time.Duration `key:"lost"`

	NetworkShare Percent `key:"network_share"`
}

// Percent is a whole part of a hundred, written "50%".
type Percent int

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *Percent) UnmarshalText(text []byte) error {
	digits, found := strings.CutSuffix(string(text), "%")
	n, err := strconv.Atoi(digits)
	if !found || err != nil {
		return errors.New(`must be a per cent such as "50%"`)
	}
	*p = Percent(n)
	return nil
}

// Secret is a setting that holds a password. It prints and logs as "[secret]".
type Secret string

// String hides the value.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "[secret]"
}

// GoString hides the value.
func (s Secret) GoString() string { return s.String() }

// LogValue hides the value.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Database returns the url of the database in use.
func (c *Config) Database() string {
	if c.DatabaseURL != "" {
		return string(c.DatabaseURL)
	}
	return "sqlite:" + filepath.Join(c.Data, "lotse.db")
}

// KeyDir returns the directory of the day keys.
func (c *Config) KeyDir() string {
	if c.Keys != "" {
		return c.Keys
	}
	return filepath.Join(c.Data, "keys")
}

// Location returns the time zone. It panics on a Config that Load has not
// accepted.
func (c *Config) Location() *time.Location {
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		panic(err)
	}
	return zone
}
