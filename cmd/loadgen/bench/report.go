package bench

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// Table is the figures as Markdown.
func Table(figures []Figure) string {
	var b strings.Builder
	b.WriteString("| what | goal | reached | | beside |\n|---|---|---|---|---|\n")
	for _, f := range figures {
		word := "met"
		if !f.Met {
			word = "**missed**"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", f.What, f.Goal, f.Reached, word, f.Beside)
	}
	return b.String()
}

// Write makes the page of figures: when, on what, how, the table, and the notes.
func Write(file, command, notes string, figures []Figure) error {
	var b strings.Builder
	fmt.Fprintf(&b, `# Figures

Written by `+"`make bench`"+`; do not edit. Explanations are in [figures-notes.md](figures-notes.md) and stand below the table.

- Date: %s
- Machine: %s; %s, %d processors for the measuring side, %s/%s
- Command: `+"`%s`"+`: server on core 0, load generator on core 1, loopback, each figure from one run beside the peer (bench/peer, centrifuge, history in memory)
- When it ended the machine had a %s

%s`, time.Now().UTC().Format(time.DateOnly), processor(), runtime.Version(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, command, load(), Table(figures))
	if notes != "" {
		text, err := os.ReadFile(notes)
		if err != nil {
			return err
		}
		b.WriteString("\n")
		b.Write(text)
	}
	return os.WriteFile(file, []byte(b.String()), 0o644)
}

// processor is the name of the processor, as Linux gives it.
func processor() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return "unknown"
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name, value, found := strings.Cut(lines.Text(), ":"); found && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

// load is the load average: beyond 2 somebody else was at work as well.
func load() string {
	data, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return "load of " + strings.Join(strings.Fields(string(data))[:3], " ")
}
