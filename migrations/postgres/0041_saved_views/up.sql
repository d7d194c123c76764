-- What a dispatcher wants to see again: the address of a page with its filters, and how the page is divided.
CREATE TABLE saved_views (
    id         TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id),
    author     TEXT NOT NULL,
    name       TEXT NOT NULL,
    shared     BOOLEAN NOT NULL,
    query      TEXT NOT NULL,
    layout     TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX saved_views_by_name ON saved_views (user_id, name);
