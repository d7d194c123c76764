ALTER TABLE mails DROP COLUMN status;
ALTER TABLE mails DROP COLUMN note_id;
ALTER TABLE notifications DROP COLUMN status;
ALTER TABLE notifications DROP COLUMN note_id;
DROP TABLE ticket_watchers;
