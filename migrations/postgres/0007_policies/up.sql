-- The policies of dispatch: one row, the newest. What was in force before is in the change log.
CREATE TABLE dispatch_policies (
    id      TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    body    TEXT NOT NULL
);
