-- The numbered change log and what every write needs. See docs/adr/0002-change-log.md.
CREATE TABLE counters (
    name  TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('changes', 0), ('tickets', 1000);

-- One value a name: the epoch, the demo clock.
CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- What was committed, in commit order. A row's version is the number of its last change.
CREATE TABLE changes (
    seq       BIGINT PRIMARY KEY,
    at        BIGINT NOT NULL,
    actor_id  TEXT NOT NULL,
    actor     TEXT NOT NULL,
    device_id TEXT,
    entity    TEXT NOT NULL,
    row_id    TEXT NOT NULL,
    ticket_id TEXT,
    op        TEXT NOT NULL CHECK (op IN ('put', 'delete')),
    digest    TEXT NOT NULL
);
CREATE INDEX changes_by_row ON changes (entity, row_id, seq);
CREATE INDEX changes_by_ticket ON changes (ticket_id, seq) WHERE ticket_id IS NOT NULL;

-- The row as it was after the change; may be erased, the salted digest in changes stays.
CREATE TABLE change_contents (
    seq  BIGINT PRIMARY KEY REFERENCES changes (seq),
    salt TEXT NOT NULL,
    body TEXT NOT NULL
);

-- Answers of creating requests, so that a repeated request changes nothing.
CREATE TABLE idempotency_keys (
    user_id    TEXT NOT NULL,
    key        TEXT NOT NULL,
    request    TEXT NOT NULL,
    status     INTEGER NOT NULL,
    location   TEXT NOT NULL,
    body       TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
