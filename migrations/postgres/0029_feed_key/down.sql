CREATE INDEX sync_feed_by_row ON sync_feed (collection, row_id);
ALTER TABLE sync_feed DROP CONSTRAINT sync_feed_pkey;
ALTER TABLE sync_feed ADD PRIMARY KEY (scope, collection, row_id);
