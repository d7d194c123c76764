-- The feed is asked by scope and number, or by row: a key that begins with the row answers for the index of rows as
-- well. It is written for every change and scope, and each index of it is paid every time.
ALTER TABLE sync_feed DROP CONSTRAINT sync_feed_pkey;
ALTER TABLE sync_feed ADD PRIMARY KEY (collection, row_id, scope);
DROP INDEX sync_feed_by_row;
