package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// entryPoints are the scripts that a page loads, embed a page of another site;
// all others are parts of them.
var entryPoints = []string{"start", "chat", "return", "team", "signin", "account", "teams", "team_invite", "team_accounts", "team_audit", "roster", "finder", "centres", "embed"}

// addScripts bundles each entry point of web/app into one module.
func addScripts(out *output) error {
	for _, entry := range entryPoints {
		source := filepath.Join("app", entry+".ts")
		if _, err := os.Stat(source); errors.Is(err, os.ErrNotExist) {
			continue
		}
		code, err := bundle(source)
		if err != nil {
			return err
		}
		out.add(entry+".js", code)
	}
	return nil
}

// bundle returns source and all it imports as one minified module. The legal
// comments of vendored code stay in.
func bundle(source string) ([]byte, error) {
	result := api.Build(api.BuildOptions{
		EntryPoints:       []string{source},
		Bundle:            true,
		Format:            api.FormatESModule,
		Target:            api.ES2022,
		Charset:           api.CharsetUTF8,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		LegalComments:     api.LegalCommentsInline,
		LogLevel:          api.LogLevelSilent,
	})
	if len(result.Errors) > 0 {
		lines := api.FormatMessages(result.Errors, api.FormatMessagesOptions{})
		return nil, fmt.Errorf("%s: %s", source, strings.Join(lines, ""))
	}
	return result.OutputFiles[0].Contents, nil
}
