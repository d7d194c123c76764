-- Where somebody is written to; empty: nowhere.
ALTER TABLE users ADD COLUMN email TEXT NOT NULL DEFAULT '';

-- What people are to be told by mail. What it says is made when it is sent, of the rows as they are then.
CREATE TABLE mails (
    id         TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id),
    ticket_id  TEXT NOT NULL REFERENCES tickets (id),
    kind       TEXT NOT NULL,
    at         BIGINT NOT NULL,
    rule_en    TEXT,
    rule_zh    TEXT,
    attempts   INTEGER NOT NULL,
    -- NULL: taken, or given up. While it is being sent: when whoever does so has had his time.
    due_at     BIGINT,
    created_at BIGINT NOT NULL,
    sent_at    BIGINT,
    error      TEXT NOT NULL
);
CREATE INDEX mails_by_due ON mails (due_at);
