DROP TABLE blob_uploads;
DROP TABLE blobs;
DROP TABLE rescues;
DROP TABLE enrolment_codes;
ALTER TABLE conflict_cards DROP COLUMN answer;
ALTER TABLE devices DROP COLUMN announced_seq;
