-- What other systems are to be told, until they have confirmed it.
CREATE TABLE webhook_deliveries (
    id           TEXT PRIMARY KEY,
    kind         TEXT NOT NULL,
    body         TEXT NOT NULL,
    -- So that the same is not sent again.
    digest       TEXT NOT NULL,
    attempts     INTEGER NOT NULL,
    -- NULL: confirmed, or given up.
    due_at       BIGINT,
    created_at   BIGINT NOT NULL,
    delivered_at BIGINT,
    error        TEXT NOT NULL
);
CREATE INDEX webhook_deliveries_by_due ON webhook_deliveries (due_at);
