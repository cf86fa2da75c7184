-- A directory entry is one offer at one location with the provider behind it.
-- What the database joins, orders or guards is a column; all other facts are one
-- JSON object per record (docs/adr/0031). origins says where each fact is from.

CREATE TABLE directory_source (
  name        TEXT PRIMARY KEY,
  licence     TEXT NOT NULL,
  url         TEXT NOT NULL,
  imported_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE directory_provider (
  id         TEXT PRIMARY KEY,
  source     TEXT NOT NULL,
  source_id  TEXT NOT NULL,
  facts      TEXT NOT NULL,
  origins    TEXT NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE directory_offer (
  id          TEXT PRIMARY KEY,
  provider_id TEXT REFERENCES directory_provider (id),
  source      TEXT NOT NULL,
  source_id   TEXT NOT NULL,
  facts       TEXT NOT NULL,
  origins     TEXT NOT NULL,
  updated_at  TIMESTAMPTZ NOT NULL
);

CREATE INDEX directory_offer_provider ON directory_offer (provider_id);

CREATE TABLE directory_location (
  id         TEXT PRIMARY KEY,
  source     TEXT NOT NULL,
  source_id  TEXT NOT NULL,
  facts      TEXT NOT NULL,
  origins    TEXT NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL
);

-- An offer at a location. updated_at moves with any of its parts.
CREATE TABLE directory_centre (
  id          TEXT PRIMARY KEY,
  offer_id    TEXT NOT NULL REFERENCES directory_offer (id),
  location_id TEXT NOT NULL REFERENCES directory_location (id),
  source      TEXT NOT NULL,
  source_id   TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('draft', 'review', 'approved', 'expired')),
  facts       TEXT NOT NULL,
  origins     TEXT NOT NULL,
  updated_at  TIMESTAMPTZ NOT NULL
);

CREATE INDEX directory_centre_offer ON directory_centre (offer_id);
CREATE INDEX directory_centre_location ON directory_centre (location_id);
CREATE INDEX directory_centre_updated ON directory_centre (updated_at);

CREATE TABLE directory_area (
  centre_id TEXT NOT NULL REFERENCES directory_centre (id) ON DELETE CASCADE,
  kind      TEXT NOT NULL CHECK (kind IN ('plz', 'ags', 'land', 'nationwide')),
  low       TEXT NOT NULL,
  high      TEXT NOT NULL,
  PRIMARY KEY (centre_id, kind, low, high),
  CHECK (low <= high)
);

-- Every change of a fact after the record was made: the history, and what undo
-- needs. before and after are JSON; empty means that the fact was not there.
CREATE TABLE directory_change (
  id        TEXT PRIMARY KEY,
  kind      TEXT NOT NULL CHECK (kind IN ('provider', 'offer', 'location', 'centre')),
  record_id TEXT NOT NULL,
  field     TEXT NOT NULL,
  before    TEXT NOT NULL,
  after     TEXT NOT NULL,
  author    TEXT NOT NULL,
  made_at   TIMESTAMPTZ NOT NULL
);

CREATE INDEX directory_change_record ON directory_change (kind, record_id, made_at);
