CREATE TABLE feed_by_scope (
    scope      TEXT NOT NULL,
    collection TEXT NOT NULL,
    row_id     TEXT NOT NULL,
    seq        INTEGER NOT NULL,
    op         TEXT NOT NULL CHECK (op IN ('put', 'remove', 'delete')),
    PRIMARY KEY (scope, collection, row_id)
) STRICT;
INSERT INTO feed_by_scope SELECT scope, collection, row_id, seq, op FROM sync_feed;
DROP TABLE sync_feed;
ALTER TABLE feed_by_scope RENAME TO sync_feed;
CREATE INDEX sync_feed_by_seq ON sync_feed (scope, seq);
CREATE INDEX sync_feed_by_row ON sync_feed (collection, row_id);
