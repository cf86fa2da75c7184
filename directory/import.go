package directory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"lotse/directory/intake"
	"lotse/internal/store"
)

// ImportOptions say how a file is imported.
type ImportOptions struct {
	intake.Options
	DryRun      bool // work everything out, report it, and change nothing
	KeepPersons bool // keep the names of contact persons, which are stripped otherwise
}

// Import reads one file of a format that intake knows, in one transaction: either
// the whole file is taken or nothing. Rows are repaired or rejected one by one
// and reported. Importing the same file again changes nothing. The file is read
// again when the database asks for a retry, hence the seeker.
//
// It returns [fault.Invalid] with field "file" for a file that is none of the
// known formats, is cut off, or has a row beyond [intake.MaxRow].
func (s *Service) Import(ctx context.Context, file io.ReadSeeker, o ImportOptions) (Report, error) {
	feed, err := intake.Open(file, o.Options)
	if err != nil {
		return Report{}, err
	}
	return s.importFeed(ctx, feed, file, o)
}

// ImportIn is Import as a part of the caller's transaction; whoever calls it calls
// Announce after the commit.
func (s *Service) ImportIn(ctx context.Context, tx *store.Tx, file io.ReadSeeker, o ImportOptions) (Report, error) {
	feed, err := intake.Open(file, o.Options)
	if err != nil {
		return Report{}, err
	}
	return s.importFeedIn(ctx, tx, feed, file, o)
}

// ImportPackage reads a folder that is an HSDS tabular package, like Import.
func (s *Service) ImportPackage(ctx context.Context, folder fs.FS, o ImportOptions) (Report, error) {
	return s.importFeed(ctx, intake.OpenPackage(folder, o.Options), nothing{}, o)
}

// ImportPackageIn is ImportPackage as a part of the caller's transaction, like ImportIn.
func (s *Service) ImportPackageIn(ctx context.Context, tx *store.Tx, folder fs.FS, o ImportOptions) (Report, error) {
	return s.importFeedIn(ctx, tx, intake.OpenPackage(folder, o.Options), nothing{}, o)
}

// nothing is the file of a feed that reads a folder.
type nothing struct{ io.ReadSeeker }

func (nothing) Seek(int64, int) (int64, error) { return 0, nil }

func (s *Service) importFeed(ctx context.Context, feed intake.Feed, file io.ReadSeeker, o ImportOptions) (Report, error) {
	within := s.DB.Transact
	if o.DryRun {
		within = s.Rehearse
	}
	var report Report
	err := within(ctx, func(tx *store.Tx) (err error) {
		report, err = s.importFeedIn(ctx, tx, feed, file, o)
		return err
	})
	if err != nil || o.DryRun {
		return report, err
	}
	return report, s.Announce(ctx)
}

func (s *Service) importFeedIn(ctx context.Context, tx *store.Tx, feed intake.Feed, file io.ReadSeeker, o ImportOptions) (Report, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return Report{}, fmt.Errorf("import: %w", err)
	}
	r := newRun(ctx, tx, s, feed, o)
	if err := r.read(file); err != nil {
		return Report{}, err
	}
	return r.report, r.end()
}

// Rehearse runs do in a transaction that is then undone: files imported in it see
// what those before them brought, and nothing of it stays.
func (s *Service) Rehearse(ctx context.Context, do func(*store.Tx) error) error {
	err := s.DB.Transact(ctx, func(tx *store.Tx) error { return cmp.Or(do(tx), errRehearsed) })
	if errors.Is(err, errRehearsed) {
		return nil
	}
	return err
}

// errRehearsed undoes what a rehearsal has done.
var errRehearsed = errors.New("rehearsed")

// Announce tells every node that the directory has changed.
func (s *Service) Announce(ctx context.Context) error {
	if err := s.Bus.Publish(ctx, busTopic, nil); err != nil {
		s.Log.Warn("directory change not announced", "err", err)
	}
	return s.Load(ctx)
}

// run is the state of one import inside one transaction.
type run struct {
	ctx         context.Context
	tx          *store.Tx
	taxonomy    *Taxonomy
	places      *Places
	feed        intake.Feed
	keepPersons bool
	report      Report
	sources     map[string]string // source → licence
	seen        map[string]string // record of the source → what was first read under its id
	providers   map[string]bool   // ids of the providers that this run has written
	pending     catchment
	found       map[string]*Found // id of a centre → what its rows were found to be
	merged      mergers
	hidden      map[string]bool // locations that a person has protected
}

func newRun(ctx context.Context, tx *store.Tx, s *Service, feed intake.Feed, o ImportOptions) *run {
	return &run{ctx: ctx, tx: tx, taxonomy: s.Taxonomy, places: s.Places, feed: feed, keepPersons: o.KeepPersons,
		report:  Report{Kind: feed.Name, Codes: map[string]int{}},
		sources: map[string]string{}, seen: map[string]string{}, providers: map[string]bool{}, found: map[string]*Found{},
		pending: catchment{done: map[string]bool{}, waiting: map[string]*catchment{}}}
}

func (r *run) read(file io.ReadSeeker) (err error) {
	if r.merged, err = readMergers(r.ctx, r.tx); err != nil {
		return err
	}
	if r.hidden, err = readHidden(r.ctx, r.tx); err != nil {
		return err
	}
	for d, err := range r.feed.Drafts(file) {
		if err != nil {
			return err
		}
		v, err := r.draft(d)
		if err != nil {
			return fmt.Errorf("line %d: %w", d.Line, err)
		}
		finding := v.finding(d.Line)
		r.report.count(finding)
		r.remember(cmp.Or(v.centre, r.centreOf(d.Source, d.ID)), finding)
	}
	if err := r.flush(); err != nil {
		return err
	}
	return r.settleWaiting()
}

