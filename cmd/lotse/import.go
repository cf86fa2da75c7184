package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"lotse/configs"
	"lotse/directory"
	"lotse/internal/bus"
	"lotse/internal/fault"
	"lotse/internal/store"
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
	service, done, err := c.openDirectory(ctx)
	if err != nil {
		return err
	}
	defer done()
	for _, name := range files {
		if err := c.importFile(ctx, service, name, *verbose); err != nil {
			return err
		}
	}
	return nil
}

// importFiles lists the files to read: centres before agencies before ranges,
// because each refers to the one before.
func importFiles(args []string) ([]string, error) {
	var files []string
	for _, arg := range args {
		info, err := os.Stat(arg)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			files = append(files, arg)
			continue
		}
		found, err := fs.Glob(os.DirFS(arg), "*.csv")
		if err != nil {
			return nil, err
		}
		for _, name := range found {
			files = append(files, filepath.Join(arg, name))
		}
	}
	return knownFiles(files, len(args) == len(files))
}

// knownFiles puts the files in order and leaves out those of a directory whose
// header is not known. A file that was named and is not known is an error.
func knownFiles(files []string, named bool) ([]string, error) {
	rank := map[string]int{}
	for _, name := range files {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		kind, known := directory.Format(file)
		file.Close()
		if known {
			rank[name] = kind
		} else if named {
			return nil, fmt.Errorf("%s: the header line is none of the known ones", name)
		}
	}
	if len(rank) == 0 {
		return nil, fmt.Errorf("there is no file with a known header")
	}
	return slices.SortedFunc(maps.Keys(rank), func(a, b string) int {
		return cmp.Or(cmp.Compare(rank[a], rank[b]), strings.Compare(a, b))
	}), nil
}

// openDirectory opens the database and the bus of the settings.
func (c *call) openDirectory(ctx context.Context) (*directory.Service, func(), error) {
	cfg, err := c.settings()
	if err != nil {
		return nil, nil, err
	}
	log, err := newLog(cfg, c.Err)
	if err != nil {
		return nil, nil, err
	}
	db, err := store.Open(ctx, cfg.Database())
	if err != nil {
		return nil, nil, err
	}
	if err := db.Migrate(ctx); err != nil {
		db.Close()
		return nil, nil, err
	}
	line, err := openBus(cfg, log)
	if err != nil {
		db.Close()
		return nil, nil, err
	}
	service, err := newDirectory(db, line, log)
	return service, func() { line.Close(); db.Close() }, err
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

// newDirectory returns the directory with the built-in topics and postcodes.
func newDirectory(db *store.DB, line bus.Bus, log directory.Logger) (*directory.Service, error) {
	taxonomy, err := directory.ParseTaxonomy(bytes.NewReader(configs.Topics))
	if err != nil {
		return nil, err
	}
	zipped, err := gzip.NewReader(bytes.NewReader(configs.Postcodes))
	if err != nil {
		return nil, fmt.Errorf("postcodes: %w", err)
	}
	places, err := directory.ReadPlaces(zipped)
	if err != nil {
		return nil, err
	}
	return directory.New(directory.Options{DB: db, Bus: line, Log: log, Taxonomy: taxonomy, Places: places}), nil
}

var _ = fault.Invalid
