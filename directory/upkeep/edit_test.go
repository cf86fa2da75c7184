package upkeep

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"lotse/directory"
	"lotse/internal/fault"
	"lotse/internal/staff"
	"lotse/internal/store"
	"lotse/internal/testenv"
)

func (w *world) desk(id string) *Desk {
	w.t.Helper()
	d, err := w.s.Desk(w.t.Context(), w.admin, id)
	w.must(err)
	return d
}

func TestDraftIsReviewedBeforeItShows(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		box := &postbox{}
		w := newWorld(t, db, box)
		ctx := t.Context()
		session, err := w.s.Begin(ctx, w.token(box, w.centre))
		w.must(err)
		desk, err := w.s.DeskByLink(ctx, session)
		w.must(err)
		sheet := desk.Sheet
		sheet.Hours, sheet.Email = "Mo-Fr 10:00-11:00", "neu@example.org"
		w.must(w.s.SaveByLink(ctx, session, desk.Version, sheet, false))
		w.says(w.s.SaveByLink(ctx, session, desk.Version, sheet, false), fault.Conflict, "edit_overtaken")
		desk, err = w.s.DeskByLink(ctx, session)
		if err != nil || desk.Sheet.Hours != sheet.Hours || desk.Draft.State != InDraft || desk.Direct {
			t.Fatalf("%+v, %v", desk, err)
		}
		w.says(w.s.Approve(ctx, w.lead, w.centre, desk.Version), fault.Conflict, "state_moved")
		w.must(w.s.SaveByLink(ctx, session, desk.Version, sheet, true))
		if c, _ := w.dir.Centre(w.centre); c.OpeningHours != "Mo-Fr 09:00-12:00" {
			t.Error("a draft is public")
		}
		w.says(w.s.SendBack(ctx, w.lead, w.centre, w.desk(w.centre).Version, ""), fault.Invalid, "invalid_input")
		w.must(w.s.SendBack(ctx, w.lead, w.centre, w.desk(w.centre).Version, "Auch donnerstags?"))
		if d := w.desk(w.centre).Draft; d.State != InDraft || d.Note != "Auch donnerstags?" {
			t.Errorf("%+v", d)
		}
		desk, err = w.s.DeskByLink(ctx, session)
		w.must(err)
		w.must(w.s.SaveByLink(ctx, session, desk.Version, sheet, true))
		version := w.desk(w.centre).Version
		for _, err := range []error{w.s.Approve(ctx, w.stranger, w.centre, version), w.s.Drop(ctx, w.stranger, w.centre, version)} {
			w.says(err, fault.NotFound, "centre_unknown")
		}
		w.must(w.s.Approve(ctx, w.lead, w.centre, version))
		w.says(w.s.Approve(ctx, w.lead, w.centre, version), fault.Conflict, "edit_overtaken")
		c, err := w.dir.Centre(w.centre)
		if err != nil || c.OpeningHours != sheet.Hours || c.Email != sheet.Email || c.Assured != time.Now().UTC().Format(time.DateOnly) {
			t.Errorf("%+v, %v", c, err)
		}
		_, err = w.s.Visitor(ctx, session)
		w.says(err, fault.Unauthenticated, "link_session") // the address is another one now
		_, steps, err := w.s.History(ctx, w.lead, w.centre)
		if i := slices.IndexFunc(steps, func(s directory.Step) bool { return s.Fact == "hours" }); err != nil || i < 0 || steps[i].Author != ByLink {
			t.Errorf("%+v, %v", steps, err)
		}
		if w.count(`SELECT COUNT(*) FROM upkeep_draft WHERE state = 'approved' AND before = '{}' AND after = '{}'`) != 1 {
			t.Error("a draft that was decided keeps what it said")
		}
	})
}

