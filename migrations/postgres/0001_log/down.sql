DROP TABLE idempotency_keys;
DROP TABLE change_contents;
DROP TABLE changes;
DROP TABLE settings;
DROP TABLE counters;
