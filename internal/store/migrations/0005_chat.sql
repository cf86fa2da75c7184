-- One row per conversation, what the server needs to route it and nothing it could read. Ids of teams, providers and
-- staff are kept without foreign keys: a row outlives them until it is purged. rev counts every change of state and is
-- what each edge compares and swaps; seq counts messages and moves without rev.
CREATE TABLE conversation (
	id              TEXT PRIMARY KEY,
	room            TEXT UNIQUE, -- NULL once purged
	token_hash      BYTEA NOT NULL UNIQUE,
	return_hash     BYTEA UNIQUE,
	kind            TEXT NOT NULL CHECK (kind IN ('live', 'message', 'video')),
	state           TEXT NOT NULL CHECK (state IN ('waiting', 'offered', 'active', 'deferred', 'closed', 'purged')),
	rev             BIGINT NOT NULL,
	provider        TEXT NOT NULL,
	team            TEXT NOT NULL,
	topic           TEXT NOT NULL,
	language        TEXT NOT NULL,
	on_gone         TEXT NOT NULL CHECK (on_gone IN ('keep', 'discard')),
	urgent          BOOLEAN NOT NULL,
	epoch           BIGINT NOT NULL,
	seq             BIGINT NOT NULL,
	delivered       BIGINT NOT NULL,
	seen            BIGINT NOT NULL,
	counsellor      TEXT,
	counsellor_kid  TEXT,
	prefer          TEXT,
	head            BOOLEAN NOT NULL,
	created_at      TIMESTAMPTZ NOT NULL,
	since           TIMESTAMPTZ NOT NULL,
	queued_at       TIMESTAMPTZ NOT NULL,
	last_at         TIMESTAMPTZ NOT NULL,
	last_by_seeker  BOOLEAN NOT NULL,
	offer_until     TIMESTAMPTZ,
	active_at       TIMESTAMPTZ,
	warn_at         TIMESTAMPTZ,
	closed_at       TIMESTAMPTZ,
	closed_by       TEXT,
	purge_at        TIMESTAMPTZ,
	seat            TEXT,
	gone_at         TIMESTAMPTZ,
	transfer_team   TEXT,
	transfer_person TEXT,
	transfer_at     TIMESTAMPTZ,
	CHECK ((counsellor IS NOT NULL) OR state NOT IN ('offered', 'active'))
);
CREATE INDEX conversation_state ON conversation (state);
CREATE INDEX conversation_counsellor ON conversation (counsellor);

-- The teams a waiting conversation may be routed to, nearest tier first; kept instead of the postcode.
CREATE TABLE conversation_candidate (
	conversation TEXT NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
	team         TEXT NOT NULL,
	tier         INTEGER NOT NULL,
	PRIMARY KEY (conversation, team)
);

-- record is the epoch without its wraps; wraps are sealed under the key of day, and go first when a room is purged.
CREATE TABLE conversation_epoch (
	conversation TEXT NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
	epoch        BIGINT NOT NULL,
	record       BYTEA NOT NULL,
	digest       BYTEA NOT NULL,
	readers      TEXT NOT NULL, -- kids of staff and recovery, sorted, separated by spaces
	day          TEXT NOT NULL,
	wraps        BYTEA NOT NULL,
	made_by      TEXT NOT NULL CHECK (made_by IN ('seeker', 'counsellor')),
	made_at      TIMESTAMPTZ NOT NULL,
	PRIMARY KEY (conversation, epoch)
);
CREATE INDEX conversation_epoch_day ON conversation_epoch (day);

-- id is unique within its conversation; the appender sees to that (chat/append.go), since an index for it would be a
-- third of the cost of a message.
CREATE TABLE message (
	conversation TEXT NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
	seq          BIGINT NOT NULL,
	id           TEXT NOT NULL,
	sender       TEXT NOT NULL,
	epoch        BIGINT NOT NULL,
	n            BIGINT NOT NULL,
	after_seq    BIGINT NOT NULL,
	body         BYTEA NOT NULL,
	at           TIMESTAMPTZ NOT NULL,
	PRIMARY KEY (conversation, seq)
);

-- Who took which edge when; never why or what about. It stays when the room is purged.
CREATE TABLE conversation_event (
	conversation TEXT NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
	rev          BIGINT NOT NULL,
	at           TIMESTAMPTZ NOT NULL,
	act          TEXT NOT NULL,
	from_state   TEXT NOT NULL,
	to_state     TEXT NOT NULL,
	who          TEXT NOT NULL CHECK (who IN ('seeker', 'counsellor', 'system')),
	staff        TEXT,
	team         TEXT NOT NULL,
	PRIMARY KEY (conversation, rev)
);

-- Counsellors who let an offer of this conversation pass; others come first.
CREATE TABLE conversation_pass (
	conversation TEXT NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
	staff        TEXT NOT NULL,
	at           TIMESTAMPTZ NOT NULL,
	PRIMARY KEY (conversation, staff)
);

-- When a counsellor's last conversation ended, to find who has been idle longest.
CREATE TABLE counsellor_idle (
	staff TEXT PRIMARY KEY,
	since TIMESTAMPTZ NOT NULL
);

-- Moving mean of the length of a team's live chats.
CREATE TABLE team_service (
	team   TEXT PRIMARY KEY,
	mean_s BIGINT NOT NULL,
	served BIGINT NOT NULL
);