func TestFourEyes(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, nil)
		ctx := t.Context()
		w.says(w.s.SetFourEyes(ctx, w.lead, true), fault.Forbidden, "role_missing")
		sheet := w.desk(w.centre).Sheet
		sheet.Fees = "kostenlos"
		w.must(w.s.Publish(ctx, w.admin, w.centre, w.desk(w.centre).Version, sheet))
		if c, _ := w.dir.Centre(w.centre); c.Fees != "kostenlos" || c.Assured != "" {
			t.Errorf("%+v", c)
		}
		w.must(w.s.SetFourEyes(ctx, w.admin, true))
		sheet.Fees = "10 Euro"
		w.says(w.s.Publish(ctx, w.admin, w.centre, w.desk(w.centre).Version, sheet), fault.Forbidden, "four_eyes")
		w.must(w.s.Save(ctx, w.admin, w.centre, w.desk(w.centre).Version, sheet, true))
		w.says(w.s.Approve(ctx, w.admin, w.centre, w.desk(w.centre).Version), fault.Forbidden, "four_eyes")
		_, steps, err := w.s.History(ctx, w.admin, w.centre)
		w.must(err)
		w.says(w.s.TakeBack(ctx, w.admin, w.centre, steps[0].ID), fault.Forbidden, "four_eyes")
		w.says(w.s.Merge(ctx, w.admin, w.centre, w.twin, []string{"name"}), fault.Forbidden, "four_eyes")
		w.must(w.s.Approve(ctx, w.lead, w.centre, w.desk(w.centre).Version))
		if c, _ := w.dir.Centre(w.centre); c.Fees != "10 Euro" {
			t.Errorf("%+v", c)
		}
	})
}

// Of those who save what they have seen at the same time, one is first, and the
// others are told.
func TestNoUpdateIsLost(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, nil)
		desk := w.desk(w.centre)
		var group sync.WaitGroup
		results := make([]error, 8)
		for i := range results {
			sheet := desk.Sheet
			sheet.Waiting = strings.Repeat("x", i+1)
			group.Go(func() { results[i] = w.s.Publish(t.Context(), w.admin, w.centre, desk.Version, sheet) })
		}
		group.Wait()
		won := 0
		for _, err := range results {
			if err == nil {
				won++
			} else {
				w.says(err, fault.Conflict, "edit_overtaken")
			}
		}
		if won != 1 {
			t.Errorf("%d have won", won)
		}
		sheet := desk.Sheet
		sheet.Name = "Anders"
		if _, err := w.dir.Import(t.Context(), strings.NewReader(strings.Replace(rows, "0221 123456", "0221 777777", 1)), directory.ImportOptions{}); err != nil {
			t.Fatal(err)
		}
		w.says(w.s.Publish(t.Context(), w.admin, w.centre, desk.Version, sheet), fault.Conflict, "edit_overtaken")
	})
}

func TestProtectedPlacesStayProtected(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, nil)
		ctx := t.Context()
		desk := w.desk(w.refuge)
		if desk.Sheet.Street+desk.Sheet.Postcode+desk.Sheet.City != "" || slices.Contains(desk.Score.Missing, "street") {
			t.Errorf("%+v", desk)
		}
		sheet := desk.Sheet
		sheet.Street, sheet.Postcode, sheet.City, sheet.Transport, sheet.Waiting = "Geheimweg 5", "50667", "Köln", "Linie 1", "eine Woche"
		w.must(w.s.Publish(ctx, w.admin, w.refuge, desk.Version, sheet))
		w.must(w.s.Save(ctx, w.admin, w.refuge, w.desk(w.refuge).Version, sheet, true))
		if e := w.desk(w.refuge).Entry; e.Offer.Waiting != "eine Woche" || e.Location.Street+e.Location.Postcode+e.Location.City != "" || e.Location.Type != directory.Protected {
			t.Errorf("%+v", e.Location)
		}
		_, steps, err := w.s.History(ctx, w.admin, w.refuge)
		if err != nil || len(steps) > 0 {
			t.Errorf("%v, %v", steps, err)
		}
		// A place that is protected while a draft about its address is open.
		sheet = w.desk(w.centre).Sheet
		sheet.Street = "Andere Straße 7"
		w.must(w.s.Save(ctx, w.admin, w.centre, w.desk(w.centre).Version, sheet, true))
		w.must(w.dir.Edit(ctx, "x", w.centre, func(e *directory.Entry) error { e.Location.Type = directory.Protected; return nil }))
		if s := w.desk(w.centre).Sheet; s.Street != "" {
			t.Errorf("the draft shows %q", s.Street)
		}
		w.must(w.s.sweep(ctx))
		if w.count(`SELECT COUNT(*) FROM upkeep_draft WHERE before || after LIKE '%straße%' OR before || after LIKE '%Geheim%' OR before || after LIKE '%Straße%'`) > 0 {
			t.Error("a draft holds the address")
		}
	})
}

