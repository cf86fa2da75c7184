package upkeep

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"lotse/directory"
	"lotse/internal/fault"
	"lotse/internal/staff"
	"lotse/internal/store"
)

// The states of a draft: draft → review → approved, back to draft with a note, or
// dropped from either.
const (
	InDraft  = "draft"
	InReview = "review"
)

// Draft is what somebody would change in an entry and has not been published.
type Draft struct {
	ID     string
	State  string // InDraft or InReview
	Author string // an account, or ByLink
	Note   string // why it was sent back
	At     time.Time
	before Facts
	after  Facts
}

// Changes lists what the draft changes.
func (d *Draft) Changes() []Difference { return differ(d.before, d.after) }

// Desk is an entry with all that its editor shows.
type Desk struct {
	Entry     *directory.Entry
	Published Sheet    // as the public sees it
	Sheet     Sheet    // with what is open
	Draft     *Draft   // nil: nothing is open
	Score     Score    // of Sheet
	Version   string   // of all this: whoever saves must have seen it
	Direct    bool     // the person may publish without a second one
	Overtaken []string // fields of the draft that have become something else meanwhile
}

// Desk returns what a member of the keeper edits; NotFound for other entries.
func (s *Service) Desk(ctx context.Context, actor staff.Actor, id string) (*Desk, error) {
	return s.view(ctx, func(tx *store.Tx) (*Desk, error) { return s.deskOf(ctx, tx, actor, id) })
}

// DeskByLink returns what the browser of a session edits; errors as for Visitor.
func (s *Service) DeskByLink(ctx context.Context, session string) (*Desk, error) {
	return s.view(ctx, func(tx *store.Tx) (*Desk, error) {
		id, err := s.visitor(ctx, tx, session)
		if err != nil {
			return nil, err
		}
		return s.desk(ctx, tx, id)
	})
}

func (s *Service) view(ctx context.Context, read func(*store.Tx) (*Desk, error)) (d *Desk, err error) {
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		d, err = read(tx)
		return err
	})
	return d, err
}

