package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"lotse/directory"
)

func importCommand() command {
	return command{
		name:    "import centres",
		args:    "FILE|DIR…",
		summary: "read counselling centres and catchments from CSV",
		help: `
Reads counselling centres, agencies and postcode ranges from CSV files, or from
all files *.csv of a directory that have a known header. The header line decides
what a file is. A file is taken whole or not at all; each of its rows is
imported, repaired or rejected, and the codes say why. Importing a file again
changes nothing. A running server takes the new data over within seconds.

known headers:
  source,source_id,name,operator,street,plz,…        centres
  id,name,topic,consulting_type,plz,city,…           agencies of the Caritas list
  agency_id,from,to                                  postcode ranges of these agencies`,
		run: importCentres,
	}
}

func importCentres(ctx context.Context, c *call) error {
	verbose := c.flags.Bool("v", false, "print every row that was repaired or rejected")
	args, err := c.parse(1, 1000)
	if err != nil {
		return err
	}
	files, err := importFiles(args)
	if err != nil {
		return err
	}
	p, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer p.close()
	for _, name := range files {
		if err := c.importFile(ctx, p.directory, name, *verbose); err != nil {
			return err
		}
	}
	return nil
}

// importFiles lists the files to read: centres before agencies before ranges,
// because each refers to the one before. A file that was named and is not known
// is an error; in a directory it is passed over.
func importFiles(args []string) ([]string, error) {
	rank := map[string]int{}
	for _, arg := range args {
		names, err := filesAt(arg)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			kind, known, err := formatOf(name)
			if err != nil {
				return nil, err
			}
			if known {
				rank[name] = kind
			} else if name == arg {
				return nil, fmt.Errorf("%s: the header line is none of the known ones", name)
			}
		}
	}
	if len(rank) == 0 {
		return nil, errors.New("there is no file with a known header")
	}
	return slices.SortedFunc(maps.Keys(rank), func(a, b string) int {
		return cmp.Or(cmp.Compare(rank[a], rank[b]), strings.Compare(a, b))
	}), nil
}

// filesAt returns the file, or the CSV files of the directory.
func filesAt(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return []string{path}, err
	}
	return filepath.Glob(filepath.Join(path, "*.csv"))
}

func formatOf(name string) (rank int, known bool, err error) {
	file, err := os.Open(name)
	if err != nil {
		return 0, false, err
	}
	defer file.Close()
	rank, known = directory.Format(file)
	return rank, known, nil
}

func (c *call) importFile(ctx context.Context, service *directory.Service, name string, verbose bool) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	report, err := service.Import(ctx, file)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	fmt.Fprintf(c.Out, "%s: %s, %d rows = %d imported + %d repaired + %d rejected\n", filepath.Base(name),
		report.Kind, report.Rows, report.Imported, report.Repaired, report.Rejected)
	for _, code := range slices.Sorted(maps.Keys(report.Codes)) {
		fmt.Fprintf(c.Out, "  %6d  %s\n", report.Codes[code], code)
	}
	if verbose {
		for _, f := range report.Findings {
			fmt.Fprintf(c.Out, "  line %d  %s  %s  %s\n", f.Line, f.Outcome, f.Subject, strings.Join(f.Codes, ","))
		}
	}
	return nil
}