func TestTakingBack(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, nil)
		ctx := t.Context()
		for _, hours := range []string{"Mo 10:00-11:00", "Tu 10:00-11:00"} {
			sheet := w.desk(w.centre).Sheet
			sheet.Hours, sheet.Phones = hours, []Line{{"0221 55555", hours}}
			w.must(w.s.Publish(ctx, w.admin, w.centre, w.desk(w.centre).Version, sheet))
		}
		find := func(fact, after string) directory.Step {
			_, steps, err := w.s.History(ctx, w.lead, w.centre)
			w.must(err)
			i := slices.IndexFunc(steps, func(s directory.Step) bool { return s.Fact == fact && strings.Contains(s.After, after) })
			if i < 0 {
				t.Fatalf("no change of %s to %s in %+v", fact, after, steps)
			}
			return steps[i]
		}
		first, second := find("hours", "Mo 10"), find("hours", "Tu 10")
		if first.Latest || !second.Latest {
			t.Errorf("%+v %+v", first, second)
		}
		w.says(w.s.TakeBack(ctx, w.lead, w.centre, first.ID), fault.Conflict, "change_overtaken")
		w.says(w.s.TakeBack(ctx, w.stranger, w.centre, second.ID), fault.NotFound, "centre_unknown")
		w.says(w.s.TakeBack(ctx, w.lead, w.twin, second.ID), fault.NotFound, "change_unknown")
		w.must(w.s.TakeBack(ctx, w.lead, w.centre, second.ID))
		w.says(w.s.TakeBack(ctx, w.lead, w.centre, second.ID), fault.Conflict, "change_overtaken")
		w.must(w.s.TakeBack(ctx, w.lead, w.centre, find("phones", "Tu 10").ID))
		c, err := w.dir.Centre(w.centre)
		if err != nil || c.OpeningHours != "Mo 10:00-11:00" || len(c.Phones) != 1 || c.Phones[0].Note != "Mo 10:00-11:00" {
			t.Errorf("%+v, %v", c, err)
		}
		// Taken back, a fact follows its source again.
		if _, err := w.dir.Import(ctx, strings.NewReader(strings.Replace(rows, "Mo-Fr 09:00-12:00", "Mo-Fr 08:00-09:00", 1)), directory.ImportOptions{}); err != nil {
			t.Fatal(err)
		}
		if c, _ := w.dir.Centre(w.centre); c.OpeningHours != "Mo-Fr 08:00-09:00" {
			t.Errorf("after an import: %s", c.OpeningHours)
		}
	})
}

