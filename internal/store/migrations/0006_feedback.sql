-- What people report about the site itself. No account, no address: page, language, text and, if they like, a way to answer.
CREATE TABLE feedback (
  id       TEXT PRIMARY KEY,
  at       TIMESTAMPTZ NOT NULL,
  page     TEXT NOT NULL,
  language TEXT NOT NULL,
  text     TEXT NOT NULL,
  contact  TEXT NOT NULL
);

CREATE INDEX feedback_at ON feedback (at);
