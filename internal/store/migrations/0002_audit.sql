-- hash = HMAC(key, hash of row n-1 and the fields of this row); the key is not in the database.
-- provider '' = the whole installation. meta = sorted "key=value" lines of a closed vocabulary.
CREATE TABLE audit (
	n        BIGINT PRIMARY KEY,
	at       TIMESTAMPTZ NOT NULL,
	provider TEXT NOT NULL,
	actor    TEXT NOT NULL,
	action   TEXT NOT NULL,
	object   TEXT NOT NULL,
	meta     TEXT NOT NULL,
	hash     BYTEA NOT NULL
);
CREATE INDEX audit_object ON audit (object);
CREATE INDEX audit_action ON audit (action);

-- One row: where the log ends, and where it begins after pruning. mac covers the other columns, so that rows
-- cannot be cut off at either end unnoticed.
CREATE TABLE audit_head (
	id        INTEGER PRIMARY KEY CHECK (id = 1),
	n         BIGINT NOT NULL,
	hash      BYTEA NOT NULL,
	base_n    BIGINT NOT NULL,
	base_hash BYTEA NOT NULL,
	mac       BYTEA NOT NULL
);
INSERT INTO audit_head (id, n, hash, base_n, base_hash, mac) VALUES (1, 0, '', 0, '', '');