func (r *run) draft(d intake.Draft) (verdict, error) {
	if d.Problem != "" {
		return verdict{subject: subject(d), reject: d.Problem}, nil
	}
	if d.Part == intake.Catchment {
		return r.catchment(d)
	}
	return r.whole(d)
}

func subject(d intake.Draft) string { return d.Source + "/" + d.ID }

// whole imports a draft of an entry.
func (r *run) whole(d intake.Draft) (verdict, error) {
	v := verdict{subject: subject(d)}
	e, worked := r.entry(d, &v.repairs)
	switch {
	case e.Venue.Source == "" || e.Venue.SourceID == "":
		v.reject = "id_missing"
	case e.Offer.Name == "":
		v.reject = "name_missing"
	}
	if v.reject != "" {
		return v, nil
	}
	again := r.identify(e, &v.repairs)
	v.centre = e.Venue.ID
	if r.hidden[e.Location.ID] {
		e.Location.Type = Protected
	}
	if e.conceal() {
		v.repairs.note("address_in_text")
	}
	if again && len(e.Venue.Areas) == 0 {
		v.reject = "duplicate"
		return v, nil
	}
	if again {
		err := r.open(e.Venue.ID, Difference{Subject: v.subject, Name: e.Offer.Name})
		r.pending.areas = append(r.pending.areas, e.Venue.Areas...)
		return v, err
	}
	err := r.save(e, worked)
	if errors.Is(err, errForeignID) {
		v.reject = "id_of_other_source"
		err = nil
	}
	return v, err
}

// identify gives the entry its ids. Sources repeat an id in two ways: the same
// office again with more postcodes, which belongs to the first row, and another
// office under the same id, which gets an id of its own.
func (r *run) identify(e *Entry, fix *repairs) (again bool) {
	ids := numbering{keep: r.feed.Name == "hsds"}
	key, who := e.Venue.Source+"\x00"+e.Venue.SourceID, e.Offer.Name
	if e.Location.Type != Protected { // an id could be searched for the street that it was made of
		who += "\x00" + e.Location.Street
	}
	first, seen := r.seen[key]
	if !seen {
		r.seen[key] = who
	}
	switch {
	case !seen:
		e.number(ids)
		return false
	case first == who:
		e.number(ids)
		fix.note("merged_with_same_id")
		return true
	}
	ids.same = who
	e.number(ids)
	fix.note("id_shared")
	again = r.seen[e.Venue.ID] != ""
	r.seen[e.Venue.ID] = who
	return again
}

// save writes the records of an entry; its catchment follows when it is
// complete.
func (r *run) save(e *Entry, worked derivations) error {
	if err := r.flush(); err != nil {
		return err
	}
	diff := Difference{Subject: e.Venue.Source + "/" + e.Venue.SourceID, Name: e.Offer.Name}
	if err := r.mergedTopics(&e.Offer); err != nil {
		return err
	}
	parts := e.parts(worked)
	if err := checkOwner(r.ctx, r.tx, parts); err != nil {
		return err
	}
	for _, p := range parts {
		if p.kind == KindProvider && r.providers[p.record.ID] {
			continue
		}
		out, err := savePart(r.ctx, r.tx, p, r.feed.Name, r.feed.Name)
		if err != nil {
			return err
		}
		r.providers[p.record.ID] = p.kind == KindProvider
		diff.Created = diff.Created || out.created && p.kind == KindCentre
		diff.Changes = append(diff.Changes, out.changes...)
	}
	if e.Location.Type == Protected {
		if err := forgetHistory(r.ctx, r.tx, e); err != nil {
			return err
		}
		clearBefore(diff.Changes)
	}
	r.sources[e.Venue.Source] = cmp.Or(r.sources[e.Venue.Source], e.Venue.Licence)
	p := &r.pending
	p.id, p.known, p.areas, p.diff = e.Venue.ID, true, e.Venue.Areas, diff
	return nil
}

// end tidies up and raises the revision.
func (r *run) end() error {
	if err := dropOrphans(r.ctx, r.tx); err != nil {
		return err
	}
	for name, licence := range r.sources {
		if err := saveSource(r.ctx, r.tx, name, licence, r.tx.Now); err != nil {
			return err
		}
	}
	if err := r.saveFound(); err != nil {
		return err
	}
	return raiseRevision(r.ctx, r.tx)
}

func saveSource(ctx context.Context, tx *store.Tx, name, licence string, at time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO directory_source (name, licence, url, imported_at) VALUES ($1, $2, '', $3)
		ON CONFLICT (name) DO UPDATE SET imported_at = excluded.imported_at,
			licence = CASE WHEN excluded.licence = '' THEN directory_source.licence ELSE excluded.licence END`, name, licence, at)
	if err != nil {
		return fmt.Errorf("save source %s: %w", name, err)
	}
	return nil
}

// dropOrphans removes offers and locations that no centre has any more, as when
// an import gives a centre's offer its lasting id, and providers without offers.
func dropOrphans(ctx context.Context, tx *store.Tx) error {
	for _, kind := range []Kind{KindOffer, KindLocation} {
		_, err := tx.Exec(ctx, fmt.Sprintf(`DELETE FROM directory_%[1]s WHERE NOT EXISTS
			(SELECT 1 FROM directory_centre c WHERE c.%[1]s_id = directory_%[1]s.id)`, kind))
		if err != nil {
			return fmt.Errorf("drop orphaned %ss: %w", kind, err)
		}
	}
	_, err := tx.Exec(ctx, `DELETE FROM directory_provider WHERE NOT EXISTS
		(SELECT 1 FROM directory_offer o WHERE o.provider_id = directory_provider.id)`)
	if err != nil {
		return fmt.Errorf("drop orphaned providers: %w", err)
	}
	return nil
}
