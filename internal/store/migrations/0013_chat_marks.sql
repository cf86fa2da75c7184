-- What moves with every message no longer lies in the wide row of a conversation. How far the seeker's page has read gets a
-- narrow row, which an unread conversation does not have. What seq, last_at and last_by_seeker said is known from the last
-- message. These three, delivered and seen stay as they were when a conversation began, for nodes of the version before; nothing
-- reads them any more, and a later migration drops them.
CREATE TABLE conversation_mark (
	conversation TEXT PRIMARY KEY REFERENCES conversation (id) ON DELETE CASCADE,
	delivered    BIGINT NOT NULL,
	seen         BIGINT NOT NULL
);
INSERT INTO conversation_mark (conversation, delivered, seen)
	SELECT id, delivered, seen FROM conversation WHERE delivered > 0 OR seen > 0;
