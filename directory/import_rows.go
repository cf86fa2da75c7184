package directory

import "strings"

// caritasSource is the source that the agencies and ranges files belong to.
const caritasSource = "caritas_onlineberatung"

// centre imports a row of the common centre format.
func (r *run) centre(rec record) (verdict, error) {
	var fix repairs
	c := &Centre{Source: fix.text(rec["source"]), SourceID: fix.text(rec["source_id"]), Active: true}
	v := verdict{subject: c.Source + "/" + c.SourceID}
	if c.Source == "" || c.SourceID == "" {
		v.reject = "id_missing"
		return v, nil
	}
	r.describe(c, rec, &fix)
	if c.Name == "" {
		v.reject = "name_missing"
		return v, nil
	}
	again := r.identify(c, &fix)
	if err := r.keep(c, again, rec["catchment_plz"], &fix); err != nil {
		return v, err
	}
	v.repairs = fix
	return v, nil
}

// describe fills the centre's own fields from the row.
func (r *run) describe(c *Centre, rec record, fix *repairs) {
	c.Name, c.Operator, c.Kind = fix.text(rec["name"]), fix.text(rec["operator"]), fix.text(rec["kind"])
	c.Street, c.City = fix.text(rec["street"]), fix.text(rec["city"])
	c.Postcode = fix.postcode(rec["plz"], r.places)
	c.State = fix.state(rec["state"], c.Postcode, r.places)
	c.Phone, c.Email, c.URL = fix.text(rec["phone"]), fix.email(rec["email"]), fix.link(rec["url"])
	c.Target, c.OpeningHours = fix.text(rec["target"]), fix.text(rec["opening_hours"])
	c.Description, c.Licence = fix.text(rec["description"]), fix.text(rec["licence"])
	fix.point(c, rec["lat"], rec["lon"], rec["coord_precision"], r.places)
	var unknown []string
	c.Topics, unknown = r.taxonomy.Resolve(strings.Split(rec["topics"], ";"))
	if len(unknown) > 0 {
		fix.note("topic_dropped")
	}
}

// identify gives the centre its id. Sources repeat an id in two ways: the same
// office again with more postcodes, which belongs to the first row, and another
// office under the same id, which gets an id of its own.
func (r *run) identify(c *Centre, fix *repairs) (again bool) {
	key, who := c.Source+"\x00"+c.SourceID, c.Name+"\x00"+c.Street
	first, seen := r.seen[key]
	if !seen {
		r.seen[key] = who
	}
	c.ID = CentreID(c.Source, c.SourceID)
	switch {
	case !seen:
		return false
	case first == who:
		fix.note("merged_with_same_id")
		return true
	}
	c.ID = CentreID(c.Source, c.SourceID+"\x00"+who)
	fix.note("id_shared")
	again = r.seen[c.ID] != ""
	r.seen[c.ID] = who
	return again
}

// keep writes the centre and its catchment; a repeated row only adds ranges.
func (r *run) keep(c *Centre, again bool, catchment string, fix *repairs) error {
	if !again {
		if err := saveCentre(r.ctx, r.tx, c); err != nil {
			return err
		}
		if err := clearCatchment(r.ctx, r.tx, c.ID); err != nil {
			return err
		}
	}
	for _, span := range fix.ranges(catchment) {
		if _, err := addRange(r.ctx, r.tx, c.ID, span); err != nil {
			return err
		}
	}
	return nil
}

// agency imports a row of the agency list. It names, places and hides centres
// of its source; richer fields that another file gave stay.
func (r *run) agency(rec record) (verdict, error) {
	v := verdict{subject: caritasSource + "/" + rec["id"]}
	id := CentreID(caritasSource, strings.TrimSpace(rec["id"]))
	if strings.TrimSpace(rec["id"]) == "" {
		v.reject = "id_missing"
		return v, nil
	}
	if r.seen[id] != "" {
		v.reject = "duplicate"
		return v, nil
	}
	r.seen[id] = id
	known, err := setActive(r.ctx, r.tx, id, rec["offline"] != "1", r.tx.Now)
	if err != nil || known {
		return v, err
	}
	return r.newAgency(rec, v)
}

// newAgency makes a centre from the agency list alone.
func (r *run) newAgency(rec record, v verdict) (verdict, error) {
	var fix repairs
	row := record{"name": rec["name"], "plz": rec["plz"], "city": rec["city"], "state": rec["state"],
		"lat": rec["lat"], "lon": rec["lon"], "coord_precision": string(AtPostcode), "topics": rec["topic"],
		"kind": "Onlineberatung"}
	id := strings.TrimSpace(rec["id"])
	c := &Centre{ID: CentreID(caritasSource, id), Source: caritasSource, SourceID: id, Active: rec["offline"] != "1"}
	r.describe(c, row, &fix)
	if c.Name == "" {
		v.reject = "name_missing"
		return v, nil
	}
	v.repairs = fix
	return v, saveCentre(r.ctx, r.tx, c)
}

// postcodeRange imports a row of the catchment list. The first row of an agency
// replaces the catchment that the database has.
func (r *run) postcodeRange(rec record) (verdict, error) {
	agency := strings.TrimSpace(rec["agency_id"])
	v := verdict{subject: caritasSource + "/" + agency}
	id := CentreID(caritasSource, agency)
	from, to := strings.TrimSpace(rec["from"]), strings.TrimSpace(rec["to"])
	if !ValidPostcode(from) || !ValidPostcode(to) {
		v.reject = "range_invalid"
		return v, nil
	}
	known, err := r.open(id)
	if err != nil {
		return v, err
	}
	if !known {
		v.reject = "agency_unknown"
		return v, nil
	}
	return r.addOrdered(id, from, to, v)
}

func (r *run) addOrdered(id, from, to string, v verdict) (verdict, error) {
	var fix repairs
	added, err := addRange(r.ctx, r.tx, id, fix.ordered(from, to))
	if err != nil {
		return v, err
	}
	v.repairs = fix
	if !added {
		v.reject = "duplicate"
	}
	return v, nil
}

// open makes sure the agency exists and its old catchment is gone.
func (r *run) open(id string) (known bool, err error) {
	if known, seen := r.cleared[id]; seen {
		return known, nil
	}
	err = r.tx.QueryRow(r.ctx, `SELECT EXISTS (SELECT 1 FROM centre WHERE id = $1)`, id).Scan(&known)
	if err == nil && known {
		err = clearCatchment(r.ctx, r.tx, id)
	}
	r.cleared[id] = known
	return known, err
}