func TestTwinsAreSettled(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, nil)
		ctx := t.Context()
		pairs, merged, err := w.s.Twins(ctx, w.lead)
		if err != nil || len(pairs) != 1 || len(merged) != 0 || pairs[0].Score < 0.6 || !slices.Contains(pairs[0].Agrees, "phone") || !slices.Contains(pairs[0].Agrees, "address") {
			t.Fatalf("%+v, %v", pairs, err)
		}
		if none, _, err := w.s.Twins(ctx, w.stranger); err != nil || len(none) != 0 {
			t.Errorf("the stranger sees %v, %v", none, err)
		}
		_, _, err = w.s.Twins(ctx, staff.Actor{ID: staff.NewID(), Provider: w.admin.Provider})
		w.says(err, fault.Forbidden, "role_missing")
		for _, err := range []error{w.s.Merge(ctx, w.stranger, w.centre, w.twin, nil), w.s.Distinct(ctx, w.stranger, w.centre, w.twin),
			w.s.Merge(ctx, w.admin, w.centre, w.alien, nil), w.s.Merge(ctx, w.admin, w.alien, w.centre, nil)} {
			w.says(err, fault.NotFound, "centre_unknown")
		}
		before, err := w.dir.Centre(w.centre)
		w.must(err)
		w.must(w.s.Merge(ctx, w.lead, w.centre, w.twin, []string{"email", "topics", "nonsense"}))
		c, err := w.dir.Centre(w.twin)
		if err != nil || c.ID != w.centre || c.Email != "zwei@example.org" || !slices.Equal(c.Topics, []string{"schulden", "sucht"}) || c.Phone != before.Phone {
			t.Errorf("%+v, %v", c, err)
		}
		_, merged, err = w.s.Twins(ctx, w.lead)
		if err != nil || len(merged) != 1 {
			t.Fatalf("%+v, %v", merged, err)
		}
		w.says(w.s.Part(ctx, w.stranger, merged[0].ID), fault.NotFound, "centre_unknown")
		w.says(w.s.Part(ctx, w.lead, "nothing"), fault.NotFound, "merge_unknown")
		w.must(w.s.Part(ctx, w.lead, merged[0].ID))
		w.says(w.s.Part(ctx, w.lead, merged[0].ID), fault.NotFound, "merge_unknown")
		after, err := w.dir.Centre(w.centre)
		if err != nil || after.Email != before.Email || !slices.Equal(after.Topics, before.Topics) || after.Phone != before.Phone {
			t.Errorf("%+v, was %+v, %v", after, before, err)
		}
		if back, err := w.dir.Centre(w.twin); err != nil || back.ID != w.twin {
			t.Errorf("%+v, %v", back, err)
		}
		w.must(w.s.Distinct(ctx, w.lead, w.twin, w.centre))
		if pairs, _, _ := w.s.Twins(ctx, w.lead); len(pairs) != 0 {
			t.Errorf("proposed again: %v", pairs)
		}
		if w.count(`SELECT COUNT(*) FROM audit WHERE action IN ('centre.merged', 'centre.merge_undone', 'centre.distinct')`) != 3 {
			t.Error("not in the audit log")
		}
	})
}

func TestOverviewNamesTheGaps(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, nil)
		list, err := w.s.Overviews(t.Context(), w.lead)
		if err != nil || len(list) != 3 {
			t.Fatalf("%+v, %v", list, err)
		}
		for _, o := range list {
			if o.Score.Percent <= 0 || o.Score.Percent >= 100 || !slices.Contains(o.Score.Missing, "languages") || slices.Contains(o.Score.Missing, "phones") {
				t.Errorf("%s: %+v", o.Sheet.Name, o.Score)
			}
		}
		_, err = w.s.Overviews(t.Context(), staff.Actor{ID: staff.NewID(), Provider: w.admin.Provider})
		w.says(err, fault.Forbidden, "role_missing")
		w.says(w.s.Assign(t.Context(), w.admin, w.admin.Provider, []string{w.alien}), fault.Forbidden, "forbidden")
		if err := w.s.Assign(t.Context(), staff.Operator(), w.admin.Provider, []string{w.alien, "nobody"}); fault.KindOf(err) != fault.NotFound {
			t.Error(err)
		}
		if _, err := w.s.Desk(t.Context(), w.admin, w.alien); fault.KindOf(err) != fault.NotFound {
			t.Errorf("half of an assignment was kept: %v", err)
		}
	})
}

