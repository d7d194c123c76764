-- Tickets that were merged into another one, which goes on.
CREATE TABLE ticket_duplicates (
    -- The one that was merged.
    id      TEXT PRIMARY KEY REFERENCES tickets (id),
    into_id TEXT NOT NULL REFERENCES tickets (id),
    at      BIGINT NOT NULL
);
CREATE INDEX ticket_duplicates_by_into ON ticket_duplicates (into_id);
