-- Texts that the office writes again and again, with {placeholders} that a ticket fills.
CREATE TABLE canned_replies (
    id         TEXT PRIMARY KEY,
    title      TEXT NOT NULL,
    title_zh   TEXT NOT NULL,
    text       TEXT NOT NULL,
    text_zh    TEXT NOT NULL,
    audience   TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
