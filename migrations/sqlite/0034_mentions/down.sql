ALTER TABLE notes DROP COLUMN mentions;
ALTER TABLE notes DROP COLUMN audience;
