-- The feed is asked by scope and number, or by row: a key that begins with the row answers for the index of rows as
-- well. It is written for every change and scope, and each index of it is paid every time. SQLite cannot change a
-- key in place.
CREATE TABLE feed_by_row (
    scope      TEXT NOT NULL,
    collection TEXT NOT NULL,
    row_id     TEXT NOT NULL,
    seq        INTEGER NOT NULL,
    op         TEXT NOT NULL CHECK (op IN ('put', 'remove', 'delete')),
    PRIMARY KEY (collection, row_id, scope)
) STRICT;
INSERT INTO feed_by_row SELECT scope, collection, row_id, seq, op FROM sync_feed;
DROP TABLE sync_feed;
ALTER TABLE feed_by_row RENAME TO sync_feed;
CREATE INDEX sync_feed_by_seq ON sync_feed (scope, seq);
