package configs

import (
	_ "embed"
	"fmt"
	"time"

	"github.com/BurntSushi/toml"
)

// DemoCentres is the list of invented centres (CSV).
//
//go:embed demo/centres.csv
var DemoCentres []byte

//go:embed demo/demo.toml
var demo string

// Demo is the invented provider that "lotse demo" sets up.
type Demo struct {
	Provider string       `toml:"provider"`
	Teams    []DemoTeam   `toml:"team"`
	People   []DemoPerson `toml:"person"`
	Shifts   []DemoShift  `toml:"shift"`
}

// DemoTeam is a team of the demo. Centres are source ids of DemoCentres.
type DemoTeam struct {
	Key            string        `toml:"key"`
	Name           string        `toml:"name"`
	Topics         []string      `toml:"topics"`
	Languages      []string      `toml:"languages"`
	Centres        []string      `toml:"centres"`
	Reach          string        `toml:"reach"`
	QueueMax       int           `toml:"queue_max"`
	LastChatBefore time.Duration `toml:"last_chat_before"`
	Formal         bool          `toml:"formal"`
}

// DemoPerson is somebody who works there, with one role in some teams or, when
// none are named, in all.
type DemoPerson struct {
	Key       string   `toml:"key"`
	Name      string   `toml:"name"`
	Role      string   `toml:"role"`
	Teams     []string `toml:"teams"`
	Languages []string `toml:"languages"`
	Limit     int      `toml:"limit"`
	Trainee   bool     `toml:"trainee"`
}

// DemoShift is a shift for each of the days and times, by the wall clock.
type DemoShift struct {
	Team     string   `toml:"team"`
	Days     []string `toml:"days"`
	Times    []string `toml:"times"`
	Channels []string `toml:"channels"`
	Min      int      `toml:"min"`
	Opt      int      `toml:"opt"`
	People   []string `toml:"people"`
	Note     string   `toml:"note"`
}

// ReadDemo returns the embedded demo.
func ReadDemo() (d Demo, err error) {
	meta, err := toml.Decode(demo, &d)
	if err != nil {
		return Demo{}, fmt.Errorf("demo: %w", err)
	}
	if extra := meta.Undecoded(); len(extra) > 0 {
		return Demo{}, fmt.Errorf("demo: unknown key %s", extra[0])
	}
	return d, nil
}
