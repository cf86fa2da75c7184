CREATE TABLE centre (
  id            TEXT PRIMARY KEY,
  source        TEXT NOT NULL,
  source_id     TEXT NOT NULL,
  name          TEXT NOT NULL,
  operator      TEXT NOT NULL,
  kind          TEXT NOT NULL,
  street        TEXT NOT NULL,
  postcode      TEXT NOT NULL,
  city          TEXT NOT NULL,
  state         TEXT NOT NULL,
  lat           DOUBLE PRECISION NOT NULL,
  lon           DOUBLE PRECISION NOT NULL,
  coordinates   TEXT NOT NULL,
  phone         TEXT NOT NULL,
  email         TEXT NOT NULL,
  url           TEXT NOT NULL,
  target        TEXT NOT NULL,
  opening_hours TEXT NOT NULL,
  description   TEXT NOT NULL,
  licence       TEXT NOT NULL,
  active        BOOLEAN NOT NULL,
  updated_at    TIMESTAMPTZ NOT NULL
);

CREATE TABLE centre_topic (
  centre_id TEXT NOT NULL REFERENCES centre (id) ON DELETE CASCADE,
  topic     TEXT NOT NULL,
  PRIMARY KEY (centre_id, topic)
);

CREATE TABLE catchment (
  centre_id TEXT NOT NULL REFERENCES centre (id) ON DELETE CASCADE,
  low       TEXT NOT NULL,
  high      TEXT NOT NULL,
  PRIMARY KEY (centre_id, low, high),
  CHECK (low <= high)
);

-- One row: nodes compare its number with the index they hold.
CREATE TABLE directory_revision (
  id       INTEGER PRIMARY KEY CHECK (id = 1),
  revision BIGINT NOT NULL
);

INSERT INTO directory_revision (id, revision) VALUES (1, 0);
