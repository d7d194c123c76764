-- For whom a note is: 'office', 'team' (the office and whoever has the ticket), or 'customer' (them and the customer).
ALTER TABLE notes ADD COLUMN audience TEXT NOT NULL DEFAULT 'team';
-- Whom it names, as a list of users.
ALTER TABLE notes ADD COLUMN mentions TEXT NOT NULL DEFAULT '[]';
