-- At which ticket each open page of a dispatcher is. A page that is not heard of for a while is gone.
CREATE TABLE presences (
    page_id   TEXT PRIMARY KEY,
    user_id   TEXT NOT NULL REFERENCES users (id),
    login     TEXT NOT NULL,
    ticket_id TEXT NOT NULL REFERENCES tickets (id),
    editing   BOOLEAN NOT NULL,
    seen_at   BIGINT NOT NULL
);
CREATE INDEX presences_by_age ON presences (seen_at);
