-- Who may be put on a shift: active accounts that counsel for the team.
CREATE VIEW team_counsellor AS
SELECT DISTINCT t.id AS team, a.id AS person, a.name AS name, a.trainee AS trainee
FROM team t
JOIN account_grant g ON g.provider = t.provider AND g.role = 'counsellor' AND (g.team IS NULL OR g.team = t.id)
JOIN account a ON a.id = g.account AND a.disabled_at IS NULL;

-- The published plan. channels, topics and languages are codes joined by commas; '' = the team's.
CREATE TABLE shift (
	id        TEXT PRIMARY KEY,
	team      TEXT NOT NULL REFERENCES team (id) ON DELETE CASCADE,
	start_at  TIMESTAMPTZ NOT NULL,
	end_at    TIMESTAMPTZ NOT NULL,
	channels  TEXT NOT NULL,
	topics    TEXT NOT NULL,
	languages TEXT NOT NULL,
	min_staff INTEGER NOT NULL CHECK (min_staff >= 0),
	opt_staff INTEGER NOT NULL,
	note      TEXT NOT NULL,
	revision  BIGINT NOT NULL,
	CHECK (start_at < end_at),
	CHECK (opt_staff >= min_staff)
);
CREATE INDEX shift_team ON shift (team, start_at);
CREATE INDEX shift_end ON shift (end_at, start_at);

CREATE TABLE assignment (
	shift  TEXT NOT NULL REFERENCES shift (id) ON DELETE CASCADE,
	person TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	PRIMARY KEY (shift, person)
);
CREATE INDEX assignment_person ON assignment (person);

-- What a shift is to become when the team's drafts are published. The same id as in shift, or a new one.
CREATE TABLE shift_draft (
	id         TEXT PRIMARY KEY,
	team       TEXT NOT NULL REFERENCES team (id) ON DELETE CASCADE,
	start_at   TIMESTAMPTZ NOT NULL,
	end_at     TIMESTAMPTZ NOT NULL,
	channels   TEXT NOT NULL,
	topics     TEXT NOT NULL,
	languages  TEXT NOT NULL,
	min_staff  INTEGER NOT NULL CHECK (min_staff >= 0),
	opt_staff  INTEGER NOT NULL,
	note       TEXT NOT NULL,
	revision   BIGINT NOT NULL,
	removed    BOOLEAN NOT NULL,
	changed_by TEXT NOT NULL,
	changed_at TIMESTAMPTZ NOT NULL,
	CHECK (start_at < end_at),
	CHECK (opt_staff >= min_staff)
);
CREATE INDEX shift_draft_team ON shift_draft (team, start_at);

CREATE TABLE assignment_draft (
	shift  TEXT NOT NULL REFERENCES shift_draft (id) ON DELETE CASCADE,
	person TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	PRIMARY KEY (shift, person)
);
CREATE INDEX assignment_draft_person ON assignment_draft (person);

-- In force at once. channel '' = all.
CREATE TABLE duty_override (
	id            TEXT PRIMARY KEY,
	team          TEXT NOT NULL REFERENCES team (id) ON DELETE CASCADE,
	channel       TEXT NOT NULL,
	add_person    TEXT REFERENCES account (id) ON DELETE CASCADE,
	remove_person TEXT REFERENCES account (id) ON DELETE CASCADE,
	start_at      TIMESTAMPTZ NOT NULL,
	end_at        TIMESTAMPTZ NOT NULL,
	class         TEXT NOT NULL,
	created_by    TEXT NOT NULL,
	created_at    TIMESTAMPTZ NOT NULL,
	CHECK (start_at < end_at),
	CHECK (add_person IS NOT NULL OR remove_person IS NOT NULL)
);
CREATE INDEX duty_override_end ON duty_override (end_at, start_at);

-- In force at once. A class, never a text: reasons are health data, and the row goes some time after the end.
CREATE TABLE absence (
	id         TEXT PRIMARY KEY,
	person     TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	start_at   TIMESTAMPTZ NOT NULL,
	end_at     TIMESTAMPTZ NOT NULL,
	class      TEXT NOT NULL,
	created_by TEXT NOT NULL,
	created_at TIMESTAMPTZ NOT NULL,
	CHECK (start_at < end_at)
);
CREATE INDEX absence_end ON absence (end_at, start_at);
CREATE INDEX absence_person ON absence (person, end_at);

-- A week without dates. Minutes count from midnight of the weekday (0 = Monday); 1440 and more is the day after.
CREATE TABLE week_template (
	id         TEXT PRIMARY KEY,
	team       TEXT NOT NULL REFERENCES team (id) ON DELETE CASCADE,
	name       TEXT NOT NULL,
	changed_by TEXT NOT NULL,
	changed_at TIMESTAMPTZ NOT NULL,
	UNIQUE (team, name)
);

CREATE TABLE week_template_shift (
	id           TEXT PRIMARY KEY,
	template     TEXT NOT NULL REFERENCES week_template (id) ON DELETE CASCADE,
	weekday      INTEGER NOT NULL CHECK (weekday BETWEEN 0 AND 6),
	start_minute INTEGER NOT NULL CHECK (start_minute BETWEEN 0 AND 1439),
	end_minute   INTEGER NOT NULL,
	channels     TEXT NOT NULL,
	topics       TEXT NOT NULL,
	languages    TEXT NOT NULL,
	min_staff    INTEGER NOT NULL CHECK (min_staff >= 0),
	opt_staff    INTEGER NOT NULL,
	note         TEXT NOT NULL,
	CHECK (start_minute < end_minute),
	CHECK (opt_staff >= min_staff)
);
CREATE INDEX week_template_shift_template ON week_template_shift (template);

CREATE TABLE week_template_person (
	shift  TEXT NOT NULL REFERENCES week_template_shift (id) ON DELETE CASCADE,
	person TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	PRIMARY KEY (shift, person)
);

-- One publishing of drafts, and each shift as it stood from then on. Never changed.
CREATE TABLE publication (
	id           TEXT PRIMARY KEY,
	team         TEXT NOT NULL REFERENCES team (id) ON DELETE CASCADE,
	published_by TEXT NOT NULL,
	published_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX publication_team ON publication (team, published_at);

-- people: account ids joined by commas, sorted; they outlive the accounts.
CREATE TABLE shift_version (
	publication TEXT NOT NULL REFERENCES publication (id) ON DELETE CASCADE,
	id          TEXT NOT NULL,
	team        TEXT NOT NULL,
	start_at    TIMESTAMPTZ NOT NULL,
	end_at      TIMESTAMPTZ NOT NULL,
	channels    TEXT NOT NULL,
	topics      TEXT NOT NULL,
	languages   TEXT NOT NULL,
	min_staff   INTEGER NOT NULL,
	opt_staff   INTEGER NOT NULL,
	note        TEXT NOT NULL,
	revision    BIGINT NOT NULL,
	people      TEXT NOT NULL,
	removed     BOOLEAN NOT NULL,
	PRIMARY KEY (publication, id)
);
CREATE INDEX shift_version_shift ON shift_version (id);