func (s *Service) deskOf(ctx context.Context, tx *store.Tx, actor staff.Actor, id string) (*Desk, error) {
	row, err := keptBy(ctx, tx, actor, id)
	if err != nil {
		return nil, err
	}
	d, err := s.desk(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	strict, err := fourEyes(ctx, tx, row.keeper)
	d.Direct = !strict
	return d, err
}

func (s *Service) desk(ctx context.Context, tx *store.Tx, id string) (*Desk, error) {
	e, err := s.Directory.EntryIn(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	if e.Venue.MergedInto != "" {
		return nil, fault.New(fault.NotFound, "centre_unknown")
	}
	d := &Desk{Entry: e, Published: SheetOf(e), Sheet: SheetOf(e)}
	if d.Draft, err = readOpenDraft(ctx, tx, id); err != nil {
		return nil, err
	}
	if d.Draft != nil {
		if d.Sheet, d.Overtaken, err = d.Draft.over(e); err != nil {
			return nil, err
		}
	}
	d.Score = Complete(d.Sheet, e.Location.Type)
	d.Version = versionOf(d)
	return d, nil
}

// versionOf is a short name of everything a form was filled from.
func versionOf(d *Desk) string {
	text, err := json.Marshal([]any{d.Published, d.Sheet, d.Draft != nil, d.Entry.Location.Type})
	if err != nil {
		panic(err) // texts and lists can always be written
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// over lays a draft over the entry as it is now. Fields that somebody else has
// changed to another value meanwhile are named; the draft's word stands for them.
func (d *Draft) over(e *directory.Entry) (Sheet, []string, error) {
	now := SheetOf(e).Facts()
	var overtaken []string
	for _, change := range d.Changes() {
		field := change.Field
		if e.Location.Type == directory.Protected && slices.Contains(Address, field) {
			continue
		}
		if value := string(now[field]); value != string(change.Before) && value != string(change.After) {
			overtaken = append(overtaken, field)
		}
		if change.After == nil {
			delete(now, field)
		} else {
			now[field] = change.After
		}
	}
	sheet, err := now.sheet()
	return sheet, overtaken, err
}

func readOpenDraft(ctx context.Context, q store.Queryer, centreID string) (*Draft, error) {
	var d Draft
	var before, after string
	err := q.QueryRow(ctx, `SELECT id, state, author, note, changed_at, before, after FROM upkeep_draft
		WHERE centre_id = $1 AND state IN ('draft', 'review')`, centreID).
		Scan(&d.ID, &d.State, &d.Author, &d.Note, &d.At, &before, &after)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err == nil {
		err = errors.Join(json.Unmarshal([]byte(before), &d.before), json.Unmarshal([]byte(after), &d.after))
	}
	if err != nil {
		return nil, fmt.Errorf("read draft of %s: %w", centreID, err)
	}
	return &d, nil
}

// Save keeps a sheet as a draft on behalf of a member of the keeper, and hands it to
// review if told so. That a place is protected is no draft: it holds at once.
//
// It returns NotFound for other entries, Conflict (edit_overtaken) when something has
// changed since the form was shown, and the error of Sheet.Check.
func (s *Service) Save(ctx context.Context, actor staff.Actor, id, version string, sheet Sheet, submit bool) error {
	return s.keep(ctx, sheet, func(tx *store.Tx) error {
		desk, err := s.deskOf(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		return s.save(ctx, tx, desk, actor.Ref(), version, sheet, submit)
	})
}

// keep runs do, and tells the other nodes at once when the sheet protects its place.
func (s *Service) keep(ctx context.Context, sheet Sheet, do func(*store.Tx) error) error {
	err := s.DB.Transact(ctx, do)
	if err != nil || !sheet.Protected() {
		return err
	}
	return s.Directory.Announce(ctx)
}

// SaveByLink is Save for the browser of a session.
func (s *Service) SaveByLink(ctx context.Context, session, version string, sheet Sheet, submit bool) error {
	return s.keep(ctx, sheet, func(tx *store.Tx) error {
		id, err := s.visitor(ctx, tx, session)
		if err != nil {
			return err
		}
		desk, err := s.desk(ctx, tx, id)
		if err != nil {
			return err
		}
		return s.save(ctx, tx, desk, ByLink, version, sheet, submit)
	})
}

// check makes sure that a sheet may take the place of what the desk shows.
func (s *Service) check(desk *Desk, version string, sheet Sheet) error {
	if version != desk.Version {
		return fault.New(fault.Conflict, "edit_overtaken")
	}
	return s.Check(desk, sheet)
}

// Check reports what is wrong with a sheet for the entry of a desk; see Sheet.Check.
func (s *Service) Check(desk *Desk, sheet Sheet) error {
	known := func(id string) bool { _, ok := s.Directory.Topic(id); return ok }
	return sheet.Check(desk.Published, known, s.Directory.Places)
}

func (s *Service) save(ctx context.Context, tx *store.Tx, desk *Desk, author, version string, sheet Sheet, submit bool) error {
	if err := s.check(desk, version, sheet); err != nil {
		return err
	}
	if sheet.Protected() && !desk.Published.Protected() {
		var err error
		if desk, sheet, err = s.protect(ctx, tx, desk, author, sheet); err != nil {
			return err
		}
	}
	state, action := InDraft, "draft.saved"
	if submit {
		state, action = InReview, "draft.submitted"
	}
	was, now := desk.Published.Facts(), sheet.Facts()
	changes := differ(was, now)
	if len(changes) == 0 {
		return s.drop(ctx, tx, desk, author)
	}
	before, after := Facts{}, Facts{}
	for _, c := range changes {
		if c.Before != nil {
			before[c.Field] = c.Before
		}
		if c.After != nil {
			after[c.Field] = c.After
		}
	}
	if err := writeDraft(ctx, tx, desk, state, author, before, after); err != nil {
		return err
	}
	return s.noteOf(ctx, tx, author, action, desk.Entry.Venue.ID)
}

// protect makes the place of an entry a protected one at once: an address that
// endangers somebody does not stand in public until a draft is approved. It returns
// the desk as it is then, and the rest of the sheet, without the address.
func (s *Service) protect(ctx context.Context, tx *store.Tx, desk *Desk, author string, sheet Sheet) (*Desk, Sheet, error) {
	id := desk.Entry.Venue.ID
	sheet.Put(desk.Entry)
	sheet = SheetOf(desk.Entry)
	err := s.Directory.EditIn(ctx, tx, author, id, func(e *directory.Entry) error {
		e.Protect()
		return nil
	})
	if err != nil {
		return nil, sheet, err
	}
	if desk, err = s.desk(ctx, tx, id); err != nil {
		return nil, sheet, err
	}
	return desk, sheet, s.noteOf(ctx, tx, author, "centre.protected", id)
}

func writeDraft(ctx context.Context, tx *store.Tx, desk *Desk, state, author string, before, after Facts) error {
	old, err := json.Marshal(before)
	if err != nil {
		return err
	}
	next, err := json.Marshal(after)
	if err != nil {
		return err
	}
	if d := desk.Draft; d != nil {
		return step(tx.Exec(ctx, `UPDATE upkeep_draft SET state = $3, author = $4, before = $5, after = $6, note = '', changed_at = $7
			WHERE id = $1 AND state = $2`, d.ID, d.State, state, author, string(old), string(next), tx.Now))
	}
	_, err = tx.Exec(ctx, `INSERT INTO upkeep_draft (id, centre_id, state, author, before, after, note, made_at, changed_at, decided_by)
		VALUES ($1, $2, $3, $4, $5, $6, '', $7, $7, '')`, uuid.Must(uuid.NewV7()).String(), desk.Entry.Venue.ID, state, author, string(old), string(next), tx.Now)
	if store.IsUnique(err) {
		return fault.Wrap(fault.Conflict, "edit_overtaken", err)
	}
	return err
}

// drop ends the open draft, if there is one. What it said is not kept.
func (s *Service) drop(ctx context.Context, tx *store.Tx, desk *Desk, author string) error {
	if desk.Draft == nil {
		return nil
	}
	err := step(tx.Exec(ctx, `UPDATE upkeep_draft SET state = 'dropped', before = '{}', after = '{}', decided_by = $3, changed_at = $4 WHERE id = $1 AND state = $2`,
		desk.Draft.ID, desk.Draft.State, author, tx.Now))
	if err != nil {
		return err
	}
	return s.noteOf(ctx, tx, author, "draft.dropped", desk.Entry.Venue.ID)
}

func (s *Service) noteOf(ctx context.Context, tx *store.Tx, author, action, id string) error {
	row, err := readCentre(ctx, tx, id)
	if err != nil {
		return err
	}
	return s.note(ctx, tx, author, row.keeper, action, id)
}

// maxNote is the longest note to who is to mend a draft, in letters.
const maxNote = 1000

// SendBack gives a draft back with a note: review → draft. Errors: NotFound, Conflict
// (edit_overtaken, state_moved), Invalid without a note.
func (s *Service) SendBack(ctx context.Context, actor staff.Actor, id, version, note string) error {
	if note == "" || utf8.RuneCountInString(note) > maxNote {
		return fault.InvalidInput(map[string]string{"note": "required"})
	}
	return s.decide(ctx, actor, id, version, func(tx *store.Tx, desk *Desk) error {
		err := step(tx.Exec(ctx, `UPDATE upkeep_draft SET state = 'draft', note = $2, decided_by = $3, changed_at = $4 WHERE id = $1 AND state = 'review'`,
			desk.Draft.ID, note, actor.Ref(), tx.Now))
		if err != nil {
			return err
		}
		return s.noteOf(ctx, tx, actor.Ref(), "draft.sent_back", id)
	})
}

// Drop throws an open draft away. Errors: NotFound, Conflict.
func (s *Service) Drop(ctx context.Context, actor staff.Actor, id, version string) error {
	return s.decide(ctx, actor, id, version, func(tx *store.Tx, desk *Desk) error { return s.drop(ctx, tx, desk, actor.Ref()) })
}

// Approve publishes what is in review: review → approved. What came by link counts as
// a confirmation of the entry. Errors: NotFound, Conflict (edit_overtaken,
// state_moved), Forbidden (four_eyes) for the draft's own author where the provider
// wants two people.
func (s *Service) Approve(ctx context.Context, actor staff.Actor, id, version string) error {
	err := s.decide(ctx, actor, id, version, func(tx *store.Tx, desk *Desk) error {
		if desk.Draft.State != InReview {
			return fault.New(fault.Conflict, "state_moved")
		}
		if !desk.Direct && desk.Draft.Author == actor.Ref() {
			return fault.New(fault.Forbidden, "four_eyes")
		}
		return s.publish(ctx, tx, desk, actor, desk.Draft.Author, desk.Sheet)
	})
	if err != nil {
		return err
	}
	return s.Directory.Announce(ctx)
}

// Publish saves a sheet and publishes it at once. Errors: those of Save, and
// Forbidden (four_eyes) where the provider wants two people.
func (s *Service) Publish(ctx context.Context, actor staff.Actor, id, version string, sheet Sheet) error {
	err := s.DB.Transact(ctx, func(tx *store.Tx) error {
		desk, err := s.deskOf(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		if !desk.Direct {
			return fault.New(fault.Forbidden, "four_eyes")
		}
		if err := s.check(desk, version, sheet); err != nil {
			return err
		}
		return s.publish(ctx, tx, desk, actor, actor.Ref(), sheet)
	})
	if err != nil {
		return err
	}
	return s.Directory.Announce(ctx)
}

// decide runs do on an entry with an open draft, as the actor has seen it.
func (s *Service) decide(ctx context.Context, actor staff.Actor, id, version string, do func(*store.Tx, *Desk) error) error {
	return s.DB.Transact(ctx, func(tx *store.Tx) error {
		desk, err := s.deskOf(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		if desk.Draft == nil || desk.Version != version {
			return fault.New(fault.Conflict, "edit_overtaken")
		}
		return do(tx, desk)
	})
}

func (s *Service) publish(ctx context.Context, tx *store.Tx, desk *Desk, actor staff.Actor, author string, sheet Sheet) error {
	id := desk.Entry.Venue.ID
	if desk.Draft != nil {
		err := step(tx.Exec(ctx, `UPDATE upkeep_draft SET state = 'approved', before = '{}', after = '{}', decided_by = $3, changed_at = $4 WHERE id = $1 AND state = $2`,
			desk.Draft.ID, desk.Draft.State, actor.Ref(), tx.Now))
		if err != nil {
			return err
		}
	}
	err := s.Directory.EditIn(ctx, tx, author, id, func(e *directory.Entry) error {
		sheet.Put(e)
		if author == ByLink {
			s.assured(tx, e, "self")
		}
		return nil
	})
	if err != nil {
		return err
	}
	if author == ByLink {
		if _, err := tx.Exec(ctx, `UPDATE upkeep_centre SET asked_at = NULL WHERE centre_id = $1`, id); err != nil {
			return err
		}
	}
	return s.notePublished(ctx, tx, actor, desk, sheet)
}

// notePublished notes what was published, and that a place is protected now.
func (s *Service) notePublished(ctx context.Context, tx *store.Tx, actor staff.Actor, desk *Desk, sheet Sheet) error {
	id := desk.Entry.Venue.ID
	if sheet.Protected() && !desk.Published.Protected() {
		if err := s.noteOf(ctx, tx, actor.Ref(), "centre.protected", id); err != nil {
			return err
		}
	}
	return s.noteOf(ctx, tx, actor.Ref(), "centre.published", id)
}
