package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"lotse/directory"
	"lotse/directory/intake"
	"lotse/internal/fault"
	"lotse/internal/store"
)

func importCommand() command {
	return command{
		name:    "import centres",
		args:    "FILE|FOLDER…",
		summary: "read counselling centres and catchments from files",
		help: `
Reads counselling centres, providers and catchments from files, or from all
files of a folder and the folders in it. What a file is shows in its content. A
file is taken whole or not at all; each of its rows is imported, repaired or
rejected, and the codes say why. Importing a file again changes nothing. A
running server takes the new data over within seconds.

Try it first with --dry-run: it reports the same, shows what would become
different, and changes nothing; each file finds what those before it would bring.

` + strings.TrimSpace(intake.Formats) + `

Names of contact persons are left out. --keep-persons keeps those that HSDS objects
have; give it only when they have agreed. What a person of the provider entered
stands above every import. docs/directory.md explains each code.`,
		run: importCentres,
	}
}

// importing is one call of the command.
type importing struct {
	*call
	options directory.ImportOptions
	verbose bool
	service *directory.Service
}

func importCentres(ctx context.Context, c *call) error {
	i := importing{call: c}
	c.flags.BoolVar(&i.verbose, "v", false, "print every row that was repaired, rejected or is doubtful")
	c.flags.BoolVar(&i.options.DryRun, "dry-run", false, "report and show the differences, change nothing")
	c.flags.BoolVar(&i.options.KeepPersons, "keep-persons", false, "keep the names of contact persons in HSDS objects")
	c.flags.StringVar(&i.options.Source, "source", "", "`name` of the data set, for formats that do not carry one")
	c.flags.StringVar(&i.options.Licence, "licence", "", "`licence` of the data, for formats that do not carry one")
	columns := c.flags.String("map", "", "`columns` of a CSV or GeoJSON file, as name=Bezeichnung,plz=PLZ; see --dry-run")
	args, err := c.parse(1, 1000)
	if err != nil {
		return err
	}
	if i.options.Map, err = mapping(*columns); err != nil {
		return err
	}
	files, err := i.files(args)
	if err != nil {
		return err
	}
	p, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer p.close()
	i.service = p.directory
	if i.options.DryRun {
		return i.together(ctx, i.service.Rehearse, files)
	}
	for _, name := range files {
		if err := i.together(ctx, i.service.DB.Transact, []string{name}); err != nil {
			return err
		}
		if err := i.service.Announce(ctx); err != nil {
			return err
		}
	}
	return nil
}

// mapping reads "name=Bezeichnung,plz=PLZ".
func mapping(s string) (map[string]string, error) {
	columns := map[string]string{}
	for pair := range strings.SplitSeq(s, ",") {
		ours, theirs, ok := strings.Cut(pair, "=")
		if pair != "" && !ok {
			return nil, fmt.Errorf("%w: --map: %q is not column=column", errUsage, pair)
		}
		if ok {
			columns[strings.TrimSpace(ours)] = strings.TrimSpace(theirs)
		}
	}
	return columns, nil
}

// files lists what is to be read: files that others refer to come first. A file
// that was named and is not known is an error; in a folder it is passed over,
// and said so. A folder that is an HSDS package is read as one.
func (i importing) files(args []string) ([]string, error) {
	rank := map[string]int{}
	for _, arg := range args {
		names, err := filesAt(arg)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			feed, err := i.open(name)
			switch {
			case err == nil:
				rank[name] = feed.Rank
			case name == arg:
				return nil, i.unknown(name, err)
			case fault.KindOf(err) != fault.Invalid:
				return nil, fmt.Errorf("%s: %w", name, err)
			default:
				fmt.Fprintf(i.Out, "%s: passed over, %s\n", name, passedOver(err))
			}
		}
	}
	if len(rank) == 0 {
		return nil, errors.New("there is no file of a known format")
	}
	return slices.SortedFunc(maps.Keys(rank), func(a, b string) int {
		return cmp.Or(cmp.Compare(rank[a], rank[b]), strings.Compare(a, b))
	}), nil
}

// passedOver says why a file of a folder is not read.
func passedOver(err error) string {
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Fields["file"] == "map_unknown_column" && f.Err != nil {
		return f.Err.Error()
	}
	return "none of the known formats"
}

func (i importing) open(name string) (intake.Feed, error) {
	if p, err := openPackage(name); err != nil {
		return intake.Feed{}, err
	} else if p != nil {
		defer p.close()
		return intake.OpenPackage(p, i.options.Options), nil // of which only the rank is asked
	}
	file, err := os.Open(name)
	if err != nil {
		return intake.Feed{}, err
	}
	defer file.Close()
	return intake.Open(file, i.options.Options)
}

