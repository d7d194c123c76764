-- What customers say when the work is done, and what the office does about it.

-- One for each time that a ticket was completed; while `answered_at` is NULL nobody answered, and the ticket was closed.
CREATE TABLE confirmations (
    id           TEXT PRIMARY KEY,
    ticket_id    TEXT NOT NULL REFERENCES tickets (id),
    completed_at BIGINT NOT NULL,
    solved       BOOLEAN,
    satisfaction TEXT CHECK (satisfaction IN ('satisfied', 'neutral', 'dissatisfied')),
    comment      TEXT NOT NULL,
    answered_at  BIGINT,
    UNIQUE (ticket_id, completed_at)
);

-- An answer that somebody has to see to.
CREATE TABLE follow_ups (
    id         TEXT PRIMARY KEY,
    ticket_id  TEXT NOT NULL REFERENCES tickets (id),
    reason     TEXT NOT NULL CHECK (reason IN ('not_solved', 'dissatisfied')),
    comment    TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    done_at    BIGINT,
    done_by    TEXT,
    note       TEXT NOT NULL
);
CREATE INDEX follow_ups_open ON follow_ups (created_at) WHERE done_at IS NULL;
CREATE INDEX follow_ups_by_ticket ON follow_ups (ticket_id);

-- Which tickets wait for their customer, the longest first.
CREATE INDEX tickets_to_confirm ON tickets (completed_at) WHERE status = 'completed';
