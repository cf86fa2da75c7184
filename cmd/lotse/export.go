package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"strings"

	"lotse/directory"
	"lotse/directory/hsds"
)

func exportCommand() command {
	return command{
		name:    "export centres",
		summary: "write the counselling centres to standard output",
		help: `
Writes all centres that are shown to everybody, one at a time: as CSV that
"import centres" reads, as GeoJSON, as services of HSDS 3.0, one JSON object
per line (ndjson), or as the tabular package of HSDS, a ZIP archive of CSV files
("tabular"). The import reads both back. Of protected places only the Kreis goes
out.

--licence takes part of the data only, by the licence of each record, such as
--licence "CC0-1.0,CC BY 4.0". Who passes data on must keep to its licence.`,
		run: exportCentres,
	}
}

// exporters write entries in a format.
func exporters(service *directory.Service) map[string]func(context.Context, io.Writer, directory.Selection) error {
	each := func(write func(io.Writer, iter.Seq2[*directory.Entry, error]) error) func(context.Context, io.Writer, directory.Selection) error {
		return func(ctx context.Context, w io.Writer, chosen directory.Selection) error {
			return write(w, service.Public(ctx, service.Listed(chosen)))
		}
	}
	services := func(ctx context.Context, chosen directory.Selection) iter.Seq2[hsds.Object, error] {
		return hsds.Lists{Directory: service, Label: service.TopicLabel}.Stream(ctx, hsds.Services, chosen, hsds.Full)
	}
	return map[string]func(context.Context, io.Writer, directory.Selection) error{
		"csv":     each(directory.WriteCSV),
		"geojson": each(directory.WriteGeoJSON),
		"hsds": func(ctx context.Context, w io.Writer, chosen directory.Selection) error {
			out := json.NewEncoder(w)
			for o, err := range services(ctx, chosen) {
				if err != nil {
					return err
				}
				if err := out.Encode(o); err != nil {
					return err
				}
			}
			return nil
		},
		"tabular": func(ctx context.Context, w io.Writer, chosen directory.Selection) error {
			return hsds.WritePackage(w, services(ctx, chosen))
		},
	}
}

func exportCentres(ctx context.Context, c *call) error {
	format := c.flags.String("format", "csv", "`csv`, geojson, hsds or tabular")
	licences := c.flags.String("licence", "", "only records under one of these `licences`, divided by commas")
	if _, err := c.parse(0, 0); err != nil {
		return err
	}
	p, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer p.close()
	write, known := exporters(p.directory)[*format]
	if !known {
		return fmt.Errorf("%w: --format is csv, geojson, hsds or tabular", errUsage)
	}
	if err := p.directory.Load(ctx); err != nil {
		return err
	}
	chosen := directory.Selection{Licences: divided(*licences)}
	if len(p.directory.Listed(chosen)) == 0 && len(chosen.Licences) > 0 {
		return noSuchLicence(ctx, p.directory)
	}
	out := bufio.NewWriter(c.Out)
	if err := write(ctx, out, chosen); err != nil {
		return err
	}
	return out.Flush()
}

// noSuchLicence names the licences that there are.
func noSuchLicence(ctx context.Context, service *directory.Service) error {
	sources, err := service.Sources(ctx)
	if err != nil {
		return err
	}
	var known []string
	for _, s := range sources {
		known = append(known, fmt.Sprintf("%s: %q", s.Name, s.Licence))
	}
	return fmt.Errorf("no record is under this licence; the sources are\n  %s", strings.Join(known, "\n  "))
}

func divided(s string) []string {
	var list []string
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}