// unknown explains a file that is none of the known formats. Of a CSV file it
// shows the columns and what they would be taken for.
func (i importing) unknown(name string, err error) error {
	shown := explained(name, err)
	file, err2 := os.Open(name)
	if f, ok := errors.AsType[*fault.Error](err); err2 != nil || !ok || f.Fields["file"] != "csv_format_unknown" {
		return shown
	}
	defer file.Close()
	columns, err2 := intake.Preview(file, i.options.Options)
	if err2 != nil {
		return shown
	}
	var guess []string
	fmt.Fprintf(i.Out, "%s has columns of its own:\n", name)
	for _, c := range columns {
		fmt.Fprintf(i.Out, "  %-24s → %-14s %s\n", c.Theirs, cmp.Or(c.Ours, "(left out)"), strings.Join(c.Samples, " | "))
		if c.Ours != "" {
			guess = append(guess, c.Ours+"="+c.Theirs)
		}
	}
	if !slices.ContainsFunc(columns, func(c intake.Column) bool { return c.Ours == "source_id" }) {
		fmt.Fprintln(i.Out, "there is no column with an id (source_id): a row is known by its name and telephone, and a new number makes a new entry")
	}
	fmt.Fprintf(i.Out, "say it better, or the same, with --source NAME --map '%s'\n", strings.Join(guess, ","))
	return shown
}

// filesAt returns the file, or all files and packages below the folder.
func filesAt(path string) (names []string, err error) {
	err = filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && intake.IsPackage(os.DirFS(name)):
			names = append(names, name)
			return fs.SkipDir
		case !d.IsDir():
			names = append(names, name)
		}
		return nil
	})
	return names, err
}

// together imports files in one transaction and tells what became of each.
func (i importing) together(ctx context.Context, within func(context.Context, func(*store.Tx) error) error, files []string) error {
	var reports []directory.Report
	err := within(ctx, func(tx *store.Tx) error {
		reports = nil // of an attempt before
		for _, name := range files {
			report, err := i.read(ctx, tx, name)
			if err != nil {
				return explained(name, err)
			}
			reports = append(reports, report)
		}
		return nil
	})
	if err != nil && !i.options.DryRun {
		return err
	}
	for n, report := range reports {
		i.tell(files[n], report)
	}
	return err
}

func (i importing) tell(name string, report directory.Report) {
	printReport(i.Out, filepath.Base(name), report, i.verbose)
	if i.options.DryRun {
		printDiff(i.Out, report)
	}
}

// refusals explain why a file was refused as a whole, by the code of the fault.
var refusals = map[string]string{
	"file_cut":            "the file ends in the middle; was it copied completely?",
	"row_too_long":        "a row has no end, or is longer than 4 MiB",
	"xml_doctype":         "the file declares entities of its own (DOCTYPE), which can blow up; take the declaration out",
	"xml_too_deep":        "elements lie too deep inside each other",
	"xml_invalid":         "this is no well-formed XML in the encoding that the file states",
	"json_invalid":        "this is no well-formed JSON",
	"csv_unreadable":      "the header line cannot be read",
	"map_unknown_column":  "--map does not fit",
	"csv_format_unknown":  "the header line is none of the known ones; --map names the columns",
	"json_format_unknown": "this JSON is none of the known formats",
	"xml_format_unknown":  "this XML is none of the known formats",
	"empty":               "the file is empty",
}

// explained says in words why a file was refused. Nothing of it was imported.
func explained(name string, err error) error {
	if f, ok := errors.AsType[*fault.Error](err); ok && refusals[f.Fields["file"]] != "" {
		if f.Err != nil {
			return fmt.Errorf("%s, %w: %s; nothing of it was imported", name, f.Err, refusals[f.Fields["file"]])
		}
		return fmt.Errorf("%s: %s; nothing of it was imported", name, refusals[f.Fields["file"]])
	}
	return fmt.Errorf("%s: %w", name, err)
}

func (i importing) read(ctx context.Context, tx *store.Tx, name string) (directory.Report, error) {
	if p, err := openPackage(name); err != nil {
		return directory.Report{}, err
	} else if p != nil {
		defer p.close()
		return i.service.ImportPackageIn(ctx, tx, p, i.options)
	}
	file, err := os.Open(name)
	if err != nil {
		return directory.Report{}, err
	}
	defer file.Close()
	return i.service.ImportIn(ctx, tx, file, i.options)
}

func printReport(out io.Writer, name string, r directory.Report, verbose bool) {
	fmt.Fprintf(out, "%s: %s, %d rows = %d imported + %d repaired + %d rejected\n", name, r.Kind, r.Rows, r.Imported, r.Repaired, r.Rejected)
	fmt.Fprintf(out, "  entries: %d new, %d changed, %d as before\n", r.Created, r.Changed, r.Unchanged)
	for _, code := range slices.Sorted(maps.Keys(r.Codes)) {
		fmt.Fprintf(out, "  %6d  %s\n", r.Codes[code], code)
	}
	if !verbose {
		return
	}
	for _, f := range r.Findings {
		fmt.Fprintf(out, "  line %d  %s  %s  %s\n", f.Line, f.Outcome, f.Subject, strings.Join(f.Codes, ","))
	}
}

// printDiff shows what an import would make different.
func printDiff(out io.Writer, r directory.Report) {
	for _, d := range r.Diff {
		if d.Created {
			fmt.Fprintf(out, "+ %s  %s\n", d.Subject, d.Name)
			continue
		}
		fmt.Fprintf(out, "~ %s  %s\n", d.Subject, d.Name)
		for _, c := range d.Changes {
			fmt.Fprintf(out, "    %s.%s: %s → %s\n", c.Kind, c.Fact, orNothing(c.Before), orNothing(c.After))
		}
	}
}

func orNothing(s string) string { return cmp.Or(s, "nothing") }
