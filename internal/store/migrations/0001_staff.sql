CREATE TABLE provider (
	id         TEXT PRIMARY KEY,
	name       TEXT NOT NULL UNIQUE,
	created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE team (
	id          TEXT PRIMARY KEY,
	provider    TEXT NOT NULL REFERENCES provider (id),
	name        TEXT NOT NULL,
	reach       TEXT NOT NULL CHECK (reach IN ('catchment', 'pool', 'nationwide')),
	policy      TEXT NOT NULL CHECK (policy IN ('team', 'duty')),
	queue_max   INTEGER NOT NULL CHECK (queue_max > 0),
	last_chat_s INTEGER NOT NULL CHECK (last_chat_s >= 0),
	formal      BOOLEAN NOT NULL,
	created_at  TIMESTAMPTZ NOT NULL,
	UNIQUE (provider, name)
);

CREATE TABLE team_tag (
	team  TEXT NOT NULL REFERENCES team (id) ON DELETE CASCADE,
	kind  TEXT NOT NULL CHECK (kind IN ('topic', 'language', 'centre')),
	value TEXT NOT NULL,
	PRIMARY KEY (team, kind, value)
);

-- handle is the WebAuthn user handle: random, so that an authenticator learns nothing about the account.
CREATE TABLE account (
	id          TEXT PRIMARY KEY,
	provider    TEXT NOT NULL REFERENCES provider (id),
	email       TEXT NOT NULL UNIQUE,
	name        TEXT NOT NULL,
	language    TEXT NOT NULL,
	handle      BYTEA NOT NULL UNIQUE,
	places      INTEGER NOT NULL CHECK (places BETWEEN 1 AND 8),
	trainee     BOOLEAN NOT NULL,
	disabled_at TIMESTAMPTZ,
	created_at  TIMESTAMPTZ NOT NULL
);
CREATE INDEX account_provider ON account (provider);

CREATE TABLE account_tag (
	account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	kind    TEXT NOT NULL CHECK (kind IN ('topic', 'language')),
	value   TEXT NOT NULL,
	PRIMARY KEY (account, kind, value)
);

-- team NULL = every team of the provider
CREATE TABLE account_grant (
	account  TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	role     TEXT NOT NULL CHECK (role IN ('counsellor', 'supervisor', 'admin', 'auditor')),
	provider TEXT NOT NULL REFERENCES provider (id),
	team     TEXT REFERENCES team (id) ON DELETE CASCADE,
	CHECK (team IS NULL OR role IN ('counsellor', 'supervisor'))
);
CREATE UNIQUE INDEX account_grant_once ON account_grant (account, role, provider, coalesce(team, ''));
CREATE INDEX account_grant_team ON account_grant (team);

-- salt and iterations belong to the browser's derivation; hash is argon2id over the derived auth secret.
CREATE TABLE account_password (
	account    TEXT PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
	salt       BYTEA NOT NULL,
	iterations INTEGER NOT NULL,
	hash       TEXT NOT NULL,
	changed_at TIMESTAMPTZ NOT NULL
);

-- hash is SHA-256 of the auth part of the recovery code, which has 130 bits of its own.
CREATE TABLE account_recovery (
	account TEXT PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
	hash    BYTEA NOT NULL
);

-- secret is sealed with the server's key; last_step makes every code single-use.
CREATE TABLE account_totp (
	account      TEXT PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
	secret       BYTEA NOT NULL,
	last_step    BIGINT NOT NULL,
	confirmed_at TIMESTAMPTZ
);

-- The private keys and the wraps of their master key are ciphertext to this server.
CREATE TABLE account_key (
	account       TEXT PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
	kid           TEXT NOT NULL UNIQUE,
	kem_pub       BYTEA NOT NULL,
	sig_pub       BYTEA NOT NULL,
	kem_priv      BYTEA NOT NULL,
	sig_priv      BYTEA NOT NULL,
	wrap_password BYTEA NOT NULL,
	wrap_recovery BYTEA NOT NULL,
	created_at    TIMESTAMPTZ NOT NULL
);

-- wrap is empty while the passkey signs in but does not unlock the keys.
CREATE TABLE passkey (
	id            TEXT PRIMARY KEY,
	account       TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	credential_id BYTEA NOT NULL UNIQUE,
	record        BYTEA NOT NULL,
	name          TEXT NOT NULL,
	wrap          BYTEA NOT NULL,
	created_at    TIMESTAMPTZ NOT NULL,
	used_at       TIMESTAMPTZ
);
CREATE INDEX passkey_account ON passkey (account);

-- A used invitation stays until it expires, so that its second use can be told from a wrong link.
CREATE TABLE invite (
	hash       BYTEA PRIMARY KEY,
	account    TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	purpose    TEXT NOT NULL CHECK (purpose IN ('invite', 'reset')),
	expires_at TIMESTAMPTZ NOT NULL,
	used_at    TIMESTAMPTZ
);
CREATE INDEX invite_account ON invite (account);

CREATE TABLE staff_session (
	id         TEXT PRIMARY KEY,
	account    TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	hash       BYTEA NOT NULL UNIQUE,
	method     TEXT NOT NULL CHECK (method IN ('password', 'passkey', 'recovery', 'invite')),
	limited    BOOLEAN NOT NULL,
	created_at TIMESTAMPTZ NOT NULL,
	seen_at    TIMESTAMPTZ NOT NULL,
	ends_at    TIMESTAMPTZ NOT NULL,
	step_up_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX staff_session_account ON staff_session (account);

CREATE TABLE staff_ticket (
	hash       BYTEA PRIMARY KEY,
	session    TEXT NOT NULL REFERENCES staff_session (id) ON DELETE CASCADE,
	expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX staff_ticket_session ON staff_ticket (session);

-- What the server must remember between the two halves of a passkey ceremony.
CREATE TABLE ceremony (
	hash       BYTEA PRIMARY KEY,
	purpose    TEXT NOT NULL CHECK (purpose IN ('login', 'step-up', 'register')),
	account    TEXT REFERENCES account (id) ON DELETE CASCADE,
	data       BYTEA NOT NULL,
	expires_at TIMESTAMPTZ NOT NULL
);

-- body is the signed state as JSON, exactly as verified.
CREATE TABLE team_state (
	team       TEXT NOT NULL REFERENCES team (id) ON DELETE CASCADE,
	n          BIGINT NOT NULL,
	hash       BYTEA NOT NULL,
	body       TEXT NOT NULL,
	created_at TIMESTAMPTZ NOT NULL,
	PRIMARY KEY (team, n)
);
