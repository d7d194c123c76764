-- At which ticket each open page of a dispatcher is. A page that is not heard of for a while is gone.
CREATE TABLE presences (
    page_id   TEXT PRIMARY KEY,
    user_id   TEXT NOT NULL REFERENCES users (id),
    login     TEXT NOT NULL,
    ticket_id TEXT NOT NULL REFERENCES tickets (id),
    editing   INTEGER NOT NULL CHECK (editing IN (0, 1)),
    seen_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX presences_by_age ON presences (seen_at);
