-- Who keeps which entry, what centres are asked, and what is proposed. keeper is a
-- provider of the staff; empty: nobody yet. asked_at is when the first mail went out
-- that has not been answered. muted is an address that wants no more mails.
CREATE TABLE upkeep_centre (
  centre_id TEXT PRIMARY KEY REFERENCES directory_centre (id) ON DELETE CASCADE,
  keeper    TEXT NOT NULL DEFAULT '',
  mailed_at TIMESTAMPTZ,
  asked_at  TIMESTAMPTZ,
  muted     TEXT NOT NULL DEFAULT ''
);

CREATE INDEX upkeep_centre_keeper ON upkeep_centre (keeper);

-- Entries that teams of one provider alone answer for are kept by it from the start.
INSERT INTO upkeep_centre (centre_id, keeper)
SELECT g.value, MIN(t.provider) FROM team_tag g JOIN team t ON t.id = g.team JOIN directory_centre c ON c.id = g.value
WHERE g.kind = 'centre' GROUP BY g.value HAVING COUNT(DISTINCT t.provider) = 1;

CREATE TABLE upkeep_provider (
  provider  TEXT PRIMARY KEY REFERENCES provider (id),
  four_eyes BOOLEAN NOT NULL
);

-- The queue. A mail that is being sent has a lease; one whose lease ran out may have
-- been sent or not, and is never sent again.
CREATE TABLE upkeep_mail (
  id          TEXT PRIMARY KEY,
  centre_id   TEXT NOT NULL REFERENCES directory_centre (id) ON DELETE CASCADE,
  address     TEXT NOT NULL,
  author      TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'unclear')),
  tries       INTEGER NOT NULL,
  next_at     TIMESTAMPTZ NOT NULL,
  lease_until TIMESTAMPTZ,
  code        TEXT NOT NULL,
  made_at     TIMESTAMPTZ NOT NULL,
  done_at     TIMESTAMPTZ
);

CREATE UNIQUE INDEX upkeep_mail_open ON upkeep_mail (centre_id) WHERE state IN ('queued', 'sending');
CREATE INDEX upkeep_mail_next ON upkeep_mail (state, next_at);
CREATE INDEX upkeep_mail_centre ON upkeep_mail (centre_id, made_at);

-- What a mail leads to. hash is SHA-256 of the token in it; session_hash that of the
-- cookie for which a browser has exchanged it.
CREATE TABLE upkeep_link (
  hash          BYTEA PRIMARY KEY,
  mail_id       TEXT NOT NULL REFERENCES upkeep_mail (id) ON DELETE CASCADE,
  centre_id     TEXT NOT NULL REFERENCES directory_centre (id) ON DELETE CASCADE,
  address       TEXT NOT NULL,
  expires_at    TIMESTAMPTZ NOT NULL,
  confirmed_at  TIMESTAMPTZ,
  session_hash  BYTEA UNIQUE,
  session_until TIMESTAMPTZ
);

CREATE INDEX upkeep_link_centre ON upkeep_link (centre_id);

-- What somebody would change. before and after are JSON by field: what was there
-- when they began, and what shall be.
CREATE TABLE upkeep_draft (
  id         TEXT PRIMARY KEY,
  centre_id  TEXT NOT NULL REFERENCES directory_centre (id) ON DELETE CASCADE,
  state      TEXT NOT NULL CHECK (state IN ('draft', 'review', 'approved', 'dropped')),
  author     TEXT NOT NULL,
  before     TEXT NOT NULL,
  after      TEXT NOT NULL,
  note       TEXT NOT NULL,
  made_at    TIMESTAMPTZ NOT NULL,
  changed_at TIMESTAMPTZ NOT NULL,
  decided_by TEXT NOT NULL
);

CREATE UNIQUE INDEX upkeep_draft_open ON upkeep_draft (centre_id) WHERE state IN ('draft', 'review');
