package directory

import (
	"maps"
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
	done  map[string]bool // centres that this run has dealt with
	// waiting are centres that state only a part of what is stored. A later row of
	// the file may state the rest, so the end of the file decides.
	waiting map[string]*catchment
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
	p := &r.pending
	p.id, p.areas, p.diff = id, nil, diff
	err := r.tx.QueryRow(r.ctx, `SELECT EXISTS (SELECT 1 FROM directory_centre WHERE id = $1)`, id).Scan(&p.known)
	switch {
	case err != nil:
		return err
	case p.waiting[id] != nil:
		p.areas = p.waiting[id].areas
	case p.done[id]:
		p.areas, err = centreAreas(r.ctx, r.tx, id)
	}
	return err
}

// flush deals with the catchment of the centre whose rows are complete for now.
func (r *run) flush() error {
	p := &r.pending
	if p.id == "" || !p.known {
		return nil
	}
	id := p.id
	p.id, p.areas = "", sortedAreas(p.areas)
	if waits := p.waiting[id]; waits != nil {
		waits.areas = p.areas
		return nil
	}
	again := p.done[id]
	p.done[id] = true
	if p.diff.Created && !again {
		r.report.differ(p.diff)
		return insertAreas(r.ctx, r.tx, id, p.areas)
	}
	stored, err := centreAreas(r.ctx, r.tx, id)
	if err != nil {
		return err
	}
	if len(p.areas) < len(stored) && partOf(p.areas, stored) {
		p.waiting[id] = &catchment{areas: p.areas, diff: p.diff}
		return nil
	}
	return r.settle(id, p.areas, p.diff, again)
}

// settleWaiting decides, at the end of the file, about the centres that state
// less than is stored.
func (r *run) settleWaiting() error {
	for _, id := range slices.Sorted(maps.Keys(r.pending.waiting)) {
		w := r.pending.waiting[id]
		if err := r.settle(id, w.areas, w.diff, false); err != nil {
			return err
		}
	}
	return nil
}

// settle writes a catchment and reports the entry, the first time that the file
// has it.
func (r *run) settle(id string, areas []Area, diff Difference, again bool) error {
	changed, err := r.ownAreas(id, areas)
	if changed != nil && !diff.Created {
		diff.Changes = append(diff.Changes, *changed)
	}
	if !again {
		r.report.differ(diff)
	}
	return err
}

func partOf(part, whole []Area) bool {
	return !slices.ContainsFunc(part, func(a Area) bool { return !slices.Contains(whole, a) })
}

// ownAreas writes the catchment as this feed states it, together with those of the
// centres merged into this one, unless a closer origin has stated one.
func (r *run) ownAreas(id string, areas []Area) (changed *Change, err error) {
	owner, err := areasOrigin(r.ctx, r.tx, id)
	if err != nil {
		return nil, err
	}
	stated := len(areas) > 0
	closer := owner != "" && rankOf(owner) > rankOf(r.feed.Name)
	if stated && closer || !stated && owner != r.feed.Name {
		return nil, nil
	}
	if areas, err = r.mergedAreas(id, areas); err != nil {
		return nil, err
	}
	changed, err = saveAreas(r.ctx, r.tx, id, areas, r.feed.Name)
	if err != nil || owner == r.feed.Name {
		return changed, err
	}
	return changed, setAreasOrigin(r.ctx, r.tx, id, r.feed.Name)
}
