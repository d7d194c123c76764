-- The phones: devices, what they sent (verbatim, first), and what each scope has to hear of.
CREATE TABLE devices (
    id            TEXT PRIMARY KEY,
    user_id       TEXT NOT NULL REFERENCES users (id),
    engineer_id   TEXT NOT NULL REFERENCES engineers (id),
    platform      TEXT NOT NULL,
    app_version   TEXT NOT NULL,
    schema_number INTEGER NOT NULL,
    acked_seq     INTEGER NOT NULL,
    enrolled_at   INTEGER NOT NULL,
    last_seen_at  INTEGER NOT NULL,
    revoked_at    INTEGER
) STRICT;

CREATE TABLE sync_inbox (
    mid         TEXT PRIMARY KEY,
    device_id   TEXT NOT NULL REFERENCES devices (id),
    seq         INTEGER,
    received_at INTEGER NOT NULL,
    body        TEXT NOT NULL,
    result      TEXT NOT NULL,
    why         TEXT NOT NULL,
    conflict_id TEXT
) STRICT;
CREATE INDEX sync_inbox_by_device ON sync_inbox (device_id, seq);
CREATE INDEX sync_inbox_by_arrival ON sync_inbox (device_id, received_at);

-- One entry a row and scope: a pull is one range scan of (scope, seq).
CREATE TABLE sync_feed (
    scope      TEXT NOT NULL,
    collection TEXT NOT NULL,
    row_id     TEXT NOT NULL,
    seq        INTEGER NOT NULL,
    op         TEXT NOT NULL CHECK (op IN ('put', 'remove', 'delete')),
    PRIMARY KEY (scope, collection, row_id)
) STRICT;
CREATE INDEX sync_feed_by_seq ON sync_feed (scope, seq);
CREATE INDEX sync_feed_by_row ON sync_feed (collection, row_id);

CREATE TABLE conflict_cards (
    id          TEXT PRIMARY KEY,
    ticket_id   TEXT REFERENCES tickets (id),
    engineer_id TEXT REFERENCES engineers (id),
    device_id   TEXT,
    kind        TEXT NOT NULL,
    detail      TEXT NOT NULL,
    status      TEXT NOT NULL CHECK (status IN ('open', 'resolved')),
    created_at  INTEGER NOT NULL,
    resolved_at INTEGER,
    resolved_by TEXT
) STRICT;
CREATE INDEX conflict_cards_by_ticket ON conflict_cards (ticket_id, kind);
