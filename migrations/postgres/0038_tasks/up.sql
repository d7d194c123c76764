-- What another department has to do for a ticket.
CREATE TABLE tasks (
    id         TEXT PRIMARY KEY,
    ticket_id  TEXT NOT NULL REFERENCES tickets (id),
    department TEXT NOT NULL,
    text       TEXT NOT NULL,
    required   BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    done_at    BIGINT,
    done_by    TEXT
);
CREATE INDEX tasks_by_ticket ON tasks (ticket_id);
CREATE INDEX tasks_open ON tasks (created_at) WHERE done_at IS NULL;
