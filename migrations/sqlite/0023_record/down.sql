DROP INDEX tickets_by_closing;
ALTER TABLE change_contents DROP COLUMN personal_digest;
ALTER TABLE change_contents DROP COLUMN open_digest;
ALTER TABLE change_contents DROP COLUMN erased_at;
DELETE FROM counters WHERE name = 'record';
DROP TABLE record_keys;
DROP TABLE record_heads;
DROP TABLE record_nodes;
DROP TABLE record_leaves;
