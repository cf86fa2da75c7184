package directory

import (
	"slices"
	"strings"

	"lotse/directory/intake"
)

// areasFact is the name under which a catchment has its origin.
const areasFact = "areas"

// catchment gathers what the rows that follow each other say about the catchment
// of one centre, so that it is written, and reported, once.
type catchment struct {
	id    string // the centre; empty: none
	known bool
	areas []Area
	diff  Difference
	done  map[string]bool // centres whose old catchment is already replaced
}

// catchment imports a row that speaks of a catchment alone. The first rows of a
// centre replace the catchment that the database has.
func (r *run) catchment(d intake.Draft) (verdict, error) {
	v := verdict{subject: subject(d)}
	low, high, _ := strings.Cut(strings.Join(d.Areas, ""), "-")
	if low, high = strings.TrimSpace(low), strings.TrimSpace(high); !ValidPostcode(low) || !ValidPostcode(high) {
		v.reject = "range_invalid"
		return v, nil
	}
	if err := r.open(CentreID(d.Source, d.ID), Difference{Subject: v.subject}); err != nil {
		return v, err
	}
	if !r.pending.known {
		v.reject = "agency_unknown"
		return v, nil
	}
	area := v.repairs.ordered(low, high)
	if slices.Contains(r.pending.areas, area) {
		v.reject = "duplicate"
		return v, nil
	}
	r.pending.areas = append(r.pending.areas, area)
	return v, nil
}

// open turns to a centre and writes the one before. Of a centre that comes again
// later in the file the rows add to what is there.
func (r *run) open(id string, diff Difference) error {
	if r.pending.id == id {
		return nil
	}
	if err := r.flush(); err != nil {
		return err
	}
	r.pending.id, r.pending.areas, r.pending.diff = id, nil, diff
	err := r.tx.QueryRow(r.ctx, `SELECT EXISTS (SELECT 1 FROM directory_centre WHERE id = $1)`, id).Scan(&r.pending.known)
	if err != nil || !r.pending.done[id] {
		return err
	}
	r.pending.areas, err = centreAreas(r.ctx, r.tx, id)
	return err
}

// flush writes the catchment that is complete, and reports the entry.
func (r *run) flush() error {
	p := &r.pending
	if p.id == "" || !p.known {
		return nil
	}
	if p.done == nil {
		p.done = map[string]bool{}
	}
	changed, err := r.ownAreas(p.id, sortedAreas(p.areas))
	if changed && !p.diff.Created {
		p.diff.Changes = append(p.diff.Changes, Change{Kind: KindCentre, RecordID: p.id, Fact: areasFact})
	}
	if len(p.diff.Changes) > 0 || !p.done[p.id] {
		r.report.differ(p.diff)
	}
	p.done[p.id] = true
	p.id = ""
	return err
}

// ownAreas writes the catchment as this feed states it, unless a closer origin
// has stated one.
func (r *run) ownAreas(id string, areas []Area) (changed bool, err error) {
	owner, err := areasOrigin(r.ctx, r.tx, id)
	if err != nil {
		return false, err
	}
	stated := len(areas) > 0
	closer := owner != "" && rankOf(owner) > rankOf(r.feed.Name)
	if stated && closer || !stated && owner != r.feed.Name {
		return false, nil
	}
	changed, err = saveAreas(r.ctx, r.tx, id, areas)
	if err != nil || owner == r.feed.Name {
		return changed, err
	}
	return changed, setAreasOrigin(r.ctx, r.tx, id, r.feed.Name)
}
