-- SQLite updates rows in place and packs nothing: there is nothing to do here.
SELECT 1;
