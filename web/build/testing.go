package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// bundleTests writes each *.test.ts below web/app as one module for Node into
// dir, so that node --test can run what no browser is needed for.
func bundleTests(dir string) error {
	names, err := testSources()
	if err != nil {
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	result := api.Build(api.BuildOptions{
		EntryPoints:  names,
		Bundle:       true,
		Platform:     api.PlatformNode,
		Format:       api.FormatESModule,
		Target:       api.ES2022,
		Outdir:       dir,
		Outbase:      "app",
		OutExtension: map[string]string{".js": ".mjs"},
		Sourcemap:    api.SourceMapInline,
		LogLevel:     api.LogLevelSilent,
		Write:        true,
	})
	if len(result.Errors) > 0 {
		return fmt.Errorf("tests: %s", strings.Join(api.FormatMessages(result.Errors, api.FormatMessagesOptions{}), ""))
	}
	return nil
}

// testSources lists the tests, vendored code aside.
func testSources() ([]string, error) {
	var names []string
	err := filepath.WalkDir("app", func(name string, entry os.DirEntry, err error) error {
		if err == nil && entry.IsDir() && entry.Name() == "vendor" {
			return filepath.SkipDir
		}
		if strings.HasSuffix(name, ".test.ts") {
			names = append(names, name)
		}
		return err
	})
	return names, err
}
