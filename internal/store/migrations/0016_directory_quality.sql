-- What is known of the links of centres: failures count on days of their own, a good answer sets strikes to 0.
CREATE TABLE directory_link (
  link     TEXT PRIMARY KEY,
  strikes  INTEGER NOT NULL,
  struck   TEXT NOT NULL, -- the day of the last strike, 2006-01-02 in UTC
  reason   TEXT NOT NULL, -- of the last failure; empty: good
  tried_at TIMESTAMPTZ NOT NULL,
  good_at  TIMESTAMPTZ
);

-- Which node has the turn for a work that only one node does.
CREATE TABLE directory_turn (
  name    TEXT PRIMARY KEY,
  holder  TEXT NOT NULL,
  ends_at TIMESTAMPTZ NOT NULL
);

-- What the last import of a feed said about a centre. The id is that of the centre, also of one that was rejected.
CREATE TABLE directory_finding (
  centre_id TEXT NOT NULL,
  feed      TEXT NOT NULL,
  outcome   TEXT NOT NULL CHECK (outcome IN ('imported', 'repaired', 'rejected')),
  codes     TEXT NOT NULL, -- divided by commas
  made_at   TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (centre_id, feed)
);
