-- What dispatchers do, so that it can be undone.

-- Kept for ever: who did what, and who took it back.
CREATE TABLE dispatch_actions (
    id            TEXT PRIMARY KEY,
    number        INTEGER NOT NULL UNIQUE,
    kind          TEXT NOT NULL CHECK (kind IN ('assign', 'unassign', 'cancel', 'edit', 'accept_proposal')),
    at            INTEGER NOT NULL,
    user_id       TEXT NOT NULL,
    login         TEXT NOT NULL,
    tickets       INTEGER NOT NULL CHECK (tickets > 0),
    ticket_id     TEXT REFERENCES tickets (id),
    ticket_number INTEGER,
    engineer_id   TEXT REFERENCES engineers (id),
    undone_at     INTEGER,
    undone_by     TEXT,
    undone_number INTEGER
) STRICT;
CREATE INDEX dispatch_actions_by_user ON dispatch_actions (user_id, number);
INSERT INTO counters (name, value) VALUES ('dispatch_actions', 0);

-- How each of its tickets stood before and after; forgotten after a day, since texts of customers may be in it.
CREATE TABLE dispatch_steps (
    action_id TEXT NOT NULL REFERENCES dispatch_actions (id),
    ticket_id TEXT NOT NULL REFERENCES tickets (id),
    at        INTEGER NOT NULL,
    before    TEXT NOT NULL,
    after     TEXT NOT NULL,
    PRIMARY KEY (action_id, ticket_id)
) STRICT;
CREATE INDEX dispatch_steps_by_ticket ON dispatch_steps (ticket_id);
CREATE INDEX dispatch_steps_by_age ON dispatch_steps (at);
