-- A centre that a person merged into another one stays, hidden, with its source's
-- facts; whoever asks for it is led to the other. undone_at empties the merge.

ALTER TABLE directory_centre ADD COLUMN merged_into TEXT NOT NULL DEFAULT '';

CREATE TABLE directory_merge (
  id        TEXT PRIMARY KEY,
  kept_id   TEXT NOT NULL REFERENCES directory_centre (id),
  merged_id TEXT NOT NULL REFERENCES directory_centre (id),
  areas     TEXT NOT NULL,
  author    TEXT NOT NULL,
  made_at   TIMESTAMPTZ NOT NULL,
  undone_at TIMESTAMPTZ
);

-- Pairs that a person has looked at and found to be different; a is the lesser id.
CREATE TABLE directory_distinct (
  a       TEXT NOT NULL,
  b       TEXT NOT NULL,
  author  TEXT NOT NULL,
  made_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (a, b)
);