// An address that endangers somebody goes at once, also when the rest of what a
// centre says waits for a review, and no draft holds it.
func TestProtectedIsNoDraft(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		box := &postbox{}
		w := newWorld(t, db, box)
		ctx := t.Context()
		session, err := w.s.Begin(ctx, w.token(box, w.centre))
		w.must(err)
		desk, err := w.s.DeskByLink(ctx, session)
		w.must(err)
		sheet := desk.Sheet
		sheet.Description = "Im Haus Hauptstraße 12"
		w.must(w.s.SaveByLink(ctx, session, desk.Version, sheet, true))
		desk, err = w.s.DeskByLink(ctx, session)
		w.must(err)
		sheet.Type, sheet.Waiting = string(directory.Protected), "keine"
		w.must(w.s.SaveByLink(ctx, session, desk.Version, sheet, true))
		c, err := w.dir.Centre(w.centre)
		if err != nil || c.Type != directory.Protected || c.Street+c.Postcode+c.City != "" || c.Waiting != "" {
			t.Errorf("%+v, %v", c, err)
		}
		if n := w.count(`SELECT COUNT(*) FROM upkeep_draft WHERE before || after LIKE '%Hauptstra%'`); n > 0 {
			t.Error("a draft holds the address")
		}
		d := w.desk(w.centre)
		if d.Draft == nil || d.Draft.State != InReview || d.Sheet.Waiting != "keine" || d.Sheet.Description != "Im Haus …" {
			t.Errorf("%+v, %+v", d.Draft, d.Sheet)
		}
		w.must(w.s.Approve(ctx, w.lead, w.centre, d.Version))
		if c, err := w.dir.Centre(w.centre); err != nil || c.Waiting != "keine" || c.Type != directory.Protected {
			t.Errorf("%+v, %v", c, err)
		}
		if n := w.count(`SELECT COUNT(*) FROM audit WHERE action = 'centre.protected' AND object = $1 AND actor = $2`, w.centre, ByLink); n != 1 {
			t.Errorf("noted %d times", n)
		}
		// Back in public the place has no address: it has to be entered anew.
		sheet = w.desk(w.centre).Sheet
		sheet.Type = string(directory.Physical)
		w.must(w.s.Publish(ctx, w.lead, w.centre, w.desk(w.centre).Version, sheet))
		if c, err := w.dir.Centre(w.centre); err != nil || c.Type != directory.Physical || c.Street != "" {
			t.Errorf("%+v, %v", c, err)
		}
		sheet.Type = string(directory.Protected)
		w.must(w.s.Publish(ctx, w.lead, w.centre, w.desk(w.centre).Version, sheet))
		if n := w.count(`SELECT COUNT(*) FROM audit WHERE action = 'centre.protected' AND object = $1`, w.centre); n != 2 {
			t.Errorf("noted %d times", n)
		}
	})
}

// A catchment and what is stated by the day are edited like every fact, with
// history and undo.
func TestCatchmentIsEdited(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, nil)
		ctx := t.Context()
		sheet := w.desk(w.centre).Sheet
		sheet.Areas, sheet.SlotDay, sheet.SlotStated = []string{"50667-50668", "land:Sachsen"}, "2026-11-30", "2026-11-27"
		w.must(w.s.Publish(ctx, w.admin, w.centre, w.desk(w.centre).Version, sheet))
		c, err := w.dir.Centre(w.centre)
		if err != nil || strings.Join(directory.Stated(c.Areas), " ") != "land:Sachsen 50667-50668" || c.Slot == nil || c.Slot.Day != "2026-11-30" {
			t.Errorf("%v, %+v, %v", directory.Stated(c.Areas), c.Slot, err)
		}
		sheet = w.desk(w.centre).Sheet
		sheet.Areas = []string{"51149-50441"}
		bad, ok := w.s.Publish(ctx, w.admin, w.centre, w.desk(w.centre).Version, sheet).(*fault.Error)
		if !ok || bad.Fields["areas"] != "area_inverted:51149-50441" {
			t.Errorf("%+v", bad)
		}
		_, steps, err := w.s.History(ctx, w.admin, w.centre)
		w.must(err)
		for _, fact := range []string{"areas", "next_slot"} {
			i := slices.IndexFunc(steps, func(s directory.Step) bool { return s.Fact == fact })
			w.must(w.s.TakeBack(ctx, w.admin, w.centre, steps[i].ID))
		}
		if c, _ = w.dir.Centre(w.centre); strings.Join(directory.Stated(c.Areas), " ") != "50667" || c.Slot != nil {
			t.Errorf("%v, %+v", directory.Stated(c.Areas), c.Slot)
		}
	})
}
